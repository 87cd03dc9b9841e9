"""A museum of captures from which something was left out or put in another's place, every digest computed anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import canonical, rendition
from archiver.case import layout
from archiver.demo import syndication
from archiver.verify import verify_capture

from .builder import make_capture
from .forgery import Defect, Raw, account, post, record, records, settle
from .installation import settled
from .traffic import POST

ACCOUNT, DOCUMENT, PHOTO = layout.CUSTODY_MANIFEST, layout.POST_JSON, "data/media/01.jpg"


def told(change: Callable[[Any], object], **summary: object) -> Defect:
    """Change post.json, and make the page and the summary agree with it."""

    def do(capture: Path) -> None:
        post(change)(capture)
        document = canonical.decode((capture / DOCUMENT).read_bytes())
        (capture / layout.POST_HTML).write_bytes(rendition.render(document))
        settle(capture)
        account(lambda said: said["summary"].update(summary))(capture)

    return do


def without(name: str, **summary: object) -> Defect:
    """Leave out what post.json says under a name."""

    def leave_out(document: Any) -> None:
        del document["post"][name]
        for path in [path for path in document["origins"] if path == f"/{name}" or path.startswith(f"/{name}/")]:
            del document["origins"][path]

    return told(leave_out, **summary)


def without_photo(capture: Path) -> None:
    (capture / PHOTO).unlink()
    account(lambda said: said.update(files=[file for file in said["files"] if file["path"] != PHOTO]))(capture)
    told(lambda document: document.update(files=document["files"][:1]))(capture)


def exchanged(capture: Path) -> None:
    """Let each of the two pictures be the other one, each bound to the record that holds it."""
    profile = "data/media/00-profile.png"

    def change(said: Any) -> None:
        pair = [file for file in said["files"] if file["path"] in (PHOTO, profile)]
        for name in ("record", "source_url", "rendition", "relation", "media_type"):
            pair[0][name], pair[1][name] = pair[1][name], pair[0][name]
        for file in pair:
            file["path"] = f"{file['path'].rpartition('.')[0]}.{file['media_type'].rpartition('/')[2].replace('e', '')}"
        said["files"].sort(key=lambda file: file["path"])

    photo, picture = (capture / PHOTO).read_bytes(), (capture / profile).read_bytes()
    (capture / PHOTO).unlink()
    (capture / profile).unlink()
    (capture / "data/media/01.png").write_bytes(picture)
    (capture / "data/media/00-profile.jpg").write_bytes(photo)
    account(change)(capture)

    def listed(document: Any) -> None:
        for file, (name, kind) in zip(
            document["files"], (("00-profile.jpg", "image/jpeg"), ("01.png", "image/png")), strict=True
        ):
            file.update(path=f"media/{name}", media_type=kind)

    told(listed)(capture)


def asks(old: bytes, new: bytes) -> Defect:
    """Change the request for the post."""

    def change(found: list[Raw]) -> None:
        request = record(found, "request", b"/tweet-result?")
        assert old in request.block
        request.block = request.block.replace(old, new)

    return records(change)


EXHIBITS: dict[str, tuple[Defect, str, str]] = {
    "text": (without("text", text=""), "whole", DOCUMENT),
    "whether it is sensitive": (without("sensitive"), "whole", DOCUMENT),
    "several facts": (without("counts"), "whole", DOCUMENT),
    "photo that is said to be there": (without_photo, "media", ACCOUNT),
    "photo in the author's place": (exchanged, "media", ACCOUNT),
    "what was not understood": (told(lambda document: document.update(not_understood=[])), "whole", DOCUMENT),
    "what is not there to be understood": (
        told(lambda document: document["not_understood"].append(document["not_understood"][0] | {"pointer": "/zz"})),
        "whole",
        DOCUMENT,
    ),
    "fact that no rule reads": (
        told(
            lambda document: (
                document["origins"].update({"/zest": document["origins"]["/url"]}),
                document["post"].update(zest=document["post"]["url"]),
            )
        ),
        "whole",
        DOCUMENT,
    ),
    "request for another post": (asks(POST.id.encode(), b"1" * 19), "exchange", ACCOUNT),
    "request to another server": (asks(b"cdn.syndication.twimg.com", b"other.example"), "exchange", ACCOUNT),
}


@pytest.fixture
def whole(case: Path) -> Path:
    """A sound capture whose answer holds something that no rule knows."""
    return make_capture(case, "w7f3q9", answer=syndication.document(POST) | {"zeal": "great"})


def test_the_capture_is_sound_before(whole: Path, case: Path) -> None:
    assert {found.level for found in settled(verify_capture(whole, case=case))} == {"ok"}
    assert any(found.check == "whole" for found in verify_capture(whole, case=case))


@pytest.mark.parametrize("name", EXHIBITS)
def test_what_is_left_out_or_exchanged_is_found(name: str, whole: Path, case: Path) -> None:
    defect, check, path = EXHIBITS[name]
    defect(whole)
    failures = [found for found in verify_capture(whole, case=case) if found.level == "failure"]
    assert {(found.check, found.path) for found in failures} == {(check, path)}

"""Checks that what people read follows from what was received: each fact of post.json, the page, summary and claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.case import layout
from archiver.custody.manifest import SUMMARY_TEXT, Comparison, CustodyManifest, Summary
from archiver.errors import FormatError
from archiver.model import Finding, Json
from archiver.platforms import document
from archiver.platforms.ids import id_time
from archiver.rendition import RENDERERS
from archiver.verify.findings import concluded, counted, failure, ok, shown, warning
from archiver.verify.scanned import Scan
from archiver.verify.snapshot import Snapshot


def check_post(snapshot: Snapshot) -> Iterator[Finding]:
    """Follow every fact of post.json to the recorded answer that it came from."""
    post = snapshot.post
    if isinstance(post, FormatError):
        if snapshot.seen(layout.POST_JSON) is not None:
            yield failure("post", layout.POST_JSON, f"it is no canonical JSON document: {shown(str(post))}")
        return
    origins = post.get("origins") if isinstance(post, dict) else None
    number = counted(len(origins) if isinstance(origins, dict) else 0, "fact")
    conclusion = ok("post", layout.POST_JSON, f"{number}: each follows from the recorded answer that it names")
    yield from concluded(_post(snapshot, post), conclusion, whole=isinstance(snapshot.warc, Scan))


def _post(snapshot: Snapshot, post: Json) -> Iterator[Finding]:
    if not isinstance(snapshot.warc, FormatError):
        for mismatch in document.check(post, _payloads(snapshot)):
            where = f"{shown(mismatch.path)}: " if mismatch.path else ""
            level = failure if mismatch.checked else warning
            prefix = "" if mismatch.checked else "not checked: "
            yield level(
                "post", snapshot.blame(layout.POST_JSON, layout.WARC), f"{prefix}{where}{shown(mismatch.detail, 200)}"
            )
    account = snapshot.account
    if isinstance(account, FormatError) or not isinstance(post, dict):
        return
    blamed = snapshot.blame(layout.POST_JSON, layout.CUSTODY_MANIFEST)
    if post.get("format") == document.FORMAT and account.versions.post != document.FORMAT:
        yield failure("post", blamed, "post.json is of another version than the custody manifest says")
    if (post.get("platform"), post.get("id")) != (account.platform, account.id):
        yield failure("post", blamed, "post.json and the custody manifest are about two different posts")
    media = [
        {
            "path": file.path.removeprefix(f"{layout.DATA}/"),
            "role": file.role,
            "index": file.index,
            "media_type": file.media_type,
            "context": file.context,
        }
        for file in account.files
        if file.relation != "derived"
    ]
    if post.get("format") == document.FORMAT and post.get("files") != media:
        yield failure("post", blamed, "the list of media files in post.json  is not that of the custody manifest")


def _payloads(snapshot: Snapshot) -> Mapping[str, bytes]:
    """Return the answers by record, as far as they could be read to their end."""
    return {
        id: record.payload.decoded.data
        for id, record in snapshot.records.items()
        if record.payload is not None
        and record.payload.decoded is not None
        and record.payload.decoded.data is not None
        and not record.payload.decoded.fault
    }


def check_rendition(snapshot: Snapshot) -> Iterator[Finding]:
    """Render post.json again and compare."""
    account, post, seen = snapshot.account, snapshot.post, snapshot.seen(layout.POST_HTML)
    if seen is None or isinstance(account, FormatError) or not isinstance(post, dict):
        return
    version = account.versions.rendition
    render = RENDERERS.get(version)
    if render is None:
        detail = f"not checked: this version does not know the renderer '{shown(version, 40)}'"
        yield warning("rendition", layout.POST_HTML, detail)
    elif render(post) == seen.data:
        yield ok("rendition", layout.POST_HTML, "it is what post.json renders to, byte for byte")
    else:
        blamed = snapshot.blame(layout.POST_HTML, layout.POST_JSON)
        yield failure("rendition", blamed, "post.html is not what post.json renders to")


def check_told(snapshot: Snapshot) -> Iterator[Finding]:
    """Check what the custody manifest says of the post: its summary, and the claims beside what came."""
    account, post = snapshot.account, snapshot.post
    if isinstance(account, FormatError) or not isinstance(post, dict) or post.get("format") != document.FORMAT:
        return
    blamed = snapshot.blame(layout.CUSTODY_MANIFEST, layout.POST_JSON)
    if account.summary != _summary(post.get("post")):
        yield failure("post", blamed, "the summary in the custody manifest is not that of post.json")
    expected = _comparisons(account, post.get("post"))
    if len(account.comparisons) != len(expected) or set(account.comparisons) != expected:
        yield failure("claim", blamed, "the comparisons do not follow from the claims and post.json")
        return
    for item in account.comparisons:
        if not item.agrees:
            said = f"the {item.what} '{shown(item.claimed)}' is claimed, and '{shown(item.came)}' came"
            yield warning("claim", layout.CUSTODY_MANIFEST, said)
    yield from _time(account, post.get("post"))


def _time(account: CustodyManifest, post: Json) -> Iterator[Finding]:
    """Hold the time in the id against the time that the platform states."""
    stated, given_out = _text(post, "created"), id_time(account.platform, account.id)
    if not stated or not given_out:
        return
    if stated[:19] == given_out[:19]:
        yield ok("time", layout.POST_JSON, f"the id was given out at {given_out}, when the post says that it was made")
    else:
        said = f"the id was given out at {given_out}, and the post says that it was made at {shown(stated, 40)}"
        yield warning("time", layout.POST_JSON, said)


def _summary(post: Json) -> Summary:
    media = post.get("media") if isinstance(post, dict) else None
    return Summary(
        url=_text(post, "url"),
        author=_text(post, "author", "handle"),
        name=_text(post, "author", "name"),
        created=_text(post, "created"),
        text=_text(post, "text")[:SUMMARY_TEXT],
        media=sum(isinstance(item, dict) and "kind" in item for item in media) if isinstance(media, list) else 0,
    )


def _comparisons(account: CustodyManifest, post: Json) -> set[Comparison]:
    author, day = (
        _text(post, "author", "handle"),
        (_text(post, "created") or id_time(account.platform, account.id))[:10],
    )
    found: set[Comparison] = set()
    for item in account.inputs:
        handle, claimed = item.claim.handle, item.claim.day
        if handle and author:
            agrees = handle.lower() == author.lower()
            found.add(Comparison(what="author", claimed=handle, came=author, agrees=agrees))
        if claimed and day:
            found.add(Comparison(what="day", claimed=claimed, came=day, agrees=claimed == day))
    return found


def _text(value: Json, *steps: str) -> str:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""

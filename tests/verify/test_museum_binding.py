"""A museum of accounts that stray from their records: forged with the key, one defect each, with its one finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import canonical, rendition
from archiver.case import layout
from archiver.demo import hostile, oembed, syndication
from archiver.demo.box import Box
from archiver.demo.wire import Reply
from archiver.model import Finding
from archiver.verify import verify_capture
from archiver.verify.asked import check_asked
from archiver.verify.binding import check_pieces
from archiver.verify.places import OnDisk
from archiver.verify.snapshot import take
from archiver.warc import new_record_id

from .builder import make_capture
from .forgery import Defect, Raw, account, entry, post, record, records, settle
from .installation import settled
from .traffic import POST

ACCOUNT, DOCUMENT = layout.CUSTODY_MANIFEST, layout.POST_JSON
UUID = "urn:uuid:00000000-0000-4000-8000-000000000000"
SHORT, SERVICE = b"t.co:443", b"cdn.syndication.twimg.com:443"
Records = list[Raw]


def put(name: str, **values: object) -> Defect:
    """Put values in place of members of one of the manifest's objects, or of the first entry of one of its lists."""
    return account(lambda told: (told[name][0] if isinstance(told[name], list) else told[name]).update(values))


def lacks(what: str) -> Defect:
    """Tell a piece of the post missing, and draw the consequence."""

    def change(told: Any) -> None:
        told["missing"].append({"what": what, "reason": "answered 404", "required": True})
        told.update(outcome="partial", reason="incomplete")

    return account(change)


def both(*defects: Defect) -> Defect:
    def do(capture: Path) -> None:
        for defect in defects:
            defect(capture)

    return do


def connection(found: Records, origin: bytes) -> Raw:
    return record(found, "metadata", b'"origin":"' + origin + b'"')


def within(origin: bytes, old: bytes, new: bytes, **told: str) -> Defect:
    """Change what the record of a connection says, and make the list of certificates agree with it."""

    def change(found: Records) -> None:
        raw = connection(found, origin)
        assert old in raw.block
        raw.block = raw.block.replace(old, new)

    return both(records(change), account(lambda said: entry(said["certificates"], host=origin.decode()).update(told)))


def everywhere(old: str, new: str) -> Defect:
    """Put one text in place of another in all of the WARC and in the account."""

    def change(found: Records) -> None:
        for raw in found:
            raw.fields = [(name, value.replace(old, new)) for name, value in raw.fields]
            raw.block = raw.block.replace(old.encode(), new.encode())

    def told(said: Any) -> None:
        said.update(json.loads(json.dumps(said).replace(old, new)))

    return both(records(change), account(told))


def strip_connection(capture: Path) -> None:
    """Take away all that tells of the connection to t.co: records, headers, certificates, its name."""

    def change(found: Records) -> None:
        at = found.index(connection(found, SHORT))
        del found[at : at + 2]
        for raw in found[at : at + 2]:
            gone = ("WARC-Protocol", "WARC-Cipher-Suite", "WARC-IP-Address")
            raw.fields = [field for field in raw.fields if field[0] not in gone]

    def told(said: Any) -> None:
        said["exchanges"][0]["connection"] = ""
        del said["certificates"][0]

    both(records(change), account(told))(capture)


def strip_certificates(capture: Path) -> None:
    records(lambda found: found.remove(record(found, "metadata", b"BEGIN")))(capture)
    account(lambda said: said["certificates"].pop(0))(capture)


def strip_tunnel(capture: Path) -> None:
    def change(found: Records) -> None:
        at = found.index(connection(found, SERVICE))
        del found[at + 1 : at + 3]

    both(records(change), account(lambda said: said["redactions"].clear()))(capture)


def put_off(found: Records) -> None:
    """Move the records of the first connection behind the exchange that went over it."""
    at = found.index(connection(found, SHORT))
    found[at : at + 4] = found[at + 2 : at + 4] + found[at : at + 2]


def copied(change: Callable[[bytes], bytes]) -> Defect:
    """Add a copy of the first connection's record, changed."""

    def add(found: Records) -> None:
        at = found.index(connection(found, SHORT))
        copy = Raw(list(found[at].fields), change(found[at].block))
        copy.set("WARC-Record-ID", f"<{new_record_id()}>")
        found.insert(at, copy)

    def do(capture: Path) -> None:
        records(add)(capture)
        account(lambda said: said["records"][1].update(role="connection"))(capture)

    return do


def unused(block: bytes) -> bytes:
    told = json.loads(block) | {"id": UUID, "tls": "", "cipher": ""}
    return canonical.encode(told)


def edit_date(found: Records) -> None:
    raw = record(found, "response", b"Date: Mon")
    raw.block = raw.block.replace(b"01:35:13", b"01:35:14")


def edit_agent(found: Records) -> None:
    raw = record(found, "request", b"t.co")
    raw.block = raw.block.replace(b"User-Agent: test", b"User-Agent: fake")


def strip_oembed(capture: Path) -> None:
    """Take away that oEmbed was asked at all."""

    def told(said: Any) -> None:
        said["exchanges"] = [item for item in said["exchanges"] if item["purpose"] != "oembed"]
        said["certificates"] = [item for item in said["certificates"] if item["host"] != "publish.x.com:443"]
        said["corroboration"] = [{"source": "oembed", "record": "", "author": "silent", "text": "silent"}]

    def change(found: Records) -> None:
        found[:] = [raw for raw in found if "publish.x.com" not in raw.get("WARC-Target-URI")]

    both(records(change), account(told))(capture)


def invent(capture: Path) -> None:
    """Add to the post what another answer says of something else."""
    said = canonical.decode((capture / ACCOUNT).read_bytes())
    answer = entry(said["exchanges"], purpose="oembed")["response"]

    def change(document: Any) -> None:
        document["post"]["place"] = POST.author.name
        document["origins"]["/place"] = {"record": answer, "pointer": "/author_name", "transform": "as-is/1"}

    post(change)(capture)
    (capture / layout.POST_HTML).write_bytes(rendition.render(canonical.decode((capture / DOCUMENT).read_bytes())))
    settle(capture)


def lesser(capture: Path) -> None:
    """Keep the photo in a small size, and say nothing of a better one."""
    everywhere("&name=orig", "&name=small")(capture)
    account(lambda told: entry(told["files"], role="photo").update(rendition="small"))(capture)


EXHIBITS: dict[str, tuple[Defect, str, str]] = {
    "server's date left out": (put("clock", servers=[]), "clock", ACCOUNT),
    "server's date moved": (account(lambda told: told["clock"]["servers"][0].update(seconds=7)), "clock", ACCOUNT),
    "server's date invented": (
        account(lambda told: told["clock"]["servers"].append(told["clock"]["servers"][0] | {"record": UUID})),
        "clock",
        ACCOUNT,
    ),
    "Date of an answer edited": (records(edit_date), "clock", ACCOUNT),
    "proxy denied": (put("access", egress="direct"), "access", ACCOUNT),
    "network denied": (put("access", egress="none"), "access", ACCOUNT),
    "another User-Agent told": (put("access", user_agent="Mozilla/5.0"), "access", ACCOUNT),
    "another User-Agent in a request": (records(edit_agent), "access", ACCOUNT),
    "way that ended nowhere": (put("ways", record=UUID, result="no answer"), "ways", ACCOUNT),
    "way that ended in a request": (
        account(lambda told: told["ways"][0].update(record=told["exchanges"][1]["request"])),
        "ways",
        ACCOUNT,
    ),
    "way that ended otherwise": (put("ways", result="answered 404, not found"), "ways", ACCOUNT),
    "way answered by nobody": (put("ways", record=""), "ways", ACCOUNT),
    "way to no file": (put("ways", result="kept"), "ways", ACCOUNT),
    "ended before the last request": (
        account(lambda told: told.update(ended="2026-11-23T01:35:17.999999Z")),
        "clock",
        ACCOUNT,
    ),
    "ended before the last answer": (
        account(lambda told: told.update(ended="2026-11-23T01:35:18.500000Z")),
        "clock",
        ACCOUNT,
    ),
    "answer after the end": (
        account(lambda told: told["exchanges"][-1].update(ended="2026-11-23T01:36:00.000000Z")),
        "clock",
        ACCOUNT,
    ),
    "photo told missing that is here": (lacks("photo 1"), "pieces", ACCOUNT),
    "photo told missing that the post does not have": (lacks("photo 2"), "pieces", ACCOUNT),
    "best photo told missing that is here": (lacks("photo 1 in orig"), "pieces", ACCOUNT),
    "text told missing that is whole": (lacks("text"), "pieces", ACCOUNT),
    "best photo not told missing": (lesser, "pieces", ACCOUNT),
    "piece without a name told missing": (lacks(""), "pieces", ACCOUNT),
    "connection stripped": (strip_connection, "exchange", ACCOUNT),
    "certificates stripped": (strip_certificates, "certificate", ACCOUNT),
    "tunnel stripped": (strip_tunnel, "exchange", ACCOUNT),
    "connection recorded too late": (records(put_off), "exchange", ACCOUNT),
    "connection recorded twice": (copied(lambda block: block), "exchange", ACCOUNT),
    "connection that nothing went over": (copied(unused), "exchange", ACCOUNT),
    "connection to another server": (
        within(SHORT, b"t.co:443", b"t.cx:443", host="t.cx:443"),
        "exchange",
        ACCOUNT,
    ),
    "connection to another port": (within(SHORT, b"t.co:443", b"t.co:444", host="t.co:444"), "exchange", ACCOUNT),
    "connection of another TLS": (within(SHORT, b"tls/1.3", b"tls/1.2", tls="tls/1.2"), "exchange", ACCOUNT),
    "connection of another cipher": (
        within(SHORT, b"AES_128", b"AES_256", cipher="TLS_AES_256_GCM_SHA256"),
        "exchange",
        ACCOUNT,
    ),
    "connection under a proxy's cover": (
        both(within(SHORT, b'"proxied":false', b'"proxied":true'), put("access", egress="mixed")),
        "exchange",
        ACCOUNT,
    ),
    "asked of somebody else": (everywhere("cdn.syndication.twimg.com", "cdn.syndication.twimg.net"), "asked", ACCOUNT),
    "asked for another post": (everywhere(f"id={POST.id}", f"id={POST.id[::-1]}"), "asked", ACCOUNT),
    "asked in another way": (everywhere("&lang=en", "&lang=de"), "asked", ACCOUNT),
    "oEmbed asked of somebody else": (everywhere("publish.x.com", "publish.y.com"), "asked", ACCOUNT),
    "oEmbed asked for another post": (
        everywhere(f"status%2F{POST.id}", f"status%2F{POST.id[::-1]}"),
        "asked",
        ACCOUNT,
    ),
    "oEmbed not asked": (strip_oembed, "asked", ACCOUNT),
    "fact of another answer": (invent, "asked", DOCUMENT),
}


def _failures(capture: Path, case: Path) -> list[tuple[str, str]]:
    found = verify_capture(capture, case=case)
    return [(item.check, item.path) for item in found if item.level == "failure"]


def _warnings(capture: Path, case: Path) -> list[Finding]:
    return [item for item in settled(verify_capture(capture, case=case)) if item.level == "warning"]


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_one_finding(name: str, case: Path, capture: Path) -> None:
    defect, check, path = EXHIBITS[name]
    defect(capture)
    assert _failures(capture, case) == [(check, path)]


def test_a_lesser_rendition_that_is_told_is_sound(case: Path, capture: Path) -> None:
    both(lesser, lacks("photo 1 in orig"))(capture)
    assert _failures(capture, case) == []


def test_a_long_text_is_told_missing(case: Path) -> None:
    capture = make_capture(case, answer=syndication.document(POST) | {"note_tweet": {"id": "Tm90ZVR3ZWV0"}})
    unasked = ("asked", ACCOUNT)
    assert _failures(capture, case) == [("pieces", ACCOUNT), unasked]
    lacks("text")(capture)
    assert _failures(capture, case) == [unasked]


def test_media_that_are_announced_and_not_listed_are_told_missing(case: Path) -> None:
    served = {
        name: value for name, value in syndication.document(POST).items() if name not in ("mediaDetails", "photos")
    }
    capture = make_capture(case, answer=served)
    assert [item.detail for item in check_pieces(take(OnDisk(capture)))] == ["'media' is missing, and not told"]
    lacks("media")(capture)
    assert [item.level for item in check_pieces(take(OnDisk(capture)))] == ["ok"]


@pytest.mark.parametrize(
    "defect",
    [
        account(lambda told: told.update(ended="2026-11-23T01:35:11.000000Z")),
        account(lambda told: told["exchanges"][2].update(ended="2026-11-23T01:35:12.500000Z")),
        both(
            put("exchanges", purpose="photo"), account(lambda told: told.update(started="2026-11-23T01:35:12.999999Z"))
        ),
    ],
    ids=["at the end", "during an exchange", "before the first exchange"],
)
def test_a_clock_that_was_set_back_is_a_warning(defect: Defect, case: Path, capture: Path) -> None:
    defect(capture)
    assert _failures(capture, case) == []
    assert [item.check for item in _warnings(capture, case)] == ["clock"]


def _captured(command: Callable[..., Any], folder: Path) -> Path:
    """Capture the post with a photo and return its folder."""
    (result, _) = command("--json", "capture", POST.url).objects
    return folder / result["path"]


def test_an_answer_to_which_the_platform_redirects_is_its_answer(
    box: Box, command: Callable[..., Any], tmp_path: Path
) -> None:
    said = Reply(200, (("Content-Type", "application/json"),), json.dumps(oembed.document(POST, {})).encode())
    box.add("elsewhere.example", lambda _: said)
    box.faults.add(hostile.Redirect("https://elsewhere.example/oembed?a=b"), host="publish.x.com")
    capture = _captured(command, tmp_path)
    (warning,) = check_asked(take(OnDisk(capture)))
    assert (warning.level, warning.check, "elsewhere.example" in warning.detail) == ("warning", "asked", True)

    def lead_astray(found: Records) -> None:
        raw = record(found, "response", b"Location: https://elsewhere")
        raw.block = raw.block.replace(b"elsewhere.example", b"nowhere.example")

    records(lead_astray)(capture)
    assert [item.level for item in check_asked(take(OnDisk(capture)))] == ["failure"]


def test_what_a_redirect_leads_to_is_not_the_best_rendition(
    box: Box, command: Callable[..., Any], tmp_path: Path
) -> None:
    smaller = f"https://pbs.twimg.com/media/{POST.media[0].key}?format=jpg&name=large"
    box.faults.add(hostile.Redirect(smaller), host="pbs.twimg.com", path="/media/")
    capture = _captured(command, tmp_path)
    assert [item.level for item in check_pieces(take(OnDisk(capture)))] == ["ok"]
    account(lambda told: told.update(missing=[], outcome="captured", reason=""))(capture)
    (found,) = check_pieces(take(OnDisk(capture)))
    assert (found.level, found.detail) == ("failure", "'photo 1 in orig' is missing, and not told")

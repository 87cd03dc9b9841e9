"""A museum of forged accounts: one defect each, every digest computed anew, with the finding that it has to give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archiver import canonical
from archiver.case import bag, layout
from archiver.hashing import hash_file, sha256_hex
from archiver.model import Claim, Finding
from archiver.verify import verify_capture

from .builder import make_capture, reseal
from .forgery import Defect, account, add, edit, entry, post, rehashed
from .installation import settled

ACCOUNT, POST, PAGE = layout.CUSTODY_MANIFEST, layout.POST_JSON, layout.POST_HTML
UUID = "urn:uuid:00000000-0000-4000-8000-000000000000"


def put(**values: object) -> Defect:
    """Put values in place of members of the custody manifest."""
    return account(lambda told: told.update(values))


def within(name: str, **values: object) -> Defect:
    """Put values in place of members of the first entry of one of its lists, or of one of its objects."""
    return account(lambda told: (told[name][0] if isinstance(told[name], list) else told[name]).update(values))


def file(path: str, **values: object) -> Defect:
    return account(lambda told: entry(told["files"], path=path).update(values))


def raw(change: Callable[[bytes], bytes]) -> Defect:
    """Change the bytes of the custody manifest, and make the lists of the bag agree with them."""

    def do(capture: Path) -> None:
        path = capture / ACCOUNT
        sound = path.read_bytes()
        path.write_bytes(change(sound))
        assert path.read_bytes() != sound
        forged = path.read_bytes()
        path.write_bytes(sound)
        _reseal_with(capture, forged)

    return do


def _reseal_with(capture: Path, forged: bytes) -> None:
    """Reseal a bag whose custody manifest cannot be read, with the bag-info of one that can."""
    reseal(capture)
    (capture / ACCOUNT).write_bytes(forged)
    listed = bag.parse_manifest((capture / layout.MANIFEST).read_bytes()) | {ACCOUNT: sha256_hex(forged)}
    (capture / layout.MANIFEST).write_bytes(bag.manifest(listed))
    tags = {name: hash_file(capture / name)[0] for name in layout.TAG_FILES}
    (capture / layout.TAGMANIFEST).write_bytes(bag.manifest(tags))


SENSITIVE = b"<p>INVENTED</p>"
EXHIBITS: dict[str, tuple[Defect, str, str]] = {
    "white space": (raw(lambda data: data.replace(b":", b": ", 1)), "custody-manifest", ACCOUNT),
    "line feed at the end": (raw(lambda data: data + b"\n"), "custody-manifest", ACCOUNT),
    "junk after the end": (raw(lambda data: data + b"{}"), "custody-manifest", ACCOUNT),
    "key twice": (raw(lambda data: data[:-1] + b',"words":""}'), "custody-manifest", ACCOUNT),
    "key too many": (put(zeal="great"), "custody-manifest", ACCOUNT),
    "key too few": (account(lambda told: told.pop("salt")), "custody-manifest", ACCOUNT),
    "key with a default left out": (account(lambda told: told["files"][0].pop("index")), "custody-manifest", ACCOUNT),
    "float": (raw(lambda data: data.replace(b'"index":1', b'"index":1.0')), "custody-manifest", ACCOUNT),
    "not a number": (raw(lambda data: data.replace(b'"index":1', b'"index":NaN')), "custody-manifest", ACCOUNT),
    "UTF-8 beyond ASCII": (
        raw(lambda data: data.replace(b"Investigator", "Détective".encode())),
        "custody-manifest",
        ACCOUNT,
    ),
    "not JSON": (raw(lambda data: data[1:]), "custody-manifest", ACCOUNT),
    "nested without end": (raw(lambda data: b"[" * 1_000_000), "custody-manifest", ACCOUNT),
    "number without end": (raw(lambda data: b"9" * 1_000_000), "custody-manifest", ACCOUNT),
    "17 MiB of it": (raw(lambda data: data + b" " * (17 << 20)), "custody-manifest", ACCOUNT),
    "another format": (put(format="archiver-manifest/9"), "custody-manifest", ACCOUNT),
    "another capture": (put(capture="20261123T013512Z-aaaaaa"), "name", ACCOUNT),
    "an id that is none": (put(capture="../../x"), "custody-manifest", ACCOUNT),
    "a salt that is none": (put(salt=""), "custody-manifest", ACCOUNT),
    "another case": (within("case", id=UUID), "case", ACCOUNT),
    "another case.json": (within("case", sha256="0" * 64), "case", ACCOUNT),
    "another URL": (put(url="https://x.com/i/status/1"), "custody-manifest", ACCOUNT),
    "another post": (put(id="1", url="https://x.com/i/status/1"), "post", POST),
    "begun at another time": (put(started="2026-11-23T01:36:12.345678Z"), "custody-manifest", ACCOUNT),
    "time in another form": (put(ended="2026-11-23T01:36:12Z"), "custody-manifest", ACCOUNT),
    "route over a URL that was not asked for": (within("inputs", route=["https://x"]), "custody-manifest", ACCOUNT),
    "size of a file": (file("data/media/01.jpg", bytes=1), "custody-manifest", ACCOUNT),
    "size of thousands of digits": (file("data/media/01.jpg", bytes=10**4200), "custody-manifest", ACCOUNT),
    "digest of a file": (file("data/media/01.jpg", sha256="0" * 64), "custody-manifest", ACCOUNT),
    "file not accounted for": (account(lambda told: told["files"].pop(0)), "custody-manifest", ACCOUNT),
    "file accounted for twice": (
        account(lambda told: told["files"].append(told["files"][0])),
        "custody-manifest",
        ACCOUNT,
    ),
    "files in another order": (account(lambda told: told["files"].reverse()), "custody-manifest", ACCOUNT),
    "path upwards": (
        account(lambda told: told["files"].append(told["files"][0] | {"path": "data/../../x"})),
        "custody-manifest",
        ACCOUNT,
    ),
    "path beyond ASCII": (
        account(lambda told: told["files"].append(told["files"][0] | {"path": "data/\ud800"})),
        "custody-manifest",
        ACCOUNT,
    ),
    "media that is not accounted for": (rehashed(add("data/media/02.jpg")), "custody-manifest", ACCOUNT),
    "media called derived": (file("data/media/01.jpg", relation="derived"), "custody-manifest", ACCOUNT),
    "WARC of another role": (file(layout.WARC, role="photo"), "custody-manifest", ACCOUNT),
    "file of another role": (file("data/media/01.jpg", role="poster"), "media", "data/media/01.jpg"),
    "file of another position": (file("data/media/01.jpg", index=2), "media", "data/media/01.jpg"),
    "file of another URL": (file("data/media/01.jpg", source_url="https://x"), "media", "data/media/01.jpg"),
    "file of another record": (file("data/media/01.jpg", record=UUID), "media", "data/media/01.jpg"),
    "decoded called payload": (
        file("data/media/00-profile.png", relation="payload"),
        "media",
        "data/media/00-profile.png",
    ),
    "outcome made better": (put(outcome="partial", reason="incomplete"), "judgement", ACCOUNT),
    "outcome made worse": (put(outcome="absent", reason="deleted"), "judgement", ACCOUNT),
    "required piece missing, outcome not": (within("missing", required=True), "judgement", ACCOUNT),
    "words invented": (put(words="This post was deleted"), "judgement", ACCOUNT),
    "grounds invented": (put(grounds=[UUID]), "judgement", ACCOUNT),
    "corroboration invented": (within("corroboration", author="silent"), "corroboration", ACCOUNT),
    "corroboration left out": (put(corroboration=[]), "corroboration", ACCOUNT),
    "summary invented": (within("summary", text="something else"), "post", ACCOUNT),
    "comparison invented": (within("comparisons", agrees=False), "claim", ACCOUNT),
    "comparison left out": (put(comparisons=[]), "claim", ACCOUNT),
    "exchange left out": (account(lambda told: told["exchanges"].pop()), "exchange", ACCOUNT),
    "exchange twice": (account(lambda told: told["exchanges"].append(told["exchanges"][0])), "exchange", ACCOUNT),
    "exchange of another URL": (within("exchanges", url="https://t.co/other"), "exchange", ACCOUNT),
    "exchange of another status": (within("exchanges", status=200), "exchange", ACCOUNT),
    "exchange of another time": (within("exchanges", started="2026-11-23T01:35:12.000000Z"), "exchange", ACCOUNT),
    "exchange without its response": (within("exchanges", response=""), "exchange", ACCOUNT),
    "exchange over another connection": (within("exchanges", connection=UUID), "exchange", ACCOUNT),
    "exchange truncated": (within("exchanges", truncated="time"), "exchange", ACCOUNT),
    "exchange with details of no failure": (within("exchanges", detail="all went well"), "exchange", ACCOUNT),
    "exchange failed": (within("exchanges", failure="tls"), "exchange", ACCOUNT),
    "fingerprint": (within("certificates", fingerprints=["0" * 64]), "certificate", ACCOUNT),
    "certificates left out": (put(certificates=[]), "certificate", ACCOUNT),
    "redaction of a record that is not there": (within("redactions", record=UUID), "redaction", ACCOUNT),
    "redaction beyond the end": (within("redactions", offset=10**9), "redaction", ACCOUNT),
    "redaction before the beginning": (within("redactions", offset=-1), "redaction", ACCOUNT),
    "redaction of other bytes": (within("redactions", offset=0), "redaction", layout.WARC),
    "record in another place": (
        account(lambda told: told["records"][3].update(offset=told["records"][3]["offset"] + 1)),
        "warc-record",
        layout.WARC,
    ),
    "record of another role": (
        account(lambda told: told["records"][3].update(role="stray")),
        "warc-record",
        layout.WARC,
    ),
    "record listed twice": (
        account(lambda told: told["records"].append(told["records"][0])),
        "custody-manifest",
        ACCOUNT,
    ),
    "post.json not canonical": (rehashed(edit(POST, lambda data: data + b"\n")), "post", POST),
    "post.json with a key twice": (rehashed(edit(POST, lambda data: data[:-1] + b',"id":"1"}')), "post", POST),
    "post.json is a list": (rehashed(edit(POST, lambda data: b"[]")), "post", POST),
    "post.json nested without end": (rehashed(edit(POST, lambda data: b"[" * 100_000)), "post", POST),
    "text edited": (post(lambda document: document["post"].update(text="All is quiet.")), "post", POST),
    "author edited": (post(lambda document: document["post"]["author"].update(handle="someone")), "post", POST),
    "fact without origin": (post(lambda document: document["post"].update(invented="yes")), "post", POST),
    "origin without fact": (post(lambda document: document["post"].pop("text")), "post", POST),
    "origin in another record": (post(lambda document: document["origins"]["/text"].update(record=UUID)), "post", POST),
    "origin elsewhere in the answer": (
        post(lambda document: document["origins"]["/text"].update(pointer="/user")),
        "post",
        POST,
    ),
    "post.json about another post": (post(lambda document: document.update(id="1")), "post", POST),
    "post.json lists other files": (post(lambda document: document["files"].pop()), "post", POST),
    "page edited": (rehashed(edit(PAGE, lambda data: data.replace(b"</article>", SENSITIVE))), "rendition", PAGE),
    "script in the page": (rehashed(edit(PAGE, lambda data: data + b"<script>1</script>")), "rendition", PAGE),
    "page of 17 MiB": (rehashed(edit(PAGE, lambda data: data + b" " * (17 << 20))), "rendition", PAGE),
}


def _findings(capture: Path, case: Path, level: str) -> list[Finding]:
    return [found for found in settled(verify_capture(capture, case=case)) if found.level == level]


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding(name: str, case: Path, capture: Path) -> None:
    defect, check, path = EXHIBITS[name]
    defect(capture)
    assert (check, path) in {(found.check, found.path) for found in _findings(capture, case, "failure")}


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        (within("versions", judgement="x-judgement/99"), "judgement"),
        (within("versions", rendition="rendition/99"), "rendition"),
        (post(lambda document: document["origins"]["/text"].update(transform="x-text/99")), "post"),
    ],
)
def test_a_rule_that_is_not_known_is_not_checked(defect: Defect, check: str, case: Path, capture: Path) -> None:
    defect(capture)
    warnings = [found for found in _findings(capture, case, "warning") if found.check == check]
    assert len(warnings) == 1
    assert warnings[0].detail.startswith("not checked")
    assert check not in {found.check for found in _findings(capture, case, "failure") + _findings(capture, case, "ok")}


def test_an_unknown_rule_hides_nothing_that_stands_on_another(case: Path, capture: Path) -> None:
    within("versions", rendition="rendition/99")(capture)
    rehashed(edit(POST, lambda data: data.replace(b"Our wards", b"The wards")))(capture)
    assert ("post", POST) in {(found.check, found.path) for found in _findings(capture, case, "failure")}


def test_a_claim_that_is_not_borne_out_is_a_warning(case: Path) -> None:
    capture = make_capture(case, claim=Claim(handle="Someone\x1b[2J", day="2025-03-08"))
    (warning,) = _findings(capture, case, "warning")
    assert (warning.check, warning.ground) == ("claim", "recorded")
    assert "Someone\\x1b[2J" in warning.detail
    assert _findings(capture, case, "failure") == []


def test_a_second_answer_that_says_something_else_is_a_warning(case: Path) -> None:
    capture = make_capture(case, oembed_says={"author_url": "https://x.com/somebody_else"})
    (warning,) = _findings(capture, case, "warning")
    assert (warning.check, warning.ground) == ("corroboration", "recorded")
    assert _findings(capture, case, "failure") == []


def test_a_refusal_is_a_sound_capture(case: Path) -> None:
    deleted = "This Post was deleted by the Post author. Learn more"
    answer = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": deleted}}}
    capture = make_capture(case, answer=answer)
    assert canonical.decode((capture / ACCOUNT).read_bytes())["outcome"] == "absent"
    assert _findings(capture, case, "failure") == []

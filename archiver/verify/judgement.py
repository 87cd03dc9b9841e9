"""Checks that the outcome follows from the recorded answers, by the rule that the capture names."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from archiver.case import layout
from archiver.custody.manifest import Corroboration, CustodyManifest
from archiver.errors import FormatError
from archiver.model import Answer, Finding, Verdict
from archiver.platforms import x
from archiver.verify.findings import failure, note, ok, shown, warning
from archiver.verify.rules import Judgement, judgement
from archiver.verify.snapshot import JUDGED, Snapshot

_PATH = layout.CUSTODY_MANIFEST


def check_judgement(snapshot: Snapshot) -> Iterator[Finding]:
    """Judge the recorded answers again, and ask again whether they agree with each other."""
    account = snapshot.account
    if isinstance(account, FormatError) or isinstance(snapshot.warc, FormatError):
        return
    rule = judgement(account.platform, account.versions.judgement)
    if rule is None:
        named = shown(account.versions.judgement, 40)
        yield warning("judgement", _PATH, f"not checked: this version does not know the rule '{named}'")
        return
    answers = judged(snapshot, account)
    verdict = rule.judge(*answers, id=account.id)
    blamed = snapshot.blame(_PATH, layout.WARC)
    yield from _outcome(blamed, account, verdict)
    yield from _corroboration(blamed, account, rule, answers, rule.read(verdict, answers, id=account.id))


def _outcome(blamed: str, account: CustodyManifest, verdict: Verdict) -> Iterator[Finding]:
    if verdict.outcome == "captured" and any(item.required for item in account.missing):
        verdict = msgspec.structs.replace(verdict, outcome="partial", reason="incomplete")
    told = Verdict(outcome=account.outcome, reason=account.reason, words=account.words, grounds=account.grounds)
    if told == verdict:
        reason = f" ({shown(verdict.reason)})" if verdict.reason else ""
        yield ok("judgement", _PATH, f"the outcome '{verdict.outcome}'{reason} follows from the recorded answers")
    elif (told.outcome, told.reason) != (verdict.outcome, verdict.reason):
        said, follows = f"{account.outcome} {shown(account.reason, 40)}", f"{verdict.outcome} {verdict.reason}"
        detail = f"the outcome told is '{said.strip()}', and from the recorded answers follows '{follows.strip()}'"
        yield failure("judgement", blamed, detail)
    else:
        yield failure("judgement", blamed, "the words or grounds of the outcome are not those of the recorded answers")


def _corroboration(
    blamed: str, account: CustodyManifest, rule: Judgement, answers: x.Answers, reading: x.Reading | None
) -> Iterator[Finding]:
    oembed = answers.oembed
    agreement = rule.corroborate(answers.syndication, oembed, reading.extraction.facts if reading is not None else ())
    expected = Corroboration(
        source="oembed",
        record=oembed.record if oembed is not None else "",
        author=agreement.author,
        text=agreement.text,
    )
    if account.corroboration != (expected,):
        yield failure("corroboration", blamed, "what is told of a second answer does not follow from that answer")
    elif "differs" in (agreement.author, agreement.text):
        detail = f"oEmbed does not say the same: author {agreement.author}, text {agreement.text}"
        yield warning("corroboration", _PATH, detail)
    elif agreement.author == agreement.text == "silent":
        yield note("corroboration", _PATH, "oEmbed says nothing of the post", "recorded")
    else:
        detail = f"oEmbed was asked as well: author {agreement.author}, text {agreement.text}"
        yield ok("corroboration", _PATH, detail, "recorded")


def judged(snapshot: Snapshot, account: CustodyManifest) -> x.Answers:
    """Return the answers from which the judgement follows."""
    return x.Answers(*(last_answer(snapshot, account, purpose) for purpose in JUDGED))


def read_again(snapshot: Snapshot, account: CustodyManifest, rule: Judgement) -> x.Reading | None:
    """Judge the recorded answers again, and read again the one on which the judgement rests."""
    answers = judged(snapshot, account)
    return rule.read(rule.judge(*answers, id=account.id), answers, id=account.id)


def last_answer(snapshot: Snapshot, account: CustodyManifest, purpose: str) -> Answer | None:
    """Return what the last exchange of a purpose was answered with, as the recording program read it."""
    exchange = next((item for item in reversed(account.exchanges) if item.purpose == purpose), None)
    record = snapshot.records.get(exchange.response) if exchange is not None else None
    if exchange is None or record is None or record.payload is None:
        return None
    decoded = record.payload.decoded
    whole = decoded is not None and decoded.data is not None and not decoded.fault
    return Answer(
        record=record.header.id,
        url=exchange.url,
        status=record.payload.head.status,
        body=decoded.data or b"" if decoded is not None else b"",
        truncated=record.header.get("WARC-Truncated") or (None if whole else "unspecified"),
    )

"""Makes one sealed capture of one post: asks, keeps, accounts, seals. Read this file to understand the program."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import archiver
from archiver import rendition
from archiver.case import layout
from archiver.case.files import settle, write_new
from archiver.case.store import Case, seal
from archiver.case.workshop import Workshop
from archiver.config import Settings
from archiver.custody import account, bagging
from archiver.custody import manifest as schema
from archiver.custody.keys import Signer
from archiver.custody.log import CustodyLog
from archiver.custody.logins import made_with_a_login
from archiver.custody.period import Periods
from archiver.custody.program import NAME, clock_synchronised, describe
from archiver.exchange_records import RecordedExchange
from archiver.hashing import sha256_hex
from archiver.model import Exchange, Mention, Record, Reference, Verdict
from archiver.platforms import document
from archiver.platforms.ids import id_time
from archiver.recorder.logins import Login
from archiver.recorder.recording import Recording
from archiver.recorder.transport import TLS_LIBRARY, RecordingTransport
from archiver.sources.base import Acquired, Context, Source
from archiver.times import to_warc_date
from archiver.warc import WarcWriter, Written

_SEALED_OUTCOMES = frozenset({"captured", "partial", "absent", "withheld"})
_WORDS = 1000
"""Characters of what a platform or an error says that the log keeps."""


class Trail(Record, frozen=True, kw_only=True):
    """One mention of the post, and the exchanges that led from it to the post (none where the link names it)."""

    mention: Mention
    exchanges: tuple[Exchange, ...] = ()


class Captured(Record, frozen=True, kw_only=True):
    """What capturing one post came to.

    Attributes:
        reference: the post.
        verdict: the outcome with its reason.
        account: the custody manifest, also of what was not sealed.
        path: the sealed capture; None for "refused" and "unreachable", which leave none.
    """

    reference: Reference
    verdict: Verdict
    account: schema.CustodyManifest
    path: Path | None


@dataclass(frozen=True)
class Run:
    """What the captures of a run share.

    Attributes:
        case: where they go.
        workshop: where they are made.
        settings: the settings in force.
        transport: the way to the network.
        login: the user's own login; None for a guest.
        sources: by platform.
        signer: the installation key; None where nothing is signed.
        operator: who captures, as stated; empty if nobody said.
        log: the custody log.
        periods: seals what is captured.
        sleep: waits between retries.
        unfinished: what earlier runs were making when they were killed; it is kept and not evidence.
    """

    case: Case
    workshop: Workshop
    settings: Settings
    transport: RecordingTransport
    login: Login | None
    sources: Mapping[str, Source]
    signer: Signer | None
    operator: str
    log: CustodyLog
    periods: Periods
    sleep: Callable[[float], None]
    unfinished: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Beginning:
    """What is settled before anything is asked."""

    capture_id: str
    salt: str
    started: datetime


@dataclass(frozen=True)
class _Parts:
    """What the account of a capture is made of."""

    reference: Reference
    trails: Sequence[Trail]
    beginning: _Beginning
    ended: datetime
    judgement: str
    acquired: Acquired
    info: Written
    recorded: Sequence[RecordedExchange]
    files: tuple[schema.File, ...]


def capture(reference: Reference, trails: Sequence[Trail], run: Run, *, context: Context = "none") -> Captured:
    """Capture one post.

    Args:
        reference: the post.
        trails: every mention that designated it.
        run: what the captures of this run share.
        context: whether to ask also which posts stand around it.

    Raises:
        OSError: something cannot be written to the disk; nothing is sealed then.
    """
    started, salt = datetime.now(UTC), secrets.token_hex(16)
    capture_id, commitment = layout.new_capture_id(started), schema.commitment(salt, reference.url)
    run.log.append("started", capture=capture_id, sha256=commitment)
    run.periods.begin()
    staged = run.workshop.staging(capture_id)
    try:
        parts = _acquire(reference, trails, run, _Beginning(capture_id, salt, started), staged, context)
        verdict, told = parts.acquired.verdict, _tell(parts, run)
        closed = bagging.close(staged, told, started, run.signer) if verdict.outcome in _SEALED_OUTCOMES else None
    except Exception as error:
        _fail(run, capture_id, commitment, reference, Verdict(outcome="unreachable", reason="error", words=str(error)))
        raise
    path = None
    if closed is not None:
        bagging.acquired(run.log, told, closed)
        path = seal(run.case, staged)
        run.periods.made(capture_id, closed.tagmanifest, closed.signature)
    else:
        shutil.rmtree(staged)
        _fail(run, capture_id, commitment, reference, verdict)
    return Captured(reference=reference, verdict=verdict, account=told, path=path)


def _fail(run: Run, capture_id: str, commitment: str, reference: Reference, verdict: Verdict) -> None:
    """Tell the log of an attempt that leaves no capture."""
    what = "error" if verdict.reason == "error" else verdict.outcome
    text = {"url": reference.url, "outcome": what, "reason": verdict.reason, "words": verdict.words[:_WORDS]}
    run.log.append("failed", capture=capture_id, sha256=commitment, text=text)
    run.periods.failed()


def _acquire(
    reference: Reference, trails: Sequence[Trail], run: Run, beginning: _Beginning, staged: Path, context: Context
) -> _Parts:
    """Ask for the post, keep what comes, and derive from it what people read."""
    scratch = run.workshop.scratch(beginning.capture_id)
    source = run.sources[reference.platform]
    warc = WarcWriter(staged / layout.WARC)
    try:
        info = _write_info(warc, beginning)
        recording = Recording(run.transport, run.settings.network, scratch, warc, run.sleep, run.login)
        recording.adopt(_led_here(trails))
        acquired = source.acquire(reference, recording, staged, context=context)
    finally:
        warc.close()
        shutil.rmtree(scratch, ignore_errors=True)
    return _Parts(
        reference=reference,
        trails=trails,
        beginning=beginning,
        ended=datetime.now(UTC),
        judgement=source.judgement,
        acquired=acquired,
        info=info,
        recorded=recording.exchanges,
        files=_derive(reference, acquired, staged, warc),
    )


def _led_here(trails: Sequence[Trail]) -> Iterator[Exchange]:
    """Yield the exchanges of all trails; two mentions of one short link share theirs, which is written once."""
    seen: set[int] = set()
    for trail in trails:
        for exchange in trail.exchanges:
            if id(exchange) not in seen:
                seen.add(id(exchange))
                yield exchange


def _write_info(warc: WarcWriter, beginning: _Beginning) -> Written:
    fields = (
        ("software", f"{NAME}/{archiver.__version__}"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("isPartOf", beginning.capture_id),
    )
    block = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("utf-8")
    headers = [("WARC-Filename", "capture.warc")]
    return warc.write("warcinfo", beginning.started, "application/warc-fields", head=block, headers=headers)


def _derive(reference: Reference, acquired: Acquired, staged: Path, warc: WarcWriter) -> tuple[schema.File, ...]:
    """Write what is made of the records; return every payload file but the custody manifest, sorted by path."""
    media = [
        document.PostFile(
            path=file.path.removeprefix(f"{layout.DATA}/"),
            role=file.role,
            index=file.index,
            media_type=file.media_type,
            context=file.context,
        )
        for file in acquired.files
    ]
    post = document.build(
        acquired.facts,
        platform=reference.platform,
        id=reference.id,
        not_understood=acquired.not_understood,
        files=media,
    )
    files = list(acquired.files)
    for path, data in ((layout.POST_JSON, document.as_bytes(post)), (layout.POST_HTML, rendition.render(post))):
        write_new(staged / path, data)
        files.append(schema.derived_file(path, sha256_hex(data), len(data)))
    settle((*(staged / file.path for file in acquired.files), staged / layout.WARC))
    digest, size = warc.digest()
    files.append(schema.derived_file(layout.WARC, digest, size))
    return tuple(sorted(files, key=lambda file: file.path))


def _tell(parts: _Parts, run: Run) -> schema.CustodyManifest:
    """Put the account together."""
    acquired, recorded, beginning = parts.acquired, parts.recorded, parts.beginning
    inputs = tuple(
        schema.Input(
            input=trail.mention.input,
            place=trail.mention.place,
            claim=trail.mention.claim,
            route=tuple(exchange.url for exchange in trail.exchanges),
        )
        for trail in parts.trails
    )
    return schema.CustodyManifest(
        format=schema.FORMAT,
        capture=beginning.capture_id,
        salt=beginning.salt,
        case=schema.CaseIdentity(id=run.case.record.id, sha256=run.case.sha256),
        platform=parts.reference.platform,
        id=parts.reference.id,
        url=parts.reference.url,
        inputs=inputs,
        comparisons=account.compare_claims(
            inputs, acquired.facts, id_time(parts.reference.platform, parts.reference.id)
        ),
        outcome=acquired.verdict.outcome,
        reason=acquired.verdict.reason,
        words=acquired.verdict.words,
        grounds=acquired.verdict.grounds,
        missing=acquired.missing,
        corroboration=acquired.corroboration,
        summary=account.summarise(acquired.facts),
        operator=schema.Operator(name=run.operator or "not stated", purpose=run.settings.custody.purpose),
        signing=schema.Signing(fingerprint=run.signer.key.fingerprint if run.signer is not None else ""),
        opening=run.periods.opening() if acquired.verdict.outcome in _SEALED_OUTCOMES else schema.Opening(),
        started=to_warc_date(beginning.started),
        ended=to_warc_date(parts.ended),
        clock=schema.Clock(synchronised=clock_synchronised(), servers=account.server_dates(recorded)),
        program=describe(run.settings, TLS_LIBRARY, acquired.programs),
        access=schema.Access(
            egress=account.egress(recorded),
            authorities="custom" if run.transport.custom_authorities else "default",
            login=made_with_a_login(item.exchange.request for item in recorded),
            user_agent=run.settings.network.user_agent,
        ),
        versions=schema.Versions(post=document.FORMAT, judgement=parts.judgement, rendition=rendition.RENDITION),
        ways=acquired.ways,
        files=parts.files,
        records=account.record_entries(parts.info, recorded),
        exchanges=account.exchange_entries(recorded),
        redactions=account.redaction_entries(recorded),
        certificates=account.certificates(recorded),
    )

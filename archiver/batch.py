"""Many mentions in, one result each out: resolves short links, merges, skips what is done, captures side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from archiver import sources
from archiver.capture import Captured, Lead, Run, capture
from archiver.case.index import Entry, entries
from archiver.case.layout import capture_folder
from archiver.case.store import Case, finish_interrupted, workshop
from archiver.config import Settings
from archiver.custody.manifest import Comparison, Missing, Summary
from archiver.errors import ArchiverError
from archiver.intake.merge import Target, merge
from archiver.model import Exchange, Mention, Outcome, Record, Reference
from archiver.recorder.guard import AddressGuard
from archiver.recorder.recording import Recording
from archiver.recorder.sink import Watch
from archiver.recorder.transport import RecordingTransport


class Result(Record, frozen=True, kw_only=True):
    """What became of one post, or of a short link that led to none. Texts are untrusted.

    Attributes:
        mentions: every place that designated it.
        reference: the post; None where a short link led to none.
        outcome: as in the manifest; None where nothing was asked of a platform.
        reason: short token; "already-captured" where an earlier capture stands, "leads-elsewhere" for a short link
            that leads to no post, "error" where this machine is the cause.
        words: the platform's own words, or what went wrong.
        capture_id, path: the capture, where there is one.
        summary: the post in a few words.
        comparisons: what the inputs claim beside what came.
        missing: what of the post is not in the capture.
    """

    mentions: tuple[Mention, ...]
    reference: Reference | None = None
    outcome: Outcome | None = None
    reason: str = ""
    words: str = ""
    capture_id: str = ""
    path: Path | None = None
    summary: Summary = Summary()
    comparisons: tuple[Comparison, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def skipped(self) -> bool:
        """Whether an earlier capture made a new one unnecessary."""
        return self.reason == "already-captured"


@contextmanager
def open_run(
    case: Case,
    settings: Settings,
    *,
    guard: AddressGuard | None = None,
    watch: Watch | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Run]:
    """Open what the captures of a run share, and finish what an earlier run had done all but the last step of.

    Args:
        case: where the captures go.
        settings: the settings in force.
        guard: judges addresses; the ordinary one if None.
        watch: is told how far large bodies have come.
        sleep: waits between retries.

    Raises:
        ConfigError: the proxy or the certificate file cannot be used.
        ArchiverError: the case cannot be written to.
    """
    connections = settings.capture.jobs * 4
    transport = RecordingTransport(settings.network, guard or AddressGuard(), connections, watch)
    try:
        with workshop(case) as shop:
            unfinished = finish_interrupted(case, shop)
            yield Run(
                case=case,
                workshop=shop,
                settings=settings,
                transport=transport,
                sources=sources.all_sources(),
                sleep=sleep,
                unfinished=tuple(unfinished),
            )
    finally:
        transport.close()


def run(mentions: Iterable[Mention], shared: Run, *, again: bool = False) -> Iterator[Result]:
    """Capture everything that is mentioned, each post once.

    Args:
        mentions: what the user gave.
        shared: from `open_run`.
        again: capture anew what is captured already.

    Yields:
        A result for each post or dead short link, as they are done.
    """
    with ThreadPoolExecutor(shared.settings.capture.jobs, thread_name_prefix="capture") as pool:
        try:
            resolved = _resolve(merge(mentions), shared, pool)
            leads: dict[Reference, list[Lead]] = {}
            for target, reference, exchanges, problem in resolved:
                if reference is None:
                    yield _unresolved(target, exchanges, problem)
                else:
                    found = leads.setdefault(reference, [])
                    found += [Lead(mention=mention, exchanges=exchanges) for mention in target.mentions]
            done = (
                {}
                if again
                else {(entry.platform, entry.post): entry for entry in entries(shared.case.path) if entry.done}
            )
            pending: list[Future[Result]] = []
            for reference, found in leads.items():
                entry = done.get((reference.platform, reference.id))
                if entry is not None:
                    yield _already(entry, reference, found, shared)
                else:
                    pending.append(pool.submit(_one, reference, tuple(found), shared))
            for future in as_completed(pending):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_Resolved = tuple[Target, Reference | None, tuple[Exchange, ...], str]


def _resolve(targets: Sequence[Target], shared: Run, pool: ThreadPoolExecutor) -> list[_Resolved]:
    """Find the post behind every short link; the order of the targets stays."""
    futures = {
        position: pool.submit(_follow, target.short_url, position, shared)
        for position, target in enumerate(targets)
        if target.short_url is not None
    }
    resolved: list[_Resolved] = []
    for position, target in enumerate(targets):
        if position in futures:
            resolved.append((target, *futures[position].result()))
        else:
            resolved.append((target, target.reference, (), ""))
    return resolved


def _follow(url: str, position: int, shared: Run) -> tuple[Reference | None, tuple[Exchange, ...], str]:
    folder = shared.workshop.scratch(f"lead-{position}")
    recording = Recording(shared.transport, shared.settings.network, folder, None, shared.sleep)
    reference = None
    problem = ""
    try:
        for source in shared.sources.values():
            reference = reference or source.resolve(url, recording)
    except (ArchiverError, OSError) as error:
        problem = str(error)
    return reference, tuple(recorded.exchange for recorded in recording.exchanges), problem


def _unresolved(target: Target, exchanges: Sequence[Exchange], problem: str) -> Result:
    last = exchanges[-1] if exchanges else None
    if last is not None and last.failure is not None:
        return Result(
            mentions=target.mentions, outcome="unreachable", reason=last.failure.reason, words=last.failure.detail
        )
    if last is not None and last.status in (401, 403, 429):
        return Result(mentions=target.mentions, outcome="refused", reason="blocked", words=f"answered {last.status}")
    if last is not None and last.status is not None and last.status >= 500:
        return Result(
            mentions=target.mentions, outcome="unreachable", reason="server-error", words=f"answered {last.status}"
        )
    words = problem or (f"the short link leads to no post: its last answer came from {last.url}" if last else "")
    return Result(mentions=target.mentions, reason="leads-elsewhere", words=words)


def _already(entry: Entry, reference: Reference, leads: Sequence[Lead], shared: Run) -> Result:
    return Result(
        mentions=tuple(lead.mention for lead in leads),
        reference=reference,
        outcome=entry.outcome,
        reason="already-captured",
        capture_id=entry.id,
        path=capture_folder(shared.case.path, entry.id),
        summary=Summary(
            url=entry.url,
            author=entry.author,
            name=entry.name,
            created=entry.created,
            text=entry.text,
            media=entry.media,
        ),
    )


def _one(reference: Reference, leads: tuple[Lead, ...], shared: Run) -> Result:
    mentions = tuple(lead.mention for lead in leads)
    try:
        captured = capture(reference, leads, shared)
    except (ArchiverError, OSError) as error:
        return Result(mentions=mentions, reference=reference, reason="error", words=str(error))
    except Exception as error:  # noqa: BLE001 - a defect met with one post must not cost the others
        words = f"unexpected {type(error).__name__}: {error}"
        return Result(mentions=mentions, reference=reference, reason="error", words=words)
    return _result(captured, mentions)


def _result(captured: Captured, mentions: tuple[Mention, ...]) -> Result:
    account = captured.account
    last_failure = next((item.detail for item in reversed(account.exchanges) if item.detail), "")
    words = captured.verdict.words or (last_failure if captured.verdict.outcome == "unreachable" else "")
    return Result(
        mentions=mentions,
        reference=captured.reference,
        outcome=captured.verdict.outcome,
        reason=captured.verdict.reason,
        words=words,
        capture_id=account.capture if captured.path else "",
        path=captured.path,
        summary=account.summary,
        comparisons=account.comparisons,
        missing=account.missing,
    )

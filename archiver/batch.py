"""Many mentions in, one result each out: finds the posts, skips what is done, captures side by side."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from archiver import sources
from archiver.capture import Captured, Run, capture
from archiver.case.index import Entry, entries
from archiver.case.layout import capture_folder
from archiver.case.store import Case
from archiver.case.workshop import finish_interrupted, others_left, workshop
from archiver.config import Settings
from archiver.custody import pending
from archiver.custody.bagging import Recovery
from archiver.custody.desk import Passphrase, nobody, open_desk
from archiver.custody.logs import writers
from archiver.custody.manifest import Comparison, Missing, Summary
from archiver.custody.period import Periods, overdue
from archiver.custody.sealing import Office
from archiver.errors import ArchiverError
from archiver.model import Mention, Outcome, Place, Record, Reference
from archiver.recorder import authorities
from archiver.recorder.guard import AddressGuard
from archiver.recorder.sink import Watch
from archiver.recorder.transport import RecordingTransport
from archiver.resolve import DeadEnd, Resolved, resolve
from archiver.sources.login import load_login
from archiver.threads import Threads


class Result(Record, frozen=True, kw_only=True):
    """What became of one post, or of a short link that led to none. Texts are untrusted.

    Attributes:
        mentions: every place that designated it.
        reference: the post; None where a short link led to none.
        outcome: as in the manifest; None where nothing was asked of a platform.
        reason: short token; "already-captured" where an earlier capture stands, "leads-elsewhere" for a short link
            that leads to no post, "no-post" for a page in which there is none, "error" where this machine is the cause.
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
    passphrase: Passphrase = nobody,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Run]:
    """Open what the captures of a run share, and finish what an earlier run had done all but the last step of.

    Args:
        case: where the captures go.
        settings: the settings in force.
        guard: judges addresses; the ordinary one if None.
        watch: is told how far large bodies have come.
        sleep: waits between retries.
        passphrase: is asked for that of the user's own key, if there is one and it is encrypted.
        tell: is told, in one line each, what of sealing and time-stamping did not work; the captures stand.

    Raises:
        ConfigError: the proxy, the certificate file, a key, the roots of authorities or the login cannot be used.
        ArchiverError: the case cannot be written to.
    """
    known = sources.all_sources()
    login = load_login(settings.network, known.values())
    connections = settings.capture.jobs * 4
    transport = RecordingTransport(settings.network, guard or AddressGuard(), connections, watch)
    try:
        desk = open_desk(case, settings)
        office = desk.office(authorities.asker(settings.network), passphrase)
        with workshop(case, desk.mark) as shop:
            desk.log.resume()
            if others_left(case, shop):
                _finish_seals(office, tell)
            recovery = Recovery(case.path, desk.log, desk.signer)
            unfinished = finish_interrupted(case, shop, recovery)
            desk.publish(office.signer)
            with Periods(office, settings.timestamp, tell) as periods:
                periods.adopt(pending.unsealed(case.path))
                yield Run(
                    case=case,
                    workshop=shop,
                    settings=settings,
                    transport=transport,
                    login=login,
                    sources=known,
                    signer=desk.signer,
                    operator=desk.operator,
                    log=desk.log,
                    periods=periods,
                    sleep=sleep,
                    unfinished=tuple(unfinished),
                )
            if not periods.refused:
                _stamp_overdue(office, settings, tell)
    finally:
        transport.close()


def _finish_seals(office: Office, tell: Callable[[str], None]) -> None:
    """Sign and log the seals that a killed run left without, unless they may be another installation's, under way."""
    if len(writers(office.case.path)) > 1:
        return
    try:
        pending.complete(office)
    except ArchiverError as error:
        tell(f"a seal of an earlier run is not finished: {error}; 'archiver seal' does it later")


def _stamp_overdue(office: Office, settings: Settings, tell: Callable[[str], None]) -> None:
    """Ask for stamps on the seals of earlier runs that have none; the first failure ends it, as time is dear."""
    for stamped in pending.stamp(office, settings.timestamp.answer_seconds, unstamped_only=True):
        if stamped.fault:
            tell(overdue(stamped))
            return


def run(
    mentions: Iterable[Mention], shared: Run, *, pages: Iterable[tuple[str, Place]] = (), again: bool = False
) -> Iterator[Result]:
    """Capture everything that is mentioned, each post once.

    Args:
        mentions: links of posts and short links that the user gave.
        shared: from `open_run`.
        pages: URLs of articles, with their places, whose posts are to be captured.
        again: capture anew what is captured already.

    Yields:
        A result for each post or dead end, as they are done.

    Raises:
        OSError: what is recorded on the way to the posts cannot be written to the disk.
    """
    mentions, pages = tuple(mentions), tuple(pages)
    if pages or any(mention.reference is None for mention in mentions):
        # What leads to the posts is asked for before anybody knows which captures it belongs to.
        shared.log.append("started", what="run")
    with ThreadPoolExecutor(shared.settings.capture.jobs, thread_name_prefix="capture") as pool:
        try:
            resolved, dead_ends = resolve(mentions, pages, shared, pool)
            for dead in dead_ends:
                _tell_log(dead, shared)
                yield Result(mentions=dead.mentions, outcome=dead.outcome, reason=dead.reason, words=dead.words)
            known = () if again else entries(shared.case.path)
            login = shared.login is not None
            done = {(entry.platform, entry.post): entry for entry in known if entry.done_for(login=login)}
            yield from _capture_all(resolved, done, shared, pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _capture_all(
    resolved: Iterable[Resolved], done: Mapping[tuple[str, str], Entry], shared: Run, pool: ThreadPoolExecutor
) -> Iterator[Result]:
    """Capture posts side by side, and what stands around them where that is wanted; yield each as it is done."""
    waiting = deque(resolved)
    threads = Threads((post.reference for post in waiting), shared.sources)
    follows = shared.settings.capture.context == "thread"
    finished: SimpleQueue[Future[Result]] = SimpleQueue()
    running = 0
    while waiting or running:
        if waiting:
            post = waiting.popleft()
            entry = done.get((post.reference.platform, post.reference.id))
            if entry is None:
                pool.submit(_one, post, shared).add_done_callback(finished.put)
                running += 1
                continue
            result = _already(entry, post, shared)
        else:
            result = finished.get().result()
            running -= 1
        yield result
        if follows and result.reference is not None:
            waiting.extend(threads.around(result.reference, result.path))


def _tell_log(dead: DeadEnd, shared: Run) -> None:
    """Tell the custody log of what led to no post; otherwise it would say that a run began, and never what of."""
    given = [mention.input[:1000] for mention in dead.mentions[:100]]
    text = {"inputs": given, "outcome": dead.outcome or "", "reason": dead.reason, "words": dead.words[:1000]}
    shared.log.append("failed", text=text)
    shared.periods.failed()


def _already(entry: Entry, post: Resolved, shared: Run) -> Result:
    return Result(
        mentions=tuple(trail.mention for trail in post.trails),
        reference=post.reference,
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


def _one(post: Resolved, shared: Run) -> Result:
    reference, mentions = post.reference, tuple(trail.mention for trail in post.trails)
    try:
        given = any(mention.place.kind != "thread" for mention in mentions)
        context = shared.settings.capture.context if given else "none"
        captured = capture(reference, post.trails, shared, context=context)
    except (ArchiverError, OSError) as error:
        return Result(mentions=mentions, reference=reference, reason="error", words=str(error))
    except Exception as error:  # noqa: BLE001 - a defect met with one post must not cost the others
        words = f"unexpected {type(error).__name__}: {error}"
        return Result(mentions=mentions, reference=reference, reason="error", words=words)
    return _result(captured, mentions)


def _result(captured: Captured, mentions: tuple[Mention, ...]) -> Result:
    account = captured.account
    return Result(
        mentions=mentions,
        reference=captured.reference,
        outcome=captured.verdict.outcome,
        reason=captured.verdict.reason,
        words=captured.verdict.words,
        capture_id=account.capture if captured.path else "",
        path=captured.path,
        summary=account.summary,
        comparisons=account.comparisons,
        missing=account.missing,
    )

"""Checks what the custody manifest says beside its records against them: clock, access, ways, pieces.

Each check stands on records that others have found to be those listed; where they are not, it says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Final

from archiver.case import layout
from archiver.custody.logins import LOGIN_FIELD
from archiver.custody.manifest import CustodyManifest, ServerDate
from archiver.custody.server_dates import server_date
from archiver.errors import FormatError
from archiver.model import Finding, MediaItem
from archiver.platforms import document
from archiver.verify.exchanges import connections
from archiver.verify.findings import concluded, counted, failure, ok, shown
from archiver.verify.judgement import read_again
from archiver.verify.rules import judgement
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import moment_of

_PATH: Final = layout.CUSTODY_MANIFEST
_ANSWERED: Final = re.compile(r"answered(?: ([0-9]{3}))?(?:, .*)?", re.DOTALL)
_WITHOUT_QUERY: Final = " without query"
# What is not plain is written otherwise when it is asked for.
_PLAIN: Final = re.compile(r"https?://[a-z0-9.-]+/(?!.*(?:/\.|//))[A-Za-z0-9._~/?=&%:+-]*")


def check_server_dates(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the servers' dates beside the local clock are those of all answers that have one."""
    account = bound(snapshot)
    if account is None:
        return
    number = counted(len(account.clock.servers), "date")
    if account.clock.servers == tuple(_server_dates(snapshot, account)):
        yield ok("clock", _PATH, f"{number} of servers beside the local clock, as their answers say", "recorded")
    else:
        blamed = snapshot.blame(_PATH, layout.WARC)
        yield failure("clock", blamed, "the servers' dates beside the local clock are not those of their answers")


def _server_dates(snapshot: Snapshot, account: CustodyManifest) -> Iterator[ServerDate]:
    records = snapshot.records
    for record in (records[entry.id] for entry in account.records):
        started = moment_of(record.header.get("WARC-Date") or "")
        if record.payload is not None and started is not None:
            date = server_date(record.header.id, record.payload.head.get("date"), started)
            if date is not None:
                yield date


def check_access(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the network was reached as told: through a proxy or not, with a login or not, and under which name."""
    account = bound(snapshot)
    if account is not None:
        detail = f"the network was reached as told ({account.access.egress}), and every request says so"
        yield from concluded(_access(snapshot, account), ok("access", _PATH, detail, "recorded"))


def _access(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    blamed, records = snapshot.blame(_PATH, layout.WARC), snapshot.records
    recorded = {item.told.id: item.told.proxied for item in connections(records, account)}
    used = {exchange.connection for exchange in account.exchanges} - {""}
    ways = {recorded[id] for id in used & recorded.keys()}
    egress = "none" if not ways else "mixed" if len(ways) == 2 else "proxy" if True in ways else "direct"
    # Of a connection that is not recorded, another check speaks.
    if used <= recorded.keys() and account.access.egress != egress:
        detail = f"the connections went out '{egress}', and '{account.access.egress}' is told"
        yield failure("access", blamed, detail)
    requests = [records[entry.id] for entry in account.records if entry.role == "request"]
    agents = [account.access.user_agent]
    if any(_values(item.start, "user-agent") != agents for item in requests if item.start is not None):
        yield failure("access", blamed, "a request says that it comes from another User-Agent than is told")
    logged_in = any(_values(item.start, LOGIN_FIELD) for item in requests if item.start is not None)
    if logged_in != account.access.login:
        said = "with a login" if logged_in else "without a login"
        yield failure("access", blamed, f"the requests were made {said}, and the opposite is told")


def _values(request: bytes, wanted: str) -> list[str]:
    """Return the values of a header field of a request, by its name in lower case."""
    fields = (line.partition(b":") for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    return [value.strip().decode("latin-1") for name, _, value in fields if name.lower() == wanted.encode()]


def check_ways(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the records in which ways ended are answers, and of the status or for the file that is told."""
    account = bound(snapshot)
    if account is not None:
        detail = f"{counted(len(account.ways), 'way')} ended as the records say"
        yield from concluded(_ways(snapshot, account), ok("ways", _PATH, detail))


def _ways(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    statuses = {id: record.payload.head.status for id, record in snapshot.records.items() if record.payload is not None}
    kept = {file.record for file in account.files}
    for way in account.ways:
        answered = _ANSWERED.fullmatch(way.result)
        if way.record and way.record not in statuses:
            fault = "names a record that is no answer"
        elif answered and statuses.get(way.record) != int(answered[1] or 200):
            fault = "did not end in such an answer"
        elif way.result == "kept" and way.record not in kept - {""}:
            fault = "gave no file that was kept"
        else:
            continue
        detail = f"the way '{shown(way.way, 40)}' that is said to have ended '{shown(way.result, 40)}' {fault}"
        yield failure("ways", snapshot.blame(_PATH, layout.WARC), detail)


def check_pieces(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that what is told missing of the post's own is missing: it decides between captured and partial."""
    account = bound(snapshot)
    rule = judgement(account.platform, account.versions.judgement) if account is not None else None
    reading = read_again(snapshot, account, rule) if account is not None and rule is not None else None
    if account is None or rule is None or reading is None:
        return
    certain: set[str] = set()
    possible: set[str] = set()
    if account.outcome in ("captured", "partial"):
        extraction = reading.extraction
        post = document.tree((fact.path, fact.value) for fact in extraction.facts)
        certain |= {"text"} if "note" in post else set()
        certain |= {"media"} if extraction.media_announced and "media" not in post else set()
        plan = rule.media_plan(post)
        possible |= {f"{item.role} {item.index}" for item in plan.skipped if item.required}
        for item in plan.items:
            what, is_certain = _what_is_missing(item, account) if item.required else ("", False)
            (certain if is_certain else possible).update({what} - {""})
    told = Counter(item.what for item in account.missing if item.required)
    conclusion = ok(
        "pieces", _PATH, f"all that is told missing of the post's own is missing: {counted(len(told), 'piece')}"
    )
    blamed = snapshot.blame(_PATH, layout.WARC)
    invented = (
        failure("pieces", blamed, f"'{shown(what, 40)}' is told missing, and nothing of the post's own is")
        for what in sorted(told - Counter(certain | possible))
    )
    untold = (
        failure("pieces", blamed, f"'{shown(what, 40)}' is missing, and not told")
        for what in sorted(certain - told.keys())
    )
    yield from concluded(chain(invented, untold), conclusion)


def _what_is_missing(item: MediaItem, account: CustodyManifest) -> tuple[str, bool]:
    """Name what is missing of a piece of media, and tell whether that is certain; empty where nothing can be.

    It is the whole piece (of which another check tells that it is neither here nor told missing), or the best of it.
    """
    name, best = f"{item.role} {item.index}", item.candidates[0].rendition
    wanted = (item.role, item.index, item.context)
    file = next((file for file in account.files if (file.role, file.index, file.context) == wanted), None)
    if file is None:
        return name, False
    places = {candidate.url for candidate in item.candidates if candidate.rendition == file.rendition}
    redirected = bool(places & {exchange.url for exchange in account.exchanges if 300 <= exchange.status < 400})
    lesser = file.rendition.removesuffix(_WITHOUT_QUERY) != best
    if file.source_url in places and not lesser and not redirected:
        return "", False
    # From none of the places it is by way of a redirect, or of how URLs are written, or for another check.
    elsewhere = redirected and file.source_url not in places and all(_PLAIN.fullmatch(url) for url in places)
    return f"{name} in {best}", bool(places) and (lesser or elsewhere)


def bound(snapshot: Snapshot) -> CustodyManifest | None:
    """Return the custody manifest if its records are those of the WARC, else None."""
    account, warc = snapshot.account, snapshot.warc
    if isinstance(account, FormatError) or isinstance(warc, FormatError) or warc.fault:
        return None
    listed = [entry.id for entry in account.records]
    return account if listed == [record.header.id for record in warc.records] else None

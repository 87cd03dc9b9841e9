"""Checks what the custody manifest says beside its records against them: clock, access, ways, pieces, who was asked.

Each check stands on records that others have found to be those listed; where they are not, it says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final
from urllib.parse import urljoin, urlsplit

from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, ExchangeEntry, ServerDate
from archiver.custody.server_dates import server_date
from archiver.errors import FormatError
from archiver.model import Finding, Json, MediaItem
from archiver.platforms import document, x
from archiver.platforms.ids import canonical_url
from archiver.verify.exchanges import connections
from archiver.verify.findings import concluded, counted, failure, ok, shown, warning
from archiver.verify.judgement import last_answer
from archiver.verify.rules import judgement
from archiver.verify.scanned import Scanned
from archiver.verify.snapshot import JUDGED, Snapshot
from archiver.verify.stamps import moment_of

_PATH: Final = layout.CUSTODY_MANIFEST
_ANSWERED: Final = re.compile(r"answered(?: ([0-9]{3}))?(?:, .*)?", re.DOTALL)
_WITHOUT_QUERY: Final = " without query"
_VERSION: Final = "version"
_ELSEWHERE: Final = {"/oembed/": "oembed", "/versions/": _VERSION}
# What is not plain is written otherwise when it is asked for.
_PLAIN: Final = re.compile(r"https?://[a-z0-9.-]+/(?!.*(?:/\.|//))[A-Za-z0-9._~/?=&%:+-]*")


def check_server_dates(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the servers' dates beside the local clock are those of all answers that have one."""
    account = _bound(snapshot)
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
    """Check that the network was reached as told: through a proxy or not, and under which name."""
    account = _bound(snapshot)
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
    if any(_user_agents(item.start) != [account.access.user_agent] for item in requests if item.start is not None):
        yield failure("access", blamed, "a request says that it comes from another User-Agent than is told")


def _user_agents(request: bytes) -> list[str]:
    fields = (line.partition(b":") for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    return [value.strip().decode("latin-1") for name, _, value in fields if name.lower() == b"user-agent"]


def check_ways(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the records in which ways ended are answers, and of the status or for the file that is told."""
    account = _bound(snapshot)
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
    account = _bound(snapshot)
    rule = judgement(account.platform, account.versions.judgement) if account is not None else None
    answer = last_answer(snapshot, account, "syndication") if account is not None else None
    if account is None or rule is None or answer is None:
        return
    certain: set[str] = set()
    possible: set[str] = set()
    if account.outcome in ("captured", "partial"):
        extraction = rule.extract(answer)
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


def check_asked(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the answers that are read as X's were asked of X, for this post, and that facts stand on no others."""
    account = _bound(snapshot)
    if account is None or judgement(account.platform, account.versions.judgement) is None:
        return
    detail = "what is read as the platform's answer was asked of it, for this post"
    yield from concluded(_asked(snapshot, account), ok("asked", _PATH, detail))


def _asked(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    url = canonical_url(account.platform, account.id) or ""
    try:
        begins = {"syndication": {x.syndication_url(account.id)}, "oembed": {x.oembed_url(url)}}
    except FormatError:
        yield failure("asked", _PATH, f"'{shown(account.id, 40)}' is no id for which the platform could be asked")
        return
    if isinstance(snapshot.post, dict):
        begins[_VERSION] = {x.syndication_url(id) for id in x.other_versions(snapshot.post.get("post"))}
    blamed, records = snapshot.blame(_PATH, layout.WARC), snapshot.records
    for purpose, urls in begins.items():
        asked = [exchange for exchange in account.exchanges if exchange.purpose == purpose]
        if not asked and purpose in JUDGED:
            yield failure("asked", blamed, f"what is asked for as '{purpose}' was not asked for")
        before: ExchangeEntry | None = None
        for exchange in asked:
            if exchange.url not in urls and not (before is not None and _leads(records, before, exchange.url)):
                detail = f"what is read as an answer to '{purpose}' was asked at {shown(exchange.url)}"
                yield failure("asked", blamed, detail)
                break
            before = exchange
        else:
            yield from _led_astray(asked, purpose)
    yield from _origins(snapshot, account)


def _leads(records: Mapping[str, Scanned], before: ExchangeEntry, url: str) -> bool:
    """Tell whether a URL was asked for again, or follows from where the answer before redirected."""
    record = records.get(before.response)
    location = record.payload.head.get("location") if record is not None and record.payload is not None else None
    if url == before.url or not location or not 300 <= before.status < 400:
        return url == before.url
    try:
        target = urljoin(before.url, location).partition("#")[0]
    except ValueError:
        return True
    return target == url or not _PLAIN.fullmatch(target)


def _led_astray(asked: list[ExchangeEntry], purpose: str) -> Iterator[Finding]:
    if asked and asked[-1].response and _host(asked[-1].url) != _host(asked[0].url):
        led = shown(_host(asked[-1].url), 80)
        yield warning("asked", _PATH, f"the last answer to '{purpose}' is of {led}, to which a redirect led")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origins(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    """Check that each fact is read of an answer that was asked for what it tells."""
    answers: dict[str, set[str]] = {}
    for exchange in account.exchanges:
        judged = exchange.purpose in JUDGED
        answers[exchange.purpose] = {exchange.response} | (set() if judged else answers.get(exchange.purpose, set()))
    records = snapshot.records
    origins: Json = snapshot.post.get("origins") if isinstance(snapshot.post, dict) else None
    for path, origin in sorted(origins.items()) if isinstance(origins, dict) else ():
        purpose = next((name for start, name in _ELSEWHERE.items() if path.startswith(start)), "syndication")
        record = origin.get("record") if isinstance(origin, dict) else None
        if isinstance(record, str) and record in records and record not in answers.get(purpose, set()):
            blamed = snapshot.blame(layout.POST_JSON, _PATH)
            yield failure("asked", blamed, f"{shown(path)}: it is told from an answer to another question")


def _bound(snapshot: Snapshot) -> CustodyManifest | None:
    """Return the custody manifest if its records are those of the WARC, else None."""
    account, warc = snapshot.account, snapshot.warc
    if isinstance(account, FormatError) or isinstance(warc, FormatError) or warc.fault:
        return None
    listed = [entry.id for entry in account.records]
    return account if listed == [record.header.id for record in warc.records] else None

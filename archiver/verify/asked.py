"""Checks whom the answers were asked of, and for what: those that are read as the platform's, for this very post.

It stands on records that other checks have found to be those listed; where they are not, it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, ExchangeEntry
from archiver.errors import FormatError
from archiver.model import Finding, Json
from archiver.platforms import x
from archiver.platforms.ids import canonical_url
from archiver.verify.binding import bound
from archiver.verify.findings import concluded, failure, ok, shown, warning
from archiver.verify.judgement import judged, read_again
from archiver.verify.rules import Judgement, judgement
from archiver.verify.scanned import Scanned
from archiver.verify.snapshot import JUDGED, Snapshot

_PATH: Final = layout.CUSTODY_MANIFEST
_ALWAYS: Final = ("syndication", "oembed")
_VERSION: Final = "version"
_ELSEWHERE: Final = {"/oembed/": "oembed", "/versions/": _VERSION, "/context/": "thread"}
# What is not plain is written otherwise when it is asked for.
_PLAIN: Final = re.compile(r"https?://[a-z0-9.-]+/(?!.*(?:/\.|//))[A-Za-z0-9._~/?=&%:+-]*")

_Fits = Callable[[str], bool]


def check_asked(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the answers that are read as X's were asked of X, for this post, and that facts stand on no others."""
    account = bound(snapshot)
    rule = judgement(account.platform, account.versions.judgement) if account is not None else None
    if account is None or rule is None:
        return
    detail = "what is read as the platform's answer was asked of it, for this post"
    yield from concluded(_asked(snapshot, account, rule), ok("asked", _PATH, detail))


def _asked(snapshot: Snapshot, account: CustodyManifest, rule: Judgement) -> Iterator[Finding]:
    try:
        begins = _begins(snapshot, account)
    except FormatError:
        yield failure("asked", _PATH, f"'{shown(account.id, 40)}' is no id for which the platform could be asked")
        return
    blamed, records = snapshot.blame(_PATH, layout.WARC), snapshot.records
    for purpose, fits in begins.items():
        asked = [exchange for exchange in account.exchanges if exchange.purpose == purpose]
        if not asked and purpose in _ALWAYS:
            yield failure("asked", blamed, f"what is asked for as '{purpose}' was not asked for")
        before: ExchangeEntry | None = None
        for exchange in asked:
            if not fits(exchange.url) and not (before is not None and _leads(records, before, exchange.url)):
                detail = f"what is read as an answer to '{purpose}' was asked at {shown(exchange.url)}"
                yield failure("asked", blamed, detail)
                break
            before = exchange
        else:
            yield from _led_astray(asked, purpose)
    yield from _not_asked(snapshot, account, rule)
    yield from _origins(snapshot, account, rule)


def _begins(snapshot: Snapshot, account: CustodyManifest) -> Mapping[str, _Fits]:
    """Return, for each purpose of which an answer is read, which URLs are asked for it.

    Raises:
        FormatError: the id is none.
    """
    post = snapshot.post.get("post") if isinstance(snapshot.post, dict) else None
    of_post, of_link = x.syndication_url(account.id), x.oembed_url(canonical_url(account.platform, account.id) or "")
    versions = {x.syndication_url(id) for id in x.other_versions(post)}
    return {
        "syndication": lambda url: url == of_post,
        "oembed": lambda url: url == of_link,
        "graphql": lambda url: x.is_graphql_url(url, "TweetResultByRestId", account.id),
        "thread": lambda url: x.is_graphql_url(url, "TweetDetail", account.id),
        "guest-token": x.is_guest_token_url,
        _VERSION: lambda url: url in versions,
    }


def _not_asked(snapshot: Snapshot, account: CustodyManifest, rule: Judgement) -> Iterator[Finding]:
    """Check that GraphQL was asked where the other services do not say enough; it may be that it did not answer."""
    answers = judged(snapshot, account)
    why = rule.falls_short(answers.syndication, answers.oembed, id=account.id)
    if why and not any(exchange.purpose in ("graphql", "guest-token") for exchange in account.exchanges):
        blamed = snapshot.blame(_PATH, layout.WARC)
        yield failure("asked", blamed, f"GraphQL has to be asked for this post ({why}), and was not")


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


def _origins(snapshot: Snapshot, account: CustodyManifest, rule: Judgement) -> Iterator[Finding]:
    """Check that each fact is read of an answer that was asked for what it tells."""
    reading = read_again(snapshot, account, rule)
    main = reading.service if reading is not None else _ALWAYS[0]
    answers: dict[str, set[str]] = {}
    for exchange in account.exchanges:
        judged = exchange.purpose in JUDGED
        answers[exchange.purpose] = {exchange.response} | (set() if judged else answers.get(exchange.purpose, set()))
    records = snapshot.records
    origins: Json = snapshot.post.get("origins") if isinstance(snapshot.post, dict) else None
    for path, origin in sorted(origins.items()) if isinstance(origins, dict) else ():
        purpose = next((name for start, name in _ELSEWHERE.items() if path.startswith(start)), main)
        record = origin.get("record") if isinstance(origin, dict) else None
        if isinstance(record, str) and record in records and record not in answers.get(purpose, set()):
            blamed = snapshot.blame(layout.POST_JSON, _PATH)
            yield failure("asked", blamed, f"{shown(path)}: it is told from an answer to another question")

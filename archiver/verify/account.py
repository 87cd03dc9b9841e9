"""Checks the custody manifest as a document: its form, the capture and case that it names, its list of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archiver.case import layout
from archiver.custody.manifest import DERIVED, CustodyManifest, File, derived_file
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.platforms.ids import canonical_url
from archiver.verify.findings import concluded, counted, failure, ok, shown, warning
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import is_stamp

_CHECK = "custody-manifest"
_PATH = layout.CUSTODY_MANIFEST
_SALT = re.compile(r"[0-9a-f]{32}")
_LED_HERE = frozenset({"redirect", "article"})


def check_account(snapshot: Snapshot) -> Iterator[Finding]:
    """Check the form of the custody manifest, what it says it is about, and that it agrees with the bag."""
    account = snapshot.account
    if isinstance(account, FormatError):
        if snapshot.seen(_PATH) is not None:
            yield failure(_CHECK, _PATH, shown(str(account), 200))
        return
    conclusion = ok(
        _CHECK, _PATH, f"it is well-formed and agrees with the bag on {counted(len(account.files), 'file')}"
    )
    yield from concluded(_account(snapshot, account), conclusion)


def _account(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    if not layout.CAPTURE_ID.fullmatch(account.capture) or not account.capture.isascii():
        yield failure(_CHECK, _PATH, f"'{shown(account.capture, 40)}' is not the id of a capture")
    elif layout.CAPTURE_ID.fullmatch(snapshot.name) and account.capture != snapshot.name:
        yield failure("name", _PATH, f"the capture is {account.capture}, which is not the name of its folder")
    if not _SALT.fullmatch(account.salt):
        yield failure(_CHECK, _PATH, "the salt is not 32 hexadecimal digits")
    url = canonical_url(account.platform, account.id)
    if url is None:
        yield warning(
            _CHECK, _PATH, f"not checked: this version does not know the platform '{shown(account.platform)}'"
        )
    elif url != account.url:
        yield failure(_CHECK, _PATH, "its URL is not the one that follows from platform and id")
    yield from _times(account)
    yield from _routes(account)
    yield from _files(snapshot, account)


def _times(account: CustodyManifest) -> Iterator[Finding]:
    stamps = [account.started, account.ended]
    stamps += [stamp for exchange in account.exchanges for stamp in (exchange.started, exchange.ended)]
    stamps += [server.local for server in account.clock.servers]
    for stamp in stamps:
        if not is_stamp(stamp):
            yield failure(_CHECK, _PATH, f"'{shown(stamp, 40)}' is not a time in the form of this format")
            return
    second = re.sub("[-:]", "", account.started[:19]) + "Z"
    if not account.capture.startswith(f"{second}-"):
        yield failure(_CHECK, _PATH, "the time in the capture's id is not that at which it began")
    yield from _order(account)


def _order(account: CustodyManifest) -> Iterator[Finding]:
    """Check that what was asked for this capture was asked while it was made, as far as the clock allows to tell.

    Exchanges that begin earlier led to the capture: they were made before it was known that they would.
    """
    if account.ended < account.started:
        yield warning("clock", _PATH, "the capture ended before it began: the clock was set back meanwhile")
        return
    own = [item for item in account.exchanges if item.started >= account.started]
    starts = [item.started for item in own]
    early = [item for item in account.exchanges if item.started < account.started and item.purpose not in _LED_HERE]
    if early or starts != sorted(starts) or any(item.ended < item.started for item in account.exchanges):
        detail = "the times of the exchanges do not follow each other: the clock was set back meanwhile"
        yield warning("clock", _PATH, detail)
    elif any(max(item.started, item.ended) > account.ended for item in own):
        yield failure("clock", _PATH, "an exchange was made for the capture when that is said to have ended already")


def _routes(account: CustodyManifest) -> Iterator[Finding]:
    asked = {exchange.url for exchange in account.exchanges}
    for item in account.inputs:
        for url in item.route:
            if url not in asked:
                yield failure(_CHECK, _PATH, f"a route passes through a URL that was not asked for: {shown(url)}")


def _files(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    paths = [file.path for file in account.files]
    if paths != sorted(set(paths)):
        yield failure(_CHECK, _PATH, "its files are not sorted by path, or one stands twice")
    listed = snapshot.payload_list if isinstance(snapshot.payload_list, dict) else None
    if listed is not None:
        blamed = snapshot.blame(_PATH, layout.MANIFEST)
        for path in sorted(listed.keys() - {*paths, _PATH}):
            detail = f"{layout.MANIFEST} lists {shown(path)}, which the custody manifest does not account for"
            yield failure(_CHECK, blamed, detail)
        for path in sorted(set(paths) - listed.keys()):
            detail = f"the custody manifest accounts for {shown(path)}, which {layout.MANIFEST} does not list"
            yield failure(_CHECK, blamed, detail)
    for file in account.files:
        yield from _agreement(snapshot, file, listed)
        yield from _description(file)


def _agreement(snapshot: Snapshot, file: File, listed: dict[str, str] | None) -> Iterator[Finding]:
    seen = snapshot.seen(file.path)
    if seen is None:
        return
    if listed is None and seen.sha256 != file.sha256:
        # Without the bag's own list, this one has to do.
        yield failure("file", file.path, "its content is not what the custody manifest lists")
    elif seen.sha256 == file.sha256 and seen.size != file.bytes:
        yield failure(_CHECK, _PATH, f"the size that it has for {file.path} is wrong")
    elif listed is not None and file.sha256 not in (seen.sha256, listed.get(file.path)):
        yield failure(_CHECK, _PATH, f"the digest that it has for {file.path} is wrong")


def _description(file: File) -> Iterator[Finding]:
    path = shown(file.path)
    if file.path in DERIVED:
        derived = derived_file(file.path, file.sha256, file.bytes)
        if file != derived:
            yield failure(_CHECK, _PATH, f"its description of {path} is not that of such a file")
    elif not layout.is_payload_name(file.path) or file.path == _PATH:
        yield failure(_CHECK, _PATH, f"it accounts for a path that no capture has: {path}")
    elif file.relation == "derived":
        yield failure(_CHECK, _PATH, f"it calls {path} derived, which media never are")

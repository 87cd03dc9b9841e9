"""Establishes what a capture stands on: whose signature, which seals, and between which times; it ends its findings.

The seals themselves are checked in `seals`. Here it is asked whether they list this very capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from archiver.case import layout
from archiver.custody import seal, sshsig
from archiver.custody.manifest import CustodyManifest
from archiver.custody.sshkeys import PublicKey
from archiver.custody.timestamp import StampFault
from archiver.model import Finding, Record
from archiver.verify.clock import against_authorities
from archiver.verify.custody import SealFolder
from archiver.verify.findings import counted, failure, note, ok, shown, warning
from archiver.verify.opening import check_opening, openings
from archiver.verify.reading import Seen
from archiver.verify.seals import Seals
from archiver.verify.signature import signer
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import moment_of, readable, span
from archiver.verify.tally import Attested, Extent
from archiver.verify.trust import Opinion, Trust

LATE: Final = timedelta(days=1)
"""How long after a capture its time-stamp may be made without a warning."""
_CHECK = "time-stamp"
_ADVICE: Final = "if you know whose it is, run 'archiver key trust' with the line that its owner gives you"


class Listing(Record, frozen=True, kw_only=True):
    """A seal that lists a capture.

    Attributes:
        folder: of the seal.
        same: files of the capture that are as the seal lists them.
        other: files that are not, or are not there.
    """

    folder: SealFolder
    same: tuple[str, ...]
    other: tuple[str, ...]


def conclude(snapshot: Snapshot, seals: Seals | None, trust: Trust) -> Iterator[Finding]:
    """Find what a capture stands on, and end with its extent.

    Args:
        snapshot: the capture.
        seals: of the case in which it stands; None if it is looked at by itself.
        trust: whom whoever verifies trusts.
    """
    listings: tuple[Listing, ...] = ()
    stamps: tuple[Attested, ...] = ()
    opened: tuple[Attested, ...] = ()
    account = snapshot.account if isinstance(snapshot.account, CustodyManifest) else None
    if seals is None:
        yield note(_CHECK, "", "not checked: seals and time-stamps are looked at with the case that they are in")
    else:
        listings = tuple(_listings(snapshot, seals))
        stamps = _stamps(listings, seals)
        yield from _check_listings(listings)
        yield from _check_stamps(account, listings, stamps, seals)
        if account is not None:
            opened = openings(account, seals)
            yield from check_opening(account, seals)
            yield from against_authorities(account, _first(opened), _first(stamps))
    key, opinion = _signer(snapshot, account), None
    if key is not None and account is not None:
        # A stamp on the list of files alone would not show that the signature was there as well.
        signed = [listing for listing in listings if layout.SIGNATURE in listing.same]
        stamped = _first(_stamps(signed, seals)) if seals is not None else None
        opinion = trust.judge(key, sshsig.CAPTURE, said=moment_of(account.ended), stamped=stamped)
        opinion, where = _vouched(opinion, key, listings, seals)
        yield _trust(opinion, where)
    yield _extent(snapshot, account, opinion, stamps, opened)


def _listings(snapshot: Snapshot, seals: Seals) -> Iterator[Listing]:
    top = layout.capture_path(snapshot.name)
    for folder, listed in seals.listing(snapshot.name):
        same: list[str] = []
        other: list[str] = []
        for name in (layout.TAGMANIFEST, layout.SIGNATURE):
            digest, seen = listed.digests.get(f"{top}/{name}"), snapshot.seen(name)
            if digest is not None:
                (same if seen is not None and seen.sha256 == digest else other).append(name)
        yield Listing(folder=folder, same=tuple(same), other=tuple(other))


def _check_listings(listings: Iterable[Listing]) -> Iterator[Finding]:
    for listing in listings:
        for name in listing.other:
            yield failure("seal", name, f"it is not the one that {listing.folder.path(seal.SEAL)} lists")


def _stamps(listings: Iterable[Listing], seals: Seals) -> tuple[Attested, ...]:
    """Return the valid time-stamps on seals that list the capture as it is, the earliest first."""
    good = (listing.folder for listing in listings if layout.TAGMANIFEST in listing.same)
    found = {stamp for folder in good for stamp in seals.stamps.attested(folder, seal.SEAL)}
    return tuple(sorted(found, key=lambda stamp: (stamp.time, stamp.authority)))


def _check_stamps(
    account: CustodyManifest | None, listings: tuple[Listing, ...], stamps: tuple[Attested, ...], seals: Seals
) -> Iterator[Finding]:
    names = ", ".join(listing.folder.path(seal.SEAL) for listing in listings[:3])
    if stamps:
        said = "; ".join(f"{stamp.authority} at {readable(stamp.time)}" for stamp in stamps[:6])
        yield ok(_CHECK, "", f"the capture was there at {readable(stamps[0].time)} at the latest: {said} ({names})")
        ended = moment_of(account.ended) if account is not None else None
        if ended is not None:
            yield _delay(stamps[0].time - ended)
    elif not listings and seals.custody.transfer is not None:
        yield warning(_CHECK, "", "pending: no seal went along that lists the capture", "provable")
    elif not listings:
        yield warning(_CHECK, "", "pending: no seal lists the capture yet; 'archiver seal' makes one", "provable")
    elif not seals.trust.roots:
        yield note(_CHECK, "", f"not checked: no root of an authority is trusted ({names})")
    elif any(seals.stamps.of(listing.folder, seal.SEAL) for listing in listings):
        advice = "; 'archiver verify' with --tsa-roots names roots to trust" if _foreign(listings, seals) else ""
        yield warning(_CHECK, "", f"no time-stamp on {names} proves anything{advice}", "provable")
    else:
        yield warning(_CHECK, "", f"pending: {names} has no time-stamp yet; 'archiver seal' asks for one", "provable")


def _foreign(listings: Iterable[Listing], seals: Seals) -> bool:
    """Tell whether a time-stamp proves nothing for want of a trusted root."""
    found = (fault for listing in listings for fault in seals.stamps.of(listing.folder, seal.SEAL).values())
    return any(isinstance(fault, StampFault) and fault.reason == "foreign" for fault in found)


def _delay(delay: timedelta) -> Finding:
    """Say how long after the capture its first time-stamp was made, by the two clocks."""
    if delay > LATE:
        detail = f"the first time-stamp is {span(delay)} later than the end of the capture: no earlier time is proved"
        return warning(_CHECK, "", detail)
    how = "later" if delay >= timedelta(0) else "earlier"
    return ok(_CHECK, "", f"the first time-stamp is {span(delay)} {how} than the end of the capture", "recorded")


def _signer(snapshot: Snapshot, account: CustodyManifest | None) -> PublicKey | None:
    """Return the key that validly signed the capture, if it is the one that has to."""
    key = signer(snapshot)
    named = account.signing.fingerprint if account is not None else ""
    return key if isinstance(key, PublicKey) and key.fingerprint == named else None


def _vouched(opinion: Opinion, key: PublicKey, listings: Iterable[Listing], seals: Seals | None) -> tuple[Opinion, str]:
    """Return a better opinion of a key than its own, if a seal that a trusted key signed lists what it signed.

    Returns:
        The opinion, and the path of that seal, empty if there is none.
    """
    if opinion.trusted or seals is None or key in seals.trust.revoked:
        return opinion, ""
    for listing in listings:
        whole = {layout.TAGMANIFEST, layout.SIGNATURE} <= set(listing.same)
        above = seals.opinion(listing.folder) if whole else None
        if above is not None and above.trusted:
            why = f"vouched for by {above.who}, {above.why}"
            return Opinion(trusted=True, who=key.fingerprint, why=why), listing.folder.path(seal.SEAL)
    return opinion, ""


def _trust(opinion: Opinion, where: str) -> Finding:
    who, why = shown(opinion.who), shown(opinion.why, 300)
    if opinion.trusted:
        return ok("trust", layout.SIGNATURE, f"{who} has signed: {why}{f', in {where}' if where else ''}")
    advice = "" if opinion.known else f"; {_ADVICE}"
    return warning("trust", layout.SIGNATURE, f"{who} has signed, whom you do not trust: {why}{advice}", "provable")


def _first(stamps: tuple[Attested, ...]) -> datetime | None:
    return stamps[0].time if stamps else None


def _extent(
    snapshot: Snapshot,
    account: CustodyManifest | None,
    opinion: Opinion | None,
    stamps: tuple[Attested, ...],
    opened: tuple[Attested, ...],
) -> Extent:
    read = [seen for seen in snapshot.files.values() if isinstance(seen, Seen)]
    total = sum(seen.size for seen in read)
    return Extent(
        level="ok",
        check="extent",
        path="",
        ground="provable",
        detail=f"{counted(len(read), 'file')} with {total} bytes were read",
        files=len(read),
        bytes=total,
        key=account.signing.fingerprint if account is not None else None,
        signature="none" if opinion is None else "trusted" if opinion.trusted else "valid",
        signer=opinion.who if opinion is not None else "",
        basis=opinion.why if opinion is not None and opinion.trusted else "",
        stamps=stamps,
        opened=opened,
    )

"""Checks the signature of a capture: sound, for this use, over this tag manifest, and by the key that has to sign.

Whether that key is to be trusted is another question, for `trust`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver.case import layout
from archiver.custody import sshsig
from archiver.custody.manifest import CustodyManifest
from archiver.custody.sshkeys import PublicKey
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.findings import failure, note, ok, shown
from archiver.verify.reading import Unread, parsed
from archiver.verify.snapshot import Snapshot

_CHECK = "signature"
_PATH = layout.SIGNATURE


def check_signature(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that exactly the key which the custody manifest names has signed, or nobody if it names none."""
    if snapshot.seen(layout.TAGMANIFEST) is None:
        # What a signature would be over is not there, which is said already.
        return
    account, found = snapshot.account, signer(snapshot)
    named = account.signing.fingerprint if isinstance(account, CustodyManifest) else None
    if named == "":
        yield from _unsigned(snapshot)
    elif _PATH not in snapshot.files:
        # What a damaged manifest would have named, nobody can say.
        if named is not None:
            yield failure(_CHECK, _PATH, f"the signature by {shown(named, 60)} is not there")
    elif isinstance(found, FormatError):
        if not isinstance(snapshot.files[_PATH], Unread):
            yield failure(_CHECK, _PATH, f"it is no valid signature of {layout.TAGMANIFEST}: {shown(str(found))}")
    elif named is not None and found.fingerprint != named:
        detail = f"{found.fingerprint} has signed, and not {shown(named, 60)}, which the custody manifest names"
        yield failure(_CHECK, _PATH, detail)
    elif named is not None:
        yield ok(_CHECK, _PATH, f"{found.fingerprint}, the key that the custody manifest names, has signed the capture")


def _unsigned(snapshot: Snapshot) -> Iterator[Finding]:
    if _PATH in snapshot.files:
        detail = "the custody manifest says that the capture is unsigned, and yet there is a signature"
        yield failure(_CHECK, _PATH, detail)
    else:
        yield note(_CHECK, "", "the capture is unsigned, by an explicit setting of whoever made it")


def signer(snapshot: Snapshot) -> PublicKey | FormatError:
    """Return the key that validly signed a capture, whoever's it is, or why there is none."""
    listed = snapshot.seen(layout.TAGMANIFEST)
    message = listed.data if listed is not None else None
    if message is None:
        return FormatError("what it would be over could not be read")
    data = message
    return parsed(snapshot.files.get(_PATH), lambda armour: sshsig.verify(armour, data, sshsig.CAPTURE))

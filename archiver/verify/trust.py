"""Whom verification trusts, and on what ground; nothing from inside a case or package is ever one."""

from __future__ import annotations

from datetime import UTC, datetime

from archiver.custody.chain import Head
from archiver.custody.roots import Root
from archiver.custody.signers import AllowedSigner, principal
from archiver.custody.sshkeys import PublicKey
from archiver.model import Record
from archiver.times import to_day

OWN = "your own key"
CHOSEN = "a key that you chose to trust"
NAMED = "a key in the file that you named with --allowed-signers"


class Opinion(Record, frozen=True, kw_only=True):
    """What is thought of a key.

    Attributes:
        trusted: whether it is trusted for that use at that time.
        who: the name under which it is known here; its fingerprint where it is not.
        why: on what ground it is trusted, or why it is not, as the end of a sentence.
        known: whether anything was said of it here, for it or against it.
    """

    trusted: bool
    who: str
    why: str
    known: bool = True


class Trust(Record, frozen=True, kw_only=True):
    """Whom whoever verifies trusts; nobody, if nothing is said. All of it comes from outside what is verified.

    Attributes:
        own: keys of one's own.
        operator: the name that one states, which goes with one's own keys.
        signers: whom one chose to trust.
        named: whom one trusts this time, from a file.
        revoked: keys that nothing is to rest on, whatever else is said of them.
        roots: what the certificates of time-stamp authorities have to lead to. If none, time-stamps are not checked.
        custom_roots: whether these are others than those that ship with the program.
        remembered: ends of logs as one's own installation remembers them.
    """

    own: tuple[PublicKey, ...] = ()
    operator: str = ""
    signers: tuple[AllowedSigner, ...] = ()
    named: tuple[AllowedSigner, ...] = ()
    revoked: tuple[PublicKey, ...] = ()
    roots: tuple[Root, ...] = ()
    custom_roots: bool = False
    remembered: tuple[Head, ...] = ()

    def judge(
        self, key: PublicKey, namespace: str, *, said: datetime | None, stamped: datetime | None = None
    ) -> Opinion:
        """Tell whether a key is trusted for a use at a time, and on what ground.

        Args:
            key: the key that made a valid signature.
            namespace: what the signature is for.
            said: when it was made, on the word of whoever made it.
            stamped: when it was there, on the word of an authority.
        """
        if key in self.revoked:
            return Opinion(trusted=False, who=key.fingerprint, why="you have revoked it")
        if key in self.own:
            return Opinion(trusted=True, who=principal(self.operator, key), why=OWN)
        known = [(signer, CHOSEN) for signer in self.signers] + [(signer, NAMED) for signer in self.named]
        refused = ""
        for signer, ground in known:
            if signer.key != key:
                continue
            if not signer.allows(namespace):
                refused = f"it is trusted for {', '.join(signer.namespaces)} only, not for {namespace}"
            elif why := _untimely(signer, said, stamped):
                refused = why
            else:
                return Opinion(trusted=True, who=signer.principals[0], why=ground)
        why = refused or "nobody has told you whose key it is"
        return Opinion(trusted=False, who=key.fingerprint, why=why, known=bool(refused))


def _untimely(signer: AllowedSigner, said: datetime | None, stamped: datetime | None) -> str:
    """Say why a signature is out of the time of a signer; empty if it is not.

    Whoever has the key can put any time into what it signs. So nothing but a time-stamp, or that today is not later,
    shows that something was signed before the key's time was over.
    """
    made, there = stamped or said, stamped or datetime.now(UTC)
    if signer.valid_after is not None and made is not None and made < signer.valid_after:
        return f"it is trusted from {to_day(signer.valid_after)} on, and signed before"
    if signer.valid_before is None or there <= signer.valid_before:
        return ""
    until = f"it is trusted until {to_day(signer.valid_before)}"
    if stamped is None:
        return f"{until}, and no time-stamp proves that it signed by then: its own word could be backdated"
    return f"{until}, and the first time-stamp is of {to_day(stamped)}"


NOBODY = Trust()
"""Trust in nobody: what is said then rests on digests and on what agrees with itself."""

"""Whom verification trusts, and on what ground; nothing from inside a case or package is ever one."""

from __future__ import annotations

from datetime import datetime

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
    """

    trusted: bool
    who: str
    why: str


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

    def judge(self, key: PublicKey, namespace: str, moment: datetime) -> Opinion:
        """Tell whether a key is trusted for a use at a time, and on what ground.

        Args:
            key: the key that made a valid signature.
            namespace: what the signature is for.
            moment: when it was made, as far as that is known.
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
            elif not signer.valid_at(moment):
                refused = f"it is trusted for another time than {to_day(moment)}"
            else:
                return Opinion(trusted=True, who=signer.principals[0], why=ground)
        return Opinion(trusted=False, who=key.fingerprint, why=refused or "nobody has told you whose key it is")


NOBODY = Trust()
"""Trust in nobody: what is said then rests on digests and on what agrees with itself."""

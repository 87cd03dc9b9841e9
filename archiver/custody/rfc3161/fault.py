"""The one error that a time-stamp reply gives rise to, with its reason; it judges nothing itself."""

from __future__ import annotations

from typing import Literal

from archiver.errors import FormatError

Reason = Literal[
    "rejected",
    "rubbish",
    "wrong-nonce",
    "wrong-imprint",
    "foreign",
    "expired",
    "not-for-timestamping",
    "bad-signature",
    "algorithm",
]
"""Why a reply proves nothing.

rejected: the authority did not grant it; rubbish: not a reply in the form that the standard asks for; foreign: the
certificates lead to none of the trusted roots; expired: one was not valid when the stamp was made; algorithm: one is
too weak, or not known here.
"""


class StampFault(FormatError):
    """A time-stamp reply does not prove what it has to.

    Args:
        reason: short token.
        what: what is wrong with it, as one sentence without a full stop.
    """

    default_advice = "the seal stays pending: run 'archiver seal' later, or name another authority in the settings"

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(what)
        self.reason: Reason = reason

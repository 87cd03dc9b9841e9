"""Counts findings and what they are about, and draws the verdict from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Literal, get_args

from archiver.model import Finding, Level, Record
from archiver.verify.findings import counted

Require = Literal["intact", "signed", "timestamped"]
"""What is required of captures; each includes the ones before it."""
REQUIREMENTS: Final[tuple[Require, ...]] = get_args(Require)


class Attested(Record, frozen=True, kw_only=True):
    """That something existed at a time (UTC), on the word of a time-stamp authority."""

    authority: str
    time: datetime


class Extent(Finding, frozen=True, kw_only=True):
    """The finding that ends a capture: how much of it was read, and what it stands on.

    Attributes:
        files, bytes: what was read of the capture.
        key: fingerprint of the key that the custody manifest names; empty if it names none, None if that is unknown.
        signature: "none", "valid" (by the key that has to sign), or "trusted" (which is trusted as well).
        signer: who signed, as far as that is known; a fingerprint where it is not. Empty if nobody did.
        basis: on what ground that key is trusted; empty if it is not.
        stamps: the time-stamps that say when it existed at the latest, the earliest first.
        opened: the time-stamps before which its custody manifest was not written, the latest first.
    """

    files: int
    bytes: int
    key: str | None = None
    signature: Literal["none", "valid", "trusted"] = "none"
    signer: str = ""
    basis: str = ""
    stamps: tuple[Attested, ...] = ()
    opened: tuple[Attested, ...] = ()

    @property
    def stamped(self) -> bool:
        """Whether an authority says when it existed at the latest."""
        return bool(self.stamps)


class Tally:
    """Keeps count while findings pass by.

    Args:
        require: what is required of each capture.

    Attributes:
        require: as given.
        levels: findings of each level.
        captures, files, bytes: what was read.
        signed: captures with a valid signature, trusted or not.
        trusted: captures that are signed by a trusted key.
        stamped: captures with a valid time-stamp.
    """

    def __init__(self, require: Require = "signed") -> None:
        self.require: Require = require
        self.levels: Counter[Level] = Counter()
        self.captures = 0
        self.files = 0
        self.bytes = 0
        self.signed = 0
        self.trusted = 0
        self.stamped = 0

    def watch(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Pass findings on and count them."""
        for finding in findings:
            self.levels[finding.level] += 1
            if isinstance(finding, Extent):
                self.captures += 1
                self.files += finding.files
                self.bytes += finding.bytes
                self.signed += finding.signature != "none"
                self.trusted += finding.signature == "trusted"
                self.stamped += finding.stamped
            yield finding

    @property
    def verdict(self) -> Literal["intact", "altered"]:
        """ "altered" if there was any failure so far."""
        return "altered" if self.levels["failure"] else "intact"

    @property
    def shortfall(self) -> Require | None:
        """What is required and does not hold of every capture; None if all of it does."""
        holds = {
            "intact": self.verdict == "intact",
            "signed": self.trusted == self.captures,
            "timestamped": self.stamped == self.captures,
        }
        required = REQUIREMENTS[: REQUIREMENTS.index(self.require) + 1]
        return next((requirement for requirement in required if not holds[requirement]), None)

    @property
    def met(self) -> bool:
        """Whether all that is required holds."""
        return self.shortfall is None

    @property
    def exit_code(self) -> int:
        """0 if all that is required holds, 10 if anything was altered, 11 if it is intact and falls short."""
        if self.verdict == "altered":
            return 10
        return 0 if self.met else 11

    @property
    def sentence(self) -> str:
        """What was read and found, in words."""
        found = [counted(self.levels[level], level) for level in ("failure", "warning", "note") if self.levels[level]]
        read = f"{counted(self.captures, 'capture')}, {counted(self.files, 'file')}, {self.bytes:,} bytes read"
        return f"{read}; {', '.join(found) or 'nothing to object to'}"

    def as_dict(self) -> dict[str, str | int | bool]:
        """Return verdict and counts by name."""
        return {
            "verdict": self.verdict,
            "captures": self.captures,
            "files": self.files,
            "bytes": self.bytes,
            "ok": self.levels["ok"],
            "notes": self.levels["note"],
            "warnings": self.levels["warning"],
            "failures": self.levels["failure"],
            "signed": self.signed,
            "trusted": self.trusted,
            "stamped": self.stamped,
            "required": self.require,
            "met": self.met,
        }

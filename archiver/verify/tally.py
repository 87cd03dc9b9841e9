"""Counts findings and what they are about, and draws the verdict from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from archiver.model import Finding, Level
from archiver.verify.findings import counted


class Extent(Finding, frozen=True, kw_only=True):
    """The finding that ends a capture: how much of it was read.

    Attributes:
        files, bytes: what was read of the capture.
    """

    files: int
    bytes: int


class Tally:
    """Keeps count while findings pass by.

    Attributes:
        levels: findings of each level.
        captures, files, bytes: what was read.
    """

    def __init__(self) -> None:
        self.levels: Counter[Level] = Counter()
        self.captures = 0
        self.files = 0
        self.bytes = 0

    def watch(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Pass findings on and count them."""
        for finding in findings:
            self.levels[finding.level] += 1
            if isinstance(finding, Extent):
                self.captures += 1
                self.files += finding.files
                self.bytes += finding.bytes
            yield finding

    @property
    def verdict(self) -> Literal["intact", "altered"]:
        """ "altered" if there was any failure so far."""
        return "altered" if self.levels["failure"] else "intact"

    @property
    def sentence(self) -> str:
        """What was read and found, in words."""
        found = [counted(self.levels[level], level) for level in ("failure", "warning", "note") if self.levels[level]]
        read = f"{counted(self.captures, 'capture')}, {counted(self.files, 'file')}, {self.bytes:,} bytes read"
        return f"{read}; {', '.join(found) or 'nothing to object to'}"

    def as_dict(self) -> dict[str, str | int]:
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
        }

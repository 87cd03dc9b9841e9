"""Sums up a verification for people: what holds, what does not, what was not checked, and what it all cannot prove."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from archiver.cli.text import safe
from archiver.model import Finding
from archiver.verify.findings import counted
from archiver.verify.stamps import readable
from archiver.verify.tally import Extent, Tally

Lines = list[str]

_MOST: Final = 5
"""Signers, or things that were not checked, that are named one by one."""
_WIDEST: Final = 100
_NOT_CHECKED: Final = "not checked: "
_COMMON_NAME: Final = re.compile(r"\bCN=(.+?)(?:, [A-Z]+=|$)")
_NUMBERS: Final = {1: "one authority", 2: "two authorities", 3: "three authorities"}
_KINDS: Final = {
    "added": "something was added",
    "case": "the case is another one",
    "clock": "clocks disagree",
    "custody-manifest": "a custody manifest is not in order",
    "post": "what is read does not follow from what was recorded",
    "rendition": "the page for reading is not that of the post",
    "warc-record": "what was recorded is not in order",
    "file": "content was changed",
    "interrupted": "a run was stopped midway",
    "litter": "an operating system left files",
    "log": "the custody log is broken",
    "manifest": "a list of digests is not in order",
    "missing": "something is missing",
    "name": "names are not in order",
    "opening": "the stamp with which a run opened proves nothing here",
    "seal": "a seal is not in order",
    "signature": "a signature is not in order",
    "story": "log and capture contradict each other",
    "tagmanifest": "a list of digests is not in order",
    "text": "words of the custody log are not in order",
    "time-stamp": "time-stamps are missing, late, or prove nothing here",
    "transfer": "the list of what was handed over is not in order",
    "tree": "something stands where nothing may",
    "trust": "a signer whom you do not trust",
    "unreadable": "something cannot be read",
}
_SIGNED: Final = "the bytes are those that the holder of the key sealed, and what people read follows from them."
_UNSIGNED: Final = "the bytes are those that somebody sealed, and what people read follows from them."
LIMIT: Final = (
    "A time-stamp proves that they existed by then. Nothing here proves who held a key; you know that from"
    " elsewhere. And no recording proves to a third party what a server sent, or that a post is true: that, and clocks"
    " and server names, stand on the word of whoever captured."
)


class Summary:
    """Keeps what is worth saying at the end, while findings pass by.

    Args:
        tally: what counts the same findings.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._failures: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._unchecked: Counter[str] = Counter()
        self._logs = 0
        self._signers: Counter[tuple[str, str]] = Counter()
        self._authorities: Counter[int] = Counter()
        self._opened = 0
        self._sound = 0
        self._harmed: list[str] = []
        self._last: Extent | None = None

    def watch(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Pass findings on and keep what is worth saying."""
        for finding in findings:
            self._take(finding)
            yield finding

    def _take(self, finding: Finding) -> None:
        if isinstance(finding, Extent):
            self._last = finding
            inside = f"{finding.path}/" if finding.path else ""
            self._sound += not any(f"{path}/".startswith(inside) for path in self._harmed)
            self._harmed = []
            self._signers[finding.signer, finding.basis] += 1
            self._authorities[len({stamp.authority for stamp in finding.stamps})] += 1
            self._opened += bool(finding.opened)
        elif finding.level == "failure":
            self._failures[finding.check] += 1
            self._harmed.append(finding.path)
        elif finding.detail.startswith(_NOT_CHECKED):
            self._unchecked[finding.detail.removeprefix(_NOT_CHECKED)] += 1
        elif finding.level == "warning":
            self._warnings[finding.check] += 1
        self._logs += finding.check == "log" and finding.level == "ok"

    def lines(self, width: int | None) -> Iterator[str]:
        """Yield the lines of the summary.

        Args:
            width: characters that a line of the terminal has; None if lines are not to be wrapped.
        """
        for heading, sentences in (
            ("What holds", self._holds()),
            ("What does not", self._fails()),
            ("What was not checked", self._open()),
            ("What this proves, and what not", [self._limit()]),
        ):
            yield f"{heading}:"
            for sentence in sentences:
                yield from _wrapped(safe(sentence), width)

    def _limit(self) -> str:
        means = "Were it intact, that would mean" if self._tally.verdict == "altered" else "That it is intact means"
        return f"{means}: {_SIGNED if self._tally.signed else _UNSIGNED} {LIMIT}"

    def _holds(self) -> Lines:
        if self._tally.verdict == "altered":
            return [*self._unharmed(), "Rely on nothing else here before the failures, listed above, are explained."]
        if not self._tally.captures:
            return ["There is no capture here."]
        every = "Every byte is the one that was sealed, and what people read follows from what was recorded."
        return [every, *self._signed(), *self._stamped(), *self._told()]

    def _unharmed(self) -> Iterator[str]:
        if self._sound:
            yield f"In {self._sound} of {self._tally.captures} captures themselves nothing is wrong."

    def _signed(self) -> Iterator[str]:
        trusted = [(who, basis, count) for (who, basis), count in self._signers.most_common() if basis]
        for who, basis, count in trusted[:_MOST]:
            yield f"{self._of(count)} signed by {who} ({basis})."
        if more := trusted[_MOST:]:
            yield f"{self._of(sum(count for *_, count in more))} signed by {len(more)} others whom you trust."

    def _stamped(self) -> Iterator[str]:
        one = self._last if self._tally.captures == 1 else None
        if one is not None and one.stamps:
            said = _one_each((stamp.authority, readable(stamp.time)) for stamp in one.stamps)
            yield f"It existed at {readable(one.stamps[0].time)} at the latest, as outside authorities say: {said}."
        elif self._tally.stamped:
            parts = [(number, count) for number, count in sorted(self._authorities.items(), reverse=True) if number]
            said = ", ".join(f"{count} by {_NUMBERS.get(number, f'{number} authorities')}" for number, count in parts)
            yield f"{self._of(self._tally.stamped)} time-stamped: {said}."
        if one is not None and one.opened:
            said = _one_each((stamp.authority, readable(stamp.time)) for stamp in one.opened)
            yield f"Its custody manifest was not written before {readable(one.opened[0].time)}: {said}."
        elif self._opened:
            yield (
                f"The custody manifests of {self._opened} of {self._tally.captures} captures were written after outside"
                " authorities had stamped the opening of their run."
            )

    def _told(self) -> Iterator[str]:
        if self._logs:
            logs = "Each custody log" if self._logs > 1 else "The custody log"
            yield f"{logs} is one unbroken chain, and tells what the captures tell."

    def _fails(self) -> Lines:
        found = []
        if self._failures:
            found.append(f"{counted(sum(self._failures.values()), 'failure')}: {_kinds(self._failures)}.")
        for (who, basis), count in self._signers.most_common(_MOST):
            if who and not basis:
                found.append(f"{self._of(count)} signed by {who}, whom you do not trust.")
        if unsigned := self._tally.captures - self._tally.signed:
            found.append(f"{self._of(unsigned)} not validly signed.")
        if pending := self._tally.captures - self._tally.stamped:
            found.append(f"{self._of(pending)} without a valid time-stamp here, which would say when it existed.")
        if self._warnings:
            number = counted(sum(self._warnings.values()), "warning")
            found.append(f"{number}, worth a look: {_kinds(self._warnings)}.")
        return found or ["Nothing was found against it."]

    def _open(self) -> Lines:
        found = [
            f"{detail[:1].upper()}{detail[1:]}{f' ({count} times)' if count > 1 else ''}."
            for detail, count in self._unchecked.most_common(_MOST)
        ]
        if len(self._unchecked) > _MOST:
            found.append(f"And {len(self._unchecked) - _MOST} more, which -v lists.")
        return found or ["Nothing was left out."]

    def _of(self, count: int) -> str:
        """Begin a sentence about so many of the captures."""
        if self._tally.captures == 1:
            return "It is"
        return f"{count} of {self._tally.captures} captures {'is' if count == 1 else 'are'}"


def _kinds(found: Counter[str]) -> str:
    return ", ".join(f"{_KINDS.get(check, check)} ({count})" for check, count in found.most_common())


def _one_each(pairs: Iterable[tuple[str, str]]) -> str:
    """Name each authority once, with the first time that it comes with."""
    found: dict[str, str] = {}
    for authority, time in pairs:
        name = _COMMON_NAME.search(authority)
        found.setdefault(name[1] if name else authority, time)
    return "; ".join(f"{authority}, {time}" for authority, time in found.items())


def _wrapped(sentence: str, width: int | None) -> list[str]:
    if width is None:
        return [f"  {sentence}"]
    return textwrap.wrap(
        sentence,
        min(width, _WIDEST),
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )

"""Makes findings; what goes into a sentence from outside is made harmless first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from archiver.model import Finding, Ground

MOST_OF_A_CHECK = 200
"""Findings of one check on one capture that are told one by one; the rest are told as a number."""


def ok(check: str, path: str, detail: str, ground: Ground = "provable") -> Finding:
    """Say that something was established."""
    return Finding(level="ok", check=check, path=path, ground=ground, detail=detail)


def note(check: str, path: str, detail: str, ground: Ground = "provable") -> Finding:
    """Say something that changes nothing."""
    return Finding(level="note", check=check, path=path, ground=ground, detail=detail)


def warning(check: str, path: str, detail: str, ground: Ground = "recorded") -> Finding:
    """Say something that deserves a look and is no sign of a change."""
    return Finding(level="warning", check=check, path=path, ground=ground, detail=detail)


def failure(check: str, path: str, detail: str, ground: Ground = "provable") -> Finding:
    """Say that something is not as it has to be."""
    return Finding(level="failure", check=check, path=path, ground=ground, detail=detail)


def shown(text: str, most: int = 120) -> str:
    """Return text from outside in a form that controls no terminal and cannot be mistaken for another.

    Whatever is not printable, and the backslash itself, becomes an escape of Python's; what is longer is cut.
    """
    cut = text if len(text) <= most else f"{text[:most]}…"
    if cut.isprintable() and "\\" not in cut:
        return cut
    return "".join(char if char.isprintable() and char != "\\" else _escape(char) for char in cut)


def _escape(char: str) -> str:
    return "\\\\" if char == "\\" else ascii(char)[1:-1]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it has to be."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def concluded(findings: Iterable[Finding], conclusion: Finding, *, whole: bool = True) -> Iterator[Finding]:
    """Pass findings on, the first ones at any rate, and end with a conclusion if none is a failure or a note.

    Args:
        findings: what a check finds.
        conclusion: what holds if there is nothing wrong.
        whole: whether all that the conclusion speaks of was there to be looked at; else none is drawn.
    """
    failures = objections = passed = 0
    for finding in findings:
        failures += finding.level == "failure"
        objections += finding.level != "ok"
        passed += 1
        if passed <= MOST_OF_A_CHECK:
            yield finding
    if passed > MOST_OF_A_CHECK:
        more = counted(passed - MOST_OF_A_CHECK, "finding")
        level = failure if failures else note
        yield level(conclusion.check, conclusion.path, f"and {more} more of this check")
    # Notes and warnings count: one may say that something was not checked.
    if whole and not objections:
        yield conclusion


def below(folder: str, finding: Finding) -> Finding:
    """Return a finding whose path is told from further up."""
    path = f"{folder}/{finding.path}" if finding.path else folder
    return msgspec.structs.replace(finding, path=path)

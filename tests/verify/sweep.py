"""Has the program make whole cases against the box, flips single bits in them, and asks verification what it finds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from archiver import config
from archiver.case import layout
from archiver.cli.trusting import trust_of
from archiver.demo import posts
from archiver.demo.box import Box
from archiver.model import Finding
from archiver.verify import verify
from archiver.verify.trust import Trust

AUTHORITIES = ("http://timestamp.one.example/", "http://timestamp.two.example/")
NOT_SWEPT = (layout.WORK, layout.WORKING, layout.ALLOWED_SIGNERS)
"""What stands at the top of a case and is no ground for anything."""

Told = Literal["named", "found", "missed"]
"""What comes of a flip: a failure names the file; failures name only others; or there is none."""


class Flip(NamedTuple):
    """One bit that is not what it was: a file by its path in the case, a byte of it, and which bit of that."""

    path: str
    offset: int
    bit: int


class Sweep(NamedTuple):
    """What came of many flips: how many there were, and which of them were not as they should be."""

    flips: int
    unnamed: tuple[Flip, ...]
    missed: tuple[Flip, ...]

    def __str__(self) -> str:
        return f"{self.flips} flips, {len(self.missed)} missed, {len(self.unnamed)} found without naming the file"


@dataclass(frozen=True)
class World:
    """A case, or a capture by itself, and whom its owner trusts.

    Attributes:
        top: its folder.
        trust: of the owner.
    """

    top: Path
    trust: Trust

    @property
    def captures(self) -> list[Path]:
        """The folders of its captures, sorted."""
        return sorted(self.top.glob("captures/*/*"))

    def files(self) -> dict[str, int]:
        """Return the size of every file that is swept, by its path."""
        found = (path for path in sorted(self.top.rglob("*")) if path.is_file())
        sizes = {path.relative_to(self.top).as_posix(): path.stat().st_size for path in found}
        return {path: size for path, size in sizes.items() if path.partition("/")[0] not in NOT_SWEPT}

    def findings(self) -> Iterator[Finding]:
        """Verify all of it, as its owner would."""
        return verify(self.top, self.trust)

    def sweep(self, flips: Iterable[Flip], findings: Callable[[], Iterator[Finding]] | None = None) -> Sweep:
        """Flip one bit after the other, each in the sound case, and see what verification says of each.

        Args:
            flips: what to flip.
            findings: what verifies, with paths from the top; all of it is verified if left out.
        """
        findings = findings or self.findings
        assert not set(_failures(findings())), "it was not sound before"
        told = [(flip, self._ask(flip, findings)) for flip in flips]
        assert not set(_failures(findings())), "it was not mended again"
        unnamed, missed = (tuple(flip for flip, what in told if what == kind) for kind in ("found", "missed"))
        return Sweep(len(told), unnamed, missed)

    def _ask(self, flip: Flip, findings: Callable[[], Iterator[Finding]]) -> Told:
        """Flip a bit, verify, and mend it again. Verification is heard no further than to the name of the file."""
        told: Told = "missed"
        with flipped(self.top / flip.path, flip.offset, flip.bit):
            for path in _failures(findings()):
                told = "found"
                if path == flip.path:
                    return "named"
        return told


def _failures(findings: Iterable[Finding]) -> Iterator[str]:
    return (finding.path for finding in findings if finding.level == "failure")


@contextmanager
def flipped(path: Path, offset: int, bit: int) -> Iterator[None]:
    """Flip one bit of a file in place for as long as the context lasts."""
    with path.open("r+b", buffering=0) as file:

        def flip() -> None:
            file.seek(offset)
            (byte,) = file.read(1)
            file.seek(offset)
            file.write(bytes([byte ^ 1 << bit]))

        flip()
        try:
            yield
        finally:
            flip()


def random_flips(files: Mapping[str, int], count: int, seed: str) -> Iterator[Flip]:
    """Yield random flips: every other one in any byte of the case, the rest in any of its files, however small."""
    chance, paths, sizes = random.Random(seed), list(files), list(files.values())
    for number in range(count):
        (path,) = chance.choices(paths, sizes if number % 2 else None)
        yield Flip(path, chance.randrange(files[path]), chance.randrange(8))


def every_byte(files: Mapping[str, int], seed: str) -> Iterator[Flip]:
    """Yield one flip in each byte of each file."""
    chance = random.Random(seed)
    for path, size in files.items():
        for offset in range(size):
            yield Flip(path, offset, chance.randrange(8))


class Maker:
    """Runs `archiver` as users do, each with an installation and a case of their own.

    Args:
        folder: where their cases and data folders are made.
        box: the internet.
        authorities: URLs of the time-stamp authorities that are asked.
    """

    def __init__(self, folder: Path, box: Box, authorities: Iterable[str] = AUTHORITIES) -> None:
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")},
            **box.environment(),
            "ARCHIVER_CUSTODY_OPERATOR": "Ana Núñez",
            "ARCHIVER_NETWORK_RETRY_DELAY": "0",
            "ARCHIVER_TIMESTAMP_AUTHORITIES": ", ".join(authorities),
            "ARCHIVER_TIMESTAMP_ROOTS": str(box.tsa_roots_file),
            "XDG_CONFIG_HOME": str(folder / "no-configuration"),
        }

    def run(self, user: str, *arguments: str, code: int = 0) -> None:
        """Run one command of a user, which has to end with an exit code."""
        command = [sys.executable, "-m", "archiver", "-C", user, *arguments]
        ended = subprocess.run(
            command, cwd=self._folder, env=self._of(user), capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, f"{arguments} ended with {ended.returncode}: {ended.stdout}{ended.stderr}"

    def world(self, user: str) -> World:
        """Return the case of a user, ready to be damaged, and whom the user trusts."""
        case = self._folder / user
        for path in case.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        return World(case, trust_of(config.load(environment=self._of(user)), case))

    def _of(self, user: str) -> dict[str, str]:
        return self._environment | {"ARCHIVER_SIGNING_FOLDER": str(self._folder / f"{user}.home")}


def make_whole(folder: Path) -> World:
    """Make a case of two runs and two authorities, with a refused attempt, a note, and a package taken over."""
    with Box() as box:
        sender, maker = Maker(folder, box, AUTHORITIES[:1]), Maker(folder, box)
        sender.run("sender", "capture", posts.DELETED.url, "--note", "words that go along", code=6)
        sender.run("sender", "export", "last", "--format", "zip", "-o", "package.zip", "--to", "Chambers of A. Roe")
        maker.run("owner", "capture", posts.DELETED.url, posts.PHOTO.url, posts.UNCLEAR.url, code=3)
        maker.run("owner", "note", posts.PHOTO.id, "the quay at dawn")
        maker.run("owner", "import", "package.zip", code=11)
        maker.run("owner", "capture", posts.TEXT.url)
        return maker.world("owner")


def make_small(folder: Path) -> World:
    """Make a case of one small capture, a deleted post, with a note, and a seal that one authority has stamped."""
    with Box() as box:
        maker = Maker(folder, box, AUTHORITIES[:1])
        maker.run("owner", "capture", posts.DELETED.url, code=6)
        maker.run("owner", "note", "last", "the quay at dawn")
        return maker.world("owner")

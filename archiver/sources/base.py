"""What every source gives and takes; it belongs to no platform."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from archiver.custody.manifest import Corroboration, File, Missing, Way
from archiver.model import Fact, Record, Reference, Verdict
from archiver.recorder.recording import Recording


class Acquired(Record, frozen=True, kw_only=True):
    """What asking for one post came to.

    Attributes:
        verdict: the outcome; "partial" where the post came but something of its own is missing.
        facts: the normalised post with its origins.
        not_understood: record and JSON pointer of what the answers hold beyond the facts.
        files: the media that were kept, with paths from the bag's root.
        missing: what of the post is not here.
        ways: each way that was tried.
        corroboration: whether further answers agree.
    """

    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    not_understood: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    missing: tuple[Missing, ...] = ()
    ways: tuple[Way, ...] = ()
    corroboration: tuple[Corroboration, ...] = ()


class Source(Protocol):
    """One platform, as captures use it.

    Attributes:
        platform: its short name.
        judgement: name and version of the rule that its verdicts follow.
    """

    platform: str
    judgement: str

    def acquire(self, reference: Reference, recording: Recording, bag: Path) -> Acquired:
        """Ask for a post and its media.

        Args:
            reference: the post.
            recording: what asks and records.
            bag: folder of the bag in the making; media go into its `data/media`.

        Raises:
            OSError: something cannot be written to the disk.
        """

    def resolve(self, url: str, recording: Recording) -> Reference | None:
        """Follow a short link of this platform and return the post that it leads to, or None.

        Raises:
            OSError: something cannot be written to the disk.
        """

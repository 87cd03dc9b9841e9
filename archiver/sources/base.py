"""What every source gives and takes; it belongs to no platform."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

from archiver.custody.manifest import Corroboration, File, Missing, Way
from archiver.model import Fact, Json, Record, Reference, Verdict
from archiver.recorder.logins import Login
from archiver.recorder.recording import Recording

Context = Literal["none", "thread"]
"""What of the posts around a post is asked for."""


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
        programs: names of the libraries that were used for this post, of those that few posts need.
    """

    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    not_understood: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    missing: tuple[Missing, ...] = ()
    ways: tuple[Way, ...] = ()
    corroboration: tuple[Corroboration, ...] = ()
    programs: tuple[str, ...] = ()


class Source(Protocol):
    """One platform, as captures use it.

    Attributes:
        platform: its short name.
        judgement: name and version of the rule that its verdicts follow.
    """

    platform: str
    judgement: str

    def acquire(self, reference: Reference, recording: Recording, bag: Path, *, context: Context = "none") -> Acquired:
        """Ask for a post and its media.

        Args:
            reference: the post.
            recording: what asks and records, with the user's login if one was given.
            bag: folder of the bag in the making; media go into its `data/media`.
            context: "thread" to ask also which posts stand around it.

        Raises:
            OSError: something cannot be written to the disk.
        """

    def thread_of(self, post: Json) -> tuple[Reference, ...]:
        """Return the posts that stand around a post, as far as it says, those to be captured first first.

        Args:
            post: the normalised tree (`post` of post.json). Every value in it is untrusted.
        """

    def logs_in(self, login: Login) -> bool:
        """Tell whether a user's cookies are a login to this platform."""

    def resolve(self, url: str, recording: Recording) -> Reference | None:
        """Follow a short link of this platform and return the post that it leads to, or None.

        Raises:
            OSError: something cannot be written to the disk.
        """

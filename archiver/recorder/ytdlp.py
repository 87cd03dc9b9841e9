"""Runs yt-dlp as a library inside one recording: all that it asks for is recorded; it writes nothing of its own.

No plugins, no configuration, no cache, no external programs, no imitation of browsers, no disguise of where one is.
yt-dlp is imported when a session is opened, never before. For X it is asked for one thing only: to put the question as
it is put today (query id, features, tokens); what counts is the recorded answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from archiver.errors import ArchiverError
from archiver.exchange_records import RecordedExchange
from archiver.model import Exchange, Json, Record
from archiver.platforms.ytdlp_trouble import PROGRAM, Trouble
from archiver.recorder.hops import Asking
from archiver.recorder.recording import MAX_ANSWER, Recording
from archiver.recorder.redact import SECRET_FIELDS
from archiver.recorder.ytdlp_errors import LONGEST, behind, trouble

GRAPHQL, GUEST_TOKEN, PLAYLIST, OTHER = "graphql", "guest-token", "playlist", "yt-dlp"
"""Purposes of the exchanges that yt-dlp makes while it looks for something."""

_Result = TypeVar("_Result")
_OPTIONS: Mapping[str, Any] = {
    "cachedir": False,
    "color": "never",
    "concurrent_fragment_downloads": 1,
    "continuedl": False,
    "external_downloader": {"default": "native"},
    "extractor_retries": 0,
    "ffmpeg_location": "",
    "file_access_retries": 0,
    "fixup": "never",
    "format": "best/bestvideo/bestaudio",
    "fragment_retries": 0,
    "geo_bypass": False,
    "hls_prefer_native": True,
    "js_runtimes": {},
    "nopart": True,
    "noplaylist": True,
    "noprogress": True,
    "quiet": True,
    "retries": 0,
    "skip_unavailable_fragments": False,
    "updatetime": False,
    "_no_ytdl_file": True,
}


class Asked(Record, frozen=True, kw_only=True):
    """What asking X for a post came to.

    Attributes:
        answer: the last exchange of purpose "graphql"; None if the question was never put.
        trouble: what yt-dlp made of it, if it found no post.
    """

    answer: RecordedExchange | None
    trouble: Trouble | None


@dataclass(frozen=True)
class Extracted:
    """What yt-dlp found at a URL.

    Attributes:
        info: its description, as its info.json would be: without credentials, fit to be kept.
        raw: the same as it works with; it may hold credentials, and is for `download` only.
    """

    info: Json
    raw: dict[str, Any] = field(repr=False)


@dataclass
class Phase:
    """What is being done: what requests are recorded as, by the URL that led to them, and what each may take.

    With `together`, the bytes are what all of them may have.
    """

    purpose: Callable[[str], str]
    most: int
    seconds: float
    together: bool = False


def version() -> str:
    """Return yt-dlp's version without importing it, for the manifest; empty if it is not installed."""
    try:
        return installed("yt-dlp")
    except PackageNotFoundError:
        return ""


class Session:
    """yt-dlp at work in one recording; with the recording's login, if that has one.

    Args:
        recording: what asks and records.
        extractor_args: yt-dlp's option of that name: settings of its extractors.

    Attributes:
        warnings: what yt-dlp warned of, without credentials.
    """

    def __init__(self, recording: Recording, extractor_args: Mapping[str, Mapping[str, Sequence[str]]] = {}) -> None:
        from archiver.recorder.ytdlp_handler import RecordingYDL

        self.recording = recording
        self.warnings: list[str] = []
        self._broken: OSError | None = None
        self._looking = Phase(purpose_of, MAX_ANSWER, recording.settings.answer_seconds)
        self._phase = self._looking
        self.ydl = RecordingYDL(
            {
                **_OPTIONS,
                "extractor_args": {name: dict(values) for name, values in extractor_args.items()},
                "http_headers": {"User-Agent": recording.settings.user_agent},
                "logger": _Log(self),
            },
            self,
            recording.login.cookies() if recording.login is not None else (),
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ydl.close()

    def ask_x(self, id: str) -> Asked:
        """Ask X's GraphQL for a post, as a guest or with the login; each request is one exchange of the recording.

        Raises:
            OSError: something cannot be written to the disk.
        """
        before = len(self.recording.exchanges)

        def ask() -> None:
            extractor = self.ydl.get_info_extractor("Twitter")
            data = extractor._call_graphql_api(extractor._GRAPHQL_ENDPOINT, id)
            extractor._graphql_to_legacy(data, id)

        _, why = self.attempt(ask)
        answers = [item for item in self.recording.exchanges[before:] if item.exchange.purpose == GRAPHQL]
        return Asked(answer=answers[-1] if answers else None, trouble=why)

    def extract(self, url: str) -> Extracted | Trouble:
        """Find out what media a page has; none are downloaded.

        Raises:
            OSError: something cannot be written to the disk.
        """
        found, why = self.attempt(lambda: self.ydl.extract_info(url, download=False))
        if found is None:
            return why or Trouble(kind=PROGRAM, words="yt-dlp found nothing and does not say why")
        info = self._clean(self.ydl.sanitize_info(found, remove_private_keys=True))
        return Extracted(info=info, raw=found)

    def attempt(self, call: Callable[[], _Result]) -> tuple[_Result | None, Trouble | None]:
        """Let yt-dlp do something, and return what came of it, or why nothing did.

        Raises:
            OSError: something cannot be written to the disk.
        """
        try:
            return call(), None
        except ArchiverError:
            raise
        except Exception as error:  # noqa: BLE001 - a hostile answer can make an extractor raise anything
            written = (item for item in behind(error) if isinstance(item, OSError) and item.errno)
            broken = self._broken or next(written, None)
            if broken is not None:
                raise broken from None
            return None, trouble(error, self.recording.conceal)

    @contextmanager
    def phase(self, phase: Phase) -> Iterator[None]:
        """Let what is asked for meanwhile be recorded, and be limited, as a phase says."""
        self._phase = phase
        try:
            yield
        finally:
            self._phase = self._looking

    def open(self, url: str, info: Mapping[str, Any]) -> Any:
        """Ask for a URL with the header fields that a format calls for, and return yt-dlp's response, a stream.

        Raises:
            Exception: yt-dlp's own errors; this is for calls inside `attempt`.
        """
        from yt_dlp.networking.common import Request  # type: ignore[import-untyped]

        fields = {"Accept-Encoding": "identity", **(info.get("http_headers") or {})}
        return self.ydl.urlopen(Request(url, headers=fields))

    @property
    def most(self) -> int:
        """Bytes that an answer may have in this phase."""
        return self._phase.most

    def carry(
        self, method: str, url: str, fields: tuple[tuple[str, str], ...], content: bytes, *, first: str
    ) -> Exchange:
        """Send one request for yt-dlp; see `Way`."""
        phase = self._phase
        asking = Asking(
            url=url,
            purpose=phase.purpose(first),
            method=method,
            fields=fields,
            content=content,
            most=phase.most,
            seconds=phase.seconds,
        )
        try:
            exchange = self.recording.send(asking).exchange
        except OSError as error:
            self._broken = error
            raise
        if phase.together:
            phase.most = max(phase.most - exchange.body.size, 1)
        return exchange

    def discard(self, exchange: Exchange) -> None:
        """Take back the spooled body of an exchange; see `Way`."""
        self.recording.discard(exchange)

    def _clean(self, value: Json) -> Json:
        """Return a description without credentials: header fields and cookies that requests would carry, and values."""
        if isinstance(value, dict):
            return {
                self.recording.conceal(str(name)): self._clean(item)
                for name, item in value.items()
                if str(name).lower() not in (*SECRET_FIELDS, "cookies")
            }
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return self.recording.conceal(value) if isinstance(value, str) else value


class _Log:
    """Takes yt-dlp's messages: warnings are kept; it prints nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def debug(self, message: str, **_: object) -> None:
        """Let progress be ours."""

    info = stdout = error = debug

    def warning(self, message: str, **_: object) -> None:
        """Keep a warning, but for the one that ffmpeg is kept away from it."""
        if not message.startswith("ffmpeg-location"):
            self._session.warnings.append(self._session.recording.conceal(message)[:LONGEST])


def purpose_of(url: str) -> str:
    """Return what a request is recorded as that yt-dlp makes while it looks for something."""
    path = urlsplit(url).path
    if path.endswith("/guest/activate.json"):
        return GUEST_TOKEN
    if "/graphql/" in path:
        return GRAPHQL
    return PLAYLIST if path.endswith((".m3u8", ".mpd")) else OTHER

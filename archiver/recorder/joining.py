"""Joins picture and sound that came apart, with ffmpeg as a local program; it can open no connection.

What comes out is derived: both streams are copied as they are, into a container that no server sent. The inputs are
hostile: which reader takes them follows from their first bytes, never from what they make ffmpeg believe, since some
formats name further files to open.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from archiver.errors import FormatError
from archiver.model import Record

PROGRAM = "ffmpeg"
MAX_SECONDS = 900
"""Seconds that joining may take."""

_NO_NETWORK = ("-protocol_whitelist", "file,pipe")
_TS_PACKET = 188


class Joined(Record, frozen=True, kw_only=True):
    """A file that was made of two.

    Attributes:
        path: where it is.
        program: name and version of what made it.
    """

    path: Path
    program: str


def available() -> str | None:
    """Return name and version of the ffmpeg that is installed; None if there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    said = _run([program, "-version"], Path.cwd()).stdout.decode("utf-8", "replace")
    found = re.match(r"ffmpeg version (\S{1,60})", said)
    return f"{PROGRAM} {found[1]}" if found else PROGRAM


def join(picture: Path, sound: Path, path: Path) -> Joined:
    """Copy the first picture stream of one file and the first sound stream of another into one file.

    The same inputs and the same ffmpeg give the same bytes: no times, names or versions are written into the file.

    Args:
        picture, sound: whole local files, MP4 (fragments too), WebM or MPEG-TS.
        path: the file to make, in a folder of our own; an MP4, or, if both are WebM, a WebM.

    Raises:
        FormatError: ffmpeg is not there, the file to make is, a file is in another format, or they cannot be joined.
        OSError: the folder cannot be written to.
    """
    program, named = shutil.which(PROGRAM), available()
    if program is None or named is None:
        raise FormatError("picture and sound cannot be joined: ffmpeg is not installed")
    if path.exists():
        raise FormatError(f"{path.name} is there already")
    readers = [_reader(file) for file in (picture, sound)]
    container = "webm" if set(readers) == {"matroska"} else "mp4"
    command = [program, "-nostdin", "-hide_banner", "-loglevel", "error"]
    for reader, file in zip(readers, (picture, sound), strict=True):
        command += [*_NO_NETWORK, "-format_whitelist", reader, "-f", reader, "-i", f"file:{file.absolute()}"]
    command += ["-map", "0:v:0", "-map", "1:a:0", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"]
    command += ["-fflags", "+bitexact", "-flags", "+bitexact", *_NO_NETWORK, "-f", container, "-n"]
    done = _run([*command, f"file:{path.absolute()}"], path.parent)
    if done.returncode != 0 or not path.is_file():
        path.unlink(missing_ok=True)
        raise FormatError(f"{named} could not join picture and sound")
    return Joined(path=path, program=named)


def _reader(file: Path) -> str:
    with file.open("rb") as stream:
        start = stream.read(_TS_PACKET + 1)
    if start[4:8] in (b"ftyp", b"styp"):
        return "mov"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if start[:1] == start[_TS_PACKET : _TS_PACKET + 1] == b"G":
        return "mpegts"
    raise FormatError(f"{file.name} is in no format that is joined here")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg with nothing of the environment that could lead it to a proxy, a report or a file."""
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FormatError(f"{PROGRAM} did not come to an end") from None

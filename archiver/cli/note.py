"""The command `note`: says something of a capture, for ever in the custody log, or privately in `working/`."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from archiver.case import working
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.custody.log import CustodyLog

NOTED: Final = "noted"
"""The event, and the name of its words in the custody log is `note`."""
LONGEST: Final = 20_000
"""Characters that a note may have."""
_MAX_BYTES: Final = 8 * LONGEST


@click.command(
    "note",
    epilog="""\b
Examples:
  archiver note last 'Reported to the registrar as item 14.'
  archiver note last - < statement.txt
  archiver note --private last 'the same roof as in the other video?'

Exit status: 0 noted · 2 no text, or the id is ambiguous · 12 no case, or no such capture
""",
)
@click.argument("capture", metavar="ID")
@click.argument("text", metavar="TEXT")
@click.option("--private", is_flag=True, help="Keep the note to yourself: never sealed, never handed on.")
@shared_options
@pass_context
def command(context: Context, capture: str, text: str, private: bool) -> int:
    """Note TEXT on a capture; - reads it from standard input.

    THE NOTE IS KEPT FOR EVER. The custody log signs it, it is disclosed with the capture to whoever gets that, and it
    cannot be taken back or changed. What is nobody else's business goes into a note with --private, which stands in the
    case's folder 'working' and can be edited there.

    ID is any unique part of a capture's id, a post's link or id, or 'last'.
    """
    settings = context.settings()
    case = open_case(Path(settings.case.path), writing=True)
    entry, _ = find_one(case.path, capture)
    note = checked(_read(context.stdin) if text == "-" else text)
    if private:
        at = working.add_note(case.path, entry.id, note, datetime.now(UTC)).at
    else:
        from archiver.custody.desk import open_desk

        at = append(open_desk(case, settings).log, entry.id, note)
    if context.as_json:
        context.emit({"type": "note", "id": entry.id, "at": at, "note": note, "private": private})
    else:
        context.result(f"{'private' if private else NOTED:<12}{entry.id}")
    return 0


def append(log: CustodyLog, capture: str, note: str) -> str:
    """Append a note to the custody log, and return the time that its line bears.

    Args:
        log: the log.
        capture: id of the capture.
        note: what `checked` returned.
    """
    return log.append(NOTED, capture=capture, text={"note": note}).at


def checked(text: str) -> str:
    """Return the text of a note without blanks around it, its lines ended by LF.

    Raises:
        UsageError: it is empty, too long, or holds control characters or what is no text.
    """
    note = text.replace("\r\n", "\n").strip()
    if not note:
        raise UsageError("the note is empty")
    if len(note) > LONGEST:
        raise UsageError(f"the note is longer than {LONGEST} characters", advice="keep it as a document of its own")
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in note):
        raise UsageError(
            "the note holds control characters, or bytes that are no text", advice="write it as plain text"
        )
    return note


def _read(stdin: BinaryIO | None) -> str:
    data = (stdin or sys.stdin.buffer).read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise UsageError(f"standard input holds more than the {LONGEST} characters that a note may have")
    return data.decode("utf-8-sig", "surrogateescape")

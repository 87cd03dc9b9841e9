"""The top of the command line: shared options, commands loaded when called, errors as people read them."""

from __future__ import annotations

import errno
import importlib
import sys
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

import click

import archiver
from archiver.cli.context import Context, shared_options
from archiver.cli.text import safe
from archiver.errors import ArchiverError

COMMANDS = {
    "capture": ("archiver.cli.capture", "Capture posts: links, short links, articles, files, standard input."),
    "verify": ("archiver.cli.verify", "Check captures, offline: find every change."),
    "list": ("archiver.cli.listing", "List the captures of the case."),
    "open": ("archiver.cli.open", "Open a capture with the desktop's own programs."),
    "show": ("archiver.cli.show", "Show one capture."),
    "log": ("archiver.cli.log", "Show the custody log: who did what, when."),
    "note": ("archiver.cli.note", "Note something on a capture, for ever or privately."),
    "tag": ("archiver.cli.tag", "Tag captures, and list tags."),
    "seal": ("archiver.cli.seal", "Finish what is due of sealing and time-stamping."),
    "export": ("archiver.cli.export", "Make a package of captures to hand on."),
    "import": ("archiver.cli.import_", "Check and take over a package that somebody handed on."),
    "key": ("archiver.cli.key", "Show, make, keep and trust the keys that sign."),
    "demo": ("archiver.cli.demo", "See the main job end to end, offline, on sample data."),
}

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

EXIT_STATUS = """\b
Exit status:
  0    done, "already captured" included
  1    unexpected error, or whoever read the output stopped before its end
  2    usage or configuration
  3    finished; some inputs are due again or could not be read
  4    network failure
  5    access refused (login, rate limit)
  6    the one post asked for is absent or withheld (the refusal is captured)
  7    no source handles this input
  10   verification: altered, missing, added or forged
  11   verification: intact, but below what is required: by default, a valid signature by a trusted key
  12   there is no case, capture or file where one was named
  13   another run holds the case
  130  interrupted
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when one of them is called, so that help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; what looks like a link in its place gets the command that was probably meant."""
        if args and args[0] not in COMMANDS and ("/" in args[0] or "." in args[0]):
            raise click.UsageError(
                f"'{safe(args[0])}' is no command. To capture it: archiver capture '{safe(args[0])}'"
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    epilog=EXIT_STATUS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(archiver.__version__, "-V", "--version", message="archiver %(version)s")
@shared_options
def group(**_: Any) -> None:
    """Preserve social-media posts as evidence: exact bytes, sealed, with an account that anyone can check."""


def run(arguments: Sequence[str], stdin: BinaryIO | None = None) -> int:
    """Run a command and return its exit code. Nothing that a user or the network can cause gets a traceback.

    Args:
        arguments: the command line without the program's name.
        stdin: standard input; the process's own if None.
    """
    try:
        result = group.main(args=list(arguments), prog_name="archiver", standalone_mode=False, obj=Context(stdin=stdin))
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("archiver: interrupted", file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return error.exit_code
    except ArchiverError as error:
        print(f"archiver: {safe(str(error))}", file=sys.stderr)
        if error.advice:
            print(f"  next: {safe(error.advice)}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f": {safe(str(error.filename))}" if error.filename else ""
        print(f"archiver: {safe(error.strerror or str(error))}{where}", file=sys.stderr)
        if error.errno in _FULL:
            print(
                "  next: make room on that disk, then run the command again; what is captured already is skipped",
                file=sys.stderr,
            )
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: the report comes with -v
        print(f"archiver: unexpected {type(error).__name__}: {safe(str(error))}", file=sys.stderr)
        if "-v" in arguments or "--verbose" in arguments:
            traceback.print_exc()
        else:
            print("  next: run the command again with -v and report what it prints", file=sys.stderr)
        return 1
    return result if isinstance(result, int) else 0

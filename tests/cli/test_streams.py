"""Where output goes: to a terminal, a file, a pipe that closes, nowhere; and what is read where nothing can be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.demo import posts
from archiver.demo.box import Box

from .conftest import Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shells and terminals")

Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(command: Run, box: Box, tmp_path: Path) -> Shell:
    """Return a function that runs a line of shell, in which $archiver is the program, with the box as its internet."""
    program = f"'{sys.executable}' -m archiver"

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line.replace("$archiver", program)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.usefixtures("shell")
def test_results_go_into_a_file_while_standard_error_is_a_terminal(tmp_path: Path) -> None:
    """Whatever is drawn on the terminal, standard output gets its lines, and unbroken."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        line = [sys.executable, "-m", "archiver", "capture", posts.PHOTO.url]
        with (tmp_path / "out.txt").open("wb") as out:
            code = subprocess.run(line, cwd=tmp_path, stdout=out, stderr=theirs, timeout=60, check=False).returncode
        drawn = os.read(ours, 1 << 16)
    finally:
        os.close(ours)
        os.close(theirs)
    assert code == 0
    first, text, folder = (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("captured")
    assert len(text) > 100
    assert (tmp_path / folder.strip() / "bagit.txt").is_file()
    assert b"captured" not in drawn


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$archiver capture <&-", 7),
        (f"$archiver capture '{posts.TEXT.url}' <&- >&- 2>&-", 0),
        ("$archiver list >&-", 12),
        ("$archiver --help >&- 2>&-", 0),
    ],
)
def test_closed_streams_are_streams_with_nothing_in_them(shell: Shell, line: str, code: int) -> None:
    ended = shell(line)
    assert (ended.returncode, "Traceback" in ended.stderr, "unexpected" in ended.stderr) == (code, False, False)


def test_a_verification_that_nobody_read_to_its_end_does_not_say_intact(shell: Shell, archiver: Run) -> None:
    assert archiver("capture", posts.TEXT.url).code == 0
    ended = shell("{ $archiver verify -v; echo $? >&3; } 3>code | true; cat code; $archiver verify -q; echo $?")
    codes = [line for line in ended.stdout.splitlines() if line.isdigit()]
    assert codes == ["1", "0"]
    assert "Traceback" not in ended.stderr

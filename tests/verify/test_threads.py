"""Threads that are the first to read a custody manifest, all at once, do not crash the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from archiver.case import layout

from .builder import make_capture, make_case

_RACE = """
import pathlib, sys, threading
from archiver.custody import manifest

sys.setswitchinterval(1e-6)
data, read, barrier = pathlib.Path(sys.argv[1]).read_bytes(), [], threading.Barrier(16)

def work():
    barrier.wait()
    read.append(manifest.from_bytes(data))

threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(read) == 16
"""


def test_the_first_to_read_a_manifest_are_many_at_once(tmp_path: Path) -> None:
    told = make_capture(make_case(tmp_path / "evidence")) / layout.CUSTODY_MANIFEST
    # Where nobody prepares for it, about one process of three crashes.
    commands = [(sys.executable, "-c", _RACE, str(told))] * 16
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for command in commands]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert ended == [(b"", 0)] * len(commands)

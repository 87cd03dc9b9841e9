"""Sweeps whole cases for single-bit flips that go unnoticed, as the tests do, but as many as one likes; run by hand.

    python tests/bench/sweep.py [--flips 20000] [--jobs 2] [--seed TEXT]

Each job makes a case of its own. Every flip that is missed, or found without naming the file, is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.verify.sweep import Sweep, make_whole, random_flips


def job(folder: str, count: int, seed: str) -> tuple[Sweep, int, int]:
    """Make a case and sweep it; return what came of that, and the files and bytes that the case has."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        world = make_whole(Path(name))
        files = world.files()
        return world.sweep(random_flips(files, count, seed)), len(files), sum(files.values())


def main() -> int:
    """Sweep, and exit with 1 if a flip was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--flips", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", default=str(time.time_ns()))
    parser.add_argument("--folder")
    options = parser.parse_args()
    began, context = time.perf_counter(), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, context) as pool:
        share = -(-options.flips // options.jobs)
        jobs = [pool.submit(job, options.folder, share, f"{options.seed} {number}") for number in range(options.jobs)]
        done = [item.result() for item in jobs]
    for swept, files, size in done:
        print(f"a case of {files} files, {size:,} bytes: {swept}")
        for flip in (*swept.missed, *swept.unnamed):
            print(f"  {'missed' if flip in swept.missed else 'unnamed'} {flip}")
    flips, missed = sum(item[0].flips for item in done), sum(len(item[0].missed) for item in done)
    print(f"{flips:,} flips, {missed} missed, {time.perf_counter() - began:.0f} s; seed {options.seed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

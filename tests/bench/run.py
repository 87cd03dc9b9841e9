"""Measures the program beside stock tools on the same server in one run, and prints a table; run by hand.

    python tests/bench/run.py [--mib 1024] [--posts 200] [--repeat 3] [--folder DIR]

Every figure is a whole process, start-up included: the best and the median of the repeats, interleaved with the peers
so that a machine whose speed drifts is fair to all. DIR needs about five times the size of the video.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archiver.demo import posts

HERE = Path(__file__).parent
ARCHIVER = [sys.executable, "-m", "archiver"]
VIDEO = "https://video.twimg.com/bench.mp4"


@dataclass
class Timing:
    """Seconds and peak memory (MiB) of the runs of one command."""

    name: str
    command: Callable[[], Sequence[str]]
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@contextmanager
def server(*options: str) -> Iterator[dict[str, str]]:
    """Start the box and yield the environment that leads to it."""
    command = [sys.executable, str(HERE / "server.py"), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        proxy, authority = process.stdout.readline().split()
        try:
            yield {"https_proxy": proxy, "HTTPS_PROXY": proxy, "SSL_CERT_FILE": authority, "CURL_CA_BUNDLE": authority}
        finally:
            process.stdin.close()


def measure(timings: Sequence[Timing], repeat: int, folder: Path, environment: dict[str, str], keep: str = "") -> None:
    """Run each command `repeat` times, in turn, after one warm-up round, each in an empty folder."""
    for turn in range(repeat + 1):
        for timing in timings:
            here = folder / "run"
            if not keep:
                shutil.rmtree(here, ignore_errors=True)
            here.mkdir(exist_ok=True)
            command = timing.command()
            os.sync()
            began = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=here,
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise SystemExit(f"{timing.name} failed with exit {process.returncode}: {' '.join(command)}")
            if turn:
                timing.seconds.append(took)
                timing.memory.append(usage.ru_maxrss / 1024)


def table(title: str, timings: Sequence[Timing], rate: Callable[[float], str]) -> None:
    """Print one comparison; the first timing is ours."""
    ours = timings[0]
    print(f"\n{title}")
    print(f"  {'':<34}{'median s':>10}{'best s':>9}{'':>4}{'rate':<18}{'peak MiB':>9}  ours is")
    for timing in timings:
        ratio = "" if timing is ours else f"{timing.median / ours.median:.2f} times as fast"
        line = f"  {timing.name:<34}{timing.median:>10.3f}{min(timing.seconds):>9.3f}{'':>4}{rate(timing.median):<18}"
        print(f"{line}{max(timing.memory):>9.0f}  {ratio}")


def capture_video(folder: Path, mib: int, repeat: int) -> None:
    """Compare (a): one large video over TLS, with everything included on our side."""
    with server("--video-bytes", str(mib << 20)) as environment:
        authority = environment["SSL_CERT_FILE"]
        wget = ["wget", "-q", f"--ca-certificate={authority}", "-O", "video.mp4", "--warc-file=video"]
        timings = [
            Timing("archiver capture", lambda: [*ARCHIVER, "capture", posts.SHELLING.url]),
            Timing("curl -o", lambda: ["curl", "-s", "-f", "-o", "video.mp4", VIDEO]),
            Timing("wget --warc, not compressed", lambda: [*wget, "--no-warc-compression", VIDEO]),
            Timing("wget --warc", lambda: [*wget, VIDEO]),
        ]
        measure(timings, repeat, folder, environment)
    table(f"(a) a {mib} MiB video over TLS", timings, lambda seconds: f"{mib / seconds:.0f} MiB/s")


def capture_posts(folder: Path, count: int, repeat: int) -> None:
    """Measure (b): many posts with one photo each."""
    with server("--posts", str(count)) as environment:
        links = folder / "links.txt"
        first = int(posts.PHOTO.id)
        links.write_text("".join(f"https://x.com/i/status/{first + (n << 22)}\n" for n in range(1, count + 1)))
        timings = [Timing(f"archiver capture -a {count} links", lambda: [*ARCHIVER, "capture", "-a", str(links)])]
        measure(timings, repeat, folder, environment)
    table(f"(b) {count} posts with one photo each", timings, lambda seconds: f"{count / seconds:.0f} captures/s")


def verify(folder: Path, mib: int, repeat: int) -> None:
    """Compare (c): verification of a capture with a large video, beside digests over the same files."""
    with server("--video-bytes", str(mib << 20)) as environment:
        shutil.rmtree(folder / "run", ignore_errors=True)
        (folder / "run").mkdir()
        command = [*ARCHIVER, "-q", "capture", posts.SHELLING.url]
        subprocess.run(
            command, cwd=folder / "run", env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
        )
    files = [str(path) for path in (folder / "run").rglob("captures/*/*/**/*") if path.is_file()]
    timings = [
        Timing("archiver verify", lambda: [*ARCHIVER, "verify"]),
        Timing("sha256sum, the same files", lambda: ["sha256sum", *files]),
        Timing("openssl dgst -sha256, the same", lambda: ["openssl", "dgst", "-sha256", *files]),
    ]
    measure(timings, repeat, folder, {}, keep="the case")
    size = sum(Path(file).stat().st_size for file in files) >> 20
    table(f"(c) verify {size} MiB", timings, lambda seconds: f"{size / seconds:.0f} MiB/s")


def start(folder: Path, repeat: int) -> None:
    """Measure (d): the start of the program."""
    timings = [
        Timing("archiver --help", lambda: [*ARCHIVER, "--help"]),
        Timing("python -c pass", lambda: [sys.executable, "-c", "pass"]),
    ]
    measure(timings, repeat * 3, folder, {})
    table("(d) start", timings, lambda seconds: f"{seconds * 1000:.0f} ms")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices="abcd")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        parts = {
            "a": lambda: capture_video(folder, options.mib, options.repeat),
            "b": lambda: capture_posts(folder, options.posts, options.repeat),
            "c": lambda: verify(folder, options.mib, options.repeat),
            "d": lambda: start(folder, options.repeat),
        }
        for key, part in parts.items():
            if options.only in (None, key):
                part()


if __name__ == "__main__":
    main()

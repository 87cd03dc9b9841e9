"""Measures the program beside stock tools on the same server in one run, and prints a table; run by hand.

    python tests/bench/run.py [--mib 1024] [--posts 200] [--sealed 1000] [--repeat 3] [--only X] [--folder DIR]

Every figure is a whole process, start-up included: the best and the median of the repeats, interleaved with the peers
so that a machine whose speed drifts is fair to all. DIR needs about five times the size of the video.
"""

from __future__ import annotations

import argparse
import json
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
from datetime import datetime
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


def at_home(folder: Path) -> dict[str, str]:
    """Return the environment of an installation with its data in `folder`, which trusts the box's authorities."""
    return {
        "ARCHIVER_SIGNING_FOLDER": str(folder / "home"),
        "ARCHIVER_TIMESTAMP_AUTHORITIES": "http://timestamp.one.example/, http://timestamp.two.example/",
        "ARCHIVER_TIMESTAMP_ROOTS": str(folder / "roots.pem"),
        "XDG_CONFIG_HOME": str(folder / "no-configuration"),
    }


@contextmanager
def server(folder: Path, *options: str) -> Iterator[dict[str, str]]:
    """Start the box and yield the environment that leads to it, with an installation in `folder`."""
    command = [sys.executable, str(HERE / "server.py"), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        proxy, authority, roots = process.stdout.readline().split()
        shutil.copy(roots, folder / "roots.pem")
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY")
        proxies = dict.fromkeys(names, proxy)
        try:
            yield {**at_home(folder), **proxies, "SSL_CERT_FILE": authority, "CURL_CA_BUNDLE": authority}
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
    with server(folder, "--video-bytes", str(mib << 20)) as environment:
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


def photos(folder: Path, count: int) -> Path:
    """Write the links of the posts that a server with so many has, and return the file."""
    links, first = folder / "links.txt", int(posts.PHOTO.id)
    links.write_text("".join(f"https://x.com/i/status/{first + (n << 22)}\n" for n in range(1, count + 1)))
    return links


def capture_posts(folder: Path, count: int, repeat: int) -> None:
    """Measure (b): many posts with one photo each."""
    with server(folder, "--posts", str(count)) as environment:
        links = photos(folder, count)
        timings = [Timing(f"archiver capture -a {count} links", lambda: [*ARCHIVER, "capture", "-a", str(links)])]
        measure(timings, repeat, folder, environment)
    table(f"(b) {count} posts with one photo each", timings, lambda seconds: f"{count / seconds:.0f} captures/s")


def verify(folder: Path, mib: int, repeat: int) -> None:
    """Compare (c): verification of a capture with a large video, beside digests over the same files."""
    with server(folder, "--video-bytes", str(mib << 20)) as environment:
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
    measure(timings, repeat, folder, at_home(folder), keep="the case")
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


def sealed(folder: Path, count: int, repeat: int) -> None:
    """Measure (e): a run that is sealed as a whole, and a tenth of it beside, to see what grows with it."""
    for number in (count // 10, count):
        with server(folder, "--posts", str(number)) as environment:
            links = photos(folder, number)
            capture = Timing("archiver capture -a", lambda links=links: [*ARCHIVER, "capture", "-a", str(links)])
            measure([capture], repeat, folder, environment)
        check = Timing("archiver verify", lambda: [*ARCHIVER, "verify"])
        measure([check], repeat, folder, at_home(folder), keep="the case")
        name = f"(e) {number} captures with one photo each, sealed in one run"
        table(name, [capture, check], lambda seconds, number=number: f"{number / seconds:.0f} captures/s")
        print(f"  the last run: {seal_times(folder / 'run/evidence')}")


def seal_times(case: Path) -> str:
    """Return what the log tells of the time that the seals of a case took."""
    (path,) = (case / "custody").glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    moments = {line["event"]: datetime.fromisoformat(line["at"]) for line in lines}
    seal, stamp = (moments[event] - moments["acquired"] for event in ("sealed", "time-stamped"))
    kinds = {event: sum(line["event"] == event for line in lines) for event in ("acquired", "sealed", "time-stamped")}
    return (
        f"sealed {seal.total_seconds():.3f} s after the last capture was acquired, stamped after"
        f" {stamp.total_seconds():.3f} s; {len(lines)} events, {kinds}"
    )


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--sealed", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices="abcde")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        parts = {
            "a": lambda: capture_video(folder, options.mib, options.repeat),
            "b": lambda: capture_posts(folder, options.posts, options.repeat),
            "c": lambda: verify(folder, options.mib, options.repeat),
            "d": lambda: start(folder, options.repeat),
            "e": lambda: sealed(folder, options.sealed, options.repeat),
        }
        for key, part in parts.items():
            if options.only in (None, key):
                part()


if __name__ == "__main__":
    main()

"""Runs the command line, and holds what it wrote against what the box saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.demo.box import Box

if TYPE_CHECKING:
    from tests.conftest import Ended

Run = Callable[..., "Ended"]
INTERIM = re.compile(rb"\A(?:HTTP/1\.1 1\d\d .*?\r\n\r\n)+", re.DOTALL)
UNSEALED = re.compile(r'^(?:refused|unreachable|error) |"outcome": (?:"refused"|"unreachable"|null)', re.MULTILINE)


@pytest.fixture
def archiver(
    box: Box,
    tmp_path: Path,
    command: Run,
    read_warc: Callable[[Path], Iterator[tuple[list[tuple[str, str]], bytes]]],
    overlaid: Callable[[Path], Callable[[str, bytes], bytes]],
) -> Iterator[Run]:
    """Give out a function that runs `archiver ARGUMENTS` in `tmp_path` and tells how it ended.

    At the end of every test the box's own log is held against the WARCs: what is in them crossed the wire, byte for
    byte but for what is declared to be overwritten, and what crossed the wire is in them, unless it ended in something
    that leaves no capture.
    """
    unsealed: list[str] = []

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        ended = command(*arguments, stdin=stdin)
        unsealed.extend(UNSEALED.findall(ended.out))
        return ended

    yield run
    seen = [exchange for exchange in box.exchanges if not exchange.host.startswith("timestamp.")]
    wire = {
        "request": {exchange.request for exchange in seen},
        "response": {INTERIM.sub(b"", exchange.response) for exchange in seen if exchange.response},
    }
    found: dict[str, set[bytes]] = {"request": set(), "response": set()}
    for warc in tmp_path.rglob("capture.warc") if seen else ():
        stored = overlaid(warc.parents[1])
        for fields, block in read_warc(warc):
            kind, record = dict(fields)["WARC-Type"], dict(fields)["WARC-Record-ID"].strip("<>")
            if kind in wire:
                whole = block in wire[kind]
                same = {block} if whole else {each for each in wire[kind] if stored(record, each) == block}
                assert same, block[:200]
                found[kind] |= same
    if not unsealed and found["request"]:
        assert found == wire

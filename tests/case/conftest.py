"""Cases on the disk, and whole captures to put into them, made of the least that a bag may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver import canonical
from archiver.case import bag, layout
from archiver.case.files import write_new
from archiver.case.instructions import VERIFY_TEXTS
from archiver.case.store import Case, open_or_make
from archiver.hashing import sha256_hex

STARTED = datetime(2026, 11, 23, 1, 35, 12, tzinfo=UTC)
ID = "20261123T013512Z-k7f3q9"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A new case."""
    made, _ = open_or_make(tmp_path / "evidence", "Shelling of the quay")
    return made


@pytest.fixture
def fill() -> Callable[..., Path]:
    """Return a function that makes a folder a whole bag, whose manifest says what it is given."""

    def make(folder: Path, **changes: Any) -> Path:
        manifest = {
            "capture": folder.name,
            "id": "1898247629696929793",
            "inputs": [{"input": "https://x.com/a/status/1898247629696929793", "place": {"kind": "argument"}}],
            "outcome": "captured",
            "platform": "x",
            "reason": "",
            "started": "2026-11-23T01:35:12.000000Z",
            "summary": {"author": "a", "created": "", "media": 1, "name": "A", "text": "t", "url": "https://x.com/"},
        } | changes
        (folder / layout.MEDIA).mkdir(parents=True)
        files = {layout.CUSTODY_MANIFEST: canonical.encode(manifest), f"{layout.MEDIA}/01.jpg": b"\xff\xd8\xff" * 99}
        for path, data in files.items():
            write_new(folder / path, data)
        sizes = {path: len(data) for path, data in files.items()}
        info = bag.bag_info(folder.name, STARTED, "archiver 0.1", sizes)
        digests = {path: sha256_hex(data) for path, data in files.items()}
        for name, data in bag.tag_files(info, digests, VERIFY_TEXTS[layout.FORMAT]).items():
            write_new(folder / name, data)
        return folder

    return make

"""Invented answers of X's services, in several scripts, for the tests of the platforms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.model import Answer

_SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Any]:
    """Return a fresh copy of a sample, decoded."""

    def load(name: str) -> Any:
        return json.loads((_SAMPLES / f"{name}.json").read_text(encoding="utf-8"))

    return load


@pytest.fixture(scope="session")
def answer() -> Callable[..., Answer]:
    """Return an answer with a JSON value, or bytes as they are, for its body."""

    def make(body: Any, status: int = 200, record: str = "urn:uuid:synd", truncated: str | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(record=record, url="https://service.example/", status=status, body=raw, truncated=truncated)

    return make

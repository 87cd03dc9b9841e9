"""One sound capture in a case, made anew for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .builder import make_capture, make_case


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case without captures."""
    return make_case(tmp_path / "evidence")


@pytest.fixture
def capture(case: Path) -> Path:
    """The folder of a sound capture, which has a record of every kind."""
    return make_capture(case)

"""A case and an installation to try exports and transfers on, without any capture being made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case.store import open_or_make
from archiver.config import Settings, SigningSettings
from archiver.custody.desk import Desk, open_desk


@pytest.fixture
def desk_of(tmp_path: Path) -> Callable[..., Desk]:
    """Return a function that opens the desk of an installation, by its name, in a case of its own."""

    def make(name: str = "ours", *, case: str = "", unsigned: bool = False) -> Desk:
        opened, _ = open_or_make(tmp_path / (case or f"{name}-case"), "Quay")
        settings = Settings(signing=SigningSettings(folder=str(tmp_path / f"{name}-home"), unsigned=unsigned))
        return open_desk(opened, settings)

    return make

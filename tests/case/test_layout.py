"""Names: a closed list, or made of letters that every system can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.case import layout

MOMENT = datetime(2026, 11, 23, 1, 35, 12, 999999, tzinfo=UTC)


def test_a_capture_id_tells_the_utc_second_and_nothing_else():
    here = MOMENT.astimezone(timezone(timedelta(hours=-5)))
    found = {layout.new_capture_id(here) for _ in range(50)}
    assert len(found) == 50
    assert {name[:17] for name in found} == {"20261123T013512Z-"}
    assert all(layout.CAPTURE_ID.fullmatch(name) for name in found)


def test_a_capture_stands_in_the_folder_of_its_day():
    folder = layout.capture_folder(Path("case"), "20261123T235959Z-k7f3q9")
    assert folder.parts == ("case", "captures", "2026-11-23", "20261123T235959Z-k7f3q9")
    assert layout.DAY.fullmatch(folder.parent.name)


@pytest.mark.parametrize(
    "name",
    [
        "20261123T013512Z-K7F3Q9",
        "20261123T013512Z-k7f3q",
        "20261123T013512Z-k7f3q9x",
        "20261123T013512-k7f3q9",
        "20261123T013512Z-k7f3q9\n",
        "../61123T013512Z-k7f3q9",
        "٢٠٢٦١١٢٣T٠١٣٥١٢Z-k7f3q9",
        "２０２６1123T013512Z-k7f3q9",
    ],
)
def test_what_is_no_capture_id(name):
    assert not layout.CAPTURE_ID.fullmatch(name)


@pytest.mark.parametrize("name", ["2026-1-23", "2026-11-23\n", "٢٠٢٦-١١-٢٣", "20261123"])
def test_what_is_no_day(name):
    assert not layout.DAY.fullmatch(name)


@pytest.mark.parametrize(
    "name", [".DS_Store", ".ds_store", "._01.jpg", "Thumbs.db", "desktop.ini", ".Trashes", ".fseventsd", "._"]
)
def test_what_systems_drop_is_litter(name):
    assert layout.is_litter(name)


@pytest.mark.parametrize("name", ["DS_Store", ".DS_Store.jpg", "thumbs.db.exe", ".hidden", "", "case.json"])
def test_what_is_no_litter(name):
    assert not layout.is_litter(name)


@pytest.mark.parametrize(
    "path",
    ["data/capture.warc", "data/post.json", "data/post.html", "data/custody-manifest.json", "data/media/01.jpg",
     "data/media/00-profile.jpg", "data/media/02-poster.jpg", "data/media/1234.mp4"],
)  # fmt: skip
def test_the_payload_names_of_the_format(path):
    assert layout.is_payload_name(path)


@pytest.mark.parametrize(
    "path",
    [
        "data/extra.txt",
        "data/CAPTURE.warc",
        "data/media/1.jpg",
        "data/media/01.JPG",
        "data/media/01",
        "data/media/01.",
        "data/media/sub/01.jpg",
        "data/media/../01.jpg",
        "data\\media\\01.jpg",
        "/data/media/01.jpg",
        "data/media/01.jpg\n",
        "data/media/01-Poster.jpg",
        "data/media/01 .jpg",
        "data/media/٠١.jpg",
        "data/media/01.jpg ",
        "bagit.txt",
        "",
    ],
)
def test_any_other_payload_name_is_refused(path):
    assert not layout.is_payload_name(path)


@given(st.integers(0, 40))
def test_random_letters_are_legal_everywhere_and_not_mistaken_for_each_other(count):
    text = layout.random_letters(count)
    assert len(text) == count
    assert set(text) <= set("abcdefghijkmnpqrstuvwxyz23456789")
    assert not set(text) & set("l1o0")

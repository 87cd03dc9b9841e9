"""`archiver list` with filters, in any script."""

from __future__ import annotations

import csv
import io

import pytest

from archiver.cli.search import folded
from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    targets = (posts.PHOTO, posts.DELETED, posts.SHELLING, posts.FLOOD)
    assert archiver("capture", *(target.url for target in targets)).code == 0
    return archiver


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], [posts.PHOTO, posts.DELETED, posts.SHELLING, posts.FLOOD]),
        (["hospital"], [posts.PHOTO]),
        (["الميناء"], [posts.SHELLING]),
        (["فَجْر"], [posts.SHELLING]),
        (["КАЛИНКА"], [posts.FLOOD]),
        (["kalynka", "вода"], [posts.FLOOD]),
        (["no such words"], []),
        (["--author", posts.PHOTO.author.handle], [posts.PHOTO]),
        (["--author", f"@{posts.PHOTO.author.handle.upper()}"], [posts.PHOTO]),
        (["--outcome", "absent"], [posts.DELETED]),
        (
            ["--outcome", "absent", "--outcome", "captured", "--until", "2025-03-08"],
            [posts.PHOTO, posts.SHELLING, posts.FLOOD],
        ),
        (["--since", "2025-03-09"], [posts.DELETED]),
        ([posts.FLOOD.id], [posts.FLOOD]),
    ],
)
def test_list_finds(filled: Run, arguments: list[str], found: list[posts.Post]) -> None:
    listed = [entry["post"] for entry in filled("list", "--json", *arguments).objects]
    assert sorted(listed) == sorted(post.id for post in found)


def test_csv_is_a_table_of_everything_that_was_found(filled: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(filled("list", "--csv", "--outcome", "captured").out)))
    assert {row["post"] for row in rows} == {posts.PHOTO.id, posts.SHELLING.id, posts.FLOOD.id}
    assert all(row["text"] for row in rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أحمد", "احمد"),
        ("مدرسة", "مدرسه"),
        ("على", "علي"),
        ("مُحَمَّد", "محمد"),
        ("ـميناءـ", "ميناء"),
        ("É", "e"),
        ("ß", "SS"),
    ],
)
def test_ways_to_write_the_same_word_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_a_day_that_is_none_is_a_usage_error(archiver: Run) -> None:
    assert archiver("list", "--since", "yesterday").code == 2

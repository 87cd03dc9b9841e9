"""The token is what X's own widget computes, digit for digit."""

from __future__ import annotations

import math
import random
import re

import pytest

from archiver.errors import FormatError
from archiver.platforms.token import syndication_token


@pytest.mark.parametrize(
    ("id", "token"),
    [
        ("20", "6dq1a2xwd93"),
        ("1577730467436138524", "3tol417ti8o"),
        ("1697322795510759929", "444aooo9l2p"),
        ("1628832338187636740", "3y54libozsy"),
    ],
)
def test_the_token_is_the_one_that_browsers_send(id: str, token: str) -> None:
    assert syndication_token(id) == token


def test_the_token_agrees_with_an_independent_port_of_the_same_algorithm() -> None:
    jsinterp = pytest.importorskip("yt_dlp.jsinterp", reason="yt-dlp, which has the other port, is not installed")
    if not hasattr(jsinterp, "js_number_to_string"):
        pytest.skip("this yt-dlp no longer has js_number_to_string")
    draw = random.Random(20)
    ids = [str(draw.randrange(10 ** draw.randrange(1, 20))) for _ in range(3000)]
    ids += [str(draw.randrange(10**18, 2 * 10**18)) for _ in range(3000)]
    for id in ids:
        expected = re.sub(r"0+|\.", "", jsinterp.js_number_to_string(float(id) / 1e15 * math.pi, 36))
        assert syndication_token(id) == expected, id


@pytest.mark.parametrize("id", ["", "-1", "1.5", "1e5", "x", "١٢٣", "1\n", "12345678901234567890"])
def test_what_is_no_id_has_no_token(id: str) -> None:
    with pytest.raises(FormatError):
        syndication_token(id)

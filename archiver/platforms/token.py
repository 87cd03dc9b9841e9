"""The token of X's embedding service, derived from a post's id; it proves nothing and keeps no secret."""

from __future__ import annotations

import math
import re

from archiver.errors import FormatError

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[0-9]{1,19}")


def syndication_token(id: str) -> str:
    """Return what X's own widget computes as `((Number(id) / 1e15) * Math.PI).toString(36)` without zeros and dots.

    Args:
        id: the post's id, 1 to 19 ASCII digits.

    Raises:
        FormatError: the id is anything else.
    """
    if not _ID.fullmatch(id):
        raise FormatError(f"not the id of a post: {id!a:.40}")
    return re.sub(r"0+|\.", "", _base36(float(id) / 1e15 * math.pi))


def _base36(value: float) -> str:
    """Write a number as V8's DoubleToRadixCString does in base 36, for 0 <= value < 2**53.

    ECMAScript leaves the digits to the implementation. V8 stops as soon as they tell the number from its neighbours,
    and rounds the last one; other sound algorithms give other digits, and the service knows only these.
    """
    integer = math.floor(value)
    fraction = value - integer
    delta = max(0.5 * math.ulp(value), math.nextafter(0.0, 1.0))
    digits: list[int] = []
    while fraction >= delta:
        fraction *= 36
        delta *= 36
        digit = int(fraction)
        digits.append(digit)
        fraction -= digit
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            integer += _round_up(digits)
            break
    whole = _whole(integer)
    return whole + "." + "".join(_DIGITS[digit] for digit in digits) if digits else whole


def _round_up(digits: list[int]) -> int:
    """Add one to the last digit in place; return what is carried over to the whole part."""
    while digits:
        digit = digits.pop()
        if digit + 1 < 36:
            digits.append(digit + 1)
            return 0
    return 1


def _whole(integer: int) -> str:
    digits = ""
    while True:
        integer, digit = divmod(integer, 36)
        digits = _DIGITS[digit] + digits
        if not integer:
            return digits

"""The token that X's embed widget sends with a post's id, computed as the widget does; it guards nothing.

In JavaScript: `((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\\.)/g, "")`.
"""

from __future__ import annotations

import math

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def token(post_id: str) -> str:
    """Return the token of a post, whose id is given in decimal digits."""
    return to_base36(float(int(post_id)) / 1e15 * math.pi).replace("0", "").replace(".", "")


def to_base36(value: float) -> str:
    """Return the shortest digits that tell a positive number apart, as V8's `Number.prototype.toString(36)` does.

    The order of the operations in floating point is V8's (DoubleToRadixCString); another order gives other digits.
    """
    whole = math.floor(value)
    fraction = value - whole
    delta = max(0.5 * (math.nextafter(value, math.inf) - value), math.nextafter(0.0, 1.0))
    digits: list[int] = []
    while fraction >= delta:
        fraction *= 36
        delta *= 36
        digit = int(fraction)
        digits.append(digit)
        fraction -= digit
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            whole += _round_up(digits)
            break
    return _whole(whole) + ("." + "".join(_DIGITS[digit] for digit in digits) if digits else "")


def _round_up(digits: list[int]) -> int:
    while digits:
        last = digits.pop()
        if last + 1 < 36:
            digits.append(last + 1)
            return 0
    return 1


def _whole(value: int) -> str:
    text = ""
    while value:
        value, digit = divmod(value, 36)
        text = _DIGITS[digit] + text
    return text or "0"

"""By which mark a request shows that it was made with a login; it knows no credential."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LOGIN_FIELD: Final = "x-twitter-auth-type"
"""The field, in lower case, that requests to X with a login have and others have not; its value is no secret."""


def made_with_a_login(requests: Iterable[bytes]) -> bool:
    """Tell whether any of some requests, each with its head, was made with a login."""
    return any(
        line.partition(b":")[0].lower() == LOGIN_FIELD.encode()
        for request in requests
        for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    )

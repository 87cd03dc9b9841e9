"""The register of transformations between what a platform served and the normalised post; it forgets none of them.

A transformation is pure, total over JSON (it answers or raises FormatError), and known by a name with a version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from archiver.errors import FormatError
from archiver.model import Json
from archiver.platforms import x_graphql_transforms, x_transforms
from archiver.platforms.pointer import resolve_pointer

__all__ = ["TRANSFORMS", "Transform", "UnknownTransform", "apply", "resolve_pointer"]

Transform = Callable[[Json], str | int | bool]

# Beyond this, programs that read JSON numbers as doubles see another number (RFC 8259, section 6).
_LARGEST_WHOLE: Final = 2**53 - 1


class UnknownTransform(FormatError):
    """This version does not know the transformation: what came of it cannot be checked, which is not a fault."""

    default_advice = "check the case with the version of archiver that made it, or a later one"


def _as_is(value: Json) -> str | int | bool:
    if isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) <= _LARGEST_WHOLE):
        return value
    raise FormatError("not text, a truth value or a whole number that JSON carries safely")


TRANSFORMS: Final[Mapping[str, Transform]] = MappingProxyType(
    {
        "as-is/1": _as_is,
        "id/1": x_transforms.identifier,
        "x-count/1": x_transforms.count,
        "x-epoch-seconds/1": x_graphql_transforms.epoch_seconds,
        "x-graphql-text/1": x_graphql_transforms.graphql_text,
        "x-graphql-url/1": x_graphql_transforms.graphql_url,
        "x-legacy-time/1": x_graphql_transforms.legacy_time,
        "x-media-kind/1": x_transforms.media_kind,
        "x-page-handle/1": x_transforms.page_handle,
        "x-page-post/1": x_transforms.page_post,
        "x-photo-kind/1": x_transforms.photo_kind,
        "x-snowflake-time/1": x_transforms.snowflake_time,
        "x-source/1": x_graphql_transforms.source_name,
        "x-superseded/1": x_graphql_transforms.superseded,
        "x-text/1": x_transforms.readable_text,
        "x-time/1": x_transforms.time,
        "x-unescape/1": x_transforms.unescape,
        "x-url/1": x_transforms.post_url,
    }
)


def apply(name: str, document: Json, pointer: str) -> str | int | bool:
    """Return the value of the normalised post that a transformation makes of one place in a decoded answer.

    Raises:
        UnknownTransform: the name with its version is not in the register.
        FormatError: the pointer leads nowhere, or the value does not fit the transformation.
    """
    transform = TRANSFORMS.get(name)
    if transform is None:
        raise UnknownTransform(f"unknown transformation {name!a:.40}")
    return transform(resolve_pointer(document, pointer))

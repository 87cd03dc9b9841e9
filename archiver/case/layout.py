"""The names of everything in a case and the forms that they may take; the closed list that verification holds to."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from pathlib import Path

from archiver.times import to_compact

FORMAT = "1"
"""Version of the on-disk format, described in FORMAT.md."""

CASE_FILE = "case.json"
CAPTURES = "captures"
WORK = ".work"
WORKING = "working"
CUSTODY = "custody"
SEALS = "seals"
RECEIVED = "received"
ALLOWED_SIGNERS = "allowed_signers"
TRANSFER = "transfer.json"
TRANSFER_SIGNATURE = "transfer.json.sig"
CASE_FILES = frozenset({CASE_FILE, ALLOWED_SIGNERS})
CASE_FOLDERS = frozenset({CAPTURES, CUSTODY, SEALS, RECEIVED, WORK, WORKING})
CASE_ENTRIES = CASE_FILES | CASE_FOLDERS
"""What may stand at the top of a case."""

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAGMANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.txt.sig"
VERIFY = "VERIFY.txt"
TAG_FILES = (VERIFY, BAG_INFO, BAGIT, MANIFEST)
"""The files that the tag manifest lists, in its order."""

DATA = "data"
CUSTODY_MANIFEST = "data/custody-manifest.json"
POST_JSON = "data/post.json"
POST_HTML = "data/post.html"
WARC = "data/capture.warc"
MEDIA = "data/media"

_MEDIA_MARKS = {
    "photo": "",
    "video": "",
    "gif": "",
    "poster": "poster",
    "profile-image": "profile",
    "card": "card",
    "playlist": "playlist",
    "captions": "captions",
}
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
CAPTURE_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[a-z0-9]{6}")
WRITER = re.compile(r"[a-z0-9]{8}")
AUTHORITY = re.compile(r"[a-z0-9-]{1,63}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MEDIA_NAME = re.compile(r"[0-9]{2,4}(-[a-z]{1,20})?\.[a-z0-9]{1,5}")

_LITTER = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.Spotlight-V100|\.Trashes|\.fseventsd", re.IGNORECASE)


def random_letters(count: int) -> str:
    """Return random letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def new_capture_id(moment: datetime) -> str:
    """Return an id for a capture that began at `moment`: it tells the time and nothing else."""
    return f"{to_compact(moment)}-{random_letters(6)}"


def capture_folder(case: Path, capture_id: str) -> Path:
    """Return where a sealed capture of this id stands."""
    return case / capture_path(capture_id)


def capture_path(capture_id: str) -> str:
    """Return where a sealed capture of this id stands, from the top of its case."""
    return f"{CAPTURES}/{capture_id[:4]}-{capture_id[4:6]}-{capture_id[6:8]}/{capture_id}"


def is_litter(name: str) -> bool:
    """Tell whether a name is one that operating systems drop into folders: a note, never a failure."""
    return _LITTER.fullmatch(name) is not None


def media_stem(role: str, index: int, context: str) -> str | None:
    """Return how the name of a media file begins, without its extension; None for what no capture has.

    Args:
        role, index, context: as in the custody manifest.
    """
    if role not in _MEDIA_MARKS or context not in ("post", "quoted", "parent") or not 0 <= index < 10_000:
        return None
    mark = ("" if context == "post" else context) + _MEDIA_MARKS[role]
    return f"{index:02}-{mark}" if mark else f"{index:02}"


def further_stem(stem: str, letters: str) -> str:
    """Return the name's beginning for a further file of one place in the post, told apart by letters from b on."""
    return f"{stem}{letters}" if "-" in stem else f"{stem}-{letters}"


def is_payload_name(path: str) -> bool:
    """Tell whether a path, with forward slashes, is one that a bag of this format may have under `data/`."""
    if path in (CUSTODY_MANIFEST, POST_JSON, POST_HTML, WARC):
        return True
    folder, _, name = path.rpartition("/")
    return folder == MEDIA and MEDIA_NAME.fullmatch(name) is not None

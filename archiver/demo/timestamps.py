"""The hosts of the demo internet that stamp times (RFC 3161 over HTTP), and the ways in which their replies can be bad.

Faults of HTTP (an authority that is down, slow, silent, huge) are those of every host and are in `faults` and
`hostile`. The bad replies here are made as a bad authority would make them: well-formed, and signed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from archiver.demo.faults import ReplyFault
from archiver.demo.tsa import Holder, TimestampAuthority, Unavailable
from archiver.demo.wire import Handler, Reply, Request

HOSTS = ("timestamp.one.example", "timestamp.two.example")
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"

BadStamp = Literal[
    "rejected",
    "wrong-nonce",
    "no-nonce",
    "wrong-imprint",
    "expired",
    "not-yet-valid",
    "foreign",
    "foreign-with-root",
    "no-purpose",
    "sha1",
    "flipped",
    "untyped",
]
"""What can be wrong with a reply.

rejected: refused with a status; foreign: signed under a root that is not in the roots file, which may come along;
no-purpose: by a certificate that is not one for time-stamps; flipped: one bit of the signature is another; untyped:
all is well but the media type.
"""

_PLAIN = ("content-type", "text/plain; charset=utf-8")
_SERVER = ("server", "archiver-demo")
_IMPRINT = bytes.fromhex("3031300d060960864801650304020105000420")
"""How the digest is introduced in every request for SHA-256; the digest's 32 bytes follow."""
_HOLDERS: Mapping[BadStamp, Holder] = MappingProxyType(
    {"expired": "expired", "not-yet-valid": "not-yet-valid", "no-purpose": "no-purpose"}
)


class Timestamps:
    """The time-stamp authorities of a box, one for each host of `HOSTS`, each with a root of its own.

    Args:
        folder: where their files are kept; the caller removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._authorities = {
            host: TimestampAuthority(folder / f"tsa-{number}", f"Demo time-stamp authority {number}")
            for number, host in enumerate(HOSTS, 1)
        }
        self._foreign = TimestampAuthority(folder / "tsa-foreign", "Foreign time-stamp authority")

    @property
    def hosts(self) -> Mapping[str, Handler]:
        """What answers for each host, by its name."""
        return dict.fromkeys(self._authorities, self._answer)

    @property
    def roots_file(self) -> Path:
        """PEM file of the roots that their time-stamps lead to, made when first asked for."""
        path = self._folder / "tsa-roots.pem"
        with self._lock:
            if not path.exists():
                path.write_bytes(b"".join(authority.root_pem for authority in self._authorities.values()))
        return path

    def bad(self, kind: BadStamp) -> ReplyFault:
        """Return a fault for one of the hosts: it replies like this, whatever it would have replied."""

        def reply(request: Request, good: Reply) -> Reply:
            if good.status != 200:
                return good
            if kind == "untyped":
                return good.with_header("content-type", "application/octet-stream")
            try:
                body = self._make_bad(kind, request)
            except Unavailable as error:
                return _refusal(503, str(error))
            return replace(good, body=body)

        return reply

    def _answer(self, request: Request) -> Reply:
        if request.method != "POST":
            return _refusal(405, "a time-stamp is asked for with POST")
        if request.headers.get("Content-Type") != QUERY:
            return _refusal(415, f"a time-stamp is asked for with {QUERY}")
        try:
            body = self._authorities[request.host].reply(request.body)
        except Unavailable as error:
            return _refusal(503, str(error))
        return Reply(200, (("content-type", REPLY), _SERVER), body)

    def _make_bad(self, kind: BadStamp, request: Request) -> bytes:
        authority = self._authorities[request.host]
        if kind in ("foreign", "foreign-with-root"):
            return self._foreign.reply(request.body, with_root=kind == "foreign-with-root")
        if kind == "sha1":
            return authority.reply(request.body, digest="sha1")
        if kind == "flipped":
            # The signature is what a reply ends with.
            good = authority.reply(request.body)
            return good[:-1] + bytes((good[-1] ^ 1,))
        return authority.reply(_altered(request.body, kind), _HOLDERS.get(kind, "good"))


def _altered(request: bytes, kind: BadStamp) -> bytes:
    """Return another request in place of the one that came; the authority then answers truly what it was not asked."""
    _, found, tail = request.partition(_IMPRINT)
    if not found:
        return request
    digest, rest = tail[:32], tail[32:]
    policy, nonce = b"", b""
    if rest[:1] == b"\x02":
        nonce = rest[: 2 + rest[1]]
    if kind == "wrong-imprint":
        digest = bytes(byte ^ 0xFF for byte in digest)
    elif kind == "wrong-nonce":
        nonce = b"\x02\x08" + bytes(range(1, 9))
    elif kind == "no-nonce":
        nonce = b""
    elif kind == "rejected":
        policy = bytes.fromhex("06032a0304")
    content = b"\x02\x01\x01" + found + digest + policy + nonce + b"\x01\x01\xff"
    return b"\x30" + bytes((len(content),)) + content


def _refusal(status: int, sentence: str) -> Reply:
    return Reply(status, (_PLAIN, _SERVER), f"{sentence}\n".encode())

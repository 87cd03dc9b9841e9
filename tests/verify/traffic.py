"""What passes between a capture and its servers: one exchange of every kind, each with all that can come with one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.demo import posts
from archiver.hashing import hash_file, sha256, sha256_hex
from archiver.model import Body, Connection, Exchange, Failure, Redaction
from archiver.platforms import x

POST = posts.PHOTO
PROFILE = b"\x89PNG\r\n\x1a\n" + b"profile" * 40
SHORT_LINK = "https://t.co/abcDEF1234"
SECRET = "proxy-authorization: Basic "


def exchanges(began: datetime, served: Any, second: Any, photo: Path | bytes, behind: timedelta) -> list[Exchange]:
    date = began - behind
    direct = {
        host: Connection(
            id=f"urn:uuid:{id}",
            opened=began,
            origin=f"{host}:443",
            address="[2001:db8::7]:443",
            proxied=False,
            tls_version="tls/1.3",
            cipher="TLS_AES_128_GCM_SHA256",
            chain=(b"leaf certificate", b"issuer certificate" * 9),
        )
        for host, id in (
            ("t.co", "11111111-1111-4111-8111-111111111111"),
            ("publish.x.com", "33333333-3333-4333-8333-333333333333"),
            ("pbs.twimg.com", "44444444-4444-4444-8444-444444444444"),
        )
    }
    connect = f"CONNECT cdn.syndication.twimg.com:443 HTTP/1.1\r\n{SECRET}XXXXXXXX\r\n\r\n".encode()
    proxied = Connection(
        id="urn:uuid:22222222-2222-4222-8222-222222222222",
        opened=began,
        origin="cdn.syndication.twimg.com:443",
        address=None,
        proxied=True,
        connect_request=connect,
        connect_response=b"HTTP/1.1 200 Connection established\r\n\r\n",
        redactions=(Redaction(offset=connect.index(b"XXXX"), length=8, what="proxy-authorization"),),
        tls_version="tls/1.2",
        chain=(b"another leaf",),
    )
    zipped = gzip.compress(json.dumps(served).encode(), mtime=0)
    oembed_url = x.oembed_url(f"https://x.com/i/status/{POST.id}")
    photo_url = "https://pbs.twimg.com/media/Glgeic-AEAEDWwA?format=jpg&name=orig"
    profile_url = "https://pbs.twimg.com/profile_images/1879439165557440513/HospitalPic.jpg"
    return [
        exchange(
            began, 0, "redirect", SHORT_LINK, direct["t.co"], "301 Moved", [("Location", "https://x.com/a/status/1")]
        ),
        exchange(
            began,
            1,
            "syndication",
            x.syndication_url(POST.id),
            proxied,
            "200 OK",
            [
                ("Content-Encoding", "gzip"),
                ("Transfer-Encoding", "chunked"),
                ("Date", f"{date:%a, %d %b %Y %H:%M:%S} GMT"),
            ],
            _chunked(zipped),
            interim=(b"HTTP/1.1 103 Early Hints\r\n\r\n",),
        ),
        exchange(began, 2, "oembed", oembed_url, direct["publish.x.com"], "200 OK", (), json.dumps(second).encode()),
        Exchange(
            purpose="photo",
            method="GET",
            url=photo_url,
            started=began + timedelta(seconds=3),
            ended=began + timedelta(seconds=4),
            failure=Failure(reason="timeout", detail="no answer within 15 seconds"),
        ),
        exchange(
            began, 5, "photo", photo_url, direct["pbs.twimg.com"], "200 OK", (), photo, stray=b"one byte too many"
        ),
        exchange(
            began,
            6,
            "profile-image",
            profile_url,
            direct["pbs.twimg.com"],
            "200 OK",
            [("Transfer-Encoding", "chunked")],
            _chunked(PROFILE),
        ),
    ]


def exchange(
    began: datetime,
    second: int,
    purpose: str,
    url: str,
    connection: Connection,
    status: str,
    fields: Iterable[tuple[str, str]],
    body: Path | bytes = b"",
    *,
    interim: tuple[bytes, ...] = (),
    stray: bytes = b"",
    after: int = 0,
) -> Exchange:
    """Make an exchange: what was asked of whom, some seconds after the beginning, and the answer."""
    held = _body(body)
    listed = [*fields]
    if not any(name == "Transfer-Encoding" for name, _ in listed):
        listed.append(("Content-Length", str(held.size)))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in listed), "", ""]
    head = "\r\n".join(lines).encode()
    whole = sha256(head)
    whole.update(held.path.read_bytes() if held.path is not None else held.data or b"")
    _, _, host, path = url.split("/", 3)
    return Exchange(
        purpose=purpose,
        method="GET",
        url=url,
        started=began + timedelta(seconds=second, milliseconds=after),
        ended=began + timedelta(seconds=second, milliseconds=400 + after),
        request=f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\n\r\n".encode(),
        interim=interim,
        head=head,
        stray=stray,
        status=int(status[:3]),
        fields=tuple(listed),
        body=held,
        block_sha256=whole.hexdigest(),
        connection=connection,
    )


def _body(body: Path | bytes) -> Body:
    if isinstance(body, bytes):
        return Body(data=body, size=len(body), sha256=sha256_hex(body))
    digest, size = hash_file(body)
    return Body(path=body, size=size, sha256=digest)


def _chunked(body: bytes) -> bytes:
    half = len(body) // 2
    parts = (body[:half], body[half:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)

"""Credentials leave no trace in what is stored, every other byte stays as it came, and all that changed is declared."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.http1 import ResponseFramer, parse_response_head
from archiver.model import Body, Exchange
from archiver.recorder.credentials import Credentials
from archiver.recorder.hiding import SEARCHED, hide
from archiver.recorder.recording import decoded_body
from archiver.recorder.redact import STORED_DECODED

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TOKEN = "5f8d1c0be97a4432a1d5c0ffee"
HEAD = b"HTTP/1.1 200 OK\r\nServer: demo\r\n"
ACTIVATE = "https://api.x.com/1.1/guest/activate.json"


def session(*, login: bool = True) -> Credentials:
    credentials = Credentials(login=login)
    credentials.learn_request([("Cookie", f"auth_token={TOKEN}; lang=en")] if login else [("x-guest-token", TOKEN)])
    return credentials


def answered(body: bytes, *fields: bytes, url: str = "https://x.com/", request: bytes = b"", **changes) -> Exchange:
    """Return an exchange with an answer, framed by its length if no field frames it."""
    framed = any(field.lower().startswith(b"transfer-encoding") for field in fields)
    fields = fields if framed else (*fields, b"Content-Length: %d" % len(body))
    head = HEAD + b"".join(field + b"\r\n" for field in fields) + b"\r\n"
    parsed = parse_response_head(head)
    values = {
        "purpose": "test", "method": "GET", "url": url, "started": NOW, "ended": NOW, "request": request,
        "head": head, "status": parsed.status, "fields": parsed.fields,
        "body": Body(data=body, size=len(body), sha256=hashlib.sha256(body).hexdigest()),
        "block_sha256": hashlib.sha256(head + body).hexdigest(),
    }  # fmt: skip
    return Exchange(**(values | changes))


def chunked(body: bytes, sizes: list[int], extension: bytes = b"") -> bytes:
    out, position, number = b"", 0, 0
    while position < len(body):
        piece = body[position : position + sizes[number % len(sizes)]]
        out += b"%x%b\r\n%b\r\n" % (len(piece), extension, piece)
        position, number = position + len(piece), number + 1
    return out + b"0\r\n\r\n"


def block(exchange: Exchange) -> bytes:
    return exchange.head + (exchange.body.data or b"")


def payload(exchange: Exchange) -> bytes:
    return b"".join(decoded_body(exchange))


def assert_consistent(stored: Exchange) -> None:
    """What is told of a stored answer follows from its bytes."""
    whole = block(stored)
    assert stored.block_sha256 == hashlib.sha256(whole).hexdigest()
    assert stored.body.size == len(stored.body.data or b"")
    assert stored.body.sha256 == hashlib.sha256(stored.body.data or b"").hexdigest()
    assert stored.fields == parse_response_head(stored.head).fields
    for item in stored.response_redactions:
        assert whole[item.offset : item.offset + item.length] == b"X" * item.length
    framer = ResponseFramer(stored.method)
    framer.feed(whole)
    framer.end()
    assert not framer.excess
    assert framer.complete or stored.truncated is not None


def overlaid(wire: bytes, stored: Exchange) -> bytes:
    out = bytearray(wire)
    for item in stored.response_redactions:
        out[item.offset : item.offset + item.length] = b"X" * item.length
    return bytes(out)


def test_a_session_without_credentials_is_left_untouched():
    exchange = answered(b'{"guest_token":"1234567890123456789"}', b"Set-Cookie: a=b", url=ACTIVATE)
    assert hide(exchange, Credentials()) is exchange


def test_a_guest_leaves_cookies_alone_and_hides_its_tokens():
    body = b'{"guest_token" : "1898247629696929793","echo":"%b"}' % TOKEN.encode()
    stored = hide(answered(body, b"Set-Cookie: guest_id=v1%3A189824762969692979", url=ACTIVATE), session(login=False))
    assert b"guest_id=v1%3A189824762969692979" in stored.head
    assert stored.body.data == b'{"guest_token" : "%b","echo":"%b"}' % (b"X" * 19, b"X" * len(TOKEN))
    assert [item.what for item in stored.response_redactions] == ["guest_token", "x-guest-token"]


@pytest.mark.parametrize("token", [b'"12345"', b"12345"])
def test_a_guest_token_is_hidden_in_its_place_however_short(token):
    stored = hide(answered(b'{"guest_token":%b}' % token, url=ACTIVATE), session(login=False))
    assert b"12345" not in block(stored)
    elsewhere = hide(answered(b'{"guest_token":%b}' % token), session(login=False))
    assert b"12345" in block(elsewhere)


def test_a_token_that_was_given_out_is_hidden_from_then_on():
    credentials = session(login=False)
    hide(answered(b'{"guest_token":"1898247629696929793"}', url=ACTIVATE), credentials)
    assert b"1898247629696929793" not in block(hide(answered(b"you are 1898247629696929793"), credentials))


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (b"Set-Cookie: ct0=%b; Path=/; Secure", b"Set-Cookie: ct0=%b; Path=/; Secure"),
        (b"set-cookie:%b", b"set-cookie:%b"),
        (b"SET-COOKIE: a=%b ; HttpOnly", b"SET-COOKIE: a=%b ; HttpOnly"),
        (b'Set-Cookie: a="%b"', b"Set-Cookie: a=%b"),
    ],
)
def test_the_value_of_each_cookie_that_a_login_is_given_is_hidden(field, kept):
    new = b"0123456789abcdef0123"
    credentials = session()
    stored = hide(answered(b"and again " + new, field % new), credentials)
    assert new not in block(stored)
    hidden = len(field % new) - len(kept % b"")
    assert kept % (b"X" * hidden) in stored.head
    assert_consistent(stored)
    assert b"X" * len(new) in hide(answered(b"later " + new), credentials).body.data


def test_short_cookies_are_hidden_in_their_place_and_nowhere_else():
    stored = hide(answered(b"the language is en", b"Set-Cookie: lang=en"), session())
    assert stored.body.data == b"the language is en"
    assert b"Set-Cookie: lang=XX" in stored.head


def test_every_other_spelling_of_a_value_is_found():
    credentials = Credentials(login=True)
    credentials.learn_request([("Cookie", "a=u%3D1882344309000000100; b=ab/cdefghij+klmnop=")])
    body = rb"u=1882344309000000100 u%3D1882344309000000100 ab\/cdefghij+klmnop= ab%2Fcdefghij%2Bklmnop%3D"
    stored = hide(answered(body), credentials)
    assert stored.body.data.replace(b"X", b"").strip() == b""


def test_values_are_hidden_wherever_else_they_stand():
    request = b"POST / HTTP/1.1\r\nX-Repeats: %b\r\n\r\nform=%b" % (TOKEN.encode(), TOKEN.encode())
    interim = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: x=y\r\n\r\n"
    stray = b"HTTP/1.1 200 OK\r\nEcho: " + TOKEN.encode()
    fields = b"X-Echo: " + TOKEN.encode()
    exchange = answered(b"", fields, request=request, interim=(interim,), stray=stray)
    stored = hide(exchange, session())
    assert TOKEN.encode() not in stored.request + stored.head + stored.stray
    assert b"X-Echo: " + b"X" * len(TOKEN) in stored.head
    assert stored.interim == (b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: x=X\r\n\r\n",)
    assert [[item.what for item in found] for found in stored.beside_redactions] == [["set-cookie"], ["cookie"]]
    assert [item.length for item in stored.redactions] == [len(TOKEN)] * 2


@given(
    words=st.lists(st.binary(max_size=40), min_size=1, max_size=6),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    extension=st.sampled_from([b"", b";a=b", b";t=" + TOKEN.encode()]),
)
def test_a_value_that_chunks_cut_in_two_is_hidden_and_nothing_else_changes(words, sizes, extension):
    body = TOKEN.encode().join([b"", *words])
    wire = chunked(body, sizes, extension)
    exchange = answered(wire, b"Transfer-Encoding: chunked")
    stored = hide(exchange, session())
    assert_consistent(stored)
    assert block(stored) == overlaid(block(exchange), stored)
    assert TOKEN.encode() not in block(stored)
    assert payload(stored) == body.replace(TOKEN.encode(), b"X" * len(TOKEN))
    assert len(block(stored)) == len(block(exchange))


@given(
    parts=st.lists(st.binary(max_size=60), min_size=2, max_size=4),
    sizes=st.lists(st.integers(1, 60), max_size=3),
    coding=st.sampled_from([("gzip", gzip.compress), ("deflate", zlib.compress)]),
)
def test_a_compressed_body_that_holds_a_value_is_stored_decoded_and_says_so(parts, sizes, coding):
    name, compress = coding
    body = TOKEN.encode().join(parts)
    wire = compress(body)
    fields = [b"content-encoding: " + name.encode()] + ([b"Transfer-Encoding : chunked"] if sizes else [])
    exchange = answered(chunked(wire, sizes) if sizes else wire, *fields)
    stored = hide(exchange, session())
    assert_consistent(stored)
    assert payload(stored) == stored.body.data == body.replace(TOKEN.encode(), b"X" * len(TOKEN))
    assert block(stored) == overlaid(exchange.head + body, stored)
    named = [item for item in stored.response_redactions if item.what == STORED_DECODED]
    hidden = [exchange.head[item.offset : item.offset + item.length].lower() for item in named]
    assert hidden == [b"content-encoding", b"transfer-encoding" if sizes else b"content-length"]
    assert stored.truncated is None


def test_a_compressed_body_without_a_value_is_stored_as_it_came():
    exchange = answered(gzip.compress(b"nothing to see"), b"Content-Encoding: gzip")
    assert block(hide(exchange, session())) == block(exchange)


@pytest.mark.parametrize(
    ("body", "coding", "kept"),
    [
        (gzip.compress(b"first") + gzip.compress(TOKEN.encode()), b"gzip", b"first"),
        (gzip.compress(b"first " * 99)[:-9], b"gzip", b"first " * 99),
        (b"\x0b\x02\x80" + TOKEN.encode() + b"\x03", b"br", b""),
        (gzip.compress(gzip.compress(TOKEN.encode())), b"gzip, gzip", b""),
        (b"no gzip at all", b"gzip", b""),
    ],
    ids=["two members", "cut", "unknown coding", "twice", "no gzip"],
)
def test_what_cannot_be_searched_is_not_kept(body, coding, kept):
    stored = hide(answered(body, b"Content-Encoding: " + coding), session())
    assert kept.startswith(stored.body.data)
    assert stored.truncated == "unspecified"
    assert_consistent(stored)


def test_a_bomb_is_not_followed_to_its_end():
    stored = hide(answered(gzip.compress(b"\0" * (SEARCHED + (4 << 20))), b"Content-Encoding: gzip"), session())
    assert len(stored.body.data) <= SEARCHED
    assert stored.truncated == "unspecified"


def test_what_is_cut_by_the_network_stays_said_to_be():
    exchange = answered(gzip.compress(TOKEN.encode() * 99)[:-9], b"Content-Encoding: gzip", truncated="disconnect")
    stored = hide(exchange, session())
    assert (stored.truncated, TOKEN.encode() in block(stored)) == ("disconnect", False)


def test_a_spooled_body_is_not_searched_but_its_head_is(tmp_path):
    path = tmp_path / "large.body"
    path.write_bytes(TOKEN.encode() * 10)
    body = Body(path=path, size=260, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    exchange = msgspec.structs.replace(answered(b"", b"Set-Cookie: a=0123456789"), body=body)
    stored = hide(exchange, session())
    assert b"0123456789" not in stored.head
    assert stored.body == body
    assert stored.block_sha256 == hashlib.sha256(stored.head + path.read_bytes()).hexdigest()


def test_a_body_full_of_values_is_declared_in_one_piece():
    stored = hide(answered(b"a" + (TOKEN.encode() + b" ") * 2000 + b"z"), session())
    assert len(stored.response_redactions) == 1
    assert TOKEN.encode() not in block(stored)
    assert stored.body.data[:1] + stored.body.data[-2:] == b"a z"


@pytest.mark.parametrize(
    "url", [f"https://a.example/?t={TOKEN}", f"https://a.example/{TOKEN.upper()}", f"https://{TOKEN}.example/"]
)
def test_a_link_with_a_value_in_it_is_known(url):
    credentials = session()
    assert credentials.betrayed_by(url)
    assert not credentials.betrayed_by("https://a.example/?t=something-else")
    assert TOKEN not in credentials.conceal_url(url).lower()


def test_a_link_with_a_value_in_another_spelling_is_not_told_of():
    url = "https://a.example/" + "".join(f"%{ord(letter):02x}" for letter in TOKEN)
    credentials = session()
    assert credentials.betrayed_by(url)
    assert not credentials.betrayed_by(credentials.conceal_url(url))
    assert credentials.conceal(f"said: {TOKEN}!") == f"said: {'X' * len(TOKEN)}!"

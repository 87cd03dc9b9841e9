"""HTTP/1.1 messages: where a head ends, how a body is framed, and that no byte is lost however the stream is cut."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver import http1
from archiver.errors import FormatError

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAMS = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "length and more": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world",
    "too short": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
    "interim": EARLY + b"HTTP/1.1 100 Continue\n\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "no content": b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n",
    "no content and some": b"HTTP/1.1 304 Not Modified\r\n\r\nstray",
    "chunked": CHUNKED + b'5;name="a;b"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\nexcess',
    "broken chunks": CHUNKED + b"5\r\nhello\r\nzz\r\nrest",
    "until close": b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall of this",
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n\r\nand more",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
}


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted({cut for cut in cuts if cut < len(stream)}), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]


def read(parts: list[bytes], method: str = "GET", ended: bool = True) -> tuple[http1.ResponseFramer, bytes]:
    framer = http1.ResponseFramer(method)
    body = b"".join(bytes(framer.feed(part)) for part in parts)
    if ended:
        framer.end()
    return framer, body


def said(framer: http1.ResponseFramer, body: bytes) -> tuple[object, ...]:
    return (framer.interim, framer.head, framer.parsed, body, framer.excess, framer.complete, framer.broken)


@given(st.sampled_from(sorted(STREAMS)), st.lists(st.integers(0, 150)))
@example("chunked", list(range(150)))
@example("interim", list(range(150)))
def test_any_cut_of_the_stream_reads_the_same(name, cuts):
    stream = STREAMS[name]
    assert said(*read(pieces(stream, cuts))) == said(*read([stream]))


@given(
    st.binary(max_size=200) | st.sampled_from(sorted(STREAMS.values())).flatmap(lambda s: st.just(s + b"\x00tail")),
    st.lists(st.integers(0, 220)),
    st.sampled_from(["GET", "HEAD"]),
)
def test_no_byte_is_ever_lost(stream, cuts, method):
    framer, body = read(pieces(stream, cuts), method)
    assert b"".join(framer.interim) + framer.head + body + framer.excess == stream
    assert framer.body_bytes == len(body)


@pytest.mark.parametrize(
    ("name", "body", "excess", "complete"),
    [
        ("length", b"hello", b"", True),
        ("length and more", b"hello", b", world", True),
        ("too short", b"hello", b"", False),
        ("interim", b"ok", b"", True),
        ("no content", b"", b"", True),
        ("no content and some", b"", b"stray", True),
        ("chunked", STREAMS["chunked"][len(CHUNKED) : -6], b"excess", True),
        ("broken chunks", STREAMS["broken chunks"][len(CHUNKED) :], b"", False),
        ("until close", b"all of this", b"", True),
        ("no http", b"", b"", False),
        ("half a head", b"", b"", False),
    ],
)
def test_each_framing_ends_where_rfc_9112_says(name, body, excess, complete):
    framer, found = read([STREAMS[name]])
    assert (found, framer.excess, framer.complete) == (body, excess, complete)


def test_interim_responses_are_kept_apart():
    framer, _ = read([STREAMS["interim"]])
    assert framer.interim == [EARLY, b"HTTP/1.1 100 Continue\n\n"]
    assert framer.parsed is not None
    assert (framer.parsed.status, framer.parsed.reason) == (200, "")


def test_a_body_that_ends_with_the_connection_is_not_whole_before_it():
    framer, _ = read([STREAMS["until close"]], ended=False)
    assert not framer.complete
    framer.end()
    assert framer.complete


def test_a_broken_body_does_not_become_whole_by_the_connection_ending():
    framer, _ = read([STREAMS["broken chunks"]])
    assert not framer.complete
    assert framer.broken == "chunk size is not hexadecimal"


def test_the_declared_length_is_told():
    framer = http1.ResponseFramer("GET")
    framer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n")
    assert framer.expected_length is None
    framer.feed(b"\r\n")
    assert framer.expected_length == 7
    assert read([CHUNKED])[0].expected_length is None


@pytest.mark.parametrize("line", [b"HTTP/1.1 000 Nothing", b"HTTP/1.1 099 Odd", b"HTTP/1.1 20 OK", b"HTTPS/1.1 200 OK"])
def test_a_status_outside_the_rules_is_neither_interim_nor_final(line):
    stream = line + b"\r\n\r\n"
    framer, _ = read([stream])
    assert (framer.interim, framer.parsed, framer.head) == ([], None, stream)
    assert framer.broken


def test_an_endless_row_of_interim_responses_is_given_up():
    framer = http1.ResponseFramer("GET")
    for _ in range(http1.MAX_HEAD // len(EARLY) + 2):
        framer.feed(EARLY)
    assert framer.broken
    assert framer.parsed is None


def test_an_endless_head_is_given_up():
    framer, _ = read([b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * (http1.MAX_HEAD // 8)])
    assert framer.broken


@pytest.mark.parametrize(
    ("status", "fields", "method", "expected"),
    [
        (200, [("Content-Length", "5")], "GET", ("length", 5)),
        (200, [("Content-Length", "5")], "HEAD", ("none", 0)),
        (204, [("Content-Length", "5")], "GET", ("none", 0)),
        (304, [("Content-Length", "5")], "GET", ("none", 0)),
        (200, [("Content-Length", "5"), ("content-length", "5")], "GET", ("length", 5)),
        (200, [("Content-Length", "5, 5")], "GET", ("length", 5)),
        (200, [("Content-Length", "5"), ("Content-Length", "6")], "GET", ("close", 0)),
        (200, [("Content-Length", "+5")], "GET", ("close", 0)),
        (200, [("Content-Length", "-5")], "GET", ("close", 0)),
        (200, [("Content-Length", "5_0")], "GET", ("close", 0)),
        (200, [("Content-Length", "\u0665")], "GET", ("close", 0)),
        (200, [("Content-Length", "")], "GET", ("close", 0)),
        (200, [("Content-Length", "9" * 20)], "GET", ("close", 0)),
        (200, [("Content-Length", "5"), ("Transfer-Encoding", "Chunked")], "GET", ("chunked", 0)),
        (200, [("Transfer-Encoding", "gzip, chunked")], "GET", ("chunked", 0)),
        (200, [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip")], "GET", ("close", 0)),
        (200, [], "GET", ("close", 0)),
    ],
)
def test_framing_follows_rfc_9112_section_6_3(status, fields, method, expected):
    head = http1.ResponseHead(version="1.1", status=status, reason="", fields=tuple(fields))
    assert http1.framing(head, method) == expected


def test_a_head_is_parsed_with_case_order_repeats_folds_and_odd_bytes():
    cookies, folded = b"SET-Cookie: a\r\nset-cookie:b \r\n", b"X-Fold: one\r\n\t two\r\n"
    head = http1.parse_response_head(b"HTTP/1.1 404 Not \xe9\r\n" + cookies + folded + b"no colon\nX-Empty:\r\n\r\n")
    assert (head.version, head.status, head.reason) == ("1.1", 404, "Not \xe9")
    assert head.fields == (("SET-Cookie", "a"), ("set-cookie", "b"), ("X-Fold", "one two"), ("X-Empty", ""))
    assert head.values("set-cookie") == ["a", "b"]
    assert (head.get("x-fold"), head.get("absent")) == ("one two", None)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_head_or_refused(raw):
    try:
        head = http1.parse_response_head(raw)
    except FormatError:
        return
    assert 100 <= head.status <= 999


def test_codings_are_named_in_the_order_in_which_they_were_applied():
    fields = (("Transfer-Encoding", "Chunked"), ("Content-Encoding", "identity, GZip"), ("content-encoding", "x, "))
    head = http1.ResponseHead(version="1.1", status=200, reason="", fields=fields)
    assert http1.codings(head) == ["gzip", "x", "chunked"]


def test_a_body_is_not_kept():
    framer, piece = http1.ResponseFramer("GET"), bytes(1 << 20)
    framer.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    tracemalloc.start()
    for _ in range(32):
        framer.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert framer.body_bytes == 32 << 20
    assert peak < 1 << 20

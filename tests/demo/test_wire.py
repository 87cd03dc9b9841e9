"""Messages: requests are read whatever the pieces they come in, replies are framed as they say."""

from __future__ import annotations

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.demo.render import Pause, render
from archiver.demo.wire import BadRequest, Reply, RequestReader, parse_head

REQUESTS = (
    b"GET /a?b=c HTTP/1.1\r\nHost: One.Example:8080\r\nAccept:\r\n\r\n",
    b"POST /d HTTP/1.1\r\nHost: two.example\r\ncontent-length: 9\r\n\r\n\r\n\r\nGET /",
    b"HEAD http://three.example HTTP/1.0\r\n\r\n",
)


@given(st.lists(st.integers(1, 40), min_size=1))
def test_requests_are_the_same_in_whatever_pieces_they_come(sizes):
    stream = io.BytesIO(b"".join(REQUESTS))
    turn = iter(sizes * 200)
    reader = RequestReader(lambda _count: stream.read(next(turn)))
    read = [reader.next(None) for _ in range(4)]
    assert [request.raw for request in read[:3]] == list(REQUESTS)
    assert [request.host for request in read[:3]] == ["one.example", "two.example", "three.example"]
    assert (read[0].path, read[0].query, read[0].headers.get("ACCEPT")) == ("/a", "b=c", "")
    assert read[1].body == b"\r\n\r\nGET /"
    assert read[3] is None


@pytest.mark.parametrize("head", [b"GET /\r\n\r\n", b"GET / HTTP/2\r\n\r\n", b"GET / HTTP/1.1\r\n folded\r\n\r\n"])
def test_malformed_head_is_refused(head):
    with pytest.raises(BadRequest):
        parse_head(head, None)


def sent(reply: Reply, method: str = "GET") -> bytes:
    request = parse_head(f"{method} / HTTP/1.1\r\nHost: a\r\n\r\n".encode(), None)
    return b"".join(piece for piece in render(reply, request) if not isinstance(piece, Pause))


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


@given(
    st.binary(max_size=400),
    st.sampled_from(["length", "chunked", "close"]),
    st.lists(st.integers(1, 50), max_size=4),
)
def test_body_is_read_back_by_a_stock_client(body, framing, sizes):
    reply = Reply(body=body, framing=framing, chunk_sizes=tuple(sizes), trailers=(("X-T", "1"),))
    with http.client.HTTPResponse(_Bytes(sent(reply))) as response:
        response.begin()
        assert response.read() == body


@given(st.binary(min_size=1, max_size=60), st.integers(0, 300), st.integers(0, 300))
def test_cut_and_pause_take_place_at_the_byte(body, cut, pause):
    whole = sent(Reply(body=[body, body], length=2 * len(body), headers=(("Date", "now"),)))
    reply = Reply(body=[body, body], length=2 * len(body), headers=(("Date", "now"),), cut=cut, pause=(pause, 1.0))
    pieces = list(render(reply, parse_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", None)))
    assert b"".join(piece for piece in pieces if not isinstance(piece, Pause)) == whole[:cut]
    before = 0
    for piece in pieces:
        if isinstance(piece, Pause):
            assert before == pause
            break
        before += len(piece)


def test_body_in_pieces_needs_a_length():
    with pytest.raises(ValueError, match="declared length"):
        sent(Reply(body=[b"a"]))


@pytest.mark.parametrize(("status", "method"), [(204, "GET"), (304, "GET"), (200, "HEAD")])
def test_some_replies_have_no_body(status, method):
    assert sent(Reply(status, body=b"never sent"), method).endswith(b"\r\n\r\n")


def test_fields_go_out_as_given():
    head = sent(Reply(200, (("dAtE", "never"), ("X-A", "1"), ("x-a", "2"), ("Content-Length", "7"))))
    assert head == b"HTTP/1.1 200 OK\r\ndAtE: never\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 7\r\n\r\n"

"""Whatever goes wrong on the wire is recorded as far as it got, marked for what it is, and retried if it may pass."""

from __future__ import annotations

import time

import pytest

from archiver.demo import faults
from archiver.demo.wire import Reply

BODY = bytes(range(256)) * 20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("fault", "status", "truncated", "reason"),
    [
        pytest.param(faults.Reset(0), None, None, "disconnect", id="reset before the head"),
        pytest.param(faults.Reset(20), None, None, "disconnect", id="reset in the head"),
        pytest.param(faults.Reset(1000), 200, "disconnect", "disconnect", id="reset in the body"),
        pytest.param(faults.Truncate(1000), 200, "disconnect", "disconnect", id="truncated"),
        pytest.param(faults.Truncate(0), 200, "disconnect", "disconnect", id="truncated at once"),
        pytest.param(faults.WrongLength(len(BODY) + 1), 200, "disconnect", "disconnect", id="declared too long"),
        pytest.param(faults.Raw(b"", "close"), None, None, "disconnect", id="closed without a word"),
        pytest.param(faults.Raw(HEAD[:-2], "close"), None, None, "disconnect", id="closed in the head"),
        pytest.param(
            faults.Raw(CHUNKED + b"5\r\nhel", "close"), 200, "disconnect", "disconnect", id="closed in a chunk"
        ),
        pytest.param(
            faults.Raw(CHUNKED + b"5\r\nhello\r\n", "close"), 200, "disconnect", "disconnect", id="no last chunk"
        ),
        pytest.param(faults.TLSBreak(1000), 200, "unspecified", "tls", id="no TLS record"),
    ],
)
def test_what_is_not_whole_is_kept_and_marked(
    box, serve, start, assert_box_equals_warc, fault, status, truncated, reason
):
    serve(BODY)
    box.faults.add(fault, times=None)
    session = start(retries=0)
    exchange = session.ask()
    assert not exchange.whole
    assert (exchange.status, exchange.truncated, exchange.failure.reason) == (status, truncated, reason)
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_body_that_only_the_connection_ends_is_not_whole_if_it_is_torn_off(
    box, serve, start, assert_box_equals_warc, scheme
):
    serve(Reply(body=BODY, framing="close", headers=(("Connection", "close"),)))
    box.faults.add(faults.Reset(1000), times=None)
    session = start(retries=0)
    exchange = session.ask(scheme=scheme)
    assert (exchange.truncated, exchange.failure.reason) == ("disconnect", "disconnect")
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"<html>not HTTP</html>\r\n\r\n",
        b"HTTP/1.1 20x OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nother protocol",
        CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"5\r\nhello and more\r\n0\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[-25:]),
)
def test_what_breaks_the_protocol_is_a_failure_and_is_kept(box, serve, start, assert_box_equals_warc, raw):
    serve(Reply(raw=raw, ending="close"))
    session = start()
    exchange = session.ask()
    assert not exchange.whole
    assert exchange.failure.reason == "protocol"
    assert session.slept == []
    assert_box_equals_warc(box, session.end(), cut=True)


def test_a_head_that_does_not_end_is_given_up(box, serve, start, assert_box_equals_warc):
    serve(Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Filler: and so on\r\n" * 30_000, ending="close"))
    session = start()
    exchange = session.ask()
    assert (exchange.status, exchange.failure.reason) == (None, "protocol")
    assert len(exchange.stray) < 1 << 20
    assert_box_equals_warc(box, session.end(), cut=True)


def test_endless_interim_responses_are_given_up(box, serve, start, assert_box_equals_warc):
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    serve(Reply(body=BODY, interim=early * 40_000))
    session = start()
    exchange = session.ask()
    assert (exchange.status, exchange.failure.reason) == (None, "protocol")
    assert sum(map(len, exchange.interim)) + len(exchange.stray) < 1 << 20
    assert_box_equals_warc(box, session.end(), cut=True)


def test_bytes_after_the_end_are_kept_apart_and_the_connection_is_not_used_again(
    box, serve, start, assert_box_equals_warc
):
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    serve(BODY)
    box.faults.add(faults.Raw(HEAD + b"hello" + poison, "keep"))
    box.faults.add(faults.Raw(b"HTTP/1.1 204 No Content\r\n\r\n" + poison, "keep"))
    session = start()
    first, second, third = session.ask(), session.ask(), session.ask()
    assert (first.body.data, first.stray, first.whole) == (b"hello", poison, True)
    assert (second.body.data, second.stray) == (b"", poison)
    assert third.body.data == BODY
    assert len({exchange.connection.id for exchange in session.all}) == len(box.connections) == 3
    assert_box_equals_warc(box, session.end())


def test_a_declared_length_that_is_too_short_ends_the_body_there(box, serve, start, assert_box_equals_warc):
    serve(BODY)
    box.faults.add(faults.WrongLength(100))
    session = start()
    exchange = session.ask()
    assert exchange.whole
    assert exchange.body.data == BODY[:100]
    assert BODY[100:].startswith(exchange.stray)
    assert session.ask().body.data == BODY
    assert len(box.connections) == 2
    assert_box_equals_warc(box, session.end(), cut=True)


@pytest.mark.parametrize(("after", "status", "truncated"), [(0, None, None), (20, None, None), (1000, 200, "time")])
def test_a_silent_server_is_left_after_the_time_that_was_set(
    box, serve, start, assert_box_equals_warc, after, status, truncated
):
    serve(BODY)
    box.faults.add(faults.Stall(after, 30), times=None)
    session = start(read_timeout=0.3, retries=1, retry_delay=0.0)
    began = time.monotonic()
    exchange = session.ask()
    assert time.monotonic() - began < 10
    assert (exchange.status, exchange.truncated, exchange.failure.reason) == (status, truncated, "timeout")
    assert len(session.all) == 2
    assert_box_equals_warc(box, session.end())


def test_a_kept_alive_connection_that_died_costs_no_attempt(box, serve, start, assert_box_equals_warc):
    serve(BODY)
    session = start(retries=0)
    assert session.ask("/first").whole
    box.faults.add(faults.Reset(0), path="/second")
    exchange = session.ask("/second")
    assert exchange.whole
    assert [item.status for item in session.all] == [200, None, 200]
    assert session.all[1].failure.reason == "disconnect"
    assert session.all[1].connection.id == session.all[0].connection.id != exchange.connection.id
    assert session.slept == []
    assert_box_equals_warc(box, session.end())


def test_a_new_connection_that_dies_does_cost_an_attempt(box, serve, start):
    serve(BODY)
    box.faults.add(faults.Reset(0), times=None)
    session = start(retries=1, retry_delay=0.25)
    assert session.ask().failure.reason == "disconnect"
    assert len(session.all) == 2
    assert session.slept == [0.25]


def test_what_may_pass_is_tried_again_after_longer_and_longer(box, serve, start, assert_box_equals_warc):
    serve(BODY)
    for code in (500, 502, 503, 504):
        box.faults.add(faults.Status(code, b"later"))
    session = start(retries=4, retry_delay=0.5)
    assert session.ask().whole
    assert [exchange.status for exchange in session.all] == [500, 502, 503, 504, 200]
    assert session.slept == [0.5, 1.0, 2.0, 4.0]
    assert_box_equals_warc(box, session.end())


def test_the_last_answer_stands_when_the_attempts_are_used_up(box, serve, start):
    serve(BODY)
    box.faults.add(faults.Status(503, b"later"), times=None)
    session = start(retries=2, retry_delay=1.0)
    exchange = session.ask()
    assert (exchange.status, exchange.body.data) == (503, b"later")
    assert session.slept == [1.0, 2.0]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 429, 501])
def test_what_will_not_pass_is_asked_once(box, serve, start, code):
    serve(BODY)
    box.faults.add(faults.Status(code), times=None)
    session = start()
    assert session.ask().status == code
    assert len(session.all) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.com/a",
        "ftp://site.example/",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://xn--/",
        "https://xn--a.example/",
        "https://site.example:99999/",
        "https://site example/",
        "https://site.example/\r\nX: y",
        "https://\ud800.example/",
        "https://" + "a" * 64 + ".example/",
        "https://.site.example/",
        "https://site..example/",
        "https://%73ite.example/",
        "javascript:alert(1)",
        "https://site.example/" + "a" * 70_000,
    ],
    ids=lambda url: repr(url[:30]),
)
def test_what_is_no_web_address_is_a_recorded_failure_and_nothing_is_sent(
    box, serve, start, assert_box_equals_warc, read_warc, url
):
    serve(BODY)
    session = start()
    exchange = session.recording.ask(url, "test").exchange
    assert exchange.failure.reason == "address-refused"
    assert (exchange.request, exchange.status, session.slept) == (b"", None, [])
    assert box.connections == ()
    assert_box_equals_warc(box, session.end())
    assert len(list(read_warc(session.path))) == 2


def test_what_is_never_sent_does_not_reach_the_warc_either(box, serve, start):
    serve(BODY)
    session = start()
    exchange = session.recording.ask("https://jo:canary@site.example/a?b#canary", "test").exchange
    assert exchange.whole
    assert exchange.url == "https://site.example/a?b"
    assert b"canary" not in session.end().read_bytes()
    assert b"canary" not in box.exchanges[0].request

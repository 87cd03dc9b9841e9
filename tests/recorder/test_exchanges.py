"""Whatever a server says in good order is in the WARC byte for byte, and is read for what it is."""

from __future__ import annotations

import gzip

import pytest

from archiver.demo import faults
from archiver.demo.wire import Reply
from archiver.recorder.recording import decoded_body, read_answer

BODY = bytes(range(256)) * 20
RAW = {
    "odd head": b"HTTP/1.1 200 Very  fine \xff\r\nX-ODD:  two  spaces \r\nx-odd:\r\nSet-Cookie: a=1\r\n"
    b"set-cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
    "folded head": b"HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nok",
    "bare line feeds": b"HTTP/1.1 200 OK\nServer: old\nContent-Length: 2\n\nok",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "http/1.0": b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end",
    "two interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
}
REPLIES = {
    "length": Reply(body=BODY),
    "empty": Reply(body=b""),
    "until close": Reply(body=BODY, framing="close"),
    "no content": Reply(204),
    "not modified": Reply(304, (("ETag", '"1"'),)),
    "not found": Reply(404, body=b"no"),
    "interim": Reply(body=BODY, interim=b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "chunked": Reply(
        body=BODY,
        framing="chunked",
        chunk_sizes=(1, 700, 16),
        chunk_extension=';name="a b"',
        trailers=(("X-Trailer", "at the end"),),
    ),
    "chunked empty": Reply(body=b"", framing="chunked"),
    "gzip": Reply(200, (("Content-Encoding", "gzip"),), gzip.compress(BODY)),
    "gzip chunked": Reply(
        200, (("content-encoding", "GZip"),), gzip.compress(BODY), framing="chunked", chunk_sizes=(9,)
    ),
    "large": Reply(body=BODY * 200),
}
REPLIES |= {name: Reply(raw=raw, ending="close") for name, raw in RAW.items()}


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("name", REPLIES)
def test_every_byte_of_a_whole_response_is_kept(box, serve, start, assert_box_equals_warc, name, scheme):
    serve(REPLIES[name])
    session = start()
    exchange = session.ask("/page?n=1", scheme=scheme)
    assert exchange.whole
    assert (exchange.failure, exchange.truncated, exchange.stray) == (None, None, b"")
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("name", ["length", "chunked", "gzip", "gzip chunked", "until close", "interim"])
def test_the_payload_reads_back_without_its_codings(serve, start, name):
    serve(REPLIES[name])
    recorded = start().recording.ask("https://site.example/", "test")
    assert b"".join(decoded_body(recorded.exchange)) == BODY
    answer = read_answer(recorded)
    assert (answer.body, answer.truncated, answer.status) == (BODY, None, 200)
    assert answer.record == recorded.response_id


def test_a_payload_whose_coding_is_broken_is_marked_and_kept_as_far_as_it_goes(serve, start):
    packed = gzip.compress(BODY * 1000, 0)
    serve(Reply(200, (("Content-Encoding", "gzip"),), packed[:-100]))
    recorded = start().recording.ask("https://site.example/", "test")
    assert recorded.exchange.whole
    answer = read_answer(recorded)
    assert answer.truncated == "unspecified"
    assert answer.body
    assert (BODY * 1000).startswith(answer.body)


def test_more_codings_than_anybody_applies_do_not_exhaust_the_stack(serve, start):
    serve(Reply(200, (("Content-Encoding", "gzip, " * 9_000 + "gzip"),), b"x"))
    answer = read_answer(start().recording.ask("https://site.example/", "test"))
    assert (answer.body, answer.truncated) == (b"", "unspecified")


def test_what_the_exchange_tells_is_what_was_sent(box, serve, start):
    serve(Reply(404, (("X-One", "1"), ("X-Two", "2")), b"gone"))
    session = start(user_agent="Tester/1.0")
    exchange = session.ask("/a%20b?c=d")
    request = box.exchanges[0].request.decode()
    assert request.startswith("GET /a%20b?c=d HTTP/1.1\r\nHost: site.example\r\nUser-Agent: Tester/1.0\r\n")
    assert "accept-encoding: gzip, deflate\r\n" in request.lower()
    assert "referer" not in request.lower()
    assert "cookie" not in request.lower()
    assert exchange.request.decode() == request
    assert (exchange.method, exchange.url, exchange.status) == ("GET", "https://site.example/a%20b?c=d", 404)
    assert (exchange.header("x-two"), exchange.body.data) == ("2", b"gone")
    assert exchange.started <= exchange.ended
    assert exchange.connection.tls_version == "tls/1.3"
    assert exchange.connection.cipher.startswith("TLS_")
    assert exchange.connection.origin == "site.example:443"


def test_media_are_asked_for_without_coding(box, serve, start):
    serve(BODY)
    assert start().fetch().whole
    request = box.exchanges[0].request.lower()
    assert b"\r\naccept-encoding: identity\r\n" in request
    assert b"referer" not in request


def test_one_connection_serves_many_exchanges_and_its_records_stand_once(
    box, serve, start, read_warc, assert_box_equals_warc
):
    serve(lambda request: Reply(body=request.path.encode()))
    session = start()
    for number in range(5):
        assert session.ask(f"/{number}").whole
    assert len(box.connections) == 1
    assert len({exchange.connection.id for exchange in session.all}) == 1
    assert_box_equals_warc(box, session.end())
    types = [dict(fields)["Content-Type"] for fields, _ in read_warc(session.path)]
    assert types.count("application/pem-certificate-chain") == 1


def test_several_hosts_each_have_their_connection_and_certificates(box, serve, start, assert_box_equals_warc):
    hosts = [f"host{number}.example" for number in range(3)]
    for host in hosts:
        serve(host.encode(), host)
    session = start()
    for host in hosts * 2:
        assert session.ask(host=host).body.data == host.encode()
    assert len(box.connections) == 3
    assert len({exchange.connection.chain[0] for exchange in session.all}) == 3
    assert_box_equals_warc(box, session.end())


def test_a_response_that_says_it_closes_leads_to_a_new_connection(box, serve, start, assert_box_equals_warc):
    serve(Reply(body=b"bye", ending="close"))
    session = start()
    assert session.ask().whole
    assert session.ask().whole
    assert len(box.connections) == 2
    assert len(session.all) == 2
    assert_box_equals_warc(box, session.end())


def test_faults_of_good_order_leave_a_whole_exchange(box, serve, start, assert_box_equals_warc):
    serve(BODY)
    box.faults.add(faults.EarlyHints())
    box.faults.add(faults.Gzip())
    box.faults.add(faults.Chunked((5,), ";x", (("X-T", "1"),)))
    session = start()
    interim = [exchange.interim for exchange in (session.ask(), session.ask(), session.ask())]
    assert [len(blocks) for blocks in interim] == [1, 0, 0]
    assert all(exchange.whole for exchange in session.all)
    assert_box_equals_warc(box, session.end())


def test_the_warc_satisfies_other_readers(box, serve, start):
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    serve(BODY * 300)
    box.faults.add(faults.EarlyHints())
    box.faults.add(faults.Chunked((50_000,)))
    session = start()
    session.ask()
    session.ask()
    session.fetch()
    path = session.end()
    with path.open("rb") as stream:
        assert all(record.verify_block_digest() for record in ArchiveIterator(stream, parse_http=False))
    with path.open("rb") as stream:
        responses = list(ArchiveIterator(stream, parse_http=True, record_types=WarcRecordType.response))
        assert len(responses) == 3
    with path.open("rb") as stream:
        responses = ArchiveIterator(stream, parse_http=True, record_types=WarcRecordType.response)
        assert all(record.verify_payload_digest() for record in responses)

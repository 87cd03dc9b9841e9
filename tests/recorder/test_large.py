"""Large bodies go to a file, whole or cut and then marked, while memory stays flat."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import textwrap
import tracemalloc

import pytest

from archiver.demo import faults
from archiver.demo.box import Box
from archiver.demo.wire import Reply
from archiver.recorder.recording import Recording
from archiver.recorder.spool import IN_MEMORY, Spool

MIB = 1 << 20
BODY = hashlib.shake_128(b"a large body").digest(6 * MIB + 123)
WAYS = {"length": {}, "chunked": {"framing": "chunked", "chunk_sizes": (300_000,)}, "close": {"framing": "close"}}


def reply(way: str) -> Reply:
    return Reply(body=BODY, **WAYS[way])


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("way", WAYS)
def test_a_large_body_is_whole_in_its_file_and_in_the_warc(box, serve, start, assert_box_equals_warc, way, scheme):
    serve(reply(way))
    session = start()
    exchange = session.ask(scheme=scheme)
    assert exchange.whole
    assert exchange.body.data is None
    wire = exchange.body.path.read_bytes()
    assert box.exchanges[0].response.endswith(wire)
    assert (exchange.body.size, exchange.body.sha256) == (len(wire), hashlib.sha256(wire).hexdigest())
    assert exchange.block_sha256 == hashlib.sha256(exchange.head + wire).hexdigest()
    if way != "chunked":
        assert wire == BODY
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("size", [IN_MEMORY, IN_MEMORY + 1])
def test_a_body_leaves_memory_where_it_outgrows_it(serve, start, size):
    serve(BODY[:size])
    body = start().ask().body
    assert (body.path is None) == (size <= IN_MEMORY)
    assert body.sha256 == hashlib.sha256(BODY[:size]).hexdigest()


@pytest.mark.parametrize("way", ["length", "chunked"])
@pytest.mark.parametrize(
    ("fault", "truncated", "reason"),
    [
        (faults.Truncate(5 * MIB), "disconnect", "disconnect"),
        (faults.Reset(5 * MIB), "disconnect", "disconnect"),
        (faults.TLSBreak(5 * MIB), "unspecified", "tls"),
        (faults.Stall(5 * MIB, 30), "time", "timeout"),
    ],
    ids=["truncated", "reset", "no TLS record", "silent"],
)
def test_a_large_body_that_is_not_whole_is_kept_and_marked(
    box, serve, start, assert_box_equals_warc, way, fault, truncated, reason
):
    serve(reply(way))
    box.faults.add(fault, times=None)
    session = start(retries=0, read_timeout=0.5)
    exchange = session.ask()
    assert (exchange.truncated, exchange.failure.reason) == (truncated, reason)
    assert exchange.body.size > MIB
    # A reset throws away what the system of the server had not sent yet.
    assert_box_equals_warc(box, session.end(), cut=isinstance(fault, faults.Reset))


@pytest.mark.parametrize("declared", [5 * MIB, 7 * MIB])
def test_a_large_body_of_another_length_than_declared(box, serve, start, assert_box_equals_warc, declared):
    serve(BODY)
    box.faults.add(faults.WrongLength(declared), times=None)
    session = start(retries=0)
    exchange = session.ask()
    assert exchange.body.path.read_bytes() == BODY[:declared]
    assert exchange.whole == (declared < len(BODY))
    assert exchange.truncated == (None if exchange.whole else "disconnect")
    assert session.ask().connection.id != exchange.connection.id
    assert_box_equals_warc(box, session.end(), cut=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", [1000, 5 * MIB + 1])
def test_a_body_is_cut_at_the_limit_to_the_byte_and_marked(box, serve, start, assert_box_equals_warc, way, limit):
    serve(reply(way))
    session = start(max_media_bytes=limit)
    exchange = session.fetch()
    assert (exchange.truncated, exchange.failure.reason) == ("length", "size-limit")
    assert exchange.body.size == limit
    assert not exchange.whole
    assert len(session.all) == 1
    assert_box_equals_warc(box, session.end(), cut=True)


@pytest.mark.parametrize("size", [1000, len(BODY)])
def test_a_body_of_exactly_the_limit_is_whole(serve, start, size):
    serve(BODY[:size])
    assert start(max_media_bytes=size).fetch().whole


@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_takes_too_long_is_cut_and_marked(box, serve, start, assert_box_equals_warc, way):
    serve(reply(way))
    box.faults.add(faults.Stall(5 * MIB, 0.6))
    session = start(max_seconds=0.4)
    exchange = session.fetch()
    assert (exchange.truncated, exchange.failure.reason) == ("time", "time-limit")
    assert session.slept == []
    assert_box_equals_warc(box, session.end(), cut=True)


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_memory_stays_flat_whatever_the_size(tmp_path, connect, settings_for, framing):
    piece, count = memoryview(bytes(MIB)), 48
    with Box(keep_bytes=False) as box:
        length = count * MIB if framing == "length" else None
        box.add(
            "big.example", lambda _request: Reply(body=(piece for _ in range(count)), length=length, framing=framing)
        )
        settings = settings_for(box)
        recording = Recording(connect(settings), settings, tmp_path, None)
        recording.fetch("https://big.example/warm-up", "test")
        tracemalloc.start()
        exchange = recording.fetch("https://big.example/", "test").exchange
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert exchange.whole
    assert exchange.body.size >= count * MIB
    assert peak < 8 * MIB


def test_progress_is_told_with_the_end(box, serve, connect, settings_for, tmp_path):
    told = []
    settings = settings_for(box)
    serve(BODY)
    transport = connect(
        settings, watch=lambda url, received, expected, ended: told.append((url, received, expected, ended))
    )
    Recording(transport, settings, tmp_path, None).fetch("https://site.example/", "test")
    sizes = [received for _, received, _, ended in told if not ended]
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(BODY)
    assert {expected for _, _, expected, ended in told if not ended} == {len(BODY)}
    assert told[-1] == ("https://site.example/", 0, None, True)


def test_a_spool_never_overwrites(tmp_path):
    (tmp_path / "body").write_bytes(b"evidence")
    spool = Spool(tmp_path / "body")
    with pytest.raises(FileExistsError):
        spool.write(memoryview(BODY))
    assert (tmp_path / "body").read_bytes() == b"evidence"


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="the system cannot limit the size of files")
def test_a_full_disk_is_an_error_and_leaves_no_thread_behind(tmp_path):
    program = """
        import resource, signal, sys, threading
        from pathlib import Path
        from archiver.recorder.spool import Spool
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        spool = Spool(Path(sys.argv[1]))
        try:
            for _ in range(4):
                spool.write(memoryview(bytes(1 << 19)))
        except OSError as error:
            print(type(error).__name__, threading.active_count())
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "body")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout == "OSError 1\n"

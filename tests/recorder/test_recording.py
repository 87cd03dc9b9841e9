"""A recording follows redirects hop by hop, keeps every attempt, and shares its transport without mixing it up."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import pytest

from archiver.demo import faults
from archiver.demo.wire import Reply, Request
from archiver.recorder.recording import MAX_REDIRECTS, Recording, is_redirect, read_answer
from archiver.warc import WarcWriter

LARGE = bytes(range(256)) * 2048


def redirect(target: str, status: int = 302) -> Reply:
    return Reply(status, (("Location", target),), b"over there")


def chain(**hops: str) -> object:
    """Return a handler that redirects from each path to what is named for it, and answers elsewhere."""

    def answer(request: Request) -> Reply:
        name = request.path.removeprefix("/")
        return redirect(hops[name]) if name in hops else Reply(body=b"arrived")

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["/b", "b", "//site.example/b", "https://site.example/b", "?b", "https://other.example/"]
)
def test_a_media_file_is_fetched_from_where_a_redirect_leads(box, serve, start, assert_box_equals_warc, status, target):
    serve(lambda request: redirect(target, status) if request.resource == "/a" else Reply(body=b"arrived"))
    serve(b"arrived", "other.example")
    session = start()
    exchange = session.fetch("/a")
    assert (exchange.status, exchange.body.data) == (200, b"arrived")
    assert [item.status for item in session.all] == [status, 200]
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://127.1/latest",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8080/",
        "http://127\u30020\u30020\u30021/",
        "https://intranet/",
    ],
)
def test_a_redirect_cannot_lead_into_the_network_of_the_investigator(box, serve, start, assert_box_equals_warc, target):
    serve(Reply(302, (("Location", target.encode("utf-8").decode("latin-1")),)))
    session = start()
    exchange = session.fetch("/a")
    assert len(box.exchanges) == 1
    assert exchange.status in (None, 302)
    if target.isascii():
        assert exchange.failure.reason == "address-refused"
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://x.com/", "javascript:alert(1)", "https://u:p@x.com/", "https://[", "https://xn--/",
     "http://x.com:99999999/", "data:,x", "https://x.com/" + "a" * 70_000],
    ids=lambda target: target[:20],
)  # fmt: skip
def test_a_redirect_to_what_is_no_web_address_ends_there(box, serve, start, assert_box_equals_warc, target):
    serve(redirect(target))
    session = start()
    exchange = session.fetch("/a")
    assert len(box.connections) == 1
    assert session.all[0].status == 302
    assert exchange.status in (None, 302)
    assert_box_equals_warc(box, session.end())


def test_a_redirect_without_a_target_is_an_answer(serve, start):
    serve(Reply(302))
    recorded = start().recording.fetch("https://site.example/", "test")
    assert recorded.exchange.status == 302
    assert not is_redirect(recorded)


def test_a_circle_of_redirects_is_left(box, serve, start, assert_box_equals_warc):
    serve(chain(a="/b", b="/a"))
    session = start()
    assert session.fetch("/a").status == 302
    assert len(session.all) == MAX_REDIRECTS
    assert_box_equals_warc(box, session.end())


def follow(session, path: str, target) -> list[tuple[str, int]]:
    return [
        (answer.url, answer.status) for answer in session.recording.follow(f"https://site.example{path}", "hop", target)
    ]


def test_following_is_hop_by_hop_and_asks_where_to_go(box, serve, start, assert_box_equals_warc):
    serve(chain(a="/b#part", b="https://other.example/c"))
    serve(b"end", "other.example")
    session = start()
    assert follow(session, "/a", lambda _, location: location) == [
        ("https://site.example/a", 302),
        ("https://site.example/b", 302),
        ("https://other.example/c", 200),
    ]
    assert {item.purpose for item in session.all} == {"hop"}
    assert_box_equals_warc(box, session.end())


def test_following_ends_where_it_is_told_and_where_it_has_been(serve, start):
    serve(chain(a="/b", b="/a"))
    assert follow(start(), "/a", lambda _answer, _location: None) == [("https://site.example/a", 302)]
    assert len(follow(start(), "/a", lambda _, location: location)) == 2


def test_following_may_go_by_what_a_page_says(serve, start):
    serve(lambda request: Reply(body=b"/next" if request.path == "/a" else b""))
    hops = follow(start(), "/a", lambda answer, _location: answer.body.decode() or None)
    assert hops == [("https://site.example/a", 200), ("https://site.example/next", 200)]


def test_following_ends_where_no_answer_comes(box, serve, start):
    serve(chain(a="https://gone.example/"))
    assert follow(start(retries=0), "/a", lambda _, location: location) == [("https://site.example/a", 302)]


def test_a_refused_hop_ends_the_chain_and_is_recorded(box, serve, start):
    serve(chain(a="http://127.1/"))
    session = start()
    assert len(follow(session, "/a", lambda _, location: location)) == 1
    assert session.all[-1].failure.reason == "address-refused"
    assert len(box.exchanges) == 1


def test_an_answer_larger_than_anything_read_is_cut_for_reading(serve, start):
    import gzip

    serve(Reply(200, (("Content-Encoding", "gzip"),), gzip.compress(bytes(20 << 20))))
    answer = read_answer(start().recording.ask("https://site.example/", "test"))
    assert answer.truncated == "unspecified"
    assert len(answer.body) <= 16 << 20


def test_no_answer_reads_as_none(box, serve, start):
    serve(b"x")
    box.faults.add(faults.Reset(0), times=None)
    assert read_answer(start(retries=0).recording.ask("https://site.example/", "test")) is None


def test_the_body_of_an_answer_is_discarded_only_when_it_is_in_a_warc(
    box, serve, start, connect, settings_for, tmp_path
):
    serve(LARGE)
    session = start()
    exchange = session.fetch()
    session.recording.discard(exchange)
    assert not exchange.body.path.exists()
    settings = settings_for(box)
    lead = Recording(connect(settings), settings, tmp_path, None)
    exchange = lead.fetch("https://site.example/", "lead").exchange
    lead.discard(exchange)
    assert exchange.body.path.exists()


def test_what_led_here_is_written_into_every_capture_that_it_led_to(
    box, serve, start, connect, settings_for, tmp_path, assert_box_equals_warc, read_warc
):
    serve(chain(a="https://other.example/"))
    serve(LARGE, "other.example")
    box.faults.add(faults.Status(503, LARGE), host="other.example")
    settings = settings_for(box)
    transport = connect(settings)
    folder = tmp_path / "lead"
    folder.mkdir()
    lead = Recording(transport, settings, folder, None, lambda _seconds: None)
    assert lead.fetch("https://site.example/a", "lead").exchange.whole
    led = [recorded.exchange for recorded in lead.exchanges]
    assert [exchange.status for exchange in led] == [302, 503, 200]
    sessions = [start(transport), start(transport)]
    for session in sessions:
        session.recording.adopt(led)
        assert_box_equals_warc(box, session.end())
        assert len([1 for fields, _ in read_warc(session.path) if ("WARC-Type", "response") in fields]) == 3
    ids = [{recorded.response_id for recorded in session.recording.exchanges} for session in sessions]
    assert not ids[0] & ids[1]


def test_many_threads_share_a_transport_and_every_warc_stands_alone(
    box, serve, start, connect, settings_for, read_warc, assert_box_equals_warc
):
    hosts = [f"host{number}.example" for number in range(3)]
    for host in hosts:
        serve(lambda request: Reply(body=request.host.encode() + request.path.encode() + LARGE[:300_000]), host)
    transport = connect(settings_for(box), connections=6)
    sessions = [start(transport) for _ in range(4)]
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for turn in range(5):
            sessions[number].fetch(f"/{number}/{turn}", hosts[(number + turn) % 3])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert_box_equals_warc(box, *[session.end() for session in sessions])
    assert len(box.exchanges) == 20
    for number, session in enumerate(sessions):
        assert len(session.all) == 5
        for turn, exchange in enumerate(session.all):
            expected = f"{hosts[(number + turn) % 3]}/{number}/{turn}".encode()
            assert exchange.whole
            assert exchange.body.path.read_bytes().startswith(expected)
        used = {exchange.connection.id: exchange.connection for exchange in session.all}
        assert certificates(read_warc(session.path)) == {id: len(connection.chain) for id, connection in used.items()}


def certificates(records) -> dict[str, int]:
    """Return how many certificates stand after each connection record."""
    found: dict[str, int] = {}
    for _, block in records:
        if block.startswith(b'{"address":'):
            connection = json.loads(block)["id"]
        elif block.startswith(b"-----BEGIN CERTIFICATE-----"):
            found[connection] = block.count(b"-----BEGIN CERTIFICATE-----")
    return found


def test_a_warc_that_cannot_be_written_is_an_error_and_not_a_silence(serve, connect, settings_for, box, tmp_path):
    serve(b"hello")
    settings = settings_for(box)
    writer = WarcWriter(tmp_path / "w")
    writer.write("warcinfo", datetime.now(UTC), "application/warc-fields")
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        Recording(connect(settings), settings, tmp_path, writer).ask("https://site.example/", "test")

"""Authorities are asked through the user's proxy, in bounds, and whatever comes instead of a reply has its reason."""

from __future__ import annotations

import base64
import hashlib
import shutil
import socket
import threading
import time

import pytest

from archiver.config import NetworkSettings
from archiver.custody.timestamp import StampFault, check, load_roots, make_request
from archiver.demo.faults import ConnectRefused, Raw, Replace, Reset, Stall, Status, Truncate
from archiver.demo.hostile import Drip, Flood, Redirect
from archiver.demo.wire import Reply
from archiver.errors import ConfigError, NetworkError
from archiver.recorder.authorities import MAX_REPLY, asker

HOST = "timestamp.one.example"
URL = f"http://{HOST}"
DIGEST = hashlib.sha256(b"a seal").digest()
TYPE = ("Content-Type", "application/timestamp-reply")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no program openssl here")


@pytest.fixture
def ask(box, settings_for):
    """Ask one of the box's authorities, or another host of the box, for what it replies to a request."""

    def call(url=URL, request=b"request", seconds=10.0, **changes):
        return asker(settings_for(box, **changes))(url, request, seconds)

    return call


@pytest.fixture
def replies(box):
    """Let the authority reply with these bytes, whatever it is asked."""

    def add(body=b"reply", *headers):
        box.add(HOST, lambda _request: Reply(200, headers or (TYPE,), body))

    return add


@needs_openssl
@pytest.mark.parametrize("url", [URL, f"{URL}/", "http://timestamp.two.example/tsa?x=1", f"https://{HOST}"])
def test_reply_comes_and_proves_the_time(box, ask, url):
    request, nonce = make_request(DIGEST)
    stamp = check(ask(url, request), DIGEST, load_roots(box.tsa_roots_file.read_bytes()), nonce=nonce)
    assert abs(stamp.time.timestamp() - time.time()) < 30


@needs_openssl
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("rejected", "rejected"),
        ("wrong-nonce", "wrong-nonce"),
        ("no-nonce", "wrong-nonce"),
        ("wrong-imprint", "wrong-imprint"),
        ("expired", "expired"),
        ("not-yet-valid", "expired"),
        ("foreign", "foreign"),
        ("foreign-with-root", "foreign"),
        ("no-purpose", "not-for-timestamping"),
        ("sha1", "algorithm"),
        ("flipped", "bad-signature"),
    ],
)
def test_bad_reply_comes_and_is_refused_when_it_is_checked(box, ask, kind, reason):
    box.faults.add(box.timestamps.bad(kind))
    request, nonce = make_request(DIGEST)
    reply = ask(URL, request)
    with pytest.raises(StampFault) as caught:
        check(reply, DIGEST, load_roots(box.tsa_roots_file.read_bytes()), nonce=nonce)
    assert caught.value.reason == reason


def test_request_says_what_the_standard_asks_for_and_nothing_of_the_user(box, ask, replies):
    replies(b"\x30\x00")
    assert ask(f"{URL}/tsa?x=1#part", b"\x30\x01\x00", user_agent="tests") == b"\x30\x00"
    [exchange] = box.requests(HOST)
    head, _, body = exchange.request.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    assert first == f"POST http://{HOST}/tsa?x=1 HTTP/1.1"
    assert sorted(field.lower() for field in fields) == [
        "accept-encoding: identity",
        "accept: application/timestamp-reply",
        "content-length: 3",
        "content-type: application/timestamp-query",
        f"host: {HOST}",
        "user-agent: tests",
    ]
    assert body == b"\x30\x01\x00"


def test_credentials_of_the_url_go_to_the_authority_as_basic_authentication(box, ask, replies):
    replies()
    ask(f"http://ann:p%40ss@{HOST}/")
    [exchange] = box.requests(HOST)
    assert b"Authorization: Basic " + base64.b64encode(b"ann:p@ss") in exchange.request
    assert f"POST http://{HOST}/ HTTP/1.1".encode() in exchange.request


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Status(503, b"down for maintenance"), "status"),
        (Status(204), "status"),
        (Raw(b""), "disconnect"),
        (Reset(), "disconnect"),
        (Truncate(3), "disconnect"),
        (Raw(b"no HTTP at all\r\n\r\n"), "protocol"),
        (Stall(0, 30), "timeout"),
        (Stall(60, 30), "timeout"),
        (Drip(0.05), "time-limit"),
        (Drip(0.2, "body"), "time-limit"),
        (Flood(MAX_REPLY + 1), "size-limit"),
        (Flood(None), "size-limit"),
        (Flood(None, "chunked"), "size-limit"),
        (Flood(None, "close"), "size-limit"),
        (Redirect("http://timestamp.two.example/"), "status"),
        (Redirect("http://127.0.0.1/", 307), "status"),
        (Replace(b"<p>Log in</p>", "text/html"), "content-type"),
        (lambda _request, reply: reply.with_header("Content-Type", ""), "content-type"),
        (lambda _request, reply: reply.with_header("Content-Encoding", "gzip"), "content-type"),
    ],
)
def test_what_comes_instead_of_a_reply_has_its_reason(box, ask, replies, fault, reason):
    replies(b"a reply of some length")
    box.faults.add(fault)
    started = time.monotonic()
    with pytest.raises(NetworkError, match=HOST) as caught:
        ask(seconds=0.6)
    assert caught.value.reason == reason
    assert caught.value.exit_code == 4
    assert time.monotonic() - started < 4
    assert len(box.exchanges) == 1


def test_media_type_may_have_parameters_and_any_case(ask, replies):
    replies(b"reply", ("content-type", "Application/Timestamp-Reply; charset=binary"))
    assert ask() == b"reply"


def test_reply_of_the_greatest_length_is_taken_and_empty_ones_are_left_to_be_judged(ask, replies):
    replies(bytes(MAX_REPLY))
    assert ask() == bytes(MAX_REPLY)
    replies(b"")
    assert ask() == b""


def test_tls_of_an_authority_is_checked(box, ask, replies, settings_for):
    replies()
    assert ask(f"https://{HOST}") == b"reply"
    with pytest.raises(NetworkError) as caught:
        ask(f"https://{HOST}", ca_file="")
    assert caught.value.reason == "tls"


def test_proxy_that_refuses_is_named(box, ask):
    box.faults.add(ConnectRefused())
    with pytest.raises(NetworkError) as caught:
        ask(f"https://{HOST}")
    assert caught.value.reason == "proxy"


def test_authority_that_does_not_exist_is_a_failure(ask):
    with pytest.raises(NetworkError) as caught:
        ask("http://nowhere.example/")
    assert caught.value.reason == "status"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "tsa", "tsa.example"])
def test_authority_of_the_settings_may_be_on_the_local_network(box, name, monkeypatch):
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    box.add(name, lambda _request: Reply(200, (TYPE,), b"reply"))
    looked_up = []

    def resolve(host, port):
        looked_up.append(host)
        return ["127.0.0.1"]

    ask = asker(NetworkSettings(), resolve)
    assert ask(f"http://{name}:{box.direct_plain()}/", b"request", 10.0) == b"reply"
    assert looked_up == ([] if name == "127.0.0.1" else [name])


def test_name_that_is_not_found_is_a_failure(monkeypatch):
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)

    def resolve(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NetworkError) as caught:
        asker(NetworkSettings(), resolve)(URL, b"request", 5.0)
    assert caught.value.reason == "dns"


@pytest.mark.parametrize("url", ["http://tsa.1.2/", "http://["])
def test_host_that_no_resolver_agrees_on_is_refused(box, ask, url):
    with pytest.raises(NetworkError) as caught:
        ask(url)
    assert caught.value.reason == "address-refused"
    assert box.connections == ()


@pytest.mark.parametrize(
    "url", ["http://", "ftp://timestamp.example/", "http://u:secret@/", "http://u:secret@h:x/", "timestamp"]
)
def test_setting_that_is_no_url_is_an_error_of_the_settings(ask, url):
    with pytest.raises(ConfigError, match=r"timestamp\.authorities") as caught:
        ask(url)
    assert "secret" not in str(caught.value)


def test_several_are_asked_at_once(box, ask, replies):
    box.add(HOST, lambda request: Reply(200, (TYPE,), request.body))
    found = {}

    def one(number):
        found[number] = ask(URL, b"%d" % number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: b"%d" % number for number in range(8)}

"""Ways out: a proxy from the settings or the environment, its refusals, its password, and none at all."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import textwrap

import pytest

from archiver.demo import faults
from archiver.errors import ConfigError
from archiver.recorder.redact import redact_request

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CANARY = "c4n4ry:p@ss/wörd"


@pytest.fixture
def environment(monkeypatch):
    """Return a function that sets the proxy variables, and no others."""

    def put(**values: str) -> None:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize("status", [400, 403, 407, 502, 503])
def test_a_refused_tunnel_is_recorded_and_no_request_is_sent(box, serve, start, assert_box_equals_warc, status):
    serve(b"secret")
    box.faults.add(faults.ConnectRefused(status), times=None)
    session = start(retries=1)
    exchange = session.ask("/canary")
    assert exchange.failure.reason == "proxy"
    assert str(status) in exchange.failure.detail
    assert (exchange.request, exchange.status) == (b"", None)
    assert exchange.connection.connect_response.startswith(f"HTTP/1.1 {status} ".encode())
    assert len(session.all) == len(box.connections) == 2
    assert_box_equals_warc(box, session.end())
    assert b"/canary HTTP" not in session.path.read_bytes()


def test_refused_tunnels_do_not_use_up_the_connections(box, serve, start, connect, settings_for):
    serve(b"good")
    box.faults.add(faults.ConnectRefused(403), times=5)
    session = start(connect(settings_for(box), connections=2), retries=5)
    assert session.ask().status == 200


def test_a_proxy_that_is_not_there_is_a_failure(serve, start):
    serve(b"hello")
    exchange = start(proxy="http://127.0.0.1:9", retries=0).ask()
    assert exchange.failure.reason == "connect"
    assert exchange.connection is None


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_the_password_of_the_proxy_is_overwritten_wherever_it_was_sent(
    box, serve, start, assert_box_equals_warc, scheme
):
    serve(b"hello")
    box.faults.add(faults.ConnectRefused(407))
    user = "c4n4ry"
    credentials = base64.b64encode(CANARY.encode())
    session = start(proxy=box.proxy_url.replace("http://", f"http://{user}:p%40ss%2Fw%C3%B6rd@"), retries=1)
    exchange = session.ask(scheme=scheme)
    assert exchange.whole
    assert_box_equals_warc(box, session.end(), secrets=(b"Basic " + credentials,))
    data = session.path.read_bytes()
    assert user.encode() not in data
    assert credentials not in data
    redactions = exchange.connection.redactions if scheme == "https" else exchange.redactions
    message = exchange.connection.connect_request if scheme == "https" else exchange.request
    assert [(item.what, message[item.offset : item.offset + item.length]) for item in redactions] == [
        ("proxy-authorization", b"X" * (len(credentials) + 6))
    ]


@pytest.mark.parametrize(
    ("head", "hidden"),
    [
        (b"Authorization: Bearer canary", [b"Bearer canary"]),
        (b"COOKIE:auth_token=canary; ct0=canary", [b"auth_token=canary; ct0=canary"]),
        (b"x-csrf-token:\t canary \r\nX-Guest-Token: canary", [b"canary ", b"canary"]),
        (b"Cookie: a=canary\r\nAccept: */*\r\nCookie: b=canary", [b"a=canary", b"b=canary"]),
        (b"Cookie:", []),
        (b"X-Cookie: open", []),
    ],
)
def test_credentials_are_overwritten_in_place_and_declared(head, hidden):
    raw = b"POST /cookie: HTTP/1.1\r\n" + head + b"\r\n\r\nCookie: body, not head"
    stored, redactions = redact_request(raw)
    assert len(stored) == len(raw)
    assert [raw[item.offset : item.offset + item.length] for item in redactions] == hidden
    assert b"canary" not in stored
    put_back = bytearray(stored)
    for item in redactions:
        assert set(stored[item.offset : item.offset + item.length]) == {ord("X")}
        put_back[item.offset : item.offset + item.length] = raw[item.offset : item.offset + item.length]
    assert bytes(put_back) == raw


def test_a_head_that_was_not_sent_whole_is_redacted_as_well():
    assert b"canary" not in redact_request(b"GET / HTTP/1.1\r\nCookie: canary")[0]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HTTPS_PROXY": "http://a.example:1"}, {"https": "http://a.example:1", "http": None}),
        ({"HTTP_PROXY": "http://a.example:1"}, {"https": None, "http": "http://a.example:1"}),
        ({"https_proxy": "a.example:1"}, {"https": "a.example:1", "http": None}),
        ({"ALL_PROXY": "http://a.example:1"}, {"https": "http://a.example:1", "http": "http://a.example:1"}),
        (
            {"ALL_PROXY": "http://a.example:1", "HTTPS_PROXY": "http://b.example:1"},
            {"https": "http://b.example:1", "http": "http://a.example:1"},
        ),
        ({}, {"https": None, "http": None}),
    ],
)
def test_the_environment_says_which_proxy_a_scheme_takes(environment, connect, settings_for, box, variables, expected):
    environment(**variables)
    transport = connect(settings_for(box, proxy=""))
    assert {scheme: transport.proxy_for(f"{scheme}://x.com/") for scheme in expected} == expected


def test_the_setting_wins_over_the_environment_and_its_exceptions(environment, connect, settings_for, box):
    environment(HTTPS_PROXY="http://other.example:1", NO_PROXY="x.com")
    assert connect(settings_for(box)).proxy_for("https://x.com/") == box.proxy_url


def test_the_environment_leads_into_the_box(box, serve, start, environment, assert_box_equals_warc):
    serve(b"hello")
    environment(HTTPS_PROXY=box.proxy_url)
    session = start(proxy="")
    assert session.ask().whole
    assert session.all[0].connection.proxied
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("no_proxy", ["example.org", ".example.org, site.example", "site.example", "*"])
def test_hosts_named_by_no_proxy_are_reached_directly_and_the_others_not(
    box, serve, start, connect, settings_for, environment, to_loopback, assert_box_equals_warc, no_proxy
):
    serve(b"hello")
    serve(b"other", "other.example")
    environment(HTTPS_PROXY=box.proxy_url, NO_PROXY=no_proxy)
    session = start(connect(settings_for(box, proxy=""), to_loopback))
    direct = "site.example" in no_proxy or no_proxy == "*"
    host = f"site.example:{box.direct('site.example')}" if direct else "site.example"
    exchange = session.ask(host=host)
    assert exchange.whole
    assert exchange.connection.proxied != direct
    if no_proxy != "*":
        assert session.ask(host="other.example").connection.proxied
    assert_box_equals_warc(box, session.end())


def test_the_warc_names_the_address_of_a_direct_connection_and_none_behind_a_proxy(
    box, serve, start, connect, settings_for, to_loopback, read_warc, assert_box_equals_warc
):
    serve(b"hello")
    direct = start(connect(settings_for(box, proxy=""), to_loopback))
    direct.ask(host=f"site.example:{box.direct('site.example')}")
    proxied = start()
    proxied.ask()
    assert_box_equals_warc(box, direct.end(), proxied.end())
    for session, expected in ((direct, {"127.0.0.1"}), (proxied, set())):
        found = {value for fields, _ in read_warc(session.path) for name, value in fields if name == "WARC-IP-Address"}
        assert found == expected
        protocols = [
            value for fields, _ in read_warc(session.path) for name, value in fields if name == "WARC-Protocol"
        ]
        assert protocols == ["http/1.1", "tls/1.3"] * 2


def test_plain_http_directly(box, serve, start, connect, settings_for, to_loopback, assert_box_equals_warc):
    serve(b"hello")
    session = start(connect(settings_for(box, proxy=""), to_loopback))
    exchange = session.ask(host=f"site.example:{box.direct_plain()}", scheme="http")
    assert exchange.whole
    assert (exchange.connection.chain, exchange.connection.tls_version) == ((), None)
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("proxy", ["socks4://u:canary@h:1", "ftp://h", "http://", "http://u:canary@h:port"])
def test_a_proxy_that_cannot_be_used_is_an_error_that_does_not_repeat_its_password(connect, settings_for, box, proxy):
    with pytest.raises(ConfigError) as refused:
        connect(settings_for(box, proxy=proxy))
    assert "canary" not in str(refused.value) + refused.value.advice


def test_a_process_that_has_only_the_environment_of_the_box_reaches_it(box, serve, tmp_path):
    serve(b"hello")
    program = """
        import sys
        from pathlib import Path
        from archiver.config import NetworkSettings
        from archiver.recorder.guard import AddressGuard
        from archiver.recorder.recording import Recording
        from archiver.recorder.transport import RecordingTransport
        settings = NetworkSettings()
        transport = RecordingTransport(settings, AddressGuard())
        recorded = Recording(transport, settings, Path(sys.argv[1]), None).ask("https://site.example/", "test")
        transport.close()
        print(recorded.exchange.body.data, recorded.exchange.failure)
    """
    clean = {name: value for name, value in os.environ.items() if name.upper() not in VARIABLES}
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        env=clean | box.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout == "b'hello' None\n"
    assert len(box.exchanges) == 1

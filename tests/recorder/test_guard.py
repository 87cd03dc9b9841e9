"""Nothing in a post may make this program contact what is not the public internet, however it is spelled."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.demo import faults
from archiver.errors import AddressRefused, NetworkError
from archiver.recorder.guard import AddressGuard, is_public, parse_literal, system_resolver

REFUSED = [
    # The spellings of LESSONS: not addresses to a parser, yet they connect to loopback.
    "127.1",
    "0x7f.1",
    "2130706433",
    "127.0.0.1",
    "127.0.0.1.",
    "0177.0.0.1",
    "0x7f000001",
    "017700000001",
    "127.0.0.01",
    "127.0.0.09",
    "127.0.0.0x1",
    "0",
    "0.0.0.0",
    "1",
    # Blocks that no public server has.
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    # IPv6, and IPv4 inside it.
    "::1",
    "[::1]",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    # Names of the local network.
    "localhost",
    "LOCALHOST",
    "localhost.",
    "intranet",
    "a.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.lan",
    "router.home.arpa",
    "localhost.localdomain",
    # What is neither an address nor a host name.
    "",
    ".",
    "x.com..",
    ".x.com",
    "x..com",
    "%31%32%37.1",
    "x com.example",
    "x.com\\@127.0.0.1",
    "1.2.3.4.5",
    "x.1",
    "x.0x7f",
    "256.256.256.256",
    "xn--a_b\u2024.example",
    "a" * 64 + ".example",
    ".".join(["a" * 60] * 5),
]
ALLOWED = ["x.com", "X.COM.", "t.co", "a-b_c.example", "xn--bcher-kva.example", "1.1.1.1", "8.8.8.8", "x.com1"]
PUBLIC_V6 = ["2606:4700::6810:1", "[2a00:1450:4001::1]", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def refuse_to_look_up(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host}:{port} was looked up")


@pytest.mark.parametrize("host", REFUSED)
def test_what_is_not_public_is_refused_without_a_look_up(host):
    with pytest.raises(AddressRefused):
        AddressGuard(refuse_to_look_up).check_name(host)


@pytest.mark.parametrize("host", ALLOWED + PUBLIC_V6)
def test_what_may_be_public_is_let_through_without_a_look_up(host):
    AddressGuard(refuse_to_look_up).check_name(host)


@pytest.mark.parametrize("host", [host for host in REFUSED if parse_literal(host) is not None])
def test_a_literal_is_judged_before_connecting_too(host):
    with pytest.raises(AddressRefused):
        AddressGuard(refuse_to_look_up).resolve(host, 443)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::6810:1]", "0x8.8.8.8"])
def test_a_public_literal_is_its_own_address(host):
    [address] = AddressGuard(refuse_to_look_up).resolve(host, 443)
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "fe80::1%2", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::1"]
)
@pytest.mark.parametrize("beside", [[], ["1.1.1.1"]])
def test_a_name_that_leads_anywhere_else_is_refused_even_if_another_address_is_public(address, beside):
    guard = AddressGuard(lambda _host, _port: [*beside, address])
    with pytest.raises(AddressRefused):
        guard.resolve("rebind.example", 443)


def test_a_name_that_leads_to_public_addresses_is_resolved_in_their_order():
    addresses = ["2606:4700::6810:1", "1.1.1.1"]
    assert AddressGuard(lambda _host, _port: addresses).resolve("x.com", 443) == addresses


@pytest.mark.parametrize(
    "failure", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long"), None]
)
def test_a_name_that_is_not_found_is_a_network_error(failure):
    def look_up(_host: str, _port: int) -> list[str]:
        if failure is not None:
            raise failure
        return []

    with pytest.raises(NetworkError) as refused:
        AddressGuard(look_up).resolve("x.com", 443)
    assert refused.value.reason == "dns"
    assert not isinstance(refused.value, AddressRefused)


def test_allowed_networks_are_let_through_and_no_others():
    guard = AddressGuard(lambda _host, _port: ["127.0.0.1"], [ipaddress.ip_network("127.0.0.0/8")])
    guard.check_name("127.0.0.1")
    assert guard.resolve("x.com", 443) == ["127.0.0.1"]
    for host in ("10.0.0.1", "::1", "::ffff:127.0.0.1"):
        with pytest.raises(AddressRefused):
            guard.check_name(host)


def test_the_system_resolver_gives_each_address_once():
    found = system_resolver("127.0.0.1", 80)
    assert found == ["127.0.0.1"]


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_in_every_spelling(address):
    number = int(address)
    a, b, c, d = address.packed
    spellings = [str(number), hex(number), f"0{number:o}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{c << 8 | d}"]
    for text in spellings:
        assert parse_literal(text) == address, text
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        embedding = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number)
        assert is_public(embedding) == is_public(address)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        embeds = address.version == 6 and address.ipv4_mapped is not None
        assert not is_public(address) or embeds


@given(st.text(max_size=30) | st.from_regex(r"[0-9a-fx.:\[\]%]{1,30}", fullmatch=True))
def test_any_text_is_let_through_or_refused_and_nothing_else(host):
    try:
        AddressGuard(refuse_to_look_up).check_name(host)
    except AddressRefused:
        return
    literal = parse_literal(host)
    assert is_public(literal) if literal is not None else "." in host


@pytest.mark.parametrize("host", ["127.1", "169.254.169.254", "[::1]", "localhost", "2130706433"])
def test_a_refused_address_is_a_recorded_failure_and_the_proxy_hears_nothing(box, start, assert_box_equals_warc, host):
    session = start()
    exchange = session.ask(host=host, scheme="http")
    assert exchange.failure.reason == "address-refused"
    assert (box.connections, session.slept) == ((), [])
    assert_box_equals_warc(box, session.end())


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(box, serve, start, connect, settings_for):
    serve(b"hello")
    answers = iter([["127.0.0.1"], ["203.0.113.1"]])
    guard = AddressGuard(lambda _host, _port: next(answers), [ipaddress.ip_network("127.0.0.0/8")])
    session = start(connect(settings_for(box, proxy=""), guard))
    host = f"site.example:{box.direct('site.example')}"
    assert session.ask(host=host).whole
    assert session.ask(host=host).connection.address.startswith("127.0.0.1:")
    box.faults.add(faults.Reset(0))
    assert session.ask(host=host).failure.reason == "address-refused"
    assert [exchange.status for exchange in session.all] == [200, 200, None, None]
    assert len(box.exchanges) == 3


def test_the_next_address_is_tried_where_the_first_does_not_answer(box, serve, start, connect, settings_for):
    serve(b"hello")
    guard = AddressGuard(lambda _host, _port: ["127.0.0.2", "127.0.0.1"], [ipaddress.ip_network("127.0.0.0/8")])
    session = start(connect(settings_for(box, proxy=""), guard))
    port = box.direct("site.example")
    assert session.ask(host=f"site.example:{port}").connection.address == f"127.0.0.1:{port}"

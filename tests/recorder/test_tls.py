"""TLS is always checked, what secured a connection is noted, and nothing is sent to who cannot prove a name."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from archiver.demo import faults
from archiver.demo.authority import Authority
from archiver.demo.wire import Reply
from archiver.errors import ConfigError
from archiver.recorder.certificates import iana_cipher

KINDS = ["expired", "self-signed", "wrong-host"]
BODY = hashlib.shake_128(b"behind two layers").digest(5 << 20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_certificate_is_refused_and_nothing_of_the_request_is_sent(
    box, serve, start, assert_box_equals_warc, kind
):
    serve(b"secret")
    box.faults.add(faults.BadCertificate(kind), times=None)
    session = start()
    exchange = session.ask("/canary")
    assert exchange.failure.reason == "tls"
    assert "certificate" in exchange.failure.detail
    assert (exchange.request, exchange.status, exchange.whole) == (b"", None, False)
    assert session.slept == []
    assert box.exchanges == ()
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_certificate_met_directly_is_refused_with_the_address_noted(
    box, serve, start, connect, settings_for, to_loopback, read_warc, kind
):
    serve(b"secret")
    box.faults.add(faults.BadCertificate(kind), times=None)
    port = box.direct("site.example")
    session = start(connect(settings_for(box, proxy=""), to_loopback))
    exchange = session.ask(host=f"site.example:{port}")
    assert exchange.failure.reason == "tls"
    assert exchange.connection.address == f"127.0.0.1:{port}"
    assert (exchange.request, exchange.connection.chain, box.exchanges) == (b"", (), ())
    assert [dict(fields)["WARC-Type"] for fields, _ in read_warc(session.end())] == ["warcinfo", "metadata", "metadata"]


def test_bad_certificates_do_not_use_up_the_connections(box, serve, start, connect, settings_for):
    serve(b"good")
    box.faults.add(faults.BadCertificate("expired"), times=5)
    session = start(connect(settings_for(box), connections=2))
    answers: list[int | None] = []
    worker = threading.Thread(target=lambda: answers.extend(session.ask().status for _ in range(6)), daemon=True)
    worker.start()
    worker.join(20)
    assert answers == [None] * 5 + [200]


def test_an_authority_that_is_not_trusted_is_refused(box, serve, start, tmp_path):
    serve(b"secret")
    other = Authority(tmp_path)
    assert start(ca_file=str(other.ca_file)).ask().failure.reason == "tls"
    assert box.exchanges == ()


def test_the_chain_is_noted_as_sent_leaf_first(box, serve, start):
    serve(b"hello")
    connection = start().ask().connection
    leaf, root = map(x509.load_der_x509_certificate, connection.chain)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["site.example"]
    assert root == x509.load_pem_x509_certificate(box.ca_file.read_bytes())
    leaf.verify_directly_issued_by(root)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_file_that_cannot_be_used_is_a_configuration_error(box, connect, settings_for, tmp_path, content):
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"network\.ca_file 'own\.pem' cannot be used"):
        connect(settings_for(box, ca_file=str(path)))


def test_the_environment_names_the_authorities_where_no_setting_does(
    box, serve, start, connect, settings_for, monkeypatch, tmp_path
):
    serve(b"hello")
    monkeypatch.setenv("SSL_CERT_FILE", str(box.ca_file))
    transport = connect(settings_for(box, ca_file=""))
    assert transport.custom_authorities
    assert start(transport).ask().whole
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        connect(settings_for(box, ca_file=""))


def test_a_host_that_hangs_up_in_the_handshake_is_a_connection_that_failed(
    start, connect, settings_for, box, to_loopback
):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            accepted, _ = listener.accept()
            accepted.recv(65536)
            accepted.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        session = start(connect(settings_for(box, proxy=""), to_loopback), retries=0)
        failure = session.ask(host=f"site.example:{listener.getsockname()[1]}").failure
        thread.join()
    assert failure.reason == "connect"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_cipher_names_are_those_of_iana():
    listing = subprocess.run(["openssl", "ciphers", "-stdname", "ALL"], capture_output=True, text=True, check=True)
    names = [(line.split()[2], line.split()[0]) for line in listing.stdout.splitlines()]
    translated = {ours: iana_cipher(ours) for ours, _ in names}
    assert all(translated[ours] in (None, iana) for ours, iana in names)
    modern = [ours for ours, iana in names if re.fullmatch(r"TLS_(ECDHE_(RSA|ECDSA)_WITH_)?AES_\d+_GCM_SHA\d+", iana)]
    assert len(modern) >= 4
    assert None not in [translated[ours] for ours in modern]
    assert iana_cipher("ECDHE-RSA-CHACHA20-POLY1305") == "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    assert iana_cipher("ECDHE-ECDSA-AES256-SHA384") == "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"


class SecureProxy:
    """Puts TLS in front of another port on loopback, so that the box's proxy is one that is reached through TLS."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._port = port
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for sock in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
                inner = self._context.wrap_socket(accepted, server_side=True)
            except OSError:
                return
            outer = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += [inner, outer]
            for source, target in ((inner, outer), (outer, inner)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def secure_proxy(box, tmp_path) -> Iterator[tuple[str, Path]]:
    """URL of an https:// proxy before the box, and a file with its authority and the box's."""
    folder = tmp_path / "proxy"
    folder.mkdir()
    authority = Authority(folder)
    both = tmp_path / "both.pem"
    both.write_bytes(authority.ca_file.read_bytes() + box.ca_file.read_bytes())
    proxy = SecureProxy(int(box.proxy_url.rsplit(":", 1)[1]), authority.context("localhost"))
    yield f"https://localhost:{proxy.port}", both
    proxy.close()


@pytest.mark.parametrize("body", [b"small", BODY], ids=["small", "large"])
def test_tls_inside_tls_yields_what_the_host_said(box, serve, start, secure_proxy, assert_box_equals_warc, body):
    url, both = secure_proxy
    serve(Reply(body=body))
    session = start(proxy=url, ca_file=str(both))
    exchange = session.fetch()
    assert exchange.whole
    assert exchange.body.sha256 == hashlib.sha256(body).hexdigest()
    leaf = x509.load_der_x509_certificate(exchange.connection.chain[0])
    assert leaf.subject.rfc4514_string().startswith("CN=site.example")
    assert_box_equals_warc(box, session.end())

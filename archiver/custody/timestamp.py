"""Asks for time-stamps in bytes and checks replies in bytes (RFC 3161); it connects nowhere and reads no clock.

A reply has to hold before two judges that share no code: the reader here, which takes nothing that the standard does
not ask for, and OpenSSL (through rfc3161-client), which knows all of X.509. OpenSSL is shown only what the reader has
found to be signed under one of the trusted roots; what else an authority, or anyone later, put into a reply, it never
sees.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from archiver.custody.rfc3161 import certificate as certificates
from archiver.custody.rfc3161 import chain as chains
from archiver.custody.rfc3161 import der
from archiver.custody.rfc3161 import info as infos
from archiver.custody.rfc3161 import token as tokens
from archiver.custody.rfc3161.algorithms import SHA256, digest_of, verify
from archiver.custody.rfc3161.chain import Chain
from archiver.custody.rfc3161.fault import Reason, StampFault
from archiver.custody.rfc3161.token import MAX_REPLY, Token
from archiver.custody.roots import Root, load_roots, pinned_roots
from archiver.model import Record

__all__ = ["MAX_REPLY", "Reason", "Root", "Stamp", "StampFault", "check", "load_roots", "make_request", "pinned_roots"]

_DIGEST_BYTES = 32


class Stamp(Record, frozen=True, kw_only=True):
    """What a sound reply proves: that a digest existed at a time, on the word of an authority.

    Attributes:
        time: when the stamp was made, by the authority's clock (UTC).
        accuracy: microseconds by which that clock may be wrong; None where the authority does not say.
        authority: subject of the signing certificate, in readable form.
        certificate: SHA-256 of the signing certificate, in hex.
        expires: when the first of the certificates below the root ceases to be valid.
        root: SHA-256 of the trusted root, in hex.
        nonce: the number of the request, where the reply repeats one.
        imprint: the digest that is stamped, in hex.
    """

    time: datetime
    accuracy: int | None
    authority: str
    certificate: str
    expires: datetime
    root: str
    nonce: int | None
    imprint: str


def make_request(digest: bytes) -> tuple[bytes, int]:
    """Return a request for a time-stamp, and the random number in it that the reply has to repeat.

    Args:
        digest: SHA-256 of what is to be stamped, 32 bytes.

    Returns:
        DER of a TimeStampReq that asks for the certificates too, and its nonce, which is positive and of 64 bits.

    Raises:
        ValueError: the digest has another length.
    """
    _require_length(digest)
    nonce = secrets.randbits(63) | 1 << 63
    imprint = der.write(der.SEQUENCE, SHA256, der.write(der.OCTET_STRING, digest))
    certificates = der.write(der.BOOLEAN, b"\xff")
    return der.write(der.SEQUENCE, der.integer(1), imprint, der.integer(nonce), certificates), nonce


def check(reply: bytes, digest: bytes, roots: Sequence[Root], *, nonce: int | None = None) -> Stamp:
    """Check a reply: granted, for this digest, soundly signed, and by whom the trusted roots vouch for at that time.

    Args:
        reply: DER of a TimeStampResp, as it came.
        digest: SHA-256 of what it is to stamp, 32 bytes.
        roots: the roots that are trusted; nothing in the reply adds to them.
        nonce: the number of the request; None where it is no longer known.

    Raises:
        StampFault: it is anything else. Nothing else is raised, whatever the reply holds.
        ValueError: the digest has another length.
    """
    _require_length(digest)
    token = tokens.read(reply)
    present = chains.read_all(token)
    signer = chains.find_signer(token, present)
    signed = digest_of(token.info, token.algorithm.digest) == token.content_digest
    if not signed or not verify(signer.key, token.signature, token.attributes, token.algorithm):
        raise StampFault("bad-signature", "the signature of the time-stamp is not valid")
    info = infos.read(token.info)
    if info.imprint != digest:
        raise StampFault("wrong-imprint", "the time-stamp is for something else")
    if nonce is not None and info.nonce != nonce:
        raise StampFault("wrong-nonce", "the time-stamp answers another request")
    trusted = [certificates.read(root.der) for root in roots]
    chain = chains.find_chain(token, signer, present, trusted, info.time)
    _ask_openssl(token, chain, digest)
    return Stamp(
        time=info.time,
        accuracy=info.accuracy,
        authority=signer.name,
        certificate=signer.sha256,
        expires=chain.expires,
        root=chain.root.sha256,
        nonce=info.nonce,
        imprint=digest.hex(),
    )


def _ask_openssl(token: Token, chain: Chain, digest: bytes) -> None:
    """Let OpenSSL judge signature and path at the time of the stamp, with the one root that the path leads to."""
    # Imported here because these reach, on their way, for modules that could open a connection.
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    reply = tokens.rebuild(token, tuple(certificate.raw for certificate in chain.path))
    try:
        root = x509.load_der_x509_certificate(chain.root.raw)
        response = decode_timestamp_response(reply)
        VerifierBuilder().add_root_certificate(root).build().verify(response, digest)
    except VerificationError as error:
        raise StampFault("foreign", f"OpenSSL does not accept the path to the root: {error}") from None
    except ValueError as error:
        raise StampFault("rubbish", f"OpenSSL cannot read the time-stamp: {error}") from None


def _require_length(digest: bytes) -> None:
    if len(digest) != _DIGEST_BYTES:
        raise ValueError("a SHA-256 digest has 32 bytes")

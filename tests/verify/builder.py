"""Makes small whole cases without a network: captures with every kind of record, signed and told of in a log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver import canonical, rendition, warc
from archiver.case import bag, layout
from archiver.case.instructions import VERIFY_TEXTS
from archiver.custody import account
from archiver.custody import manifest as schema
from archiver.custody.keys import Signer
from archiver.demo import oembed, syndication
from archiver.exchange_records import RecordedExchange, write_exchange
from archiver.hashing import hash_file, sha256_hex
from archiver.model import Answer, Claim, Exchange, Place
from archiver.platforms import document, x
from archiver.platforms.ids import id_time
from archiver.times import to_warc_date

from .asking import asking
from .installation import BEGAN, SIGNER, open_log, relog, sign
from .traffic import POST, PROFILE, SHORT_LINK, exchanges

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4
UNOPENED = schema.Opening()
CLAIM = Claim(handle=POST.author.handle, day="2025-03-08")


def make_case(case: Path, title: str = "Shelling of the quay") -> Path:
    """Make the folder of a case without captures."""
    (case / layout.CAPTURES).mkdir(parents=True)
    record = {
        "created": "2026-11-23T01:00:00.000000Z",
        "format": "archiver-case/1",
        "id": "urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962",
        "title": title,
    }
    (case / layout.CASE_FILE).write_bytes(canonical.encode(record))
    return case


def make_capture(
    case: Path,
    letters: str = "k7f3q9",
    *,
    photo: Path | bytes = PHOTO,
    answer: Any = None,
    seconds: int = 0,
    claim: Claim = CLAIM,
    oembed_says: dict[str, Any] | None = None,
    signer: Signer | None = SIGNER,
    opening: schema.Opening = UNOPENED,
    home: Path | None = None,
    behind: timedelta = timedelta(seconds=-1),
    asked: dict[str, Any] | None = None,
    login: bool = False,
) -> Path:
    """Make a capture in a case, signed and told of in the log, and return its folder.

    Args:
        case: from `make_case`.
        letters: the random part of its id.
        photo: the bytes of the one photo, or a file that holds them.
        answer: what the embedding service says; the sample post if None.
        seconds: how much later than `BEGAN` it begins.
        claim: what the input claims.
        oembed_says: members of oEmbed's answer to replace.
        behind: by how much the clock of the servers is behind.
        signer: who signs it, and the head of the log; None for an unsigned one.
        opening: what was stamped before; see `open_period`.
        home: the data folder of the installation that makes it.
        asked: what GraphQL answers, by the purpose of the question ("graphql", "thread"); None to ask nothing.
        login: whether GraphQL is asked with a login.
    """
    began = BEGAN + timedelta(seconds=seconds)
    capture_id = f"{began:%Y%m%dT%H%M%SZ}-{letters}"
    folder = layout.capture_folder(case, capture_id)
    (folder / layout.MEDIA).mkdir(parents=True)
    salt, url = "0123456789abcdef" * 2, f"https://x.com/i/status/{POST.id}"
    open_log(case, began + timedelta(milliseconds=1), signer, home).append(
        "started", capture=capture_id, sha256=schema.commitment(salt, url)
    )
    served = syndication.document(POST) if answer is None else answer
    second = oembed.document(POST, {}) | (oembed_says or {})
    writer = warc.WarcWriter(folder / layout.WARC)
    info = writer.write("warcinfo", began, "application/warc-fields", head=b"software: archiver/0.1.0\r\n")
    sent, bodies = exchanges(began, served, second, photo, behind), {"syndication": served, "oembed": second}
    bodies |= asked or {}
    recorded = _record(writer, [*sent[:3], *(asking(began, asked, login=login) if asked else ()), *sent[3:]])
    writer.close()
    by_purpose = {item.exchange.purpose: item for item in recorded}
    came = {purpose: _answer(by_purpose[purpose], body) for purpose, body in bodies.items()}
    answers = x.Answers(came["syndication"], came["oembed"], came.get("graphql"))
    verdict = x.judge(*answers, id=POST.id)
    reading = x.read(verdict, answers, id=POST.id)
    assert reading is not None
    extraction, first, other = reading.extraction, reading.answer, came["oembed"]
    around = x.around(came["thread"], POST.id) if "thread" in came else ()
    files = _media_files(folder, by_purpose, photo) if verdict.outcome == "captured" else []
    post = document.build(
        (*extraction.facts, *around),
        platform="x",
        id=POST.id,
        not_understood=((first.record, pointer) for pointer in extraction.not_understood),
        files=(
            document.PostFile(
                path=file.path.removeprefix("data/"), role=file.role, index=file.index, media_type=file.media_type
            )
            for file in files
        ),
    )
    (folder / layout.POST_JSON).write_bytes(document.as_bytes(post))
    (folder / layout.POST_HTML).write_bytes(rendition.render(post))
    if not files:
        (folder / layout.MEDIA).rmdir()
    inputs = (schema.Input(input=SHORT_LINK, place=Place(kind="argument"), claim=claim, route=(SHORT_LINK,)),)
    agreement = x.corroborate(came["syndication"], other, extraction.facts)
    told = schema.CustodyManifest(
        format=schema.FORMAT,
        capture=capture_id,
        salt=salt,
        case=schema.CaseIdentity(
            id="urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962",
            sha256=sha256_hex((case / layout.CASE_FILE).read_bytes()),
        ),
        platform="x",
        id=POST.id,
        url=url,
        inputs=inputs,
        comparisons=account.compare_claims(inputs, extraction.facts, id_time("x", POST.id)),
        outcome=verdict.outcome,
        reason=verdict.reason,
        words=verdict.words,
        grounds=verdict.grounds,
        missing=(schema.Missing(what="poster 1", reason="answered 404", required=False),),
        corroboration=(
            schema.Corroboration(source="oembed", record=other.record, author=agreement.author, text=agreement.text),
        ),
        summary=account.summarise(extraction.facts),
        operator=schema.Operator(name="A. Investigator", purpose="test"),
        signing=schema.Signing(fingerprint=signer.key.fingerprint if signer is not None else ""),
        opening=opening,
        started=to_warc_date(began),
        ended=to_warc_date(began + timedelta(seconds=9)),
        clock=schema.Clock(synchronised="unknown", servers=account.server_dates(recorded)),
        program=schema.Program(
            name="archiver",
            version="0.1.0",
            python="CPython 3.11.7",
            tls="OpenSSL 3.0.0",
            dependencies={"httpx": "0.28.1"},
            os="Linux 6.1",
            architecture="x86_64",
            configuration="0" * 64,
        ),
        access=schema.Access(egress="mixed", authorities="default", login=login, user_agent="test"),
        versions=schema.Versions(post=document.FORMAT, judgement=x.JUDGEMENT, rendition=rendition.RENDITION),
        ways=(schema.Way(way=reading.service, result="answered", record=first.record),),
        files=tuple(sorted([*files, *_derived(folder)], key=lambda file: file.path)),
        records=account.record_entries(info, recorded),
        exchanges=account.exchange_entries(recorded),
        redactions=account.redaction_entries(recorded),
        certificates=account.certificates(recorded),
    )
    (folder / layout.CUSTODY_MANIFEST).write_bytes(schema.to_bytes(told))
    reseal(folder, signer)
    open_log(case, began + timedelta(seconds=10), signer, home).append(
        "acquired", capture=capture_id, sha256=hash_file(folder / layout.TAGMANIFEST)[0]
    )
    return folder


def _record(writer: warc.WarcWriter, exchanges: Iterable[Exchange]) -> list[RecordedExchange]:
    known: set[str] = set()
    recorded = []
    for exchange in exchanges:
        connection = exchange.connection.id if exchange.connection else ""
        recorded.append(write_exchange(writer, exchange, new_connection=connection not in known))
        known.add(connection)
    return recorded


def _answer(recorded: RecordedExchange, served: Any) -> Answer:
    exchange = recorded.exchange
    body = json.dumps(served).encode()
    return Answer(record=recorded.response_id or "", url=exchange.url, status=exchange.status or 0, body=body)


def _media_files(folder: Path, recorded: Mapping[str, RecordedExchange], photo: Path | bytes) -> list[schema.File]:
    kinds: Sequence[tuple[str, str, int, Path | bytes, str, str]] = (
        ("photo", "01.jpg", 1, photo, "image/jpeg", "payload"),
        ("profile-image", "00-profile.png", 0, PROFILE, "image/png", "decoded"),
    )
    files = []
    for role, name, index, content, media_type, relation in kinds:
        path = folder / layout.MEDIA / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.hardlink_to(content)
        digest, size = hash_file(path)
        files.append(
            schema.File(
                path=f"{layout.MEDIA}/{name}",
                bytes=size,
                sha256=digest,
                media_type=media_type,
                role=role,
                index=index,
                source_url=recorded[role].exchange.url,
                rendition="orig" if role == "photo" else "original",
                record=recorded[role].response_id or "",
                relation=relation,
            )
        )
    return files


def _derived(folder: Path) -> Iterable[schema.File]:
    for path, role, media_type in (
        (layout.POST_JSON, "post", "application/json"),
        (layout.POST_HTML, "rendition", "text/html"),
        (layout.WARC, "warc", "application/warc"),
    ):
        digest, size = hash_file(folder / path)
        yield schema.File(path=path, bytes=size, sha256=digest, media_type=media_type, role=role, relation="derived")


def reseal(folder: Path, signer: Signer | None = SIGNER, *, logged: bool = True) -> None:
    """Write the tag files of a bag anew, as a forger who holds the key does: lists, signature and log agree with it.

    Args:
        folder: the bag, with whatever stands under `data/` now.
        signer: the key that signs; None takes the signature away.
        logged: whether the log of the case is made to agree as well.
    """
    told = canonical.decode((folder / layout.CUSTODY_MANIFEST).read_bytes())
    paths = sorted(path.relative_to(folder).as_posix() for path in (folder / layout.DATA).rglob("*") if path.is_file())
    digests = {path: hash_file(folder / path) for path in paths}
    info = bag.bag_info(
        told["capture"],
        datetime.fromisoformat(told["started"]),
        f"{told['program']['name']} {told['program']['version']}",
        {path: size for path, (_, size) in digests.items()},
    )
    listed = {path: digest for path, (digest, _) in digests.items()}
    for name, data in bag.tag_files(info, listed, VERIFY_TEXTS[layout.FORMAT]).items():
        (folder / name).write_bytes(data)
    sign(folder, signer)
    if logged:
        relog(folder, told, signer)

"""yt-dlp sends through the recorder or not at all: box and WARC agree, and what went wrong is told apart."""

from __future__ import annotations

import base64
import errno
import gzip
import json
import subprocess
import sys

import pytest

from archiver.demo import faults, posts
from archiver.demo.graphql_errors import Refused
from archiver.demo.wire import Reply
from archiver.platforms.ytdlp_trouble import PROGRAM, Trouble, reading
from archiver.recorder import ytdlp
from archiver.recorder.recording import read_answer

pytest.importorskip("yt_dlp")

PAGE = "https://site.example/page"
STRANGE = b'{"data":{"tweetResult":{"result":{"__typename":"Tweet","legacy":[]}}}}'


def gzipped(body: bytes) -> faults.Status:
    return faults.Status(200, gzip.compress(body), (("Content-Encoding", "gzip"),))


@pytest.fixture
def open_session(start, opened):
    """Return a function that begins a recording and opens a session of yt-dlp in it."""

    def begin(login=None, **changes):
        recorded = start(login=login, **changes)
        return recorded, opened.enter_context(ytdlp.Session(recorded.recording))

    return begin


def told(recorded) -> list[tuple[str, str, int | None]]:
    return [(item.purpose, item.method, item.status) for item in recorded.all]


def leaked(data: bytes, secret: str) -> bool:
    """Tell whether a secret stands in some bytes, as it is or in one of the ways in which it might be written."""
    raw = secret.encode()
    forms = {raw, raw.hex().encode(), raw[::-1]} | {base64.b64encode(b"\0" * pad + raw)[4:-4] for pad in range(3)}
    return any(form in data for form in forms)


def test_a_guest_asks_x_for_a_post(box, open_session, assert_only_declared):
    recorded, session = open_session()
    asked = session.ask_x(posts.SHELLING.id)
    assert asked.trouble is None
    body = json.loads(read_answer(asked.answer).body)
    assert body["data"]["tweetResult"]["result"]["rest_id"] == posts.SHELLING.id
    assert told(recorded) == [("guest-token", "POST", 200), ("graphql", "GET", 200)]
    assert box.requests("x.com")[0].note == "asked by a guest"
    assert_only_declared(box, recorded)
    for token in box.guest_tokens:
        assert not leaked(recorded.path.read_bytes(), token)


def test_the_requests_say_where_they_come_from(box, open_session):
    _, session = open_session(user_agent="Somebody/1.0")
    session.ask_x(posts.SHELLING.id)
    assert all(b"\r\nUser-Agent: Somebody/1.0\r\n" in exchange.request for exchange in box.exchanges)


def test_a_login_asks_x_for_a_post_and_leaves_no_trace(box, open_session, logged_in, assert_only_declared):
    recorded, session = open_session(logged_in("adult"))
    for post in (posts.AGE_VIDEO, posts.AGE_STRIPPED, posts.SHELLING):
        assert session.ask_x(post.id).trouble is None
    login = box.login("adult")
    assert [exchange.note for exchange in box.exchanges] == ["asked by desk_adult_demo"] * 3
    renewed = [f"ct0={login.renewed['ct0']}".encode() in exchange.request for exchange in box.exchanges]
    assert renewed == [False, True, True]
    assert_only_declared(box, recorded)
    for secret in login.canaries:
        assert any(secret.encode() in exchange.request + exchange.response for exchange in box.exchanges)
        assert not leaked(recorded.path.read_bytes(), secret)


@pytest.mark.parametrize(
    ("host", "fault"),
    [("api.x.com", faults.Gzip()), ("api.x.com", faults.Chunked((7, 11))), ("x.com", faults.Chunked((7, 11)))],
)
def test_every_framing_is_searched(box, open_session, assert_only_declared, host, fault):
    box.faults.add(fault, host=host, times=None)
    recorded, session = open_session()
    assert session.ask_x(posts.SHELLING.id).trouble is None
    assert_only_declared(box, recorded)
    assert not leaked(recorded.path.read_bytes(), box.guest_tokens[0])


@pytest.mark.parametrize(
    ("post", "login", "expected"),
    [
        (posts.DELETED_TOLD, None, ("absent", "deleted")),
        (posts.SUSPENDED, None, ("withheld", "suspended")),
        (posts.GONE, None, ("absent", "account-gone")),
        (posts.PROTECTED, None, ("withheld", "protected")),
        (posts.AGE_VIDEO, None, ("withheld", "age")),
        (posts.AGE_VIDEO, "no-age", ("withheld", "age")),
        (posts.AGE_VIDEO, "under-age", ("withheld", "age")),
        (posts.WITHHELD, None, ("withheld", "country")),
        (posts.SHELLING, "locked", ("refused", "account-locked")),
    ],
)
def test_refusals_are_told_apart_and_recorded(open_session, logged_in, post, login, expected):
    _, session = open_session(logged_in(login) if login else None)
    asked = session.ask_x(post.id)
    assert reading(asked.trouble) == expected
    assert asked.answer is not None
    assert asked.answer.exchange.purpose == "graphql"


@pytest.mark.parametrize(
    ("host", "fault", "expected", "answered"),
    [
        ("x.com", Refused("rate-limit"), ("refused", "rate-limit"), True),
        ("x.com", Refused("features", "a"), ("refused", "outdated-request"), True),
        ("x.com", Refused("credentials"), ("refused", "login"), True),
        ("x.com", faults.Status(503), ("unreachable", "server-error"), True),
        ("x.com", faults.Reset(40), ("unreachable", "disconnect"), True),
        ("x.com", faults.Truncate(40), ("unreachable", "disconnect"), True),
        ("x.com", faults.BadCertificate("expired"), ("unreachable", "tls"), True),
        ("x.com", faults.Status(200, b"<html>"), ("refused", "unclear"), True),
        ("x.com", faults.Status(200, b"[" * 100_000), ("refused", "yt-dlp"), True),
        ("x.com", faults.Status(200, STRANGE), ("refused", "yt-dlp"), True),
        ("api.x.com", faults.Status(200, b"{}"), ("refused", "guest-token"), False),
        ("api.x.com", faults.ConnectRefused(), ("unreachable", "proxy"), False),
        ("api.x.com", faults.Status(429), ("refused", "rate-limit"), False),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_the_way_is_told_apart(box, open_session, host, fault, expected, answered):
    box.faults.add(fault, host=host, times=None)
    _, session = open_session(retries=1)
    asked = session.ask_x(posts.SHELLING.id)
    assert reading(asked.trouble) == expected
    assert (asked.answer is not None) == answered
    assert all(host in ("x.com", "api.x.com") for host in {exchange.host for exchange in box.exchanges})


def test_what_fails_in_passing_is_asked_for_again(box, open_session, assert_only_declared):
    box.faults.add(faults.Status(503), host="api.x.com")
    box.faults.add(faults.Status(502), host="x.com")
    recorded, session = open_session()
    assert session.ask_x(posts.SHELLING.id).trouble is None
    assert [status for _, _, status in told(recorded)] == [503, 200, 502, 200]
    assert_only_declared(box, recorded)


def test_a_page_is_looked_into_and_no_credential_is_described(box, open_session, logged_in, assert_only_declared):
    recorded, session = open_session(logged_in("adult"))
    found = session.extract(posts.STREAMED.url)
    assert not isinstance(found, Trouble)
    assert [item["format_id"] for item in found.info["formats"]] == ["hls-audio-32000-Audio", "hls-288", "hls-832"]
    assert "en" in found.info["subtitles"]
    assert [purpose for purpose, _, _ in told(recorded)] == ["graphql", "playlist"]
    kept = json.dumps(found.info).encode() + repr(found).encode()
    assert not any(leaked(kept, secret) for secret in box.login("adult").canaries)
    assert_only_declared(box, recorded)


def test_the_description_says_what_found_it(open_session):
    _, session = open_session()
    assert session.extract(posts.SHELLING.url).info["_version"]["version"] == ytdlp.version()


def test_a_page_without_media_is_told_of(box, serve, open_session):
    serve(b"<html>nothing here</html>")
    recorded, session = open_session()
    found = session.extract(PAGE)
    assert (found.kind, reading(found)) == ("UnsupportedError", ("refused", "unsupported"))
    assert ("yt-dlp", "GET", 200) in told(recorded)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://site.example/a.mp4", "Unsupported url scheme"),
        ("data:text/html,a", "Unsupported url scheme"),
        ("wss://site.example/", "Unsupported url scheme"),
        ("file:///etc/passwd", "Unsupported url scheme|file://"),
    ],
)
def test_what_cannot_be_carried_fails_loudly(box, open_session, url, words):
    recorded, session = open_session()
    _, trouble = session.attempt(lambda: session.ydl.urlopen(url))
    assert reading(trouble)[0] == "refused"
    assert trouble.kind == "UnsupportedRequest"
    assert (box.exchanges, recorded.all) == ((), [])


@pytest.mark.parametrize(
    "options", [{"proxies": {"all": "http://127.0.0.1:9"}}, {"extensions": {"impersonate": object()}}]
)
def test_no_proxy_and_no_disguise_of_its_own(box, open_session, options):
    from yt_dlp.networking import Request

    recorded, session = open_session()
    _, trouble = session.attempt(lambda: session.ydl.urlopen(Request(PAGE, **options)))
    assert trouble.kind == "UnsupportedRequest"
    assert (box.exchanges, recorded.all) == ((), [])


def test_there_is_one_handler_and_it_goes_by_no_environment(open_session, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    _, session = open_session()
    assert list(session.ydl._request_director.handlers) == ["Recording"]
    assert session.ydl.proxies == {}
    assert session.ask_x(posts.SHELLING.id).trouble is None


def test_addresses_are_guarded(open_session):
    recorded, session = open_session()
    _, trouble = session.attempt(lambda: session.ydl.urlopen("http://127.1/latest"))
    assert reading(trouble) == ("unreachable", "address-refused")
    assert recorded.all[-1].failure.reason == "address-refused"


@pytest.mark.parametrize(
    ("status", "method", "following"),
    [(301, "GET", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST")],
)
def test_redirects_are_followed_hop_by_hop(box, serve, open_session, assert_only_declared, status, method, following):
    from yt_dlp.networking import Request

    serve(lambda asked: Reply(status, (("Location", "/there"),)) if asked.path == "/here" else Reply(body=b"arrived"))
    recorded, session = open_session()
    data = b"a=b" if method == "POST" else None
    answer, _ = session.attempt(lambda: session.ydl.urlopen(Request("https://site.example/here", data)).read())
    assert answer == b"arrived"
    assert [(exchange.method, exchange.target) for exchange in box.exchanges] == [
        (method, "/here"),
        (following, "/there"),
    ]
    assert box.exchanges[1].request.endswith(b"\r\n\r\na=b") == (following == "POST")
    assert_only_declared(box, recorded)


def test_a_circle_of_redirects_ends(serve, open_session):
    serve(Reply(302, (("Location", "/again"),)))
    recorded, session = open_session()
    _, trouble = session.attempt(lambda: session.ydl.urlopen(PAGE))
    assert (trouble.kind, trouble.status) == ("HTTPError", 302)
    assert len(recorded.all) == 10


def test_credentials_do_not_follow_a_redirect_elsewhere(box, open_session, logged_in, serve, assert_only_declared):
    box.faults.add(faults.Status(302, b"", (("Location", "https://site.example/elsewhere"),)), host="x.com")
    serve(b"{}")
    recorded, session = open_session(logged_in("adult"))
    session.ask_x(posts.SHELLING.id)
    (request,) = [exchange.request.lower() for exchange in box.requests("site.example")]
    for name in (b"cookie:", b"authorization:", b"x-csrf-token:"):
        assert name not in request
    assert_only_declared(box, recorded)


def test_a_redirect_that_would_hand_a_credential_on_is_not_followed(box, open_session, logged_in, serve):
    secret = box.login("adult").cookies["auth_token"]
    box.faults.add(faults.Status(302, b"", (("Location", f"https://site.example/?t={secret}"),)), host="x.com")
    serve(b"{}")
    recorded, session = open_session(logged_in("adult"))
    asked = session.ask_x(posts.SHELLING.id)
    assert reading(asked.trouble) == ("unreachable", "credential")
    assert box.requests("site.example") == ()
    assert secret not in "".join(item.url for item in recorded.all) + asked.trouble.words
    assert not leaked(recorded.end().read_bytes(), secret)


def test_an_answer_that_repeats_a_credential_is_stored_without_it(box, open_session, logged_in, assert_only_declared):
    login = box.login("adult")
    echo = json.dumps({"data": {}, "you": login.cookies["ct0"], "next": login.cookies["kdt"]}).encode()
    for fault in (gzipped(echo), faults.Status(200, echo, (("X-Echo", login.cookies["kdt"]),))):
        box.faults.add(fault, host="x.com")
    recorded, session = open_session(logged_in("adult"))
    for _ in range(3):
        session.ask_x(posts.SHELLING.id)
    assert_only_declared(box, recorded)
    assert not any(leaked(recorded.path.read_bytes(), secret) for secret in login.canaries)


@pytest.mark.parametrize("fault", [gzipped, lambda body: faults.Status(200, body)])
def test_a_large_answer_is_searched_as_well(box, open_session, logged_in, assert_only_declared, fault):
    secret = box.login("adult").cookies["ct0"]
    large = b" " * (1 << 20) + secret.encode() + b" " * (1 << 20)
    box.faults.add(fault(large), host="x.com")
    recorded, session = open_session(logged_in("adult"))
    session.ask_x(posts.SHELLING.id)
    assert_only_declared(box, recorded)
    assert not leaked(recorded.path.read_bytes(), secret)


def test_an_answer_is_not_inflated_without_end(box, open_session):
    box.faults.add(gzipped(b" " * (20 << 20)), host="x.com")
    _, session = open_session()
    asked = session.ask_x(posts.SHELLING.id)
    assert asked.trouble.kind == "ExtractorError"
    assert asked.answer.exchange.truncated == "unspecified"


def test_a_full_disk_is_no_trouble_of_a_post(serve, open_session):
    serve(b" " * (1 << 20))
    recorded, session = open_session()
    recorded.recording.folder = recorded.recording.folder / "gone"
    with pytest.raises(OSError, match="No such file") as caught:
        session.extract(PAGE)
    assert caught.value.errno == errno.ENOENT


def test_a_change_in_yt_dlp_is_told_of(open_session):
    _, session = open_session()
    _, trouble = session.attempt(lambda: session.ydl.get_info_extractor("Twitter")._a_method_that_is_gone())
    assert trouble.kind == PROGRAM
    assert "AttributeError" in trouble.words


def test_nothing_is_printed_and_nothing_is_written(open_session, capfd, tmp_path):
    recorded, session = open_session()
    session.extract(posts.SHELLING.url)
    session.extract(PAGE)
    assert "".join(capfd.readouterr()) == ""
    assert {path.name for path in recorded.path.parent.iterdir()} == {"capture.warc"}


def test_yt_dlp_is_imported_only_when_it_is_used():
    code = "import archiver.cli, archiver.recorder.ytdlp, archiver.recorder.logins, sys; print('yt_dlp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

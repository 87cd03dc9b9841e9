"""A login is loaded from where the user says, is sent only where it belongs, and no message repeats any of it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from archiver.errors import ConfigError
from archiver.recorder.logins import Login, from_browser, from_file

pytest.importorskip("yt_dlp")

SECRET = "a4d1f0c2b9e8" * 3
LATER = 2_145_916_800
HEADER = "# Netscape HTTP Cookie File\n"


def line(
    domain: str = ".x.com", path: str = "/", secure: str = "TRUE", expires: object = LATER, name: str = "auth_token"
) -> str:
    return (
        "\t".join((domain, "TRUE" if domain.startswith(".") else "FALSE", path, secure, str(expires), name, SECRET))
        + "\n"
    )


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a cookie file of this text."""

    def write(text: str | bytes) -> Login:
        path = tmp_path / "cookies.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return from_file(path)

    return write


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://x.com/i/api/graphql/a/b", True),
        ("https://api.x.com/1.1/guest/activate.json", True),
        ("http://x.com/", False),
        ("https://x.com.evil.example/", False),
        ("https://notx.com/", False),
        ("https://twitter.com/", False),
        ("https://pbs.twimg.com/media/a.jpg", False),
    ],
)
def test_cookies_go_to_the_domain_that_they_belong_to_and_only_under_tls(load, url, sent):
    login = load(HEADER + "\n" + "#HttpOnly_" + line())
    assert login.cookie_header(url) == (f"auth_token={SECRET}" if sent else "")
    assert login.has(url, "auth_token") == sent
    assert not login.has(url, "auth")


def test_cookies_go_to_their_path_and_their_host_only(load):
    login = load(HEADER + line(domain="x.com", path="/i/api", secure="FALSE"))
    assert login.cookie_header("http://x.com/i/api/graphql") == f"auth_token={SECRET}"
    assert login.cookie_header("http://x.com/home") == ""
    assert login.cookie_header("http://api.x.com/i/api/graphql") == ""


def test_a_cookie_of_the_session_has_no_end_and_an_old_one_is_left_out(load):
    login = load(
        HEADER + line(expires=0) + line(expires="", name="kdt") + line(expires=int(time.time()) - 9, name="old")
    )
    assert {pair.partition("=")[0] for pair in login.cookie_header("https://x.com/").split("; ")} == {
        "auth_token",
        "kdt",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "another form"),
        ("[" + '{"name": "auth_token", "value": "' + SECRET + '"}]', "JSON"),
        (f"auth_token={SECRET}\n", "another form"),
        (HEADER, "holds no cookies"),
        (HEADER + line(expires=1), "every cookie"),
        (HEADER + line().replace("\t", " "), "1 fields, not 7 .* in line 2"),
        (HEADER + "\n" + line() + line(expires="soon"), "expiry .* in line 4"),
        (HEADER + line().replace("TRUE", "FALSE", 1), "domain .* in line 2"),
        (HEADER.encode() + line().encode("utf-16"), "UTF-8"),
        (HEADER + line(expires="9" * 400), "Netscape|expired|cookie"),
    ],
)
def test_a_malformed_file_is_refused_without_repeating_it(load, capfd, text, said):
    with pytest.raises(ConfigError, match=said) as caught:
        load(text)
    assert "export it from the browser" in caught.value.advice
    assert SECRET not in str(caught.value) + "".join(capfd.readouterr())


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        from_file(tmp_path / "nowhere.txt")
    with pytest.raises(ConfigError, match="cannot be read"):
        from_file(tmp_path)


def test_a_file_is_never_written(load, tmp_path):
    load(HEADER + line())
    assert (tmp_path / "cookies.txt").read_text() == HEADER + line()
    assert sorted(tmp_path.iterdir()) == [tmp_path / "cookies.txt"]


def test_a_login_does_not_show_itself(load):
    assert SECRET not in repr(load(HEADER + line()))


@pytest.fixture
def firefox(tmp_path) -> Path:
    """A profile of Firefox with a cookie of a domain and one of a host."""
    profile = tmp_path / "profile"
    profile.mkdir()
    with sqlite3.connect(profile / "cookies.sqlite") as database:
        database.execute("CREATE TABLE moz_cookies (host, name, value, path, expiry, isSecure, originAttributes)")
        for host, name in ((".x.com", "auth_token"), ("x.com", "only_here")):
            row = (host, name, SECRET, "/", LATER, 1, "")
            database.execute("INSERT INTO moz_cookies VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    database.close()
    return profile


def test_the_cookies_of_a_browser_are_loaded(firefox, capfd):
    login = from_browser(f"firefox:{firefox}")
    assert login.has("https://x.com/", "only_here")
    assert login.cookie_header("https://api.x.com/") == f"auth_token={SECRET}"
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize("named", ["netscape", "", "firefox+nothing", ":profile"])
def test_what_names_no_browser_is_refused(named):
    with pytest.raises(ConfigError, match="names no") as caught:
        from_browser(named)
    assert caught.value.advice.startswith("give one of")


@pytest.mark.parametrize("database", [None, b"", b"this is no database at all"])
def test_a_browser_whose_cookies_cannot_be_read_is_refused(tmp_path, capfd, database):
    if database is not None:
        (tmp_path / "cookies.sqlite").write_bytes(database)
    with pytest.raises(ConfigError, match="cookies of firefox cannot be read"):
        from_browser(f"firefox:{tmp_path}")
    assert "".join(capfd.readouterr()) == ""

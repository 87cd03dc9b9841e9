"""Redirects end after a few hops, and lead to no address that nothing in a post may make this program contact."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from archiver import batch
from archiver.case.store import open_or_make
from archiver.config import Settings
from archiver.demo import faults, hostile, posts
from archiver.demo.sample import ARTICLE_URL
from archiver.demo.wire import Reply
from archiver.intake.lists import read_argument
from archiver.model import Place
from archiver.recorder.guard import AddressGuard
from archiver.recorder.recording import MAX_REDIRECTS

from .conftest import GOOD, TARGETS

# Spellings of loopback first, then what the standard library calls global and is not, then blocks and local names.
ADDRESSES = [
    "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1", "127.0.0.1.", "0", "%31%32%37.1",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "[ff02::1]",
    "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "[fe80::1]", "[fd12:3456::1]",
    "localhost", "metadata.google.internal", "printer.local", "router.lan", "intranet",
]  # fmt: skip
MAZE = {
    "syndication": ("refused", "unclear"),
    "oembed": ("captured", ""),
    "photo": ("partial", "incomplete"),
    "playlist": ("captured", ""),
    "short link": (None, "leads-elsewhere"),
    "article": (None, "leads-elsewhere"),
}
MAZES = {"endless": hostile.EndlessRedirects(), "loop": hostile.RedirectLoop(3)}
LEFT_THERE = {
    "syndication": [("refused", "unclear")],
    "short link": [(None, "leads-elsewhere")],
    "article": [(None, "leads-elsewhere")],
}
REFUSED = {
    "syndication": ("unreachable", "address-refused"),
    "oembed": ("captured", ""),
    "photo": ("partial", "incomplete"),
    "short link": ("unreachable", "address-refused"),
    "article": ("unreachable", "address-refused"),
}


def contacted(box) -> set[str]:
    """Return the names of all hosts that the proxy was asked for, by CONNECT or by an absolute URL."""
    tunnels = {item.target.rpartition(":")[0] for item in box.connections if item.target}
    return tunnels | {exchange.host for exchange in box.exchanges}


@pytest.mark.parametrize("maze", MAZES)
@pytest.mark.parametrize("place", MAZE)
def test_a_maze_of_redirects_is_left(box, attack, place, maze):
    target = TARGETS[place]
    attacked = attack(target.arm(box, MAZES[maze]))
    assert attacked.outcome == MAZE[place]
    tries = 5 if place == "photo" else 1
    assert 3 <= len(target.asked(box)) <= tries * MAX_REDIRECTS


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_sent_to_an_address_that_is_not_public(box, attack, address, scheme):
    """In one run: two short links, in the two forms in which they lead on, an article, and the place of a photo."""
    url = f"{scheme}://{address}/latest/meta-data"
    page = f'<head><meta http-equiv="refresh" content="0;URL={url}"></head>'.encode()
    box.faults.add(hostile.Redirect(url), host="t.co", path="/toARedirect", times=None)
    box.faults.add(faults.Status(200, page), host="t.co", path="/toARefresh", times=None)
    inputs = [TARGETS[place].arm(box, hostile.Redirect(url, 307)) for place in ("article", "photo")]
    links = ["https://t.co/toARedirect", "https://t.co/toARefresh"]
    attacked = attack(*links, *inputs)
    for given in (ARTICLE_URL, *links):
        result = attacked.results[given]
        assert (result["outcome"], result["reason"]) == ("unreachable", "address-refused"), given
        assert result["next"].startswith("nothing was sent")
    photo = attacked.results[posts.PHOTO.url]
    assert photo["outcome"] == "partial"
    assert photo["missing"][0]["reason"].startswith("address-refused: ")
    assert all(host.endswith((".com", "t.co", ".example")) for host in contacted(box)), contacted(box)


@pytest.mark.parametrize("place", REFUSED)
def test_a_redirect_to_loopback_is_an_outcome_with_a_reason(box, attack, place):
    target = TARGETS[place]
    attacked = attack(target.arm(box, hostile.Redirect("http://127.1/")))
    assert attacked.outcome == REFUSED[place]
    assert "127" not in "".join(contacted(box))
    if place == "syndication":
        assert "'127.1', which is 127.0.0.1" in attacked.bad["words"]


@pytest.mark.parametrize("place", ["syndication", "short link", "article"])
@pytest.mark.parametrize(
    "location",
    ["javascript:alert(1)", "file:///etc/passwd", "ftp://site.example/", "//", "http://", "https://x.com:99999/",
     "https://[::1", "https://jo:canary@127.0.0.1/", "", "\x1b]0;x\x07", "https://x.com/" + "a" * 70_000],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_a_location_that_is_no_web_address_leads_nowhere(box, attack, place, location):
    attacked = attack(TARGETS[place].arm(box, hostile.Redirect(location)))
    assert attacked.outcome in [("unreachable", "address-refused"), ("unreachable", "protocol"), *LEFT_THERE[place]]
    known = {"api.x.com", "cdn.syndication.twimg.com", "publish.x.com", "pbs.twimg.com"}
    assert contacted(box) <= {*known, TARGETS[place].host}


@pytest.mark.parametrize("address", ["127.1", "[::1]", "169.254.169.254", "localhost"])
def test_an_address_that_is_given_as_an_article_is_refused_as_well(box, attack, address):
    attacked = attack(f"http://{address}/admin/page.html")
    assert attacked.outcome == ("unreachable", "address-refused")
    assert contacted(box) <= {"cdn.syndication.twimg.com", "publish.x.com", "pbs.twimg.com"}


@pytest.mark.parametrize("second", ["127.0.0.2", "::1", "::ffff:127.0.0.1", "10.0.0.1", "64:ff9b::7f00:1"])
def test_a_name_that_changes_its_address_between_two_hops_is_refused(
    box, settings_for, monkeypatch, tmp_path: Path, second
):
    """What goes past the proxy is looked up here: 127.0.0.1 stands for the public internet, and then the name moves."""
    port = box.direct("moving.example")
    box.add("moving.example", lambda _request: Reply(302, (("Location", "/inside"), ("Connection", "close"))))
    looked_up = []

    def moving(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else [second]

    for name, value in (box.environment() | {"NO_PROXY": "moving.example", "no_proxy": "moving.example"}).items():
        monkeypatch.setenv(name, value)
    guard = AddressGuard(moving, [ipaddress.ip_network("127.0.0.1/32")])
    case, _ = open_or_make(tmp_path / "evidence")
    page = (f"https://moving.example:{port}/article", Place(kind="argument"))
    intake = read_argument(GOOD.url)
    with batch.open_run(case, Settings(network=settings_for(box, proxy="")), guard=guard) as shared:
        results = {result.mentions[0].input: result for result in batch.run(intake.mentions, shared, pages=[page])}
    assert (results[page[0]].outcome, results[page[0]].reason) == ("unreachable", "address-refused")
    assert results[GOOD.url].outcome == "captured"
    assert looked_up == ["moving.example", "moving.example"]
    assert [item.target for item in box.requests("moving.example")] == ["/article"]

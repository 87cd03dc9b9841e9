"""A museum of captures for which GraphQL was asked, each forged in one respect, every digest computed anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import canonical, rendition
from archiver.case import layout
from archiver.demo import posts, syndication
from archiver.demo.graphql_conversation import conversation
from archiver.demo.graphql_logins import Sessions
from archiver.demo.graphql_results import result
from archiver.verify import verify_capture

from .asking import TOKEN, answer
from .builder import make_capture
from .forgery import Defect, Raw, account, entry, post, record, records, settle
from .installation import settled
from .traffic import POST

ACCOUNT, DOCUMENT, WARC = layout.CUSTODY_MANIFEST, layout.POST_JSON, layout.WARC
WHOLE = answer(result(POST, None))
CUT = syndication.document(POST) | {"note_tweet": {"id": "Tm90ZVR3ZWV0"}}
GRAPHQL = b"/TweetResultByRestId?"
ADULT = Sessions().login("adult")


def laid_out() -> dict[str, Any]:
    """Return TweetDetail's answer for the sample post, with a post above it and one below."""
    above = posts.Post(id="1898000000000000001", author=posts.HERALD, text="Above", lang="en")
    middle = posts.Post(**{**vars(POST), "parent": above, "thread": POST.id})
    below = posts.Post(
        id="1898700000000000001", author=POST.author, text="On", lang="en", parent=middle, thread=POST.id
    )
    all_posts = {item.id: item for item in (above, middle, below)}
    return {"data": {"threaded_conversation_with_injections_v2": conversation(all_posts, middle, ADULT, "")}}


def both(*defects: Defect) -> Defect:
    def do(capture: Path) -> None:
        for defect in defects:
            defect(capture)

    return do


def retold(change: Callable[[Any], object]) -> Defect:
    """Change post.json, and make the page agree with it."""

    def do(capture: Path) -> None:
        post(change)(capture)
        document = canonical.decode((capture / DOCUMENT).read_bytes())
        (capture / layout.POST_HTML).write_bytes(rendition.render(document))
        settle(capture)

    return do


def elsewhere(old: str, new: str) -> Defect:
    """Put one text in place of another in the question to GraphQL, wherever that stands."""

    def change(found: list[Raw]) -> None:
        for raw in found:
            if "/graphql/" in raw.get("WARC-Target-URI"):
                raw.set("WARC-Target-URI", raw.get("WARC-Target-URI").replace(old, new))
                raw.block = raw.block.replace(old.encode(), new.encode()) if raw.type == "request" else raw.block

    def told(said: Any) -> None:
        asked = entry(said["exchanges"], purpose="graphql")
        asked["url"] = asked["url"].replace(old, new)

    return both(account(told), records(change))


def unasked(capture: Path) -> None:
    """Tell that the answer of GraphQL was to another question, and that the post is what the other service gives."""
    account(lambda told: entry(told["exchanges"], purpose="graphql").update(purpose="other"))(capture)
    account(lambda told: entry(told["exchanges"], purpose="guest-token").update(purpose="other"))(capture)


def sign_in(found: list[Raw]) -> None:
    request = record(found, "request", GRAPHQL)
    request.block = request.block.replace(b"\r\n\r\n", b"\r\nx-twitter-auth-type: OAuth2Session\r\n\r\n", 1)


def uncover(found: list[Raw]) -> None:
    answered = record(found, "response", b"guest_token")
    answered.block = answered.block.replace(TOKEN, b"2124773084820738362")


def from_the_other(capture: Path) -> None:
    """Let a fact be told of the embedding service's answer, which says the same."""
    told = canonical.decode((capture / ACCOUNT).read_bytes())
    other = entry(told["exchanges"], purpose="syndication")["response"]
    origin = {"record": other, "pointer": "/lang", "transform": "as-is/1"}
    retold(lambda document: document["origins"].update({"/language": origin}))(capture)


EXHIBITS: dict[str, tuple[Defect, set[tuple[str, str]]]] = {
    "question for another post": (elsewhere(POST.id, "1" * 19), {("asked", ACCOUNT)}),
    "another question": (elsewhere("/TweetResultByRestId?", "/UserByRestId_______?"), {("asked", ACCOUNT)}),
    "question with variables twice": (elsewhere("&features=%7B%7D", "&variables=%7B%7"), {("asked", ACCOUNT)}),
    "guest's token left standing": (records(uncover), {("redaction", WARC)}),
    "login denied": (records(sign_in), {("access", ACCOUNT)}),
    "login invented": (account(lambda told: told["access"].update(login=True)), {("access", ACCOUNT)}),
    "outcome of the other answer": (
        account(lambda told: told.update(grounds=[entry(told["exchanges"], purpose="syndication")["response"]])),
        {("judgement", ACCOUNT)},
    ),
    "text told missing that came": (
        account(
            lambda told: told.update(
                outcome="partial",
                reason="incomplete",
                missing=[*told["missing"], {"what": "text", "reason": "cut", "required": True}],
            )
        ),
        {("pieces", ACCOUNT)},
    ),
    "fact of the other answer": (from_the_other, {("asked", DOCUMENT), ("whole", DOCUMENT)}),
    "answer of GraphQL passed over": (
        unasked,
        {("asked", ACCOUNT), ("asked", DOCUMENT), ("judgement", ACCOUNT), ("pieces", ACCOUNT), ("whole", DOCUMENT)},
    ),
}


@pytest.fixture
def whole(case: Path) -> Path:
    """A sound capture of a post of which the embedding service gives the beginning, and GraphQL all."""
    return make_capture(case, answer=CUT, asked={"graphql": WHOLE})


@pytest.fixture
def threaded(case: Path) -> Path:
    """A sound capture with a login, for which the posts around were asked for."""
    return make_capture(case, asked={"graphql": WHOLE, "thread": laid_out()}, login=True)


def faults(capture: Path, case: Path) -> set[tuple[str, str]]:
    return {(item.check, item.path) for item in verify_capture(capture, case=case) if item.level == "failure"}


@pytest.mark.parametrize("made", ["whole", "threaded"])
def test_the_captures_are_sound_before(made: str, case: Path, request: pytest.FixtureRequest) -> None:
    found = settled(verify_capture(request.getfixturevalue(made), case=case))
    assert {(item.level, item.check) for item in found if item.level != "ok"} <= {("note", "login")}


@pytest.mark.parametrize("name", EXHIBITS)
def test_each_forgery_has_its_finding(name: str, whole: Path, case: Path) -> None:
    defect, expected = EXHIBITS[name]
    defect(whole)
    assert faults(whole, case) == expected


def test_posts_around_that_are_left_out_are_found(threaded: Path, case: Path) -> None:
    def leave_out(document: Any) -> None:
        del document["post"]["context"]["continuation"]
        for path in [path for path in document["origins"] if path.startswith("/context/continuation")]:
            del document["origins"][path]

    retold(leave_out)(threaded)
    assert faults(threaded, case) == {("whole", DOCUMENT)}


def test_posts_around_are_told_of_the_answer_about_them_only(threaded: Path, case: Path) -> None:
    def move(document: Any) -> None:
        document["origins"]["/context/parents/0/id"] = document["origins"]["/id"]
        document["post"]["context"]["parents"][0]["id"] = document["post"]["id"]

    retold(move)(threaded)
    assert ("asked", DOCUMENT) in faults(threaded, case)


def test_a_login_is_told_as_a_note(threaded: Path, case: Path) -> None:
    (told,) = [item for item in verify_capture(threaded, case=case) if item.check == "login"]
    assert (told.level, told.ground) == ("note", "recorded")


def test_media_that_vanished_are_not_told_as_a_whole_post(case: Path) -> None:
    guarded = posts.Post(**{**vars(POST), "state": "age-restricted", "sensitive": True, "refusal": "stripped"})
    capture = make_capture(case, answer={}, asked={"graphql": answer(result(guarded, None))})
    lacking = {"what": "media", "reason": "left out", "required": True}
    account(lambda told: told.update(missing=[*told["missing"], lacking]))(capture)
    assert faults(capture, case) == set()
    account(lambda told: told.update(outcome="captured", reason=""))(capture)
    assert faults(capture, case) == {("judgement", ACCOUNT)}

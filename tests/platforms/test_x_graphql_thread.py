"""A thread is what X lists above a post and what its author went on to say; nobody else's replies come into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.model import Answer
from archiver.platforms import document
from archiver.platforms.x_graphql import extract, find, thread

Make = Callable[..., Answer]
Sample = Callable[[str], Any]
POSTS = (
    ROOT, HIDDEN, FOCAL, SECOND, THIRD, QUESTION, REJOINDER
) = (
    "2006924406420406279", "2006924410614710279", "2006924414809014279", "2006924419003318279",
    "2006924423197622279", "2006924427391926279", "2006924431586230279",
)  # fmt: skip


def _entries(served: Any) -> Any:
    return served["data"]["threaded_conversation_with_injections_v2"]["instructions"][1]["entries"]


def test_parents_and_the_authors_continuation_are_found_and_nothing_else(sample: Sample) -> None:
    found = thread(sample("graphql-thread"), FOCAL)
    assert [(item.id, item.kind, item.reason) for item in found.parents] == [
        (ROOT, "tweet", ""),
        (HIDDEN, "tombstone", "suspended"),
    ]
    assert [item.id for item in found.own] == [SECOND, THIRD]
    assert found.more == ("abc",)


def test_an_advertisement_is_no_part_of_the_conversation(sample: Sample) -> None:
    assert find(sample("graphql-thread"), "1999").kind == "empty"


def test_a_reply_has_what_stands_above_it_in_its_own_group(sample: Sample) -> None:
    found = thread(sample("graphql-thread"), REJOINDER)
    assert [item.id for item in found.parents] == [ROOT, HIDDEN, FOCAL, QUESTION]
    assert found.own == ()


def test_posts_added_to_a_group_later_belong_to_it(sample: Sample) -> None:
    served = sample("graphql-thread")
    instructions = served["data"]["threaded_conversation_with_injections_v2"]["instructions"]
    module = _entries(served)[3]
    instructions.append(
        {
            "type": "TimelineAddToModule",
            "moduleEntryId": module["entryId"],
            "moduleItems": [module["content"]["items"].pop()],
        }
    )
    assert [item.id for item in thread(served, FOCAL).own] == [SECOND, THIRD]
    assert SECOND in [item.id for item in thread(served, THIRD).parents]


def test_a_thread_with_nothing_left_out_says_so(sample: Sample) -> None:
    served = sample("graphql-thread")
    _entries(served).pop()
    assert thread(served, FOCAL).more == ()
    _entries(served)[3]["content"]["items"].append(
        {"item": {"itemContent": {"cursorType": "ShowMore", "value": "def"}}}
    )
    assert thread(served, FOCAL).more == ("def",)


def test_a_post_that_is_not_listed_has_no_thread(sample: Sample) -> None:
    found = thread(sample("graphql-thread"), "20")
    assert (found.parents, found.own) == ((), ())


def test_an_author_whom_the_answer_does_not_name_has_no_continuation(sample: Sample) -> None:
    served = sample("graphql-thread")
    focal = _entries(served)[2]["content"]["itemContent"]["tweet_results"]["result"]
    del focal["core"], focal["legacy"]["user_id_str"]
    assert thread(served, FOCAL).own == ()


def test_every_post_of_the_thread_is_read_by_its_id(sample: Sample, answer: Make) -> None:
    served = answer(sample("graphql-thread"))
    for id in POSTS:
        extraction = extract(served, id)
        built = document.build(extraction.facts, platform="x", id=id)
        assert list(document.check(built, {served.record: served.body})) == []
        assert built["post"].get("id", HIDDEN) == id
        assert extraction.not_understood == ()


def test_the_post_replied_to_comes_with_a_post(sample: Sample, answer: Make) -> None:
    served = answer(sample("graphql-thread"))
    trees = [
        document.tree((fact.path, fact.value) for fact in extract(served, id).facts) for id in (SECOND, FOCAL, ROOT)
    ]
    assert trees[0]["parent"]["text"] == "The dam gave way at 03:04."
    assert trees[0]["reply_to"]["post"] == FOCAL
    assert trees[1]["parent"] == {"notice": "This Post is from a suspended account. Learn more"}
    assert trees[1]["thread"] == {"id": FOCAL}
    assert "parent" not in trees[2]

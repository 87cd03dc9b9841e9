"""Posts in running text: quotations with a signature, and links of their own."""

from __future__ import annotations

import pytest

from archiver.intake.text import read_text
from archiver.model import Claim, Mention, Place

FILE = Place(kind="file", name="article.txt")
ID = "1898300000000000001"

ARTICLE = """\
The river rose by two metres overnight, the harbour office said. Ferries will not run before Monday.
The lower town is under water. Pictures by residents https://t.co/Harbour001
— Harbour Watch (@harbourwatch) March 8, 2025
Shelters: three schools are open.
The @TownHall asks everyone to stay away from the quays & to leave room.@FireBrigade pic.twitter.com/Harbour002
— Town Hall | اخبار (ex-mayor) (@town_hall) March 8, 2025
More rain is expected. In a post on X, the weather service urged people to “stay inside”.
Sound on pic.twitter.com/Harbour003
— Ana – B. 🌊 (@ana_b) March 9, 2025
The council meets again on Tuesday.
"""


def read(text: str) -> list[Mention]:
    return list(read_text(text, FILE).mentions)


def only(text: str) -> Mention:
    (mention,) = read(text)
    assert not read_text(text, FILE).leads
    return mention


def test_each_quotation_of_an_article_is_its_last_short_link() -> None:
    found = read(ARTICLE)
    assert [(m.short_url, m.input, m.place.line, m.claim.handle, m.claim.name, m.claim.day) for m in found] == [
        ("https://t.co/Harbour001", "https://t.co/Harbour001", 2, "harbourwatch", "Harbour Watch", "2025-03-08"),
        ("https://pic.twitter.com/Harbour002", "pic.twitter.com/Harbour002", 5, "town_hall",
         "Town Hall | اخبار (ex-mayor)", "2025-03-08"),
        ("https://pic.twitter.com/Harbour003", "pic.twitter.com/Harbour003", 8, "ana_b", "Ana – B. 🌊", "2025-03-09"),
    ]  # fmt: skip
    assert found[2].claim.text == "Sound on pic.twitter.com/Harbour003"
    assert not read_text(ARTICLE, FILE).leads


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_line_ends_of_any_kind_count(newline: str) -> None:
    found = read(ARTICLE.replace("\n", newline))
    assert [mention.place.line for mention in found] == [2, 5, 8]


ANYWHERE = [
    "— Ana (@ana) March 8, 2025",
    "– Ana (@ana) March 8, 2025",
    "-- Ana (@ana) March 8, 2025",
    "―Ana (@ana) March 8, 2025",
    "&mdash; Ana (@ana) March 8, 2025",
    "— Ana (@ana)\nMarch 8, 2025",
    "\u200f— Ana\u200f (\u200e@ana\u200e)\u200f ٨ مارس ٢٠٢٥",
    "— Ana (@ana) 2025年3月8日",
]
ON_ITS_OWN_LINE = ["- Ana (@ana) March 8, 2025", "> — Ana (@ana) March 8, 2025", "  *— Ana (@ana) March 8, 2025*"]


@pytest.mark.parametrize(
    "signature",
    [between + signature for signature in ANYWHERE for between in ("", " ", "\n", "\n\n", "\n\n\n")]
    + [between + signature for signature in ON_ITS_OWN_LINE for between in ("\n", "\n\n")],
)
def test_forms_of_the_signature(signature: str) -> None:
    mention = only(f"Words https://t.co/Harbour001{signature}")
    assert mention.short_url == "https://t.co/Harbour001"
    assert mention.claim == Claim(handle="ana", name="Ana", day="2025-03-08", text="Words https://t.co/Harbour001")


def test_a_signature_without_a_day_has_to_stand_alone() -> None:
    assert only("Words https://t.co/Harbour001\n— Ana (@ana)\n\nMore.").claim.handle == "ana"
    assert only("Words https://t.co/Harbour001\n— says Ana (@ana) of the flood").claim == Claim()


def test_an_article_on_one_line() -> None:
    text = "A pic.twitter.com/Harbour001 — Ana (@ana) March 8, 2025"
    text += " B pic.twitter.com/Harbour002 — Bea (@bea) March 9, 2025 C"
    assert [(m.claim.handle, m.claim.day, m.claim.text) for m in read(text)] == [
        ("ana", "2025-03-08", "A pic.twitter.com/Harbour001"),
        ("bea", "2025-03-09", "B pic.twitter.com/Harbour002"),
    ]


def test_the_last_short_link_is_the_posts_and_the_others_are_their_own() -> None:
    first, second = read("See https://t.co/Harbour001 and pic.twitter.com/Harbour002\n— Ana (@ana) March 8, 2025")
    assert (first.short_url, first.claim) == ("https://t.co/Harbour001", Claim())
    assert (second.short_url, second.claim.handle) == ("https://pic.twitter.com/Harbour002", "ana")


def test_a_quotation_of_several_lines_reaches_up_to_the_blank_line() -> None:
    text = "Before https://t.co/Harbour000\n\nOne https://t.co/Harbour001\ntwo\n\n— Ana (@ana) March 8, 2025"
    before, quoted = read(text)
    assert before.claim == Claim()
    assert (quoted.short_url, quoted.place.line) == ("https://t.co/Harbour001", 3)
    assert quoted.claim.text == "One https://t.co/Harbour001\ntwo"


def test_a_paragraph_further_up_lends_no_link() -> None:
    text = "Words https://t.co/Harbour001\n\nUnlinked words\n— Ana (@ana) March 8, 2025"
    (mention,) = read(text)
    (lead,) = read_text(text, FILE).leads
    assert mention.claim == Claim()
    assert (lead.handle, lead.name, lead.day, lead.text, lead.place.line) == (
        "ana",
        "Ana",
        "2025-03-08",
        "Unlinked words",
        4,
    )


@pytest.mark.parametrize(
    "signature",
    [
        "— Ana (@ana) March 8, 2025 https://twitter.com/ana/status/{id}?ref_src=twsrc%5Etfw",
        "— Ana (@ana) [March 8, 2025](https://twitter.com/ana/status/{id}?ref_src=twsrc%5Etfw)",
        "— Ana (@ana) March 8, 2025\nhttps://twitter.com/ana/status/{id}?ref_src=twsrc%5Etfw",
    ],
)
def test_a_permalink_after_the_signature_is_the_post_and_the_quoted_links_are_not(signature: str) -> None:
    mention = only(f"Words https://t.co/Harbour001 pic.twitter.com/Harbour002\n{signature.format(id=ID)}")
    assert mention.reference is not None
    assert mention.reference.id == ID
    assert (mention.claim.handle, mention.claim.day) == ("ana", "2025-03-08")


def test_a_link_to_someone_else_after_a_signature_is_another_post() -> None:
    quoted, other = read(
        f"Words https://t.co/Harbour001\n— Ana (@ana) March 8, 2025\nhttps://x.com/bea/status/{ID}\n",
    )
    assert (quoted.short_url, quoted.claim.handle) == ("https://t.co/Harbour001", "ana")
    assert (other.reference and other.reference.id, other.claim) == (ID, Claim(handle="bea"))


def test_links_without_a_signature_claim_the_handle_of_their_path_only() -> None:
    text = f"See (https://nitter.net/ana/status/{ID}), https://x.com/ana and https://example.org/."
    mention = only(text)
    assert mention.claim == Claim(handle="ana", source=f"https://nitter.net/ana/status/{ID}")


def test_the_place_keeps_its_name_and_counts_on_from_its_line() -> None:
    (mention,) = read_text("\nt.co/Harbour001", Place(kind="stdin", line=10)).mentions
    assert mention.place == Place(kind="stdin", line=11)


def test_a_quotation_longer_than_any_post_is_not_kept_as_its_text() -> None:
    mention = only(f"{'word ' * 6000} https://t.co/Harbour001 — Ana (@ana) March 8, 2025")
    assert mention.claim == Claim(handle="ana", name="Ana", day="2025-03-08")


def test_prose_without_posts() -> None:
    text = "Call Ana (@ana) — or Bea (@bea). March 8, 2025 was a Saturday (@cleo).\n\n"
    assert not read(text)
    assert not read_text(text, FILE).leads

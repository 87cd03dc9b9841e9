"""oEmbed is heard as a second witness: leniently as to form, strictly as to who and what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Answer, Claim
from archiver.platforms.x import Corroboration, claims_from_oembed, corroborate

Make = Callable[..., Answer]
Sample = Callable[[str], Any]
ID = "2030405060708090100"


def _post(text: Any, handle: Any = "r_eply") -> dict[str, Any]:
    return {"__typename": "Tweet", "id_str": ID, "text": text, "user": {"screen_name": handle}}


def _oembed(paragraph: str, handle: str = "r_eply", id: str = ID) -> dict[str, Any]:
    return {
        "url": f"https://x.com/{handle}/status/{id}",
        "author_url": f"https://twitter.com/{handle}",
        "author_name": "R. Eply",
        "html": f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{paragraph}</p>&mdash; R. Eply (@{handle}) '
        f'<a href="https://x.com/{handle}/status/{id}?ref_src=twsrc%5Etfw">March 8, 2025</a></blockquote>',
    }


def test_the_two_services_agree_on_a_sample(sample: Sample, answer: Make) -> None:
    found = corroborate(answer(sample("photos")), answer(sample("photos-oembed")))
    assert found == Corroboration(author="agrees", text="agrees")


def test_what_oembed_claims(sample: Sample, answer: Make) -> None:
    claim = claims_from_oembed(answer(sample("photos-oembed")))
    assert claim is not None
    assert (claim.handle, claim.name, claim.day) == ("Samar_Reports", "سمر الحداد (مراسلة)", "2026-03-14")
    assert claim.text is not None
    assert claim.text.endswith("#فيضان @river_watch pic.x.com/ZzYyXxWw09")
    assert claims_from_oembed(answer(_oembed("a<br><br>b &amp; c"))) == Claim(
        handle="r_eply", name="R. Eply", day="2025-03-08", text="a\n\nb & c"
    )


@pytest.mark.parametrize(
    ("served", "shown", "agreement"),
    [
        ("One &amp; two\n\nthree", "One &amp; two<br><br>three", "agrees"),
        ("@first @second_1 No.", "No.", "agrees"),
        ("@first No.", '<a href="https://x.com/first">@first</a> No.', "agrees"),
        ("See https://t.co/ab now", 'See <a href="https://t.co/ab">a.example/long…</a> now', "agrees"),
        ("A long story that goes on", "A long story that…", "agrees-as-far-as-shown"),
        (
            "A long story https://t.co/zz",
            'A long… <a href="https://t.co/zz">pic.x.com/zz</a>',
            "agrees-as-far-as-shown",
        ),
        ("A long… https://t.co/zz", "A long story", "agrees-as-far-as-shown"),
        ("ends so…", "ends so…", "agrees"),
        ("A long story", "Another story…", "differs"),
        ("A long story", "A long", "differs"),
        ("No.", "Yes.", "differs"),
        ("Words", "…", "silent"),
        (5, "Words", "silent"),
    ],
)
def test_how_texts_are_compared(answer: Make, served: Any, shown: str, agreement: str) -> None:
    assert corroborate(answer(_post(served)), answer(_oembed(shown))) == Corroboration(author="agrees", text=agreement)


def test_another_author_differs(answer: Make) -> None:
    assert corroborate(answer(_post("a", "somebody")), answer(_oembed("a"))).author == "differs"
    assert corroborate(answer(_post("a", "R_Eply")), answer(_oembed("a"))).author == "agrees"
    assert corroborate(answer(_post("a", None)), answer(_oembed("a"))).author == "silent"


def test_what_is_missing_or_about_something_else_is_silent(answer: Make, sample: Sample) -> None:
    silent = Corroboration(author="silent", text="silent")
    post, oembed = answer(_post("a")), answer(_oembed("a"))
    assert corroborate(post, oembed) != silent
    assert corroborate(post, None) == silent
    assert corroborate(None, oembed) == silent
    assert corroborate(answer(sample("tombstone")), oembed) == silent
    assert corroborate(post, answer(_oembed("a"), status=404)) == silent
    assert corroborate(post, answer(_oembed("a"), truncated="length")) == silent
    assert corroborate(post, answer(_oembed("a", id="1"))) == silent
    assert corroborate(post, answer({**_oembed("a"), "url": "https://evil.example/a/status/" + ID})) == silent
    assert corroborate(post, answer({**_oembed("a"), "html": "<p>no quote</p>"})).text == "silent"
    assert corroborate(post, answer({**_oembed("a"), "html": "<blockquote><p>" + "a" * 200_000})).text == "silent"
    assert claims_from_oembed(answer(b"<html>")) is None
    assert claims_from_oembed(None) is None


@settings(max_examples=80, deadline=None)
@given(
    st.text(alphabet="<>ap/b \x00\ud800&;#x1\"'=", max_size=60),
    st.sampled_from(["url", "author_url", "author_name", "html"]),
    st.none() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=3), max_size=2),
)
def test_hostile_markup_never_crashes(answer: Make, markup: str, name: str, value: Any) -> None:
    for document in (_oembed(markup), {**_oembed("a"), "html": markup}, {**_oembed("a"), name: value}):
        corroborate(answer(_post("a")), answer(document))
        claims_from_oembed(answer(document))


@pytest.mark.parametrize(
    ("markup", "text", "day"),
    [
        (
            "<blockquote><p>a <b>b</b> &lt;c&gt;</p><p>d</p><a>May 1, 2025</a></blockquote><p>e</p>",
            "a b <c>",
            "2025-05-01",
        ),
        (
            "</blockquote><p>no</p><blockquote>x<p>yes<script>no</script><a>May 2, 2025</a>",
            "yesMay 2, 2025",
            "2025-05-02",
        ),
        (
            "<blockquote><blockquote><p>in</p></blockquote><a>May 3, 2025</a></blockquote><a>May 4, 2025</a>",
            "in",
            "2025-05-03",
        ),
        ("<blockquote><p>one</p></blockquote><blockquote><p>two</p><a>May 5, 2025</a></blockquote>", "one", None),
        ("<blockquote>" + "<p><b a=1>" * 9000, "", None),
    ],
)
def test_what_broken_or_endless_markup_shows(answer: Make, markup: str, text: str, day: str | None) -> None:
    claim = claims_from_oembed(answer({**_oembed("a"), "html": markup}))
    assert claim is not None
    assert (claim.text, claim.day) == (text, day)

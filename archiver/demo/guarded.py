"""Sample posts that X shows to some only, or not here: age, follower, subscriber, country, rules; each said otherwise.

Together with the posts of `reports` that are gone, they cover every way in which GraphQL withholds a post.
"""

from __future__ import annotations

from archiver.demo.accounts import HARBOUR, HERALD, HOSPITAL, NIGHT, PIER, RESIDENT, WATCH
from archiver.demo.records import Photo, Post, Variant, Video

_PUMP = (Variant(480, 270, 288_000, "Lqo6ggVmn6M4a6yM"), Variant(640, 360, 832_000, "4d612mrTK0ByLKFt"))

AGE_STRIPPED = Post(
    id="1898356902871269285",
    author=HOSPITAL,
    text="What came in after the second strike. We blurred faces, nothing else. Please do not share it with children.",
    lang="en",
    media=(
        Photo("GlhRR6cYb9rG6g0", "ward", 2400, 1600),
        Video("1898356651180386413", "amplify_video", "OyM33WtKyIpNcZcU", "pump", 2000, _PUMP),
    ),
    short_code="b8O7T8RPh1",
    state="age-restricted",
    sensitive=True,
    refusal="stripped",
)
AGE_VIDEO = Post(
    id="1898388974608237623",
    author=HARBOUR,
    text="مشهد من الرصيف الشمالي بعد القصف. المشاهد قاسية.",
    lang="ar",
    media=(
        Video(
            "1898388678873860384",
            "ext_tw_video",
            "gUsZum0Bo2xkbf3k",
            "pump",
            2000,
            (Variant(480, 270, 288_000, "rat20aQwCDlGA8bI"), Variant(640, 360, 832_000, "1rDKwkSUNCPBolfN")),
        ),
    ),
    short_code="ZP1opxqgkT",
    state="age-restricted",
    sensitive=True,
)
AGE_TOLD = Post(
    id="1898326404021907485",
    author=RESIDENT,
    text="The yard behind the grain store.",
    lang="en",
    media=(Photo("Glg1ihLjyXL4g9A", "quay", 1440, 960),),
    short_code="2qFeM12D6k",
    state="age-restricted",
    sensitive=True,
    refusal="words",
)
PROTECTED_TOLD = Post(
    id="1898405044569072403",
    author=NIGHT,
    text="Night shift at the lock, seen by those I know.",
    lang="en",
    media=(Photo("Glh9D5awr2I5v3o", "quay", 1440, 960),),
    short_code="7piT927kNR",
    state="protected",
    refusal="words",
)
DELETED_TOLD = Post("1898749018929678800", RESIDENT, "The bakery opens at six.", "en", state="deleted", refusal="words")
SUSPENDED_TOLD = Post("1898752086773132981", WATCH, "Nobody was at the quay.", "en", state="suspended", refusal="words")
RULES = Post("1898673105367234144", PIER, "Names and addresses of the guards.", "en", state="rules")
WITHHELD = Post("1898732849127041306", HERALD, "The inquiry that has no date.", "en", state="withheld")
WITHHELD_ELSEWHERE = Post(
    id="1899133838002249235",
    author=HERALD,
    text="The inquiry still has no date. We asked again.",
    lang="en",
    countries=("XZ",),
)
SUBSCRIBERS = Post(
    id="1899137377072174945",
    author=HERALD,
    text="For our supporters: how we verified the fourteen impacts, step by step, with what we left out.",
    lang="en",
    state="subscribers",
)

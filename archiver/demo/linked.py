"""Sample posts that make a conversation or pass others on: a thread with its parents, a retweet, quotes of video."""

from __future__ import annotations

from archiver.demo.accounts import HARBOUR, HERALD, HOSPITAL, RESIDENT, WATCH
from archiver.demo.records import Photo, Post, Variant, Video
from archiver.demo.reports import DELETED, SHELLING

ASKED = Post(
    id="1898283999116357753",
    author=WATCH,
    text="And where are the wounded, if this is real?",
    lang="en",
    state="suspended",
    parent=SHELLING,
)
STRAND_FIRST = Post(
    id="1898286435164491722",
    author=HOSPITAL,
    text="They are with us. Eleven people since six o’clock, from the quay and the streets behind it. 1/3",
    lang="en",
    parent=ASKED,
    thread="1898286435164491722",
)
STRAND_SECOND = Post(
    id="1898289014843566056",
    author=HOSPITAL,
    text="This is the ward at eight. Two beds are left, & one of them has no mattress. 2/3",
    lang="en",
    media=(Photo("GlgTiT8IYwpAojw", "ward", 2400, 1600, "A ward with three beds"),),
    short_code="pZQ9bIWxdu",
    parent=STRAND_FIRST,
    thread=STRAND_FIRST.id,
)
STRAND_THIRD = Post(
    id="1898291433702071480",
    author=HOSPITAL,
    text="Relatives, please come to the east gate, not to the ambulance ramp. 3/3",
    lang="en",
    parent=STRAND_SECOND,
    thread=STRAND_FIRST.id,
)
BYSTANDER = Post(
    id="1898294098789533484",
    author=RESIDENT,
    text="I can bring two mattresses within the hour.",
    lang="en",
    parent=STRAND_SECOND,
)

RETWEET = Post(
    id="1900182479359074721",
    author=HERALD,
    text=f"RT @{HARBOUR.handle}: {SHELLING.text}",
    lang="ar",
    mentions=(HARBOUR,),
    retweets=SHELLING,
)
QUOTING_VIDEO = Post(
    id="1900178861843107655",
    author=RESIDENT,
    text="The same quay five days later, filmed by me. Compare the roof with the one below.",
    lang="en",
    media=(
        Video(
            "1900178565376911063",
            "ext_tw_video",
            "RubpbieELyAY0KXx",
            "pump",
            2000,
            (Variant(480, 270, 288_000, "hNNKzY2Hhxn9RWyk"), Variant(640, 360, 832_000, "Gl6B7RSZmjegudbA")),
        ),
    ),
    short_code="Ub0cv6FISe",
    quotes=SHELLING,
)
QUOTING_GONE = Post(
    id="1900141390853915941",
    author=HERALD,
    text="The writer of this took it down within the hour. We saw it, and we ask for copies.",
    lang="en",
    quotes=DELETED,
)

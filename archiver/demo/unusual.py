"""Sample posts of which the public endpoint says less, or which GraphQL states in an unusual form; all may be seen."""

from __future__ import annotations

from archiver.demo.accounts import HARBOUR, HERALD, HOSPITAL, RESIDENT, WATER
from archiver.demo.records import Captions, Link, Photo, Post, Variant, Video

LIMITED = Post(
    id="1899118622283041337",
    author=WATER,
    text="Насосна станція знову працює. Відповідати можуть лише згадані.",
    lang="uk",
    media=(Photo("GlsGDzKVfAT-NLE", "flood-4", 1280, 1280),),
    short_code="YoBTHUQzFX",
    wrapper="limited",
)
WRAPPED = Post(
    id="1899092762252954100",
    author=HARBOUR,
    text="محطة الضخ من الداخل، صوّرها عامل النوبة.",
    lang="ar",
    media=(
        Video(
            "1899092469467042077",
            "ext_tw_video",
            "K3mV29w7p2IlIbeG",
            "pump",
            2000,
            (Variant(480, 270, 288_000, "WgsEwFgAOkCz1HIv"), Variant(640, 360, 832_000, "mT4G01r4gqCZ2zbD")),
        ),
    ),
    short_code="6dr6KbMhwA",
    wrapper="bare",
)

LONG_PHOTOS = Post(
    id="1899421587575736815",
    author=HERALD,
    text=(
        "Four views of Kalynka & the mill, 🌊 before and after <the night of 8 March>. Thanks to @kalynka_demo; the "
        "map is at https://t.co/iRlfjzLxkC.\n\nWe compared the roofs, the line of poplars and the third house, whose "
        "chimney leans. All four were taken from the same window within five hours. The water rose by 1 m 40 in that "
        "time & stood at the sills by dusk. Two frames that we were offered do not match: the chimney is straight in "
        "them, so we left them out. #Kalynka"
    ),
    lang="en",
    media=(
        Photo("GlwZmnR4gh8npn0", "flood-1", 1440, 960, "Four houses & water up to the windows"),
        Photo("GlwZpCQj3j7OVcs", "flood-2", 960, 1440),
        Photo("GlwZrYDXcqWzNeQ", "flood-3", 1440, 960),
        Photo("GlwZt_0yDyDHM8Y", "flood-4", 1280, 1280),
    ),
    short_code="HFTJ71msyE",
    links=(Link("iRlfjzLxkC", "https://coast-herald.example/help"),),
    mentions=(WATER,),
)

STREAMED = Post(
    id="1899370433382616513",
    author=HOSPITAL,
    text="The surgeon on what we lack, in Arabic with captions.",
    lang="en",
    media=(
        Video(
            "1899370138156328853",
            "amplify_video",
            "ZhOeiBUPVgUdwNwn",
            "ferry",
            5000,
            (Variant(480, 270, 288_000, "55xaKHuWtuQ6hL5w"), Variant(640, 360, 832_000, "JzTVtShL3yUbl2aW")),
            captions=(
                Captions(
                    "en",
                    "English",
                    "CwqWZ94irbuHgAmo",
                    ((0, 2400, "Gauze we have."), (2400, 5000, "Anaesthetics end on Thursday.")),
                ),
            ),
            offered="streamed",
        ),
    ),
    short_code="yXo6lXKNYq",
)
LIVE = Post(
    id="1899480324099517999",
    author=RESIDENT,
    text="Live from the quay.",
    lang="en",
    media=(
        Video(
            "1899480028244879371",
            "amplify_video",
            "WWQls9WL0WYlUziS",
            "ferry",
            5000,
            (Variant(480, 270, 288_000, "mJbr9OjOs3MTNzir"), Variant(640, 360, 832_000, "EFF3Sc0RpO2kjWL8")),
            offered="live",
        ),
    ),
    short_code="P9Y31igW9x",
)

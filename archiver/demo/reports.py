"""Sample posts that stand alone: text, photos, videos, and what is gone; posts that refer to others are elsewhere.

Every id is a snowflake of its moment ((id >> 22) + 1288834974657 = milliseconds since 1970), and so are the ids and
keys of the media.
"""

from __future__ import annotations

from archiver.demo.accounts import HARBOUR, HERALD, HOSPITAL, NIGHT, PIER, RESIDENT, WATCH, WATER
from archiver.demo.records import Link, Photo, Post, Variant, Video

SHELLING = Post(
    id="1898247629696929793",
    author=HARBOUR,
    text="قصف مدفعي على الرصيف الشمالي في مرسى بلين فجر اليوم. الفيديو صوّره أحد عمال الميناء من سطح المستودع.",
    lang="ar",
    media=(
        Video(
            "1898247511814963200",
            "ext_tw_video",
            "Qb7nLw2ZkVtYx0Rd",
            "shelling",
            3000,
            (
                Variant(480, 270, 256_000, "hT3vM8sWqPfLz1Ck"),
                Variant(1280, 720, 2_176_000, "W9dRk4XyNb6uJe2A"),
                Variant(640, 360, 832_000, "p5GmZc7EoVi0SxQl"),
            ),
        ),
    ),
    short_code="Hb4kQ9mZtR",
)

PHOTO = Post(
    id="1898300841889325058",
    author=HOSPITAL,
    text=(
        "Our wards in Marsa Belin are full. We ask all sides to keep the coast road open for ambulances & to respect "
        "patients, staff & the building itself. Generators last until tonight. @c_herald_demo"
    ),
    lang="en",
    media=(
        Photo(
            "Glgeic-AEAEDWwA",
            "ward",
            2400,
            1600,
            "A hospital ward with three beds side by side under three windows; the <middle> bed is empty.",
        ),
    ),
    short_code="x7RwLd2PqN",
    mentions=(HERALD,),
)

FLOOD = Post(
    id="1898404112170222117",
    author=WATER,
    text="Калинка, четверта година дня. Вода прибуває, ґрунтова дорога відрізана 🌊 #повінь",
    lang="uk",
    media=(
        Photo("Glh8Y0sCAAIUWgA", "flood-1", 1440, 960, "Чотири будинки, вода до вікон"),
        Photo("Glh8ZZwCAAMlWQA", "flood-2", 960, 1440),
        Photo("Glh8Z-_CAAE2WAA", "flood-3", 1440, 960, "Шість будинків уздовж затопленої вулиці"),
        Photo("Glh8aiSCAAJHXwA", "flood-4", 1280, 1280),
    ),
    short_code="Vy3sTe8UaK",
)

TEXT = Post(
    id="1898093034326720515",
    author=RESIDENT,
    text=(
        "Heard three blasts from the quay just now.\n\nPower is out west of the customs house, water still runs. "
        "Numbers to call: https://t.co/Np5cJ1oGwE"
    ),
    lang="en",
    links=(Link("Np5cJ1oGwE", "https://coast-herald.example/help"),),
)

LONG = Post(
    id="1898444645672943618",
    author=HERALD,
    text=(
        "What we could confirm today in Marsa Belin: the northern quay was hit between 05:30 and 05:45. The grain "
        "store burned until eight. Eleven people were brought to the hospital, two of them children. We have seen no "
        "military vehicle within 400 m; we could not look further. Whoever filmed before six: keep the original "
        "file, do not edit it, and write to us."
    ),
    lang="en",
)

MIXED = Post(
    id="1898652565181450752",
    author=HARBOUR,
    text="الرصيف الشمالي صباح اليوم، ثم محطة الضخ قبل توقفها.",
    lang="ar",
    media=(
        Photo("GlleX_FEAAFpXQA", "quay", 1440, 960),
        Video(
            "1898652410809679872",
            "amplify_video",
            "nC2yTf6HsUjB8wKo",
            "pump",
            2000,
            (
                Variant(480, 270, 288_000, "e1QxVg9LbZd3RmTi"),
                Variant(640, 360, 832_000, "Y4uPk7JcWa0NhSvE", refuses_query=True),
            ),
        ),
    ),
    short_code="Mf6zXo1BiC",
)

GIF = Post(
    id="1898980898081079298",
    author=WATER,
    text="Рівень річки за добу",
    lang="uk",
    media=(
        Video(
            "1898980868531027969",
            "tweet_video",
            "GlqJCegOAAGcUgA",
            "tide",
            2000,
            (Variant(480, 270, 0, "GlqJCegOAAGcUgA"),),
        ),
    ),
    short_code="Ja0gDu5FvH",
)

SENSITIVE = Post(
    id="1898702216602615811",
    author=RESIDENT,
    text="The school roof on Mill Street, this noon. Nobody was inside.",
    lang="en",
    media=(Photo("GlmLkohKAAFYXgA", "roof", 1440, 1080),),
    short_code="Kc8yEi4WpS",
    sensitive=True,
)

DELETED = Post("1898253054827299329", RESIDENT, "Smoke over the grain store.", "en", state="deleted")
SUSPENDED = Post(
    "1898272358126206978",
    WATCH,
    "They are lying about the quay.",
    "en",
    state="suspended",
)
GONE = Post(
    "1899430297683099651",
    PIER,
    "Leaving this place today.",
    "en",
    state="account-gone",
)
PROTECTED = Post(
    "1898827425949155331",
    NIGHT,
    "For friends only.",
    "en",
    state="protected",
)
AGE_RESTRICTED = Post("1898326611712933890", RESIDENT, "Seen at the quay.", "en", state="age-restricted")
UNCLEAR = Post("1899832361729130497", RESIDENT, "The ferry runs again from tomorrow.", "en", state="unclear")
NEVER_EXISTED = Post("1900020804823547906", RESIDENT, "", "en", state="never-existed")

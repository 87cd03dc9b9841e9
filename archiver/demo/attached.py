"""Sample posts that carry or continue others: quotes, replies, threads, edits, polls, cards, captions, shared media.

One of each, in the same invented world and under the same rules for ids as the posts that stand alone.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.demo.accounts import CREW, HARBOUR, HERALD, HOSPITAL, PORT_WATCH, RESIDENT, WATER
from archiver.demo.records import Captions, CommunityNote, Link, LinkCard, Photo, Poll, Post, Variant, Video
from archiver.demo.reports import FLOOD, PHOTO, SHELLING

QUOTING = Post(
    id="1898313288695984748",
    author=HARBOUR,
    text="نداء من مستشفى مرسى بلين: أبقوا الطريق الساحلي مفتوحاً أمام سيارات الإسعاف. ننقله كما ورد.",
    lang="ar",
    quotes=PHOTO,
)

REPLY = Post(
    id="1898406524392170621",
    author=RESIDENT,
    text="Is the road to the mill cut as well? My sister lives in the third house.",
    lang="en",
    parent=FLOOD,
)

CAPTIONED = Post(
    id="1899724815338813041",
    author=HERALD,
    text="The first ferry in ten days. Its captain, in Arabic with captions, on what goes ashore first.",
    lang="en",
    media=(
        Video(
            "1899724672929077637",
            "amplify_video",
            "k7jqevt0MLaMRTve",
            "ferry",
            5000,
            (Variant(480, 270, 288_000, "tw0tESulEETldq8b"), Variant(640, 360, 832_000, "8Vw2zbJYAxyL1aCc")),
            captions=(
                Captions(
                    "ar",
                    "العربية",
                    "TlN99mhWp708DwGw",
                    ((0, 2400, "نبحر ببطء. فُحصت القناة هذا الصباح."), (2400, 5000, "وقود المستشفى ينزل أولاً.")),
                ),
                Captions(
                    "en",
                    "English",
                    "5HqXDgLVXZx3scB8",
                    (
                        (0, 2400, "We sail slowly. The channel was checked this morning."),
                        (2400, 5000, "Fuel for the hospital goes ashore first."),
                    ),
                ),
            ),
        ),
    ),
    short_code="dAqU1xqFnR",
)

POLL = Post(
    id="1898797022629060853",
    author=WATER,
    text="Де завтра зранку найбільше потрібна питна вода?",
    lang="uk",
    card=Poll(
        (("Млинова вулиця", 41), ("Біля церкви", 17)),
        ends="2025-03-10T18:04:22Z",
        minutes=1440,
        updated="2025-03-10T18:04:31Z",
    ),
)

CARD = Post(
    id="1899282919617635104",
    author=PORT_WATCH,
    text="マルサ・ベリン港の北岸壁が砲撃を受けました。現地紙の記事: https://t.co/SzhIZ68noH",
    lang="ja",
    links=(Link("SzhIZ68noH", "https://coast-herald.example/2025/03/harbour"),),
    card=LinkCard(
        title="Northern quay of Marsa Belin hit before dawn; river rises inland",
        description="Residents and port workers speak of fourteen impacts. The coast road is to be kept open.",
        image_id="1899264008839838408",
        image_key="fnvGNx6j",
        file="card-gate",
    ),
)

EXPIRED_CARD = Post(
    id="1895705603013350324",
    author=PORT_WATCH,
    text="冬の入港制限は3月1日で終わりました。https://t.co/Xn5r5mWzsC",
    lang="ja",
    links=(Link("Xn5r5mWzsC", "https://coast-herald.example/2025/02/winter-rules"),),
    card=LinkCard(
        title="What the winter rules meant for the port",
        description="From 1 March ships may enter by night again.",
        image_id="1895685428289556317",
        image_key="SIftRutl",
        file="card-gate",
        expired=True,
    ),
)

_VERSIONS = ("1899084077947918060", "1899087791436828594", "1899095017839725951")
EDITED_FIRST = Post(
    id=_VERSIONS[0],
    author=HOSPITAL,
    text="The hospital needs blood donors today, group 0 negative first. East gate, until 16:00.",
    lang="en",
    versions=_VERSIONS,
)
EDITED_SECOND = replace(
    EDITED_FIRST,
    id=_VERSIONS[1],
    text="The hospital needs blood donors today, group 0 negative first. East gate, until 18:00.",
)
EDITED = replace(
    EDITED_FIRST,
    id=_VERSIONS[2],
    text="The hospital needs blood donors today, group 0 negative first. North gate, until 18:00: the east is closed.",
)

THREAD_FIRST = Post(
    id="1900074397044042257",
    author=CREW,
    text="መርከባችን ከማርሳ ቤሊን ወደብ ውጭ መልህቅ ጥላለች። ሃያ ሁለት ሠራተኞች አሉን፤ ሁሉም ደህና ናቸው። 1/2",
    lang="am",
    media=(Photo("Gl5rgxgAAYZryAA", "ship", 1200, 800, "መልህቅ የጣለች የጭነት መርከብ"),),
    short_code="moaqRPT4Ss",
    thread="1900074397044042257",
)
THREAD_SECOND = Post(
    id="1900075594207182285",
    author=CREW,
    text="ለሁለት ሳምንት የሚበቃ ውሃና ምግብ አለን። ቤተሰቦቻችን፣ እባካችሁ አትጨነቁ። 2/2",
    lang="am",
    parent=THREAD_FIRST,
    thread=THREAD_FIRST.id,
)

NOTED = Post(
    id="1898647443778815508",
    author=RESIDENT,
    text="The only water truck left town yesterday and nobody tells us why.",
    lang="en",
    media=(Photo("GllZr_4wAPmzVQA", "truck", 1200, 800),),
    short_code="UoynjSVrJp",
    note=CommunityNote(
        "1898758172552434915",
        "The truck was on Mill Street again at 07:00 on 9 March, after a repair: ",
        Link("pe5D7uf2dD", "https://coast-herald.example/help"),
    ),
)

_PUMP = (Variant(480, 270, 288_000, "UdfMI7zcpVMw0qDP"), Variant(640, 360, 832_000, "OcZFv1niUK8iO5YA"))
GEOBLOCKED = Post(
    id="1899415088523237652",
    author=HARBOUR,
    text="محطة الضخ تعمل من جديد بنصف طاقتها.",
    lang="ar",
    media=(
        Video("1899414958400681231", "amplify_video", "gkBxjd2AsjD7N2kH", "pump", 2000, _PUMP, blocked="announced"),
    ),
    short_code="OrFY81wuV6",
)
REFUSED_MEDIA = Post(
    id="1899437834049744992",
    author=HARBOUR,
    text="محطة الضخ كما تُرى من الشارع، ظهر الثلاثاء.",
    lang="ar",
    media=(Video("1899437653637524804", "ext_tw_video", "D9FSUuErsEz5jhy0", "pump", 2000, _PUMP, blocked="enforced"),),
    short_code="QMGlgLHCnH",
)

REUSED = Post(
    id="1898296458478661145",
    author=RESIDENT,
    text="This is the quay that I walk along every day.",
    lang="en",
    media=tuple(replace(item, source=SHELLING) for item in SHELLING.media if isinstance(item, Video)),
    short_code=SHELLING.short_code,
)

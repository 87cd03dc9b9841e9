"""The invented accounts of the sample world; handles end in "_demo", so that none is taken for a real one."""

from __future__ import annotations

from archiver.demo.records import Account

HARBOUR = Account(
    "1879076022000000001", "marsabelin_demo", "مرسى بلين | أخبار الميناء", "harbour", "1879076022645686272"
)
HOSPITAL = Account(
    "1879439165000000002",
    "belinward_demo",
    "Marsa Belin Hospital (demo)",
    "hospital",
    "1879439165557440513",
    verified=True,
)
WATER = Account(
    "1879802308000000003", "kalynka_demo", "Калинка: вода та люди", "water", "1879802308469194754", shape="mixed"
)
RESIDENT = Account("1880165451000000004", "quayside_demo", "Sam from the quay ⚓", "resident", "1880165451380948995")
HERALD = Account("1880528594000000005", "c_herald_demo", "Coast Herald", "herald", "1880528594292703236", shape="core")
WATCH = Account("1880891737000000006", "grainstore_demo", "Grain store watch", "resident", "1880165451380948995")
PIER = Account("1881254880000000007", "oldpier_demo", "Old pier", "resident", "1880165451380948995")
NIGHT = Account("1881618023000000008", "nightshift_demo", "Night shift", "resident", "1880165451380948995")
CREW = Account(
    "1881981166000000009", "selam_crew_demo", "የሰላም መርከብ ሠራተኞች", "harbour", "1881981166372864009", shape="mixed"
)
PORT_WATCH = Account(
    "1882344309000000010", "kowan_demo", "港湾ウォッチ(デモ)", "herald", "1882344309645082634", shape="core"
)

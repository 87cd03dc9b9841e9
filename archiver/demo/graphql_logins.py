"""Who asks the demo's GraphQL: guests with a token of this run, and sample logins; it knows no post and no shape.

All that is secret about a login is made anew for each run, so that whoever finds a value in a file knows where it
comes from. A login is refused as X refuses one: by its cookies, by the header that has to repeat one of them, or
because its account is locked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from archiver.demo.accounts import NIGHT
from archiver.demo.records import Account
from archiver.demo.wire import Header, Request

LoginName = Literal["adult", "follower", "under-age", "no-age", "locked"]
Trouble = Literal["no-bearer", "guest-token", "csrf", "credentials", "locked"]

WINDOW = 900
"""Length of the window in which requests are counted, in seconds."""
GUEST_LIMIT, LOGIN_LIMIT = 50, 150
_FOREVER = 2_145_916_800


@dataclass(frozen=True)
class Login:
    """A sample login of one run.

    Attributes:
        account: whose it is; its name and handle are in every answer that it gets.
        age: what X holds of its owner's age.
        follows: ids of the protected accounts that let it follow them.
        locked: whether the account is locked.
        cookies: its cookies by name, as a browser would hold them.
        renewed: the cookies that X sets with its answers; `ct0` is one that it has already, with another value.
    """

    account: Account
    age: Literal["adult", "under-age", "not-stated"]
    follows: frozenset[str]
    locked: bool
    cookies: Mapping[str, str]
    renewed: Mapping[str, str]

    @property
    def canaries(self) -> tuple[str, ...]:
        """The values of at least 32 characters by which a leak of this login is told."""
        values = (*self.cookies.values(), *self.renewed.values())
        return tuple(value for value in values if len(value) >= 32)

    @property
    def cookie_header(self) -> str:
        """Its cookies as a Cookie header field carries them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def cookie_file(self) -> str:
        """Return its cookies as a Netscape cookie file for the domain .x.com."""
        lines = ["# Netscape HTTP Cookie File", ""]
        lines += [
            "\t".join((f"{'#HttpOnly_' if name == 'auth_token' else ''}.x.com", "TRUE", "/", "TRUE", str(_FOREVER)))
            + f"\t{name}\t{value}"
            for name, value in self.cookies.items()
        ]
        return "\n".join([*lines, ""])


@dataclass(frozen=True)
class Asker:
    """Who sent a request: a login or a guest, and how many requests are left to it until when (-1: one too many)."""

    login: Login | None
    limit: int
    remaining: int
    reset: int

    def headers(self) -> Iterator[Header]:
        """Yield the header fields that an answer to this asker carries because of who it is."""
        yield "x-rate-limit-limit", str(self.limit)
        yield "x-rate-limit-remaining", str(max(self.remaining, 0))
        yield "x-rate-limit-reset", str(self.reset)
        if self.login:
            for name, value in self.login.renewed.items():
                yield "set-cookie", f"{name}={value}; Max-Age=21600; Path=/; Domain=.x.com; Secure; SameSite=None"


class Sessions:
    """The logins and guest tokens of one run, and how often each of them has asked."""

    def __init__(self) -> None:
        self._secret = secrets.token_hex(32)
        self._logins = dict(_logins(self._secret))
        self._guests: list[str] = []
        self._uses: Counter[str] = Counter()
        self._started = int(time.time())
        self._lock = threading.Lock()

    @property
    def guest_tokens(self) -> tuple[str, ...]:
        """The guest tokens that were given out, in order."""
        return tuple(self._guests)

    def login(self, name: LoginName) -> Login:
        """Return a sample login by its name."""
        return self._logins[name]

    def new_guest(self) -> str:
        """Give out a guest token: 19 digits, a snowflake of now."""
        milliseconds = int(time.time() * 1000) - 1288834974657
        token = str((milliseconds << 22) | secrets.randbelow(1 << 22))
        with self._lock:
            self._guests.append(token)
        return token

    def identify(self, request: Request) -> Asker | Trouble:
        """Tell who sent a request, or why nobody is served; each request that is served counts."""
        if not has_bearer(request):
            return "no-bearer"
        cookies = dict(re.findall(r"([^=;\s]+)=([^;]*)", request.headers.get("Cookie") or ""))
        if "auth_token" not in cookies:
            token = request.headers.get("x-guest-token") or ""
            return self._count(token, None) if token in self._guests else "guest-token"
        ct0 = cookies.get("ct0", "")
        if not ct0 or request.headers.get("x-csrf-token") != ct0:
            return "csrf"
        for login in self._logins.values():
            known = (login.cookies["ct0"], login.renewed["ct0"])
            if login.cookies["auth_token"] == cookies["auth_token"] and ct0 in known:
                return "locked" if login.locked else self._count(cookies["auth_token"], login)
        return "credentials"

    def _count(self, key: str, login: Login | None) -> Asker:
        limit = LOGIN_LIMIT if login else GUEST_LIMIT
        window = (int(time.time()) - self._started) // WINDOW
        with self._lock:
            self._uses[f"{window} {key}"] += 1
            used = self._uses[f"{window} {key}"]
        return Asker(login, limit, max(limit - used, -1), self._started + (window + 1) * WINDOW)


def has_bearer(request: Request) -> bool:
    """Tell whether a request names an application; which one it may be changes, so that any will do."""
    return re.fullmatch(r"Bearer [\w%.~-]{40,}", request.headers.get("Authorization") or "") is not None


def _logins(secret: str) -> Iterator[tuple[str, Login]]:
    def value(purpose: str, length: int) -> str:
        return hashlib.shake_256(f"{secret} {purpose}".encode()).hexdigest(length // 2)

    for number, name in enumerate(("adult", "follower", "under-age", "no-age", "locked")):
        account = Account(
            id=f"18823443090000001{number:02}",
            handle=f"desk_{name.replace('-', '_')}_demo",
            name=f"Archive desk {number + 1} ({name})",
            image="herald",
            image_id="1882344309645082634",
            shape="core",
        )
        yield (
            name,
            Login(
                account=account,
                age="under-age" if name == "under-age" else "not-stated" if name == "no-age" else "adult",
                follows=frozenset({NIGHT.id}) if name == "follower" else frozenset(),
                locked=name == "locked",
                cookies={
                    "auth_token": value(f"{name} auth_token", 40),
                    "ct0": value(f"{name} ct0", 160),
                    "kdt": value(f"{name} kdt", 40),
                    "twid": f"u%3D{account.id}",
                },
                renewed={
                    "ct0": value(f"{name} next ct0", 160),
                    "__cf_bm": value(f"{name} __cf_bm", 64),
                    "att": "1-" + value(f"{name} att", 40),
                },
            ),
        )

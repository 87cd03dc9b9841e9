"""The hosts of the demo internet, each a function from a request to a reply; they open nothing.

The only state is who has been given a token and how often each asker came, which `Sessions` keeps.
Where X's behaviour was not observed, the host answers 404 rather than invent something plausible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from urllib.parse import parse_qsl

from archiver.demo import graphql, media, oembed, sample, streams, syndication
from archiver.demo.graphql_logins import Sessions
from archiver.demo.graphql_tweets import permalink_code
from archiver.demo.posts import POSTS
from archiver.demo.records import Account, LinkCard, Photo, Post, Video
from archiver.demo.syndication_extras import CARD_SIZES
from archiver.demo.wire import Handler, Reply, Request

_SERVER = ("server", "archiver-demo")
_HTML = ("content-type", "text/html; charset=utf-8")
_PHOTO_SIZES = {"orig": "orig", "4096x4096": "orig", "large": "large", "medium": "medium", "small": "small"}


@dataclass(frozen=True)
class World:
    """The posts that the demo internet knows, and who may ask for them; all that its hosts say follows from them."""

    posts: tuple[Post, ...] = tuple(POSTS.values())
    sessions: Sessions = field(default_factory=Sessions)

    @property
    def hosts(self) -> Mapping[str, Handler]:
        """What answers for each host, by its lower-case name."""
        return {
            "cdn.syndication.twimg.com": lambda request: syndication.answer(self._by_id, request),
            "publish.x.com": lambda request: oembed.answer(self._by_id, request),
            "publish.twitter.com": lambda request: _redirect(f"https://publish.x.com{request.resource}"),
            "api.x.com": lambda request: graphql.answer(self._by_id, self.sessions, request),
            "x.com": self._x,
            "twitter.com": lambda request: _redirect(f"https://x.com{request.resource}"),
            "t.co": self._short_link,
            "pic.twitter.com": lambda request: _redirect(f"https://t.co{request.path}"),
            "pic.x.com": self._pic,
            "pbs.twimg.com": self._picture,
            "video.twimg.com": self._video,
            sample.NEWS_HOST: _news,
        }

    @cached_property
    def _by_id(self) -> dict[str, Post]:
        return {post.id: post for post in self.posts}

    @cached_property
    def _targets(self) -> dict[str, str]:
        own = {post.short_code: post.media_url for post in self.posts if post.short_code}
        links = [link for post in self.posts for link in post.links + ((post.note.link,) if post.note else ())]
        quoted = {permalink_code(post.quotes): post.quotes.url for post in self.posts if post.quotes}
        return own | quoted | {link.code: link.expanded for link in links}

    @cached_property
    def _pictures(self) -> dict[str, str]:
        """Path on pbs.twimg.com, as served without a query, to the name of the media file."""
        found: dict[str, str] = {}
        for post in self.posts:
            found |= _profile_images(post.author)
            found |= {item.poster_path: f"{item.file}.poster.jpg" for item in post.media if isinstance(item, Video)}
        return found

    @cached_property
    def _photos(self) -> dict[str, Photo]:
        return {item.key: item for post in self.posts for item in post.media if isinstance(item, Photo)}

    @cached_property
    def _cards(self) -> dict[str, LinkCard]:
        return {post.card.image_path: post.card for post in self.posts if isinstance(post.card, LinkCard)}

    @cached_property
    def _videos(self) -> dict[str, streams.File]:
        """Path on video.twimg.com to what is there."""
        videos = [item for post in self.posts for item in post.media if isinstance(item, Video)]
        return {path: file for video in videos for path, file in streams.files(video).items()}

    def _x(self, request: Request) -> Reply:
        if graphql.asks_graphql(request):
            return graphql.answer(self._by_id, self.sessions, request)
        return self._status_page(request)

    def _status_page(self, request: Request) -> Reply:
        found = re.fullmatch(r"/\w{1,15}/status/([0-9]{1,19})(?:/(?:photo|video)/[1-4])?", request.path)
        post = self._by_id.get(found[1]) if found else None
        if post is None or post.state == "never-existed":
            return _page(404, "Page not found", "<p>This page does not exist.</p>")
        return _page(200, "X (demo)", "<p>JavaScript is not available.</p>")

    def _short_link(self, request: Request) -> Reply:
        target = self._targets.get(request.path.removeprefix("/"))
        if target is None:
            return _page(404, "Not found", "<p>No such link.</p>")
        if "Mozilla/" not in (request.headers.get("User-Agent") or ""):
            return _redirect(target)
        script = json.dumps(target).replace("/", "\\/")
        page = (
            f'<head><meta name="referrer" content="always"><noscript><META http-equiv="refresh" '
            f'content="0;URL={escape(target)}"></noscript><title>{escape(target)}</title></head>'
            f"<script>window.opener = null; location.replace({script})</script>"
        )
        return Reply(200, (_HTML, _SERVER), page.encode())

    def _pic(self, request: Request) -> Reply:
        target = self._targets.get(request.path.removeprefix("/"))
        return _redirect(target) if target else _page(404, "Not found", "<p>No such picture.</p>")

    def _picture(self, request: Request) -> Reply:
        if request.path in self._pictures:
            return _file(media.read(self._pictures[request.path]), "image/jpeg")
        bare = re.fullmatch(r"/media/([\w-]+)\.jpg", request.path) if not request.query else None
        sized = re.fullmatch(r"/media/([\w-]+)", request.path)
        found = bare or sized
        query = {"format": "jpg", "name": "medium"} if bare else dict(parse_qsl(request.query))
        size = _PHOTO_SIZES.get(query.get("name", ""))
        if "_thumb/" in request.path and size is not None and query.get("format") == "jpg":
            # Posters of videos are small: every rendition is the one file.
            name = self._pictures.get(f"{request.path}.jpg")
            return _file(media.read(name), "image/jpeg") if name else Reply(404, (_SERVER,))
        if request.path.startswith("/card_img/"):
            return self._card_image(request.path, query)
        if found is None or found[1] not in self._photos or size is None or query.get("format") != "jpg":
            return Reply(404, (_SERVER,))
        return _file(media.read_rendition(self._photos[found[1]].file, size), "image/jpeg")

    def _card_image(self, path: str, query: Mapping[str, str]) -> Reply:
        card = self._cards.get(path)
        size, *_ = CARD_SIZES.get(query.get("name", ""), ("",))
        if card is None or card.expired or not size or query.get("format") != "jpg":
            return Reply(404, (_SERVER,))
        return _file(media.read_rendition(card.file, size), "image/jpeg")

    def _video(self, request: Request) -> Reply:
        if request.headers.get("Referer") is not None:
            return Reply(403, (_SERVER,))
        file = self._videos.get(request.path)
        if file is None:
            return Reply(404, (_SERVER,))
        if file.refused or (file.refuses_query and request.query):
            return Reply(403, (_SERVER,))
        return streams.in_range(_file(file.data, file.media_type), request)


def _profile_images(account: Account) -> dict[str, str]:
    sizes = {"_normal": "normal", "_400x400": "400x400", "": "orig"}
    return {f"{account.image_path}{mark}.jpg": f"profile-{account.image}.{size}.jpg" for mark, size in sizes.items()}


def _news(request: Request) -> Reply:
    if request.path != sample.ARTICLE_PATH:
        return _page(404, "Not found", "<p>There is no such article.</p>")
    return Reply(200, (_HTML, _SERVER), sample.article_html().encode())


def _file(data: bytes, media_type: str) -> Reply:
    headers = (("content-type", media_type), ("cache-control", "max-age=604800"), _SERVER)
    return Reply(200, headers, data)


def _redirect(target: str) -> Reply:
    return Reply(301, (("location", target), ("cache-control", "private,max-age=300"), _SERVER))


def _page(status: int, title: str, body: str) -> Reply:
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{body}</body></html>\n"
    return Reply(status, (_HTML, _SERVER), text.encode())

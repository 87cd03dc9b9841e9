"""What X's GraphQL answers to one asker about one post: the post, less than it, or why not; it knows no HTTP."""

from __future__ import annotations

from typing import Any

from archiver.demo import graphql_tweets
from archiver.demo.graphql_logins import Login
from archiver.demo.records import Post
from archiver.demo.syndication import TOMBSTONES

_NOTICES = "https://help.x.com/rules-and-policies/notices-on-x"
_AGE = (
    "Age-restricted adult content. This content might not be appropriate for people under 18 years old. "
    "To view this media, you’ll need to log in to X. Learn more"
)
_REASONS = {"suspended": "Suspended", "protected": "Protected"}
_NSFW = {"under-age": "NsfwViewerIsUnderage", "not-stated": "NsfwViewerHasNoStatedAge"}
_LIMITED = ("Reply", "QuoteTweet", "Retweet", "Embed", "SendViaDm")


def result(post: Post | None, login: Login | None, *, in_words: bool = False) -> dict[str, Any]:
    """Return the `result` for a post, or nothing where the service says nothing.

    Args:
        post: the post; None where there is none of that id.
        login: who asks; None for a guest.
        in_words: whether refusals are tombstones with a text, as among the posts of a conversation.
    """
    if post is None or post.state in ("unclear", "never-existed"):
        return {}
    refused = _refusal(post, login, in_words or post.refusal == "words")
    if refused is not None:
        return refused
    if post.versions and post.versions[-1] != post.id:
        return {"__typename": "TweetWithVisibilityResults", "tweet": graphql_tweets.stub(post)} | _limits()
    stripped = post.state == "age-restricted" and login is None
    tweet = graphql_tweets.whole(post, stripped=stripped)
    if post.quotes:
        tweet["quoted_status_result"] = _member(post.quotes, login)
    if post.retweets:
        tweet["legacy"]["retweeted_status_result"] = _member(post.retweets, login)
    if not post.wrapper:
        return tweet
    wrapped = {name: value for name, value in tweet.items() if name != "__typename"}
    limits = _limits() if post.wrapper == "limited" else {}
    return {"__typename": "TweetWithVisibilityResults", "tweet": wrapped} | limits


def _refusal(post: Post, login: Login | None, in_words: bool) -> dict[str, Any] | None:
    """Return the answer in place of a post that may not be seen, None where it may."""
    if post.state == "public" or (post.state == "protected" and login and post.author.id in login.follows):
        return None
    if post.state == "subscribers":
        return graphql_tweets.preview(post)
    if post.state == "age-restricted":
        return _refused_for_age(post, login, in_words)
    if post.state == "deleted" and not in_words:
        return {}
    if post.state in _REASONS and not in_words:
        return {"__typename": "TweetUnavailable", "reason": _REASONS[post.state]}
    return _tombstone(TOMBSTONES[post.state])


def _refused_for_age(post: Post, login: Login | None, in_words: bool) -> dict[str, Any] | None:
    if login is None and post.refusal == "stripped":
        return None
    if login and login.age == "adult":
        return None
    if in_words:
        return _tombstone(_AGE)
    return {"__typename": "TweetUnavailable", "reason": _NSFW[login.age] if login else "NsfwLoggedOut"}


def _member(post: Post, login: Login | None) -> dict[str, Any]:
    """Return a post as a member of another; a post of a post is left out."""
    inner = result(post, login, in_words=True)
    inner.pop("quoted_status_result", None)
    return {"result": inner} if inner else {}


def _tombstone(text: str) -> dict[str, Any]:
    start = text.index("Learn more")
    ref = {"type": "TimelineUrl", "url": _NOTICES, "urlType": "ExternalUrl"}
    said = {
        "rtl": False,
        "text": text,
        "entities": [{"fromIndex": start, "toIndex": len(text), "ref": ref}],
    }
    return {"__typename": "TweetTombstone", "tombstone": {"__typename": "TextTombstone", "text": said}}


def _limits() -> dict[str, Any]:
    return {"limitedActionResults": {"limited_actions": [{"action": action} for action in _LIMITED]}}

"""An account as X's GraphQL states it, in the three shapes that are served side by side; it states nothing else."""

from __future__ import annotations

import base64
import time
from datetime import datetime
from typing import Any

from archiver.demo.records import Account, snowflake_time


def user(account: Account, *, protected: bool = False) -> dict[str, Any]:
    """Return an account as the `result` of `user_results`."""
    stated = {
        "__typename": "User",
        "id": base64.b64encode(f"User:{account.id}".encode()).decode(),
        "rest_id": account.id,
        "affiliates_highlighted_label": {},
        "is_blue_verified": account.verified,
        "profile_image_shape": "Circle",
    }
    if account.shape == "legacy":
        marks: dict[str, Any] = {"verified_type": "Business"} if account.verified else {}
        return stated | {"legacy": _names(account) | _counts() | marks | ({"protected": True} if protected else {})}
    stated |= {
        "avatar": {"image_url": _image(account)},
        "core": {
            "created_at": spelled(snowflake_time(account.id)),
            "name": account.name,
            "screen_name": account.handle,
        },
        "dm_permissions": {"can_dm": False},
        "location": {"location": ""},
        "media_permissions": {"can_media_tag": True},
        "privacy": {"protected": protected},
        "relationship_perspectives": {"blocked_by": False, "blocking": False, "following": False},
        "verification": {"verified": False} | ({"verified_type": "Business"} if account.verified else {}),
    }
    if account.shape == "mixed":
        return stated | {"legacy": _counts()}
    return stated | {
        "action_counts": {"favorites_count": 211},
        "profile_bio": {"description": "", "entities": {"description": {}}},
        "relationship_counts": {"followers": 1043, "following": 87},
        "tweet_counts": {"media_tweets": 31, "tweets": 204},
    }


def spelled(moment: datetime) -> str:
    """Return a UTC moment as X writes it here ("Sat Mar 08 05:41:09 +0000 2025"), in English in every locale."""
    weekday, month, day, clock, year = time.asctime(moment.timetuple()).split()
    return f"{weekday} {month} {int(day):02} {clock} +0000 {year}"


def _names(account: Account) -> dict[str, Any]:
    return {
        "created_at": spelled(snowflake_time(account.id)),
        "name": account.name,
        "profile_image_url_https": _image(account),
        "screen_name": account.handle,
        "verified": False,
    }


def _counts() -> dict[str, Any]:
    return {
        "default_profile": True,
        "default_profile_image": False,
        "description": "",
        "entities": {"description": {"urls": []}},
        "fast_followers_count": 0,
        "favourites_count": 211,
        "followers_count": 1043,
        "friends_count": 87,
        "listed_count": 4,
        "media_count": 31,
        "pinned_tweet_ids_str": [],
        "possibly_sensitive": False,
        "statuses_count": 204,
        "translator_type": "none",
        "withheld_in_countries": [],
    }


def _image(account: Account) -> str:
    return f"https://pbs.twimg.com{account.image_path}_normal.jpg"

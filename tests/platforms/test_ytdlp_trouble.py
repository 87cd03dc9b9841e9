"""What yt-dlp says is read as the outcome that it stands for, and never as more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.ytdlp_trouble import LIVE, PROGRAM, UNSUPPORTED, Trouble, reading


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Twitter API says: This Post was deleted by the Post author", ("absent", "deleted")),
        ("Twitter API says: This Post is from a suspended account", ("withheld", "suspended")),
        ("Twitter API says: This Post is from an account that no longer exists", ("absent", "account-gone")),
        ("Twitter API says: Age-restricted adult content. This content might not be appropriate", ("withheld", "age")),
        ("Twitter API says: Unknown error", ("withheld", "unavailable")),
        ("NSFW tweet requires authentication. Use --cookies for the authentication", ("withheld", "age")),
        ("You are not authorized to view this protected tweet. Use --cookies", ("withheld", "protected")),
        ("Suspended", ("withheld", "suspended")),
        ("NsfwViewerIsUnderage", ("withheld", "age")),
        ("Requested tweet is unavailable", ("withheld", "unavailable")),
        ("Error(s) while querying API: Could not authenticate you.", ("refused", "login")),
        ("Error(s) while querying API: Rate limit exceeded.", ("refused", "rate-limit")),
        ("Error(s) while querying API: The following features cannot be null: a", ("refused", "outdated-request")),
        ("Error(s) while querying API: Bad guest token.", ("refused", "guest-token")),
        ("Error(s) while querying API: This account is temporarily locked.", ("refused", "account-locked")),
        ("Error(s) while querying API: Timeout: Unspecified", ("unreachable", "timeout")),
        ("Error(s) while querying API: Something new", ("refused", "unclear")),
        ("Could not retrieve guest token", ("refused", "guest-token")),
        ("Syndication endpoint returned empty JSON response", ("refused", "unclear")),
        ("No video could be found in this tweet", ("refused", "unclear")),
        ("Video #2 is unavailable", ("refused", "unclear")),
        ("This video is DRM protected", ("withheld", "drm")),
        ("The uploader has not made this video available in your country", ("refused", "unclear")),
        ("This video is not available from your location due to geo restriction", ("withheld", "country")),
        ("Private video. Sign in if you've been granted access", ("withheld", "protected")),
        ("This video is only available for registered users. Use --cookies", ("refused", "login")),
        ("", ("refused", "unclear")),
    ],
)  # fmt: skip
def test_words_of_extractors(words, expected):
    assert reading(Trouble(kind="ExtractorError", words=words)) == expected


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble(kind="UnsupportedError", words="Unsupported URL: a"), ("refused", "unsupported")),
        (Trouble(kind="GeoRestrictedError", words="not here"), ("withheld", "country")),
        (Trouble(kind="UnavailableVideoError", words="Unable to download video"), ("refused", "unclear")),
        (Trouble(kind=LIVE, words="a live stream"), ("refused", "live")),
        (Trouble(kind=UNSUPPORTED, words="rtmp"), ("refused", "unsupported")),
        (Trouble(kind=PROGRAM, words="KeyError: 'a'"), ("refused", "yt-dlp")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=401), ("refused", "login")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=403), ("refused", "blocked")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=404), ("absent", "not-found")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=429), ("refused", "rate-limit")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=451), ("withheld", "country")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=503), ("unreachable", "server-error")),
        (Trouble(kind="ExtractorError", words="Unable to download", status=418), ("refused", "unclear")),
        (Trouble(kind="TransportError", words="timed out", failure="timeout"), ("unreachable", "timeout")),
        (Trouble(kind="ExtractorError", words="Suspended", failure="dns"), ("unreachable", "dns")),
    ],
)
def test_kinds_statuses_and_failures(trouble, expected):
    assert reading(trouble) == expected


@given(kind=st.text(max_size=20), words=st.text(max_size=2000), status=st.integers(0, 999))
def test_whatever_is_said_has_a_reading(kind, words, status):
    outcome, reason = reading(Trouble(kind=kind, words=words, status=status))
    assert outcome in ("absent", "withheld", "refused", "unreachable")
    assert reason

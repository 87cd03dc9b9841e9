"""Who is served by GraphQL and how: tokens, logins, errors with their codes, coding, limits, faults."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl

import pytest

from archiver.demo import posts
from archiver.demo.faults import Replace, Stall, Truncate
from archiver.demo.graphql_errors import AlsoFailed, Refused
from archiver.demo.sites import World

ACTIVATE = "/1.1/guest/activate.json"
ONE = {"tweetId": posts.SHELLING.id}


def code(reply):
    return reply.status, json.loads(reply.body)["errors"][0]["code"]


def fields(reply, name):
    return [value for key, value in reply.headers if key == name]


def test_guest_token_is_given_for_a_bearer_and_differs_each_time(graphql):
    replies = [graphql.send(ACTIVATE, {"Authorization": graphql.BEARER}, "api.x.com", "POST") for _ in range(2)]
    tokens = [json.loads(reply.body)["guest_token"] for reply in replies]
    assert len(set(tokens)) == 2
    assert all(len(token) == 19 and token.isdigit() for token in tokens)
    assert graphql.world.sessions.guest_tokens[-2:] == tuple(tokens)
    assert "guest_id=v1%3A" in fields(replies[0], "set-cookie")[0]
    assert tokens[0] not in fields(replies[0], "set-cookie")[0]
    assert code(graphql.send(ACTIVATE, {}, "api.x.com", "POST")) == (400, 215)
    assert graphql.send(ACTIVATE, {"Authorization": graphql.BEARER}, "api.x.com").status == 404


@pytest.mark.parametrize("token", [None, "", "1", "another run's"])
def test_guest_without_a_token_of_this_run_is_refused(graphql, token):
    if token == "another run's":
        token = World().sessions.new_guest()
    headers = {"Authorization": graphql.BEARER} | ({"x-guest-token": token} if token is not None else {})
    assert code(graphql.query("TweetResultByRestId", ONE, headers)) == (403, 239)


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("adult", {"Authorization": ""}, (400, 215)),
        ("adult", {"x-csrf-token": "0" * 160}, (403, 353)),
        ("adult", {"x-csrf-token": ""}, (403, 353)),
        ("adult", {"Cookie": f"auth_token={'0' * 40}; ct0=abc", "x-csrf-token": "abc"}, (401, 32)),
        ("locked", {}, (403, 326)),
    ],
)
def test_login_that_is_not_right_is_refused(graphql, name, changed, expected):
    headers = graphql.headers(graphql.login(name)) | changed
    assert code(graphql.query("TweetResultByRestId", ONE, headers)) == expected


def test_login_of_another_run_is_refused(graphql):
    stranger = World().sessions.login("adult")
    assert stranger.canaries != graphql.login("adult").canaries
    assert code(graphql.query("TweetResultByRestId", ONE, graphql.headers(stranger))) == (401, 32)


def test_login_is_answered_with_its_name_and_with_cookies_that_are_good_from_then_on(graphql):
    login = graphql.login("adult")
    reply = graphql.query("TweetResultByRestId", ONE, graphql.headers(login))
    assert json.loads(reply.body)["data"]["viewer_v2"]["user_results"]["result"]["core"]["name"] == login.account.name
    assert login.account.handle in reply.body.decode()
    given = dict(value.split(";")[0].split("=", 1) for value in fields(reply, "set-cookie"))
    assert given == login.renewed
    renewed = login.cookies | given
    headers = {
        "Authorization": graphql.BEARER,
        "Cookie": "; ".join(f"{name}={value}" for name, value in renewed.items()),
        "x-csrf-token": given["ct0"],
    }
    assert graphql.query("TweetResultByRestId", ONE, headers).status == 200


def test_canaries_are_long_and_are_all_that_is_secret(graphql):
    for name in ("adult", "follower", "under-age", "no-age", "locked"):
        login = graphql.login(name)
        assert len(login.canaries) == len(set(login.canaries)) == 6
        assert {login.cookies["auth_token"], login.cookies["ct0"], login.renewed["ct0"]} <= set(login.canaries)
        assert login.canaries[0] in login.cookie_file()


def test_guest_is_told_nothing_of_a_viewer(graphql):
    reply = graphql.query("TweetResultByRestId", ONE, graphql.headers(None))
    assert set(json.loads(reply.body)["data"]) == {"tweetResult"}
    assert fields(reply, "set-cookie") == []


@pytest.mark.parametrize(
    ("variables", "features", "expected"),
    [
        (ONE, {}, (400, 336)),
        (ONE, {"longform_notetweets_consumption_enabled": True}, (400, 336)),
        (ONE, "[[", (400, 336)),
        ({}, None, (400, 366)),
        ({"tweetId": "x"}, None, (400, 366)),
        ({"tweetId": int(posts.SHELLING.id)}, None, (400, 366)),
    ],
)
def test_query_that_is_not_right_is_refused(graphql, variables, features, expected):
    given = graphql.FEATURES if features is None else features
    assert code(graphql.query("TweetResultByRestId", variables, graphql.headers(None), given)) == expected


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("x.com", "/i/api/graphql/AAAAAAAAAAAAAAAAAAAAAA/TweetResultByRestId", 400),
        ("api.x.com", "/graphql/AAAAAAAAAAAAAAAAAAAAAA/TweetResultByRestId", 400),
        ("x.com", "/i/api/graphql/short/TweetResultByRestId", 404),
        ("x.com", "/i/api/graphql/AAAAAAAAAAAAAAAAAAAAAA/UserByScreenName", 404),
        ("api.x.com", "/1.1/statuses/show/1.json", 404),
    ],
)
def test_any_query_id_will_do_at_both_hosts(graphql, host, path, status):
    assert graphql.send(path, graphql.headers(None), host).status == status


def test_limit_is_counted_down_for_each_guest_and_then_enforced(graphql):
    replies = [graphql.query("TweetResultByRestId", ONE, graphql.headers(None)) for _ in range(51)]
    left = [int(fields(reply, "x-rate-limit-remaining")[0]) for reply in replies]
    assert left == [*range(49, -1, -1), 0]
    assert {reply.status for reply in replies[:50]} == {200}
    assert code(replies[50]) == (429, 88)
    assert int(fields(replies[50], "x-rate-limit-reset")[0]) > 0
    graphql.token = graphql.world.sessions.new_guest()
    assert graphql.query("TweetResultByRestId", ONE, graphql.headers(None)).status == 200


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate", ["gzip"]), ("deflate, br", []), ("identity", []), ("", [])]
)
def test_body_is_compressed_where_that_is_accepted(graphql, accepted, coding):
    headers = graphql.headers(None) | {"Accept-Encoding": accepted}
    reply = graphql.query("TweetResultByRestId", ONE, headers)
    assert fields(reply, "content-encoding") == coding
    body = gzip.decompress(reply.body) if coding else reply.body
    assert json.loads(body)["data"]["tweetResult"]["result"]["rest_id"] == posts.SHELLING.id


class Client:
    """Asks a running box through its proxy."""

    def __init__(self, box) -> None:
        self.box = box

    def get(self):
        host, port = self.box.proxy_url.removeprefix("http://").split(":")
        context = ssl.create_default_context(cafile=self.box.ca_file)
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
        connection.set_tunnel("x.com", 443)
        headers = {
            "Authorization": "Bearer " + "a" * 60,
            "Cookie": self.box.login("adult").cookie_header,
            "x-csrf-token": self.box.login("adult").cookies["ct0"],
            "Accept-Encoding": "gzip",
        }
        try:
            query = "variables=%7B%22tweetId%22%3A%22" + posts.SHELLING.id + "%22%7D&features=%7B"
            query += "%22longform_notetweets_consumption_enabled%22%3A1%2C"
            query += "%22responsive_web_edit_tweet_api_enabled%22%3A1%7D"
            resource = f"/i/api/graphql/2ICDjqPd81tulZcYrtpTuQ/TweetResultByRestId?{query}"
            connection.request("GET", resource, headers=headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()


def test_box_serves_the_login_that_it_hands_out(box):
    status, headers, body = Client(box).get()
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert json.loads(gzip.decompress(body))["data"]["tweetResult"]["result"]["rest_id"] == posts.SHELLING.id
    assert box.requests("x.com")[0].note == "asked by desk_adult_demo"


def test_faults_work_on_this_host(box):
    client = Client(box)
    box.faults.add(Refused("rate-limit", seconds=60), host="x.com")
    box.faults.add(Refused("features", "some_flag"), host="x.com")
    box.faults.add(Replace(b"<html>rubbish"), host="x.com", path="/i/api/graphql/")
    box.faults.add(Stall(20, 0.05), host="x.com")
    box.faults.add(AlsoFailed(), host="x.com")
    box.faults.add(Truncate(30), host="x.com")
    status, headers, body = client.get()
    assert (status, headers["x-rate-limit-remaining"], json.loads(body)["errors"][0]["code"]) == (429, "0", 88)
    assert b'"The following features cannot be null: some_flag"' in client.get()[2]
    assert client.get()[2] == b"<html>rubbish"
    assert client.get()[0] == 200
    both = json.loads(gzip.decompress(client.get()[2]))
    assert both["errors"][0]["message"] == "Dependency: Unspecified"
    assert both["data"]["tweetResult"]["result"]["rest_id"] == posts.SHELLING.id
    with pytest.raises(http.client.IncompleteRead):
        client.get()

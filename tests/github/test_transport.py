import asyncio
import gzip
import json

import pytest
from gidgethub import InvalidField

from octobot.github.transport.request import Again, AnswerLost, open_http
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import Clock, Limits
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import InstallationId
from tests.github.loopback import Say, Scene

LIMITED = {"message": "You have exceeded a secondary rate limit."}


async def test_a_request_names_version_and_agent_and_nothing_secret(stage: Scene) -> None:
    """Without a token there is no Authorization at all."""
    stage.far.say(Say(json={"id": 1}))
    assert await stage.public().get("/repos/o/n") == {"id": 1}
    names = stage.far.heard[0].headers
    assert names["x-github-api-version"] == "2022-11-28"
    assert names["user-agent"] == "octobot"
    assert "authorization" not in names


async def test_a_persons_token_travels_to_the_api_only(stage: Scene) -> None:
    """An absolute address elsewhere is refused before anything is sent."""
    road = stage.public("ghp_x")
    stage.far.say(Say())
    await road.get("/user")
    assert stage.far.heard[0].headers["authorization"] == "token ghp_x"
    with pytest.raises(ValueError, match="GitHub's API only"):
        await road.get("https://evil.example/user")
    with pytest.raises(ValueError, match="GitHub's API only"):
        await road.get(f"{stage.far.url}.evil.example/user")


async def test_a_read_is_repeated_after_faults(stage: Scene) -> None:
    """5xx and broken lines are repeated with growing, jittered pauses."""
    stage.far.say(Say(502), Say(drop=True), Say(json=[1]))
    assert await stage.public().get("/x") == [1]
    assert stage.far.asked == ["GET /x"] * 3
    assert stage.ticker.slept  # aiohttp itself repeats a read on a kept connection that broke
    assert all(0 <= pause <= 20 for pause in stage.ticker.slept)


async def test_a_fault_that_stays_is_raised_as_try_later(stage: Scene) -> None:
    """After four tries the lane gets the error, as a retry and not as a bug."""
    stage.far.say(*[Say(503)] * 4)
    with pytest.raises(TryLater, match="status 503"):
        await stage.public().get("/x")
    assert len(stage.far.heard) == 4


@pytest.mark.parametrize("fault", [Say(502), Say(drop=True), Say(201, raw=b'{"id": ')])
async def test_a_post_whose_answer_is_lost_is_sent_once(stage: Scene, fault: Say) -> None:
    """It may have taken place, so it is never repeated blindly."""
    json_again = {"Content-Type": "application/json"} if fault.raw else {}
    stage.far.say(Say(fault.status, headers=json_again, raw=fault.raw, drop=fault.drop))
    with pytest.raises(AnswerLost):
        await stage.public("t").exchange("POST", "/repos/o/n/pulls", {"title": "x"})
    assert stage.far.asked == ["POST /repos/o/n/pulls"]


async def test_a_merge_is_not_repeated_either(stage: Scene) -> None:
    """A PUT is idempotent for HTTP, but a second merge would be answered "not mergeable"."""
    stage.far.say(Say(502))
    with pytest.raises(AnswerLost):
        await stage.public("t").exchange("PUT", "/repos/o/n/pulls/1/merge", {"sha": "x"})
    assert len(stage.far.heard) == 1


async def test_a_delete_is_repeated(stage: Scene) -> None:
    """Deleting twice has the effect of deleting once."""
    stage.far.say(Say(500), Say(404, {"message": "Not Found"}))
    answer = await stage.public("t").exchange("DELETE", "/repos/o/n/git/refs/heads/x")
    assert (answer.status, answer.words) == (404, "Not Found")


async def test_what_was_never_sent_may_be_sent_again(stage: Scene) -> None:
    """A refused connection repeats even a POST: nobody can have acted on it."""
    async with open_http() as session:
        road = Session.for_token(session, "http://127.0.0.1:1", clock=stage.ticker.clock)
        with pytest.raises(Again, match="no connection"):
            await road.exchange("POST", "/x", {})
    assert len([pause for pause in stage.ticker.slept if pause]) >= 3


async def test_json_that_breaks_off_is_no_answer(stage: Scene) -> None:
    """Half a list must never read as the list."""
    stage.far.say(Say(headers={"Content-Type": "application/json"}, raw=b'[{"id": 1}'))
    with pytest.raises(TryLater, match="JSON is broken"):
        await stage.public().get("/x")


async def test_retry_after_is_waited_for_whatever_the_method(stage: Scene) -> None:
    """GitHub refused before it acted, so that a POST is repeated after the pause."""
    stage.far.say(Say(429, LIMITED, {"Retry-After": "7"}), Say(201, {"number": 5}))
    answer = await stage.public("t").exchange("POST", "/repos/o/n/issues", {})
    assert answer.data == {"number": 5}
    assert stage.ticker.slept == [0.0, 7.0]


async def test_a_short_primary_limit_is_slept_out(stage: Scene) -> None:
    """The reset is GitHub's time, and one second is added for its whole seconds."""
    reset = str(int(stage.ticker.clock.now()) + 30)
    empty = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    stage.far.say(Say(403, {"message": "API rate limit exceeded"}, empty), Say(json=1))
    assert await stage.public().get("/x") == 1
    assert stage.ticker.slept == [0.0, 31.0]


async def test_a_long_primary_limit_frees_the_lane(stage: Scene) -> None:
    """Fifty minutes are raised as TryLater, and nothing is sent meanwhile."""
    reset = str(int(stage.ticker.clock.now()) + 3000)
    empty = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    road = stage.public()
    stage.far.say(Say(json=1, headers=empty))
    assert await road.get("/last") == 1
    for _ in range(2):
        with pytest.raises(TryLater) as told:
            await road.get("/x")
        assert 2995 <= told.value.after.total_seconds() <= 3001
    assert len(stage.far.heard) == 1


async def test_other_buckets_stay_open(stage: Scene) -> None:
    """An empty search budget does not stop the core."""
    reset = str(int(stage.ticker.clock.now()) + 3000)
    empty = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    road = stage.public()
    stage.far.say(Say(json=1, headers={**empty, "X-RateLimit-Resource": "search"}), Say(json=2))
    await road.get("/search/issues?q=x")
    assert await road.get("/x") == 2


async def test_a_secondary_limit_without_header_waits_a_minute_then_longer(stage: Scene) -> None:
    """At least 60 seconds, then exponentially; what is too long is raised."""
    stage.far.say(Say(403, LIMITED), Say(403, LIMITED))
    with pytest.raises(TryLater) as told:
        await stage.public("t").exchange("POST", "/repos/o/n/issues", {})
    assert stage.ticker.slept == [0.0, 60.0, 0.0]
    assert told.value.after.total_seconds() == 120


async def test_a_missing_permission_is_named(stage: Scene) -> None:
    """403 is for the operator to fix, and is not repeated."""
    said = {"message": "Resource not accessible by integration"}
    stage.far.say(Say(403, said, {"X-Accepted-GitHub-Permissions": "checks=write"}))
    with pytest.raises(Misconfigured, match=r"checks=write.*not accessible by integration"):
        await stage.public("t").exchange("POST", "/repos/o/n/check-runs", {})


async def test_a_renamed_repository_is_not_followed(stage: Scene) -> None:
    """The old name may belong to somebody else tomorrow."""
    stage.far.say(Say(301, {"message": "Moved Permanently"}, {"Location": "/repositories/1"}))
    with pytest.raises(TryLater, match="renamed"):
        await stage.public().get("/repos/old/name")
    assert stage.far.asked == ["GET /repos/old/name"]


async def test_an_unchanged_answer_is_used_again(stage: Scene) -> None:
    """The second read is conditional; its 304 returns the first body and the new date."""
    road = stage.public()
    stage.far.say(Say(json=[1], headers={"ETag": '"a"'}), Say(304), Say(json=[2]))
    assert [await road.get("/x"), await road.get("/x")] == [[1], [1]]
    assert stage.far.heard[1].headers["if-none-match"] == '"a"'
    assert await road.get("/x", fresh=True) == [2]
    assert "if-none-match" not in stage.far.heard[2].headers


async def test_equal_reads_at_once_are_counted_once(stage: Scene) -> None:
    """The second waits for the first, and is a 304; one past the cache waits for nobody."""
    road = stage.public()
    stage.far.say(Say(json=[1], headers={"ETag": '"a"'}), Say(304))
    first, second = await asyncio.gather(road.get("/x"), road.get("/x"))
    assert (first, second) == ([1], [1])
    assert stage.far.heard[1].headers["if-none-match"] == '"a"'


async def test_installations_share_no_answers(stage: Scene) -> None:
    """What one may read the other may not."""
    app = stage.app()
    one, two = (app.installation(InstallationId(number)) for number in (1, 2))
    stage.far.say(Say(json=[1], headers={"ETag": '"a"'}), Say(json=[2]))
    assert [await one.get("/x"), await two.get("/x")] == [[1], [2]]
    assert "if-none-match" not in stage.far.heard[-1].headers


async def test_a_list_is_read_to_its_last_page(stage: Scene) -> None:
    """Pages follow `Link`, whatever address it has within the API."""
    following = {"Link": f'<{stage.far.url}/repositories/1/x?page=2>; rel="next"'}
    stage.far.say(Say(json={"runs": [1]}, headers=following), Say(json={"runs": [2]}))
    assert await stage.public().pages("/repos/o/n/x?a=b", "runs") == [1, 2]
    assert stage.far.asked == ["GET /repos/o/n/x?a=b&per_page=100", "GET /repositories/1/x?page=2"]


async def test_a_list_that_goes_on_elsewhere_is_the_operators(stage: Scene) -> None:
    """The credentials do not follow it, and the list does not end there."""
    following = {"Link": '<https://other.example/x?page=2>; rel="next"'}
    stage.far.say(Say(json=[1], headers=following))
    with pytest.raises(Misconfigured, match=r"other\.example.*OCTOBOT_GITHUB_URL"):
        await stage.public("t").pages("/x")
    assert len(stage.far.heard) == 1


async def test_a_page_that_fails_fails_the_list(stage: Scene) -> None:
    """A required check may be on the page that is missing."""
    following = {"Link": f'<{stage.far.url}/x?page=2>; rel="next"'}
    stage.far.say(Say(json=[1], headers=following), *[Say(500)] * 4)
    with pytest.raises(TryLater):
        await stage.public().pages("/x")
    stage.far.say(Say(json=[1], headers=following), Say(404, {"message": "Not Found"}))
    with pytest.raises(TryLater, match="404 Not Found"):
        await stage.public().pages("/x")


async def test_a_list_without_end_ends(stage: Scene) -> None:
    """A list that links to itself is given up."""
    stage.far.say(*[Say(json=[1], headers={"Link": f'<{stage.far.url}/x>; rel="next"'})] * 300)
    with pytest.raises(TryLater, match="no last page"):
        await stage.public().pages("/x")


async def test_graphql_gives_data_and_errors(stage: Scene) -> None:
    """HTTP 200 may carry both; neither is lost."""
    stage.far.say(Say(json={"data": {"a": None}, "errors": [{"type": "NOT_FOUND"}]}))
    answer = await stage.public("t").graphql_response("query { a }", {"v": 1})
    assert (answer.data, list(answer.errors)) == ({"a": None}, [{"type": "NOT_FOUND"}])
    assert stage.far.asked == ["POST /graphql"]
    assert stage.far.heard[0].json == {"query": "query { a }", "variables": {"v": 1}}


async def test_graphql_out_of_budget_is_try_later_and_closes_the_gate(stage: Scene) -> None:
    """It comes as a 200; the next query is not even sent."""
    road = stage.public("t")
    reset = {"X-RateLimit-Reset": str(int(stage.ticker.clock.now()) + 500)}
    stage.far.say(Say(json={"errors": [{"type": "RATE_LIMITED"}]}, headers=reset))
    with pytest.raises(TryLater) as told:
        await road.graphql_response("{ a }", {})
    assert told.value.after.total_seconds() == 501
    with pytest.raises(TryLater):
        await road.graphql_response("{ a }", {})
    assert len(stage.far.heard) == 1


async def test_a_query_that_times_out_is_tried_twice(stage: Scene) -> None:
    """Each time-out costs points, so whoever asked makes it smaller; a limit is no time-out."""
    road = stage.public("t")
    stage.far.say(*[Say(502)] * 4)
    with pytest.raises(TryLater, match="status 502"):
        await road.graphql_response("query { a }", {})
    assert len(stage.far.heard) == 2
    stage.far.lined_up.clear()
    stage.far.say(*[Say(429, LIMITED, {"Retry-After": "7"})] * 3, Say(json={"data": {}}))
    assert (await road.graphql_response("query { a }", {})).data == {}


async def test_a_query_is_repeated_and_a_mutation_is_not(stage: Scene) -> None:
    """Both are POSTs; only the document distinguishes them."""
    road = stage.public("t")
    stage.far.say(Say(502), Say(json={"data": {}}))
    assert (await road.graphql_response("query { a }", {})).data == {}
    stage.far.say(Say(502))
    with pytest.raises(AnswerLost):
        await road.graphql_response("mutation { a }", {})
    stage.far.say(Say(raw=b"<html>"))
    with pytest.raises(AnswerLost, match="not JSON"):
        await road.graphql_response("mutation { a }", {})


async def test_enterprise_server_has_its_graphql_beside_the_api(stage: Scene) -> None:
    """`/api/v3` becomes `/api/graphql`, also for gidgethub's own call."""
    road = Session.for_token(stage.session, f"{stage.far.url}/api/v3/", "t")
    stage.far.say(Say(json={"data": {"a": 1}}), Say(json={"login": "x"}))
    assert await road.graphql("query { a }") == {"a": 1}
    await road.get("/user")
    assert stage.far.asked == ["POST /api/graphql", "GET /api/v3/user"]


async def test_gidgethubs_own_calls_use_the_client(stage: Scene) -> None:
    """Its retry-less calls are repeated, and its errors stay its own."""
    road = stage.public("t")
    stage.far.say(Say(502), Say(json={"a": 1}))
    assert await road.getitem("/repos{/owner}", {"owner": "o"}) == {"a": 1}
    stage.far.say(Say(json={"b": 1}))
    assert await road.getitem("/app", jwt="j.w.t") == {"b": 1}
    assert stage.far.heard[-1].headers["authorization"] == "bearer j.w.t"
    stage.far.say(Say(422, {"message": "no", "errors": [{"code": "invalid", "field": "x"}]}))
    with pytest.raises(InvalidField):
        await road.post("/x", data={})


async def test_writes_leave_a_second_apart(stage: Scene) -> None:
    """Reads beside them do not wait."""
    road = stage.public("t", limits=Limits())
    stage.far.say(*[Say(201)] * 3, Say())
    for _ in range(3):
        await road.exchange("POST", "/repos/o/n/issues", {})
    await road.get("/x")
    assert stage.ticker.slept == [1.0, 1.0]


async def test_an_answer_that_unpacks_without_end_is_given_up(stage: Scene) -> None:
    """The cap counts decoded bytes."""
    bomb = gzip.compress(b"0" * (65 << 20), compresslevel=1)
    stage.far.say(Say(raw=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(TryLater, match="larger than 64 MiB"):
        await stage.public().get("/x")


async def test_an_error_page_that_is_not_json_has_no_words(stage: Scene) -> None:
    """A proxy's page is not quoted."""
    stage.far.say(Say(404, raw=b"<html>"))
    answer = await stage.public().exchange("GET", "/x")
    assert (answer.status, answer.words, answer.fine) == (404, "", False)


async def test_the_machines_clock_is_the_default(stage: Scene) -> None:
    """Without a clock given, real time is used."""
    road = Session.for_token(stage.session, stage.far.url)
    assert road.clock == Clock()
    stage.far.say(Say(json=json.loads("{}")))
    await road.get("/x")
    assert abs(road.server.now() - stage.ticker.clock.now()) < 60

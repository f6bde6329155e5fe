"""The judge must be able to object."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from octobot.sandbox.http.call import Actor, Answer, Call
from octobot.sandbox.oracle.judge import Judge, tolerated
from octobot.sandbox.rest.api import ROUTES
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.fixtures import FIXTURES
from tests.sandbox.visitor import DISTRO, Visitor

PULLS = f"/repos/{DISTRO}/pulls"


def call(method: str, path: str, body: object = None, **query: str) -> Call:
    """Make a call by hand."""
    content = b"" if body is None else json.dumps(body).encode()
    return Call(method, path, query, content, "", Actor("anonymous"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (call("GET", PULLS, stat="open"), "unknown"),
        (call("GET", PULLS, state="opened"), "opened"),
        (call("POST", PULLS, {"title": "x", "head": "y"}), "base"),
        (call("POST", PULLS, {"title": "x", "head": "y", "base": "z", "bas": 1}), "bas: unknown"),
        (call("POST", PULLS, {"title": 1, "head": "y", "base": "z"}), "body/title"),
        (call("POST", PULLS), "missing"),
        (call("GET", f"{PULLS}/1/nothing"), "no operation"),
        (call("PUT", PULLS, {}), "no operation"),
    ],
)
def test_a_wrong_request_is_objected_to(wrong: Call, said: str) -> None:
    """Parameters, bodies and addresses are all looked at."""
    judge = Judge()
    judge.exchange(wrong, Answer(None, 304))
    assert any(said in objection for objection in judge.objections), judge.objections


def test_a_wrong_answer_is_objected_to() -> None:
    """A status not declared, a field missing, a field of another kind."""
    judge = Judge()
    judge.exchange(call("GET", "/app"), Answer({"id": "seven"}))
    judge.exchange(call("GET", "/app"), Answer({}, 202))
    judge.exchange(call("GET", "/app"), Answer({"message": 7}, 404))
    said = " ".join(judge.objections)
    assert "seven" in said
    assert '"owner" is a required property' in said
    assert "declared are ['200']" in said
    assert "body/message" in said


async def test_a_wrong_delivery_is_objected_to(sandbox: Sandbox, bot: Visitor) -> None:
    """A right one with one thing missing, or under a name GitHub has not."""
    sent: list[tuple[str, Any]] = []
    sandbox.hub.outbox.judge = lambda event, payload: sent.append((event, payload))
    sandbox.hub.outbox.url = "http://127.0.0.1:9/nobody"
    await bot.send("POST", f"/repos/{DISTRO}/issues", {"title": "x"})
    ((event, payload),) = sent
    judge = Judge()
    judge.delivery(event, payload)
    assert judge.objections == []
    judge.delivery(event, {**payload, "issue": {**payload["issue"], "number": "one"}})
    judge.delivery(event, {k: v for k, v in payload.items() if k != "repository"})
    judge.delivery(event, {**payload, "action": "invented"})
    assert len(judge.objections) == 3
    assert "no delivery of GitHub's" in judge.objections[-1]


def test_every_route_is_one_of_githubs() -> None:
    """The cut holds exactly what is served."""
    cut = json.loads((FIXTURES / "github" / "openapi.json").read_bytes())
    described = {f"{m.upper()} {path}" for path, item in cut["paths"].items() for m in item}
    served = {one.name for one in ROUTES} - {"GET /repos/{owner}/{repo}/contents"}
    assert described == served | {"GET /rate_limit"}


def test_every_tolerated_difference_has_its_reason() -> None:
    """In a sentence, not a word."""
    listed = yaml.safe_load((FIXTURES / "github" / "tolerated.yaml").read_text())
    assert len(listed) == len(tolerated())
    assert all(len(one.reason.split()) > 8 for one in tolerated())


def test_tolerated_differences_are_counted(tmp_path: Path) -> None:
    """They are kept apart from the objections."""
    judge = Judge()
    judge.complain("GET /app/installations -> 200 body/0/account: both at once")
    judge.complain(f"something else in {tmp_path.name}")
    assert (len(judge.accepted), len(judge.objections)) == (1, 1)

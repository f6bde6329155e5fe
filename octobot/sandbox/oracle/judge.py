"""The judge compares every exchange and delivery with GitHub's own description.

Paths, parameters, bodies, statuses and headers come from the OpenAPI description in
`fixtures/github/openapi.json`; an objection that is accepted is listed, with its reason, in
`tolerated.yaml` beside it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import yaml

from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.fields import Json
from octobot.sandbox.oracle.description import Description
from octobot.sandbox.state.fixtures import FIXTURES


@dataclass(frozen=True, slots=True)
class Tolerated:
    """An accepted difference from GitHub's description."""

    objection: re.Pattern[str]
    """A pattern for the judge's objection."""
    reason: str


@cache
def tolerated() -> tuple[Tolerated, ...]:
    """Read the allow-list."""
    listed = yaml.safe_load((FIXTURES / "github/tolerated.yaml").read_text()) or []
    return tuple(Tolerated(re.compile(one["objection"]), one["reason"]) for one in listed)


@cache
def description() -> Description:
    """Read GitHub's description, cut to what the sandbox serves."""
    whole: Mapping[str, Json] = json.loads((FIXTURES / "github/openapi.json").read_bytes())
    return Description(whole)


class Judge:
    """Counts exchanges and keeps objections."""

    def __init__(self) -> None:
        self.requests = 0
        """REST exchanges looked at."""
        self.graphql = 0
        """GraphQL calls looked at."""
        self.deliveries = 0
        """Deliveries looked at."""
        self.objections: list[str] = []
        """The objections that are not tolerated; empty in every test."""
        self.accepted: list[str] = []
        """What the allow-list let pass."""

    def complain(self, objection: str) -> None:
        """Record an objection, unless it is tolerated."""
        pardoned = any(one.objection.search(objection) for one in tolerated())
        (self.accepted if pardoned else self.objections).append(objection)

    def exchange(self, call: Call, answer: Answer) -> None:
        """Look at a REST request and its answer; GraphQL was checked by its schema."""
        if call.path == "/api/graphql":
            self.graphql += 1
            return
        self.requests += 1
        name = f"{call.method} {call.path}"
        for said in self._request(call):
            self.complain(f"{name} {said}")
        for said in description().response(call.method, call.path, answer):
            self.complain(f"{name} -> {answer.status} {said}")

    def _request(self, call: Call) -> Sequence[str]:
        try:
            body: object = json.loads(call.body) if call.body.strip() else None
        except ValueError:
            return ["body is not JSON"]
        return description().request(call.method, call.path, dict(call.query), body)

    def delivery(self, event: str, payload: Mapping[str, object]) -> None:
        """Check a delivery before it is sent."""
        self.deliveries += 1
        name = f"{event}.{payload['action']}" if "action" in payload else event
        # The judge sees what the receiver will see: JSON, not Python's tuples.
        for said in description().delivery(event, json.loads(json.dumps(payload))):
            self.complain(f"delivery {name} {said}")

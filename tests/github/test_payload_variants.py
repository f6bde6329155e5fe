"""Bodies as GitHub may also send them: without what is optional, of ghosts and bots, with news.

Nothing of this is a reason to refuse a delivery: a refused one is red on the App's page, and is
asked for again in vain.
"""

import json
from collections.abc import Callable
from copy import deepcopy

import pytest

from octobot.github.webhooks.deliveries import EVENTS, Refused, receive
from octobot.github.webhooks.event_table import ACTIONS
from octobot.model.events import Event
from tests.github.test_deliveries import NOW, signed
from tests.github.test_deliveries_examples import examples

Body = dict[str, object]


def heard(name: str, payload: object) -> Event | None:
    """Receive a body as GitHub would deliver it."""
    sent = json.dumps(payload).encode()
    return receive(signed(sent, X_GitHub_Event=name), sent, secrets=["s"], now=NOW).event


def without(*keys: str) -> Callable[[Body], Body]:
    """Leave out keys of the top level."""
    return lambda body: {key: value for key, value in body.items() if key not in keys}


def null(*keys: str) -> Callable[[Body], Body]:
    """Make keys of the top level null where they are."""
    return lambda body: {key: None if key in keys else value for key, value in body.items()}


def nobody(body: Body) -> Body:
    """Delete every account: GitHub shows null where it does not show its ghost."""
    people = ("user", "author", "creator", "closed_by", "merged_by", "assignee", "committer")

    def gone(value: object) -> object:
        if isinstance(value, dict):
            return {key: None if key in people else gone(each) for key, each in value.items()}
        return [gone(each) for each in value] if isinstance(value, list) else value

    return {key: gone(value) for key, value in body.items()}


def bot(body: Body) -> Body:
    """Let an App have done it."""
    sender = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot", "new": {}}
    return {**body, "sender": sender}


def news(body: Body) -> Body:
    """Add fields that nobody has heard of, everywhere."""

    def more(value: object) -> object:
        if isinstance(value, dict):
            added = {"x_new": [{"id": "1"}, None, -1.5], "x_null": None}
            return {key: more(each) for key, each in value.items()} | added
        return [more(each) for each in value] if isinstance(value, list) else value

    return {key: more(value) for key, value in body.items()} | {"x_top": {"deep": [[]]}}


def bare(body: Body) -> Body:
    """Empty every text of a pull request, issue or review that may be null."""
    found = deepcopy(body)
    for key in ("pull_request", "issue", "review", "release", "check_run", "check_suite"):
        if isinstance(inner := found.get(key), dict):
            for name in ("body", "milestone", "assignee", "conclusion", "head_branch", "output"):
                inner[name] = None
    return found


VARIANTS: dict[str, Callable[[Body], Body]] = {
    "no sender": without("sender"),
    "null sender": null("sender"),
    "no organization, enterprise or installation": without(
        "organization", "enterprise", "installation"
    ),
    "null organization, enterprise and changes": null("organization", "enterprise", "changes"),
    "ghosts": nobody,
    "a bot": bot,
    "new fields": news,
    "empty texts": bare,
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_recorded_delivery_is_taken_in_every_variant(variant: str) -> None:
    """Whatever is optional, and whoever is gone."""
    change, refused = VARIANTS[variant], []
    for name, payload in examples():
        if name == "installation" and "installation" in variant:
            continue  # it is what the event is about
        if name == "installation_repositories" and "installation" in variant:
            continue
        try:
            heard(name, change(payload))
        except Refused as error:
            refused.append((name, payload.get("action"), str(error)))
    assert refused == []


@pytest.mark.parametrize("variant", ["no sender", "null sender", "a bot", "new fields"])
def test_what_is_acted_on_does_not_depend_on_the_sender(variant: str) -> None:
    """The same event comes out."""
    for name, payload in examples():
        assert heard(name, VARIANTS[variant](payload)) == heard(name, payload)


@pytest.mark.parametrize("name", sorted(EVENTS | {"merge_group", "workflow_run", "of_next_year"}))
def test_an_action_that_nobody_knows_is_taken(name: str) -> None:
    """And an event, with any body: 202, and nothing follows."""
    if name not in ACTIONS and name in EVENTS:
        pytest.skip("it has no action")
    bodies: tuple[Body, ...] = (
        {},
        {"sender": None},
        {"label": {}, "reason": "NEW", "review": None},
    )
    for more in bodies:
        assert heard(name, {"action": "of_next_year", **more}) is None

"""Every delivery that others recorded of GitHub is read; see fixtures/webhooks."""

import json
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from octobot.github.webhooks.deliveries import ALWAYS, EVENTS, Malformed, receive
from octobot.github.webhooks.event_table import ACTIONS, MARKERS
from octobot.model.events import (
    ChecksChanged,
    Commented,
    Event,
    InstallationChanged,
    Pinged,
    Published,
    PullRequestChanged,
    Pushed,
)
from tests.github.test_deliveries import HEAD, NOW, PULL, body, signed

RECORDED = Path(__file__).parents[2] / "fixtures" / "webhooks" / "examples.json.xz"
KIND: Mapping[str, type[Event]] = {
    "ping": Pinged,
    "installation": InstallationChanged,
    "installation_repositories": InstallationChanged,
    "repository": InstallationChanged,
    "push": Pushed,
    "create": Published,
    "release": Published,
    "pull_request": PullRequestChanged,
    "pull_request_review": PullRequestChanged,
    "check_run": ChecksChanged,
    "check_suite": ChecksChanged,
    "status": ChecksChanged,
    "issue_comment": Commented,
    "issues": Commented,
    "pull_request_review_comment": Commented,
}


def examples() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each example's event and body."""
    for events in json.loads(lzma.decompress(RECORDED.read_bytes())).values():
        for name, bodies in events.items():
            yield from ((name, each) for each in bodies)


def heard(name: str, payload: object) -> Event | None:
    """Receive a body as GitHub would deliver it."""
    sent = json.dumps(payload).encode()
    return receive(signed(sent, X_GitHub_Event=name), sent, secrets=["s"], now=NOW).event


def test_every_recorded_delivery_is_read() -> None:
    """None of them is called malformed, and what comes out fits the event's name."""
    count = 0
    for name, payload in examples():
        count += 1
        event = heard(name, payload)
        assert event is None or type(event) is KIND[name]
    assert count == 726


def test_each_event_that_octobot_acts_on_is_among_them() -> None:
    """At least one of them yields the typed event; nobody recorded a command, so one is put in."""
    found = set()
    for name, payload in examples():
        written = payload.get("issue" if name == "issues" else "comment")
        if KIND.get(name) is Commented and isinstance(written, dict):
            written["body"] = "/octobot help"
        if heard(name, payload):
            found.add(name)
    assert found == EVENTS | ALWAYS == KIND.keys()


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_that_is_ignored_is_ignored_with_whatever_else(name: str) -> None:
    """GitHub adds keys to a body as it likes; only what is acted on is held to its shape."""
    more = {key: {"id": 1} for key in MARKERS}
    assert heard(name, json.loads(body(action="of-next-year", **more))) is None


def test_what_is_acted_on_keeps_to_its_shape() -> None:
    """A label beside a closed pull request is no body of GitHub's, nor is an action of no type."""
    for payload in (
        body(action="closed", pull_request=PULL, label={"id": 1}),
        body(pull_request=PULL),
        body(action=None, pull_request=PULL),
    ):
        with pytest.raises(Malformed):
            heard("pull_request", json.loads(payload))


def test_a_repositorys_own_hook_has_no_installation() -> None:
    """Such a delivery is nobody's, and no forgery; one with a wrong installation is refused."""
    whole = {"action": "renamed", "repository": {"id": 9}}
    assert heard("repository", whole) is None
    for wrong in (None, {}, {"id": "1"}, 3):
        with pytest.raises(Malformed):
            heard("repository", {**whole, "installation": wrong})
    push = {"ref": "refs/heads/main", "after": HEAD, "commits": []}
    repository = {"id": 9, "default_branch": "main"}
    assert isinstance(heard("push", {**push, "repository": repository}), Pushed)

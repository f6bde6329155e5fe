"""The reader's edges: comments that may hold a command, and bodies as deep as they get."""

import pytest

from octobot.github.webhooks.deliveries import Malformed, receive
from octobot.model.events import Commented, Event
from octobot.model.ids import RepositoryId
from tests.github.test_deliveries import NOW, REPOSITORY, body, signed


def heard(sent: bytes, name: str = "issue_comment") -> Event | None:
    """Receive a signed body and return its event."""
    return receive(signed(sent, X_GitHub_Event=name), sent, secrets=["s"], now=NOW).event


def comment(text: str, user: object) -> bytes:
    """Write the body of a new comment."""
    written = {"id": 31, "body": text, "user": user}
    return body(action="created", issue={"number": 5}, comment=written)


def test_only_a_comment_that_may_hold_a_command_is_an_event() -> None:
    """Its number and its author's; the words are read from GitHub later."""
    ann = {"id": 8}
    assert heard(comment("/octobot help", ann)) == Commented(RepositoryId(9), 31, 8)
    assert heard(comment("Thanks!", ann)) is None
    assert heard(comment("/octobot help", None)) is None


def test_a_body_is_read_or_refused_however_deep_it_is() -> None:
    """Python's limit is met in reading, or in recognising what it is; never as a crash."""
    said = set()
    for depth in range(500, 1000):
        deep = b"[" * depth + b"]" * depth
        sent = body(repository=REPOSITORY, pusher_type="user")[:-1] + b',"deep":' + deep + b"}"
        try:
            heard(sent, "create")
        except Malformed as refused:
            said.add(str(refused))
    assert "the body is nested too deeply" in said
    with pytest.raises(Malformed):
        heard(b'{"a":' * 100_000, "create")

"""The reader's edges: comments that may hold a command, and bodies as deep as they get."""

import pytest

from octobot.github.webhooks.deliveries import Malformed, receive
from octobot.model.events import Commented, Event, PullRequestChanged
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


@pytest.mark.parametrize(
    "text",
    ["/Octobot help", "\ufeff/OCTOBOT help", "/octo\u200bbot help", "@tidy help", "> /octobot x"],
)
def test_a_text_that_may_hold_a_command_in_any_spelling_is_an_event(text: str) -> None:
    """The App's name in a mention is not known here, so that every mention may be one."""
    assert heard(comment(text, {"id": 8})) == Commented(RepositoryId(9), 31, 8)


PULL = {"number": 5, "head": {"ref": "octobot/hello/1.1"}, "body": None, "user": {"id": 8}}
SAID: dict[str, object] = {"id": 31, "body": "/octobot help", "user": {"id": 8}}


def test_each_kind_of_text_is_an_event() -> None:
    """Of a pull request that was opened or reviewed it comes beside the change itself."""
    here = RepositoryId(9)
    issue = body(action="opened", issue={**SAID, "number": 5})
    assert heard(issue, "issues") == Commented(here, 5, 8, "issue")
    on_line = body(action="created", pull_request=PULL, comment=SAID)
    assert heard(on_line, "pull_request_review_comment") == Commented(here, 31, 8, "review comment")
    review = heard(body(action="submitted", pull_request=PULL, review=SAID), "pull_request_review")
    assert isinstance(review, PullRequestChanged)
    assert review.text == Commented(here, 31, 8, "review", 5)
    opened = {**PULL, "body": "/octobot help"}
    pull = heard(body(action="opened", pull_request=opened), "pull_request")
    assert isinstance(pull, PullRequestChanged)
    assert pull.text == Commented(here, 5, 8, "issue")


@pytest.mark.parametrize("action", ["edited", "dismissed"])
def test_a_review_that_changed_holds_no_command(action: str) -> None:
    """It is still a reason to look at the pull request."""
    sent = body(action=action, pull_request=PULL, review=SAID)
    event = heard(sent, "pull_request_review")
    assert isinstance(event, PullRequestChanged)
    assert event.text is None


def test_an_empty_text_is_no_fault() -> None:
    """GitHub sends null for the text of a review or an issue without one."""
    empty = {**SAID, "body": None}
    assert heard(body(action="opened", issue={**empty, "number": 5}), "issues") is None
    sent = body(action="submitted", pull_request=PULL, review=empty)
    assert isinstance(heard(sent, "pull_request_review"), PullRequestChanged)


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

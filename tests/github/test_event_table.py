import json

from octobot.github.webhooks.deliveries import Malformed, receive
from octobot.github.webhooks.event_table import object_of
from tests.github.test_deliveries import HEAD, NOW, RUN, account, body, signed


def told(sent: bytes, event: str, guid: str = "g") -> str:
    """Receive a delivery and return what it reports."""
    headers = signed(sent, X_GitHub_Event=event, X_GitHub_Delivery=guid)
    return receive(headers, sent, secrets=["s"], now=NOW).digest


def test_a_copy_is_recognised_under_any_guid_and_hook() -> None:
    """The keys' order, the addressee and the sender make no difference."""
    one = body(action="completed", check_run=RUN)
    other = json.dumps(
        {
            "check_run": dict(reversed(RUN.items())),
            "sender": {"id": 8},
            "organization": {"id": 5},
            "action": "completed",
            "repository": {"default_branch": "main", "id": 9},
        },
        indent=1,
    ).encode()
    assert told(one, "check_run", "a") == told(other, "check_run", "b")


def test_another_state_is_other_news() -> None:
    """A run that failed first and succeeded then is reported twice."""
    failed = body(action="completed", check_run={**RUN, "conclusion": "failure"})
    passed = body(action="completed", check_run={**RUN, "conclusion": "success"})
    push = body(ref="refs/heads/main", after=HEAD, commits=[])
    assert len({told(failed, "check_run"), told(passed, "check_run"), told(push, "push")}) == 3


def test_installations_are_distinguished() -> None:
    """There the addressee is what it is about."""
    one = account(action="created")
    other = json.dumps({"installation": {"id": 4}, "action": "created"}).encode()
    assert told(one, "installation") != told(other, "installation")


def test_the_name_is_part_of_the_content() -> None:
    """Bodies that fit two names are two things."""
    assert object_of("star", {"a": 1}) != object_of("watch", {"a": 1})


def test_what_is_nested_too_deeply_is_refused() -> None:
    """Whether reading or recognising it finds out: 400, and no crash."""
    for depth in (500, 2_000, 100_000):
        sent = b'{"zen": "z", "x": ' + b"[" * depth + b"]" * depth + b"}"
        try:
            told(sent, "ping")
        except Malformed:
            continue
        assert depth == 500

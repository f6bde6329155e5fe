"""The deliveries of labels, of the merge queue and of auto-merge; octobot's reader takes each."""

import json
from datetime import UTC, datetime

from octobot.github.webhooks.deliveries import receive
from octobot.model.ids import Sha
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from tests.github.test_deliveries import signed
from tests.sandbox.test_pulls import propose
from tests.sandbox.visitor import DISTRO, Listener, Visitor


def actions(listener: Listener, event: str) -> list[str]:
    """Name the actions of an event that were heard, in order; octobot's reader refuses none."""
    for name, payload, _ in listener.heard:
        sent = json.dumps(payload).encode()
        headers = signed(sent, X_GitHub_Event=name)
        assert receive(headers, sent, secrets=["s"], now=datetime.now(UTC)).name == name
    return [payload["action"] for payload in listener.payloads(event)]


async def test_labels_are_delivered(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Each that comes or goes, of issues and of pull requests; none for what stays."""
    await propose(bot)
    sandbox.deliver_to(listener.url)
    alice = sandbox.person("alice", "write")
    issue = await alice.open_issue(DISTRO, "a question")
    await alice.label(DISTRO, issue, "bug")
    await alice.label(DISTRO, 1, "do-not-merge", "big")
    await alice.unlabel(DISTRO, 1, "do-not-merge")
    await sandbox.settle()
    assert sorted(actions(listener, "pull_request")) == ["labeled", "labeled", "unlabeled"]
    gone = [p for p in listener.payloads("pull_request") if p["action"] == "unlabeled"]
    assert gone[0]["label"]["name"] == "do-not-merge"
    assert gone[0]["sender"]["login"] == "alice"
    assert actions(listener, "issues") == ["opened", "labeled"]


async def test_the_queue_is_delivered(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Who put it in, who took it out, and that it was merged from there."""
    head = Sha(await propose(bot))
    sandbox.protect(DISTRO, "main", [("build", CI_APP)])
    sandbox.require_queue(DISTRO, "main")
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    sandbox.deliver_to(listener.url)
    alice = sandbox.person("alice", "write")
    await alice.enqueue(DISTRO, 1)
    await alice.cancel(DISTRO, 1, "queue")
    await alice.enqueue(DISTRO, 1)
    assert await sandbox.merge_deferred(DISTRO) == (1,)
    await sandbox.settle()
    told = actions(listener, "pull_request")
    assert sorted(told) == ["closed", "dequeued", "dequeued", "enqueued", "enqueued"]
    reasons = [p["reason"] for p in listener.payloads("pull_request") if p["action"] == "dequeued"]
    assert sorted(reasons) == ["MANUAL", "MERGE"]


async def test_auto_merge_is_delivered(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Switched on by the App, switched off by a person."""
    await propose(bot)
    sandbox.protect(DISTRO, "main", [("build", CI_APP)])
    sandbox.deliver_to(listener.url)
    pull = sandbox.hub.state.pull(sandbox.repository(DISTRO).id, 1)
    assert pull
    document = """mutation($pull: ID!) {
      enablePullRequestAutoMerge(input: {pullRequestId: $pull}) { clientMutationId }
    }"""
    assert "errors" not in await bot.graphql(document, pull=f"PR_{pull.id}")
    await sandbox.person("alice", "write").cancel(DISTRO, 1, "auto")
    await sandbox.settle()
    told = actions(listener, "pull_request")
    assert sorted(told) == ["auto_merge_disabled", "auto_merge_enabled"]

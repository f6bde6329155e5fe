"""Reviews that decide, and comments that were edited, as GitHub's GraphQL shows them."""

from datetime import timedelta
from typing import Any

import pytest

from octobot.sandbox.server import Sandbox
from tests.sandbox.test_pulls import propose
from tests.sandbox.visitor import DISTRO, Listener, Visitor

ASK = """query($after: String, $writers: Boolean) {
  repository(owner: "acme", name: "distro") { pullRequest(number: 1) {
    latestOpinionatedReviews(first: 2, after: $after, writersOnly: $writers) {
      totalCount pageInfo { hasNextPage endCursor } nodes { state author { login } } } } } }"""


async def shown(bot: Visitor, **variables: object) -> Any:  # noqa: ANN401  (JSON, asserted on as it is)
    """Ask for the latest opinions."""
    answer = await bot.graphql(ASK, **variables)
    return answer["data"]["repository"]["pullRequest"]["latestOpinionatedReviews"]


def states(found: Any) -> list[tuple[str, str]]:  # noqa: ANN401  (JSON)
    """Return who says what."""
    return [(node["author"]["login"], node["state"]) for node in found["nodes"]]


async def test_the_latest_opinion_of_each_person_counts(sandbox: Sandbox, bot: Visitor) -> None:
    """A comment is no opinion, a dismissed one stays the latest, and readers can be left out."""
    await propose(bot)
    alice, bob = (sandbox.person(name, "write", on=DISTRO) for name in ("alice", "bob"))
    eve = sandbox.person("eve", "read", on=DISTRO)
    await alice.approve(DISTRO, 1)
    no = await alice.review(DISTRO, 1, "REQUEST_CHANGES")
    await alice.review(DISTRO, 1, "COMMENT")
    await bob.approve(DISTRO, 1)
    await eve.review(DISTRO, 1, "REQUEST_CHANGES")
    first = await shown(bot)
    assert states(first) == [("alice", "CHANGES_REQUESTED"), ("bob", "APPROVED")]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    more = await shown(bot, after=first["pageInfo"]["endCursor"])
    assert states(more) == [("eve", "CHANGES_REQUESTED")]
    assert not more["pageInfo"]["hasNextPage"]
    await bob.dismiss(DISTRO, no.id)
    writers = await shown(bot, writers=True)
    assert states(writers) == [("alice", "DISMISSED"), ("bob", "APPROVED")]


async def test_reviews_are_edited_and_dismissed_by_rest(
    sandbox: Sandbox, bot: Visitor, listener: Listener
) -> None:
    """The author alone edits; a mere comment cannot be dismissed; each is announced."""
    await propose(bot)
    sandbox.deliver_to(listener.url)
    alice, bob = (sandbox.person(name, "write", on=DISTRO) for name in ("alice", "bob"))
    no = await alice.review(DISTRO, 1, "REQUEST_CHANGES", "no")
    comment = await alice.review(DISTRO, 1, "COMMENT", "hm")
    path = f"/repos/{DISTRO}/pulls/1/reviews"
    hers, his = bot.with_token(alice.token), bot.with_token(bob.token)
    assert (await his.send("PUT", f"{path}/{no.id}", {"body": "yes"})).status == 403
    assert (await hers.send("PUT", f"{path}/{no.id}", {"body": "No."})).body["body"] == "No."
    reason = {"message": "It was mended."}
    gone = await his.send("PUT", f"{path}/{no.id}/dismissals", reason)
    assert (gone.status, gone.body["state"]) == (200, "DISMISSED")
    assert (await his.send("PUT", f"{path}/{comment.id}/dismissals", reason)).status == 422
    assert (await his.send("PUT", f"{path}/4711/dismissals", reason)).status == 404
    await sandbox.settle()
    told = [payload["action"] for payload in listener.payloads("pull_request_review")]
    assert sorted(told) == ["dismissed", "edited", "submitted", "submitted"]


async def test_requested_changes_keep_github_from_merging_where_reviews_are_required(
    sandbox: Sandbox, bot: Visitor
) -> None:
    """Another person's approval is enough for the count, and not for the merge."""
    await propose(bot)
    sandbox.protect(DISTRO, "main", [], reviews=1)
    alice, bob = (sandbox.person(name, "write", on=DISTRO) for name in ("alice", "bob"))
    no = await alice.review(DISTRO, 1, "REQUEST_CHANGES")
    await bob.approve(DISTRO, 1)
    assert (await bot.send("PUT", f"/repos/{DISTRO}/pulls/1/merge", {})).status == 405
    await bob.dismiss(DISTRO, no.id)
    assert (await bot.send("PUT", f"/repos/{DISTRO}/pulls/1/merge", {})).status == 200


EDITS = """query($id: ID!) { node(id: $id) { ... on IssueComment { body createdAt updatedAt
  lastEditedAt includesCreatedEdit editor { login } author { login } fullDatabaseId
  repository { nameWithOwner } } } }"""


@pytest.mark.parametrize("drift", [0, 1])
async def test_only_an_edit_shows_as_one(sandbox: Sandbox, bot: Visitor, drift: int) -> None:
    """Times prove nothing: a comment may be dated a second late, or be edited in its own second."""
    await propose(bot)
    sandbox.hub.state.comment_drift = timedelta(seconds=drift)
    alice, bob = (sandbox.person(name, "write", on=DISTRO) for name in ("alice", "bob"))
    comment = await alice.comment(DISTRO, 1, "first")
    found = (await bot.get(f"/repos/{DISTRO}/issues/comments/{comment.id}"))["node_id"]
    node = (await bot.graphql(EDITS, id=found))["data"]["node"]
    assert (node["body"], node["fullDatabaseId"]) == ("first", str(comment.id))
    assert (node["createdAt"] == node["updatedAt"]) is (drift == 0)
    assert (node["lastEditedAt"], node["editor"], node["includesCreatedEdit"]) == (
        None,
        None,
        False,
    )
    await bob.edit_comment(DISTRO, comment.id, "second")
    node = (await bot.graphql(EDITS, id=found))["data"]["node"]
    assert (node["body"], node["author"]["login"]) == ("second", "alice")
    assert (node["editor"]["login"], node["includesCreatedEdit"]) == ("bob", True)
    assert node["createdAt"] == node["updatedAt"] == node["lastEditedAt"]
    await alice.delete_comment(DISTRO, comment.id)
    answer = await bot.graphql(EDITS, id=found)
    assert (answer["data"]["node"], answer["errors"][0]["type"]) == (None, "NOT_FOUND")

"""Many pull requests at a glance: whether anything about them moved, in one query for many.

A glance is a hint and no more: it decides when a pull request is read in full, never what is done
about it.  A digest stands for what a verdict may rest on: state, head, base, draft, labels, reviews
of people who can write, and each check with its App.  Two equal digests mean that nothing moved
that is shown here; where anything is not shown to its end, there is no digest.  The numbers of runs
and reviews, and the time of the last change, are in it, too, so that what moved and moved back
shows.  That time alone would not do: checks need not move it.
Source: docs.github.com, GraphQL `PullRequest` and `StatusCheckRollup`; three connections for each
pull request make a query of 33 cost one point.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from octobot.github.repository.branch_protection import BranchProtection
from octobot.github.transport.json_fields import at, items, number, text
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber

log = structlog.get_logger()

AT_ONCE = 33
"""Pull requests in one query: three connections each and one point."""
_FIELDS = """fragment Glance on PullRequest {
  number state isDraft headRefOid baseRefName mergeable reviewDecision updatedAt
  labels(first: 100) { nodes { name } pageInfo { hasNextPage } }
  latestOpinionatedReviews(first: 100, writersOnly: true) {
    nodes { id state submittedAt }
    pageInfo { hasNextPage }
  }
  statusCheckRollup {
    commit { oid }
    contexts(first: 100) {
      nodes {
        __typename
        ... on CheckRun { databaseId name status conclusion checkSuite { app { databaseId } } }
        ... on StatusContext { id context state }
      }
      pageInfo { hasNextPage }
    }
  }
}"""
_PLAIN = ("state", "isDraft", "headRefOid", "baseRefName", "reviewDecision")


@dataclass(frozen=True, slots=True)
class Glances:
    """The pull requests of one repository at a glance."""

    handle: Handle
    protection: BranchProtection

    async def rules(self) -> str:
        """Return what stands for the rules of the base; empty where they are not shown."""
        try:
            return await self.protection.digest(self.handle.watched.default_branch)
        except (TryLater, Misconfigured) as error:
            log.warning("no glance", because=str(error))
            return ""

    async def read(self, pulls: Sequence[PullNumber], rules: str) -> Mapping[PullNumber, str]:
        """Return a digest of each of at most `AT_ONCE` pull requests, and of their base's `rules`.

        What GitHub does not show in full is left out: it is not known whether that moved.
        """
        if not rules:
            return {}
        base = self.handle.watched.default_branch
        asked = "\n".join(
            f"    p{one}: pullRequest(number: {one}) {{ ...Glance }}" for one in pulls
        )
        query = (
            "query($owner: String!, $name: String!) {\n"
            "  repository(owner: $owner, name: $name) {\n"
            f"    databaseId\n{asked}\n  }}\n}}\n{_FIELDS}"
        )
        repository = self.handle.watched.repository
        place = {"owner": repository.owner, "name": repository.name}
        try:
            answer = await self.handle.session.graphql_response(query, place)
            shown = at(answer.data, "repository")
            if answer.errors or number(shown, "databaseId") != self.handle.watched.id:
                return {}
            found = {one: self._digest(one, at(shown, f"p{one}"), base) for one in pulls}
        except (TryLater, Misconfigured) as error:
            log.warning("no glance", because=str(error))
            return {}
        return {one: f"{digest} {rules}" for one, digest in found.items() if digest}

    def _digest(self, pull: PullNumber, shown: object, base: str) -> str:
        """Return the digest of one; empty where a part is not shown, or the base is another one."""
        rollup = at(shown, "statusCheckRollup")
        lists = [at(shown, "labels"), at(shown, "latestOpinionatedReviews")]
        lists += [at(rollup, "contexts")] if rollup is not None else []
        if any(at(one, "pageInfo", "hasNextPage") is not False for one in lists):
            return ""
        if any(None in items(one, "nodes") for one in lists):
            return ""
        head = text(shown, "headRefOid")
        if rollup is not None and text(rollup, "commit", "oid") != head:
            return ""
        if number(shown, "number") != pull or text(shown, "baseRefName") != base:
            return ""
        seen = {
            **{name: at(shown, name) for name in _PLAIN},
            # GitHub computes it again whenever the base moves: only its end is news.
            "conflict": text(shown, "mergeable") == "CONFLICTING",
            "moved": text(shown, "updatedAt"),
            "lists": [self._others(items(one, "nodes")) for one in lists],
        }
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()

    def _others(self, nodes: list[object]) -> list[str]:
        """Return the entries of a list in one order, without octobot's own check runs."""
        bot = self.handle.bot.app
        return sorted(
            json.dumps(node, sort_keys=True)
            for node in nodes
            if at(node, "checkSuite", "app", "databaseId") != bot
        )

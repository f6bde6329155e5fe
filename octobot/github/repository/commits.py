"""One signed commit, on a branch or aside, made so that only an id that GitHub returned counts.

`createCommitOnBranch` compares and swaps on `expectedHeadOid` and is signed by GitHub, as long as
no author is given.  Its branch is created in the same document, so that a bump costs one write.
When an answer is lost, the branch is read: a commit whose id never reached octobot is removed by
compare and swap, and created again.

A commit aside is on no branch.  A branch whose pull request is open is moved to it in one step,
since GitHub closes a pull request whose branch is at its base for a moment.  It is signed, too,
as long as neither author nor committer is given.
Source: docs.github.com, GraphQL `createCommitOnBranch`; REST "Create a tree", "Create a commit";
"Signature verification for bots".
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from octobot.github.repository.branches import Branches, forbid, moving
from octobot.github.repository.git_objects import REGULAR, Entry, blob_id
from octobot.github.repository.trees import Trees
from octobot.github.transport.json_fields import at, moment, sha
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.session import Handle
from octobot.model.errors import TryLater, UserError
from octobot.model.ids import Sha
from octobot.model.lookup import GraphQLResponse

log = structlog.get_logger()

_ROUNDS = 3
_COMMIT = "createCommitOnBranch(input: $commit) { commit { oid } }"
_ON_BRANCH = f"mutation($commit: CreateCommitOnBranchInput!) {{ {_COMMIT} }}"
_ON_NEW_BRANCH = f"""mutation($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {{
  createRef(input: $ref) {{ clientMutationId }}
  {_COMMIT}
}}"""
_RECREATED = f"""mutation($move: UpdateRefsInput!, $commit: CreateCommitOnBranchInput!) {{
  updateRefs(input: $move) {{ clientMutationId }}
  {_COMMIT}
}}"""


@dataclass(frozen=True, slots=True)
class Intent:
    """A branch to be `base` plus one commit that sets these files."""

    branch: str
    base: Sha
    files: Mapping[str, str]
    """Path → text."""
    message: tuple[str, str]
    """Headline and body."""


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits that octobot makes in one repository."""

    handle: Handle
    branches: Branches
    trees: Trees

    async def create(
        self,
        *,
        branch: str,
        base: Sha,
        files: Mapping[str, str],
        message: tuple[str, str],
        is_new: bool = False,
    ) -> Sha:
        """Make `branch` be `base` plus one signed commit that sets each path to its text.

        Return the id from GitHub's answer.  An existing branch may be at `base`, where a crash left
        it, or at octobot's own commit of the same change; any other head is a `UserError`.
        `message` is (headline, body).  `is_new`: the branch most likely does not exist, so that it
        is read only after GitHub refused to create it.
        """
        intent = Intent(branch, base, files, message)
        self.trees.know_texts(files.values())
        blobs = {path: blob_id(content) for path, content in files.items()}
        self.trees.know_changed(base, blobs)
        if is_new and (made := await self._first(intent)):
            return made
        for _ in range(_ROUNDS - 1):
            try:
                return await self._try(intent)
            except AnswerLost as error:
                log.warning("answer to a commit lost", branch=intent.branch, because=str(error))
        return await self._try(intent)

    async def create_aside(
        self, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Create a commit on `base` that sets these files and is on no branch; return its id."""
        entries = [
            {"path": path, "mode": REGULAR, "type": "blob", "content": text}
            for path, text in files.items()
        ]
        below = (await self.trees.commit(base)).tree
        tree = await self._object("git/trees", {"base_tree": below, "tree": entries})
        words = "\n\n".join(part for part in message if part)
        return await self._object(
            "git/commits", {"message": words, "tree": tree, "parents": [base]}
        )

    async def committed_at(self, commit: Sha) -> datetime:
        """Read a commit's committer date."""
        data = await self.handle.session.get(self.handle.path("git/commits", commit))
        return moment(data, "committer", "date")

    async def _first(self, intent: Intent) -> Sha | None:
        """Create the branch with its commit; None where it must be read what there is.

        Whatever is there stays as it is: the commit is made on a branch at `base`, or not at all.
        """
        try:
            answer = await self._answer(_ON_NEW_BRANCH, await self._on_new_branch(intent))
        except AnswerLost as error:
            log.warning("answer to a commit lost", branch=intent.branch, because=str(error))
            return None
        return _made(answer)

    async def _on_new_branch(self, intent: Intent) -> Mapping[str, object]:
        ref = f"refs/heads/{intent.branch}"
        node = await self.handle.node()
        return {
            "commit": self._commit_input(intent),
            "ref": {"repositoryId": node, "name": ref, "oid": intent.base},
        }

    async def _object(self, kind: str, content: Mapping[str, object]) -> Sha:
        """Create a git object, again when an answer is lost, since nothing refers to it."""
        path = self.handle.path(kind)
        for _ in range(_ROUNDS - 1):
            try:
                return await self._posted(path, content)
            except AnswerLost as error:
                log.warning("answer to an object lost", path=path, because=str(error))
        return await self._posted(path, content)

    async def _posted(self, path: str, content: Mapping[str, object]) -> Sha:
        return sha(await self.handle.session.write("POST", path, content), "sha")

    async def _try(self, intent: Intent) -> Sha:
        """Read the head of the branch, and send the one document that fits."""
        head = await self.branches.head(intent.branch)
        if head is None:
            return await self._send(_ON_NEW_BRANCH, await self._on_new_branch(intent))
        variables: dict[str, object] = {"commit": self._commit_input(intent)}
        if head == intent.base:
            return await self._send(_ON_BRANCH, variables)
        if not await self._is_intended(intent, head):
            raise UserError(f"the branch {intent.branch} has a commit that octobot did not make")
        node = await self.handle.node()
        variables["move"] = moving(node, intent.branch, head, intent.base)
        return await self._send(_RECREATED, variables)

    def _commit_input(self, intent: Intent) -> Mapping[str, object]:
        headline, body = intent.message
        additions = [
            {"path": path, "contents": base64.b64encode(text.encode()).decode()}
            for path, text in intent.files.items()
        ]
        return {
            "branch": {
                "repositoryNameWithOwner": str(self.handle.watched.repository),
                "branchName": intent.branch,
            },
            "expectedHeadOid": intent.base,
            "fileChanges": {"additions": additions},
            "message": {"headline": headline, "body": body},
        }

    async def _send(self, document: str, variables: Mapping[str, object]) -> Sha:
        answer = await self._answer(document, variables)
        if made := _made(answer):
            return made
        errors = "; ".join(str(at(error, "message")) for error in answer.errors)
        # The branch moved meanwhile, or GitHub failed: the next try reads it again.
        raise TryLater(f"GitHub made no commit: {errors}", after=timedelta(seconds=30))

    async def _answer(self, document: str, variables: Mapping[str, object]) -> GraphQLResponse:
        answer = await self.handle.session.graphql_response(document, variables)
        if _made(answer) is None:
            forbid(answer.errors)
        return answer

    async def _is_intended(self, intent: Intent, head: Sha) -> bool:
        """Return whether a head is exactly the intended change on its base."""
        there = await self.trees.commit(head)
        if there.parents != (intent.base,):
            return False
        base = await self.trees.commit(intent.base)
        changed = await self.trees.differences(base.tree, there.tree)
        return {one.path: one.after for one in changed} == {
            path: Entry(REGULAR, blob_id(text)) for path, text in intent.files.items()
        }


def _made(answer: GraphQLResponse) -> Sha | None:
    if at(answer.data, "createCommitOnBranch", "commit") is None:
        return None
    return sha(answer.data, "createCommitOnBranch", "commit", "oid")

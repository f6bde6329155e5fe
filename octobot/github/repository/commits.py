"""One signed commit, on a branch or aside, made so that only an id that GitHub returned counts.

`createCommitOnBranch` compares and swaps on `expectedHeadOid` and is signed by GitHub, as long as
no author is given.  Its branch is made in the same document, so that a bump costs one write.  When
an answer is lost, the branch is read: a commit of ours whose id never reached us is taken off
again, by compare and swap, and made anew.

A commit aside is on no branch.  A branch whose pull request is open is moved to it in one step,
since GitHub closes a pull request whose branch stands at its base for a moment.  It is signed, too,
as long as neither author nor committer is given.
Source: docs.github.com, GraphQL `createCommitOnBranch`; REST "Create a tree", "Create a commit";
"Signature verification for bots".
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from octobot.github.repository import branches, trees
from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, sha
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.transport import refusal
from octobot.model.errors import TryLater, UserError
from octobot.model.ids import Sha

log = structlog.get_logger()

_ROUNDS = 3
_COMMIT = "createCommitOnBranch(input: $commit) { commit { oid } }"
_ON_BRANCH = f"mutation($commit: CreateCommitOnBranchInput!) {{ {_COMMIT} }}"
_ON_NEW_BRANCH = f"""mutation($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {{
  createRef(input: $ref) {{ clientMutationId }}
  {_COMMIT}
}}"""
_ANEW = f"""mutation($move: UpdateRefsInput!, $commit: CreateCommitOnBranchInput!) {{
  updateRefs(input: $move) {{ clientMutationId }}
  {_COMMIT}
}}"""


@dataclass(frozen=True, slots=True)
class Intent:
    """A branch that shall be `base` plus one commit that sets these files."""

    branch: str
    base: Sha
    files: Mapping[str, str]
    """Path → text."""
    message: tuple[str, str]
    """Headline and body."""


async def commit_files(handle: Handle, intent: Intent) -> Sha:
    """Make the commit and give its id as GitHub returned it; `UserError` on a foreign head."""
    for _ in range(_ROUNDS - 1):
        try:
            return await _try(handle, intent)
        except AnswerLost as error:
            log.warning("answer to a commit lost", branch=intent.branch, because=str(error))
    return await _try(handle, intent)


async def commit_aside(
    handle: Handle, base: Sha, files: Mapping[str, str], message: tuple[str, str]
) -> Sha:
    """Make a commit on `base` that sets these files and is on no branch; give its id."""
    entries = [
        {"path": path, "mode": trees.REGULAR, "type": "blob", "content": text}
        for path, text in files.items()
    ]
    below = (await trees.commit(handle, base)).tree
    tree = await _object(handle, "git/trees", {"base_tree": below, "tree": entries})
    words = "\n\n".join(part for part in message if part)
    return await _object(handle, "git/commits", {"message": words, "tree": tree, "parents": [base]})


async def _object(handle: Handle, kind: str, content: Mapping[str, object]) -> Sha:
    """Make one of git's objects; a lost answer is asked for again, since nothing refers to it."""
    path = handle.path(kind)
    for _ in range(_ROUNDS - 1):
        try:
            return await _posted(handle, path, content)
        except AnswerLost as error:
            log.warning("answer to an object lost", path=path, because=str(error))
    return await _posted(handle, path, content)


async def _posted(handle: Handle, path: str, content: Mapping[str, object]) -> Sha:
    answer = await handle.road.exchange("POST", path, content)
    if not answer.fine:
        raise refusal(f"POST {path}", answer)
    return sha(answer.data, "sha")


async def _try(handle: Handle, intent: Intent) -> Sha:
    """Look where the branch stands, and send the one document that fits."""
    node = await handle.node()
    standing = await branches.head(handle, intent.branch)
    variables: dict[str, object] = {"commit": _commit_input(handle, intent)}
    if standing is None:
        ref = f"refs/heads/{intent.branch}"
        variables["ref"] = {"repositoryId": node, "name": ref, "oid": intent.base}
        return await _send(handle, _ON_NEW_BRANCH, variables)
    if standing == intent.base:
        return await _send(handle, _ON_BRANCH, variables)
    if not await _is_intended(handle, intent, standing):
        raise UserError(f"the branch {intent.branch} has a commit that octobot did not make")
    variables["move"] = branches.moving(node, intent.branch, standing, intent.base)
    return await _send(handle, _ANEW, variables)


def _commit_input(handle: Handle, intent: Intent) -> Mapping[str, object]:
    headline, body = intent.message
    additions = [
        {"path": path, "contents": base64.b64encode(text.encode()).decode()}
        for path, text in intent.files.items()
    ]
    return {
        "branch": {
            "repositoryNameWithOwner": str(handle.watched.repository),
            "branchName": intent.branch,
        },
        "expectedHeadOid": intent.base,
        "fileChanges": {"additions": additions},
        "message": {"headline": headline, "body": body},
    }


async def _send(handle: Handle, document: str, variables: Mapping[str, object]) -> Sha:
    answer = await handle.road.graphql_response(document, variables)
    if at(answer.data, "createCommitOnBranch", "commit") is not None:
        return sha(answer.data, "createCommitOnBranch", "commit", "oid")
    branches.forbid(answer.errors)
    said = "; ".join(str(at(error, "message")) for error in answer.errors)
    # The branch moved under us, or GitHub is out of breath: the next try reads it again.
    raise TryLater(f"GitHub made no commit: {said}", after=timedelta(seconds=30))


async def _is_intended(handle: Handle, intent: Intent, standing: Sha) -> bool:
    """Tell whether a head is exactly our change on our base: then nobody's work is on it."""
    there = await trees.commit(handle, standing)
    if there.parents != (intent.base,):
        return False
    base = await trees.commit(handle, intent.base)
    changed = await trees.differences(handle, base.tree, there.tree)
    return {one.path: one.after for one in changed} == {
        path: trees.Entry(trees.REGULAR, trees.blob_id(text)) for path, text in intent.files.items()
    }

"""GraphQL's answer about a pull request, with something else in one place."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from octobot.sandbox.http.call import Answer, Call

Answering = Callable[[Call], Awaitable[Answer]]
Edit = Callable[[dict[str, Any]], object]
"""Changes what is shown of the pull request, in place."""


def cut(answer: Answer, edit: Edit) -> Answer:
    """Return the answer with another pull request, where it shows one with its commits."""
    body: Any = deepcopy(answer.body)
    shown = body["data"] and (body["data"].get("repository") or {}).get("pullRequest")
    if not shown or "commits" not in shown:
        return answer
    edit(shown)
    return replace(answer, body=body, broken=True)


def cutting(edit: Edit) -> Callable[[Call, Answering], Awaitable[Answer]]:
    """Return what stands before the sandbox's door and shows something else."""

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        answer = await dispatch(call)
        return cut(answer, edit) if call.path == "/api/graphql" else answer

    return intercept


def more_commits(shown: dict[str, Any]) -> None:
    """Show that there are more commits: REST shows them all."""
    shown["commits"]["pageInfo"]["hasNextPage"] = True

"""The GraphQL door: every document is validated and executed on GitHub's own schema."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    execute,
    parse,
    validate,
)

from octobot.sandbox.graphql.facts import viewer_node
from octobot.sandbox.graphql.merge_queue import QueueMutations
from octobot.sandbox.graphql.nodes import (
    Asking,
    Node,
    NotServed,
    Refused,
    no_such_node,
    resolve,
    type_of,
)
from octobot.sandbox.graphql.older import schema
from octobot.sandbox.graphql.people import (
    comment_node,
    issue_node,
    review_comment_node,
    review_node,
)
from octobot.sandbox.graphql.pulls import pull_node
from octobot.sandbox.graphql.repository import repository_node
from octobot.sandbox.http.auth import can_see, kept_out
from octobot.sandbox.http.call import Actor, Refusal
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Comment, Issue, Pull, RepositoryState, Review, ReviewComment
from octobot.sandbox.views.views import when

Inside = Pull | Comment | Issue | Review | ReviewComment
"""What a repository has, and its global id finds."""

_REFS = ("ref", "refs", "defaultBranchRef")


def _no_refs(**_: object) -> Node:
    raise Refused("FORBIDDEN", "Resource not accessible by integration")


class Root(QueueMutations):
    """The root of a document: queries here, mutations in the base classes."""

    def __init__(self, asking: Asking) -> None:
        super().__init__(asking)
        self._asking = asking
        self._foreign = 0

    def repository(self, owner: str, name: str, **_: object) -> Node:
        """Show a repository; NOT_FOUND for callers who may not see it."""
        hub = self._asking.hub
        found = hub.state.repository(f"{owner}/{name}")
        if found is None or not can_see(hub.state, self._asking.actor, found):
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise Refused("NOT_FOUND", message)
        if because := kept_out(hub.state, self._asking.actor, found):
            raise Refused("FORBIDDEN", because)
        self._foreign += found.id not in self._asking.actor.repositories
        if self._foreign > hub.state.live.graphql_repositories:
            raise Refused("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.")
        if self._may_read_refs():
            return repository_node(hub, found)
        return {**repository_node(hub, found), **dict.fromkeys(_REFS, _no_refs)}

    def _may_read_refs(self) -> bool:
        actor = self._asking.actor
        contested = self._asking.hub.state.live.refs_need_contents
        return not contested or actor.kind != "installation" or "contents" in actor.permissions

    def node(self, id: str) -> Node:  # noqa: A002  (GitHub's word)
        """Show a repository, a pull request or what somebody wrote by its global id."""
        kind, _, digits = id.partition("_")
        number = int(digits) if digits.isdigit() else 0
        state = self._asking.hub.state
        inside = self._inside(kind, number)
        wanted = inside.repo if inside else number if kind == "R" else 0
        repo = state.repositories.get(wanted)
        if repo is None or not can_see(state, self._asking.actor, repo):
            raise no_such_node(id)
        return self._shown(repo, inside)

    def _inside(self, kind: str, number: int) -> Inside | None:
        """Find what is inside a repository; None: it is not there, or a repository itself."""
        state = self._asking.hub.state
        match kind:
            case "PR":
                return state.pulls.get(number)
            case "IC":
                return state.comments.get(number)
            case "I":
                return state.issues.get(number)
            case "PRR":
                return state.reviews.get(number)
            case "PRRC":
                return state.review_comments.get(number)
            case _:
                return None

    def _shown(self, repo: RepositoryState, inside: Inside | None) -> Node:
        hub = self._asking.hub
        match inside:
            case Pull():
                return pull_node(hub, repo, inside)
            case Comment():
                return comment_node(hub, repo, inside)
            case Review():
                return review_node(hub, inside)
            case ReviewComment():
                return review_comment_node(hub, inside)
            case Issue():
                return issue_node(hub, inside)
            case None:
                return repository_node(hub, repo)

    def viewer(self) -> Node:
        """Show the caller."""
        return viewer_node(self._asking.hub.state.who(self._asking.actor.id))

    def rate_limit(self, **_: object) -> Node:
        """Show the cost of this call and the points left this hour."""
        limits = self._asking.limits
        return {
            "cost": self._asking.cost,
            "nodeCount": self._asking.nodes,
            "limit": limits["limit"],
            "remaining": limits["remaining"],
            "used": limits["used"],
            "resetAt": when(datetime.fromtimestamp(limits["reset"], UTC)),
        }


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a document by GitHub's rules."""

    requests: int
    nodes: int

    @property
    def points(self) -> int:
        """The cost against the hourly limit."""
        return max(1, math.ceil(self.requests / 100))


def price(document: DocumentNode, variables: Mapping[str, object]) -> Price:
    """Count connection requests and nodes, as GitHub's documentation does it."""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    requests = nodes = 0

    def walk(selection: SelectionSetNode | None, times: int) -> None:
        nonlocal requests, nodes
        for one in selection.selections if selection else ():
            if isinstance(one, FragmentSpreadNode):
                walk(fragments.get(one.name.value), times)
                continue
            size = _size(one, variables) if isinstance(one, FieldNode) else None
            if size is not None:
                requests += times
                nodes += times * size
            walk(getattr(one, "selection_set", None), times * (1 if size is None else size))

    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            walk(node.selection_set, 1)
    return Price(requests, nodes)


def _size(field: FieldNode, variables: Mapping[str, object]) -> int | None:
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                given = variables.get(argument.value.name.value)
                return given if isinstance(given, int) else None
    return None


@dataclass(frozen=True, slots=True)
class Executed:
    """The result of a document."""

    body: Json
    mutations: tuple[str, ...]
    faults: tuple[str, ...]
    """Errors of the document itself and gaps of the sandbox, for the judge."""


@lru_cache(maxsize=512)
def read(text: str) -> DocumentNode | GraphQLError:
    """Parse a document and check it against the schema; cached, as the same few recur."""
    try:
        document = parse(text)
    except GraphQLError as wrong:
        return wrong
    wrongs = validate(schema(), document)
    return wrongs[0] if wrongs else document


async def run(
    hub: Hub,
    actor: Actor,
    document: DocumentNode,
    variables: Mapping[str, object],
    limits: Mapping[str, int],
) -> Executed:
    """Execute a document; errors are listed beside the data that could be resolved."""
    cost = price(document, variables)
    root = Root(Asking(hub, actor, cost.points, cost.nodes, limits))
    result = execute(
        schema(hub.state.live.without_fields),
        document,
        root_value=root,
        variable_values=dict(variables),
        field_resolver=resolve,
        type_resolver=type_of,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    errors = result.errors or []
    body: Json = {"data": result.data}
    if errors:
        body["errors"] = [error_json(one) for one in errors]
    return Executed(body, tuple(root.done), tuple(f for one in errors if (f := _fault(one))))


_TYPES = {401: "FORBIDDEN", 403: "FORBIDDEN", 404: "NOT_FOUND"}
"""HTTP status of a refusal → its type in GraphQL."""


def _fault(error: GraphQLError) -> str | None:
    cause = error.original_error or error
    if isinstance(cause, Refused | Refusal):
        return None
    return str(cause) if isinstance(cause, NotServed) else error.message


def error_json(error: GraphQLError) -> Json:
    """Write an error as GitHub does, its type first."""
    match error.original_error or error:
        case Refused(kind=kind):
            return {"type": kind, **error.formatted}
        case Refusal(status=status):
            return {"type": _TYPES.get(status, "UNPROCESSABLE"), **error.formatted}
        case _:
            return {**error.formatted}

"""The demo's figures, read from the sandbox's own log and never from the bot."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from octobot.cli.demo.stage import REPOSITORY, Stage
from octobot.cli.demo.view import Ending
from octobot.messages.terminal import inert
from octobot.sandbox.oracle.log import Exchange

KINDS = (
    ("createCommitOnBranch", "commits, each with its branch"),
    ("POST /repos/.../pulls", "pull requests opened"),
    ("PUT /repos/.../pulls/N/merge", "merges"),
    ("PATCH /repos/.../pulls/N", "pull requests closed"),
    ("POST /repos/.../issues/N/comments", "comments"),
    ("PATCH /repos/.../issues/comments/N", "comments replaced"),
    ("POST /repos/.../issues", "issues opened"),
    ("PATCH /repos/.../issues/N", "issues closed"),
    ("updateRefs", "branches deleted"),
    ("POST /app/installations/N/access_tokens", "tokens minted"),
    ("POST /repos/.../check-runs", "check runs posted"),
    ("PATCH /repos/.../check-runs/N", "check runs updated"),
)
NUMBER = re.compile(r"/[0-9]+(?=/|$)")

OBJECTIONS = 5
"""Shown of GitHub's description's objections; one is already too many."""


def figures(stage: Stage, ends: Sequence[Ending]) -> Group:
    """Make the summary: what the bot wrote, and what GitHub's description says of it all."""
    log = tuple(stage.sandbox.log)
    bot = [each for each in log if each.actor == stage.sandbox.app.bot_login]
    writes = Counter(kind_of(each) for each in bot if each.is_write)
    judge = stage.sandbox.judge
    lines = [
        (
            f"{sum(end.code.value == 'merged' for end in ends)} of {len(ends)} packages merged"
            f" by octobot; {sum(not end.fine for end in ends)} not as expected"
        ),
        f"{len(bot)} requests by octobot, {sum(not each.is_write for each in bot)} of them reads",
        (
            f"{judge.requests} REST and {judge.graphql} GraphQL exchanges and"
            f" {judge.deliveries} deliveries judged by GitHub's own description:"
            f" {len(judge.objections)} objections"
        ),
        *(f"objection: {inert(objection)}" for objection in judge.objections[:OBJECTIONS]),
    ]
    return Group(_table(writes), *(Text(line) for line in lines))


def kind_of(exchange: Exchange) -> str:
    """Name a write by its method and the shape of its path."""
    if exchange.mutations:
        return exchange.mutations[-1]
    path = exchange.path.partition("?")[0].removeprefix(f"/repos/{REPOSITORY}")
    prefix = "" if path == exchange.path.partition("?")[0] else "/repos/..."
    return f"{exchange.method} {prefix}{NUMBER.sub('/N', path)}"


def _table(writes: Counter[str]) -> Table:
    table = Table(box=None, show_header=False)
    for kind, words in _known(writes):
        table.add_row(f"{writes[kind]:>6}", words)
    return table


def _known(writes: Counter[str]) -> Iterable[tuple[str, str]]:
    named = dict(KINDS)
    yield from ((kind, words) for kind, words in KINDS if writes[kind])
    yield from ((kind, kind) for kind in sorted(writes) if kind not in named)

"""What each result must have left on GitHub: read from the sandbox itself, never from the bot.

The bot stores a package's result before it posts it: the store knows a moved tag before its pull
request is closed and its issue is open.  A demo that only read the bot's store would end too early.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from octobot.cli.demo.stage import REPOSITORY, Stage
from octobot.messages.issue import alarm_title
from octobot.model.ids import Sha
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns import Comment, Issue, Pull
from octobot.sandbox.upstreams.scenario import Expectation
from octobot.specs.read.package import read

_Written = TypeVar("_Written", Issue, Comment)

Lacking = Mapping[str, tuple[str, ...]]
"""Package \u2192 what is missing; empty when nothing is."""

ON_THE_WAY = frozenset(
    {
        ReasonCode.NOT_LOOKED_YET,
        ReasonCode.UPDATE_FOUND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.READY,
        ReasonCode.RETRY_LATER,
        ReasonCode.NOT_MERGEABLE,
    }
)
"""Reasons that no package of a rehearsal may end with."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What GitHub shows of one package."""

    package: str
    pulls: tuple[tuple[Pull, Issue], ...]
    """The bot's pull requests, of any state."""
    branches: tuple[str, ...]
    issues: tuple[Issue, ...]
    """The bot's open issues, of all packages."""
    answered: frozenset[int]
    """Numbers of the threads that the bot commented on."""
    checked: frozenset[Sha]
    """Heads with the bot's check run."""

    @property
    def open(self) -> list[Pull]:
        """The bot's open pull requests."""
        return [pull for pull, issue in self.pulls if issue.state == "open"]


async def lacking(stage: Stage, rows: Sequence[Row], wanted: Sequence[Expectation]) -> Lacking:
    """Return what is missing of the wanted results, on GitHub and in the bot's store."""
    known = {row.key.package: row for row in rows}
    branches = await _branches(stage)
    found: dict[str, tuple[str, ...]] = {}
    for each in wanted:
        row = known.get(each.package)
        if row is None:
            found[each.package] = ("octobot does not know it",)
        elif row.reason.code is not each.code:
            found[each.package] = (f"it is {row.reason.code.value}, not {each.code.value}",)
        elif absent := [
            *_EFFECTS.get(each.code, _anything)(
                _shown(stage, each.package, branches.get(each.package, ())), row, each
            ),
            *await _version(stage, row, each),
        ]:
            found[each.package] = tuple(absent)
    return found


def rehearsed_ends(rows: Sequence[Row]) -> tuple[Expectation, ...]:
    """Return the effects that each package's own reason claims."""
    return tuple(
        Expectation(row.key.package, row.reason.code)
        for row in rows
        if row.reason.code not in ON_THE_WAY and row.reason.code is not ReasonCode.INTERNAL_ERROR
    )


async def _branches(stage: Stage) -> Mapping[str, list[str]]:
    """Return octobot's branches by package."""
    git = stage.sandbox.hub.git(stage.sandbox.repository(REPOSITORY))
    found: dict[str, list[str]] = {}
    for ref in await git.refs("refs/heads/octobot/"):
        name = ref.removeprefix("refs/heads/")
        found.setdefault(name.split("/")[1], []).append(name)
    return found


def _shown(stage: Stage, package: str, branches: Sequence[str]) -> Shown:
    state, repo = stage.sandbox.hub.state, stage.sandbox.repository(REPOSITORY)
    mine = {one.number: one for one in _by_bot(stage, state.issues.of(repo.id))}
    place = f"octobot/{package}/"
    pulls = [
        pull
        for pull in state.pulls.of(repo.id)
        if pull.number in mine and pull.head_ref.startswith(place)
    ]
    return Shown(
        package,
        tuple((pull, mine[pull.number]) for pull in pulls),
        tuple(branches),
        tuple(one for one in mine.values() if one.state == "open" and not one.is_pull),
        frozenset(one.number for one in _by_bot(stage, state.comments.of(repo.id))),
        frozenset(_checked(stage, repo.id, [pull.head_sha for pull in pulls])),
    )


def _by_bot(stage: Stage, nouns: Iterable[_Written]) -> list[_Written]:
    """Return those that the bot wrote."""
    bot = stage.sandbox.hub.state.account(stage.sandbox.app.bot_login)
    return [one for one in nouns if bot and one.author == bot.id]


def _checked(stage: Stage, repository: int, heads: Sequence[Sha]) -> Iterator[Sha]:
    """Yield the heads on which the bot has a check run."""
    for head in heads:
        runs = stage.sandbox.hub.state.runs_on(repository, head)
        if any(run.app == stage.sandbox.app.app_id for run in runs):
            yield head


async def _version(stage: Stage, row: Row, wanted: Expectation) -> list[str]:
    """Compare the spec on the default branch with the wanted version."""
    if wanted.version is None:
        return []
    package = read(row.path, await stage.spec(row.path))
    there = package.version if isinstance(package, Package) else "unreadable"
    return [] if there == wanted.version else [f"the spec is at {there}, not {wanted.version}"]


def _merged(shown: Shown, row: Row, wanted: Expectation) -> Iterator[str]:
    name = f"octobot/{shown.package}/{wanted.version or ''}"
    if not any(pull.merged_at and pull.head_ref.startswith(name) for pull, _ in shown.pulls):
        yield "no pull request of it is merged"
    yield from _tidied(shown, row, wanted)


def _failed(shown: Shown, row: Row, wanted: Expectation) -> Iterator[str]:
    yield from _proposed(shown, row, wanted)
    for pull in shown.open:
        if pull.number not in shown.answered:
            yield f"no comment on #{pull.number} says what broke"


def _proposed(shown: Shown, _row: Row, _wanted: Expectation) -> Iterator[str]:
    if not shown.open:
        yield "no pull request of it is open"
    for pull in shown.open:
        if pull.head_sha not in shown.checked:
            yield f"no check run on #{pull.number} says why it waits"


def _moved(shown: Shown, row: Row, wanted: Expectation) -> Iterator[str]:
    title = alarm_title(shown.package, row.reason)
    if not any(issue.title == title for issue in shown.issues):
        yield f"no issue {title!r} is open"
    for pull, _ in shown.pulls:
        if pull.merged_at is None and pull.number not in shown.answered:
            yield f"no comment on #{pull.number} says why it is closed"
    yield from _tidied(shown, row, wanted)


def _manual(shown: Shown, row: Row, wanted: Expectation) -> Iterator[str]:
    if not any(issue.title.startswith(f"{shown.package}/") for issue in shown.issues):
        yield "no issue asks a person for the bump"
    yield from _tidied(shown, row, wanted)


def _tidied(shown: Shown, _row: Row, _wanted: Expectation) -> Iterator[str]:
    for pull in shown.open:
        yield f"#{pull.number} is still open"
    for name in shown.branches:
        yield f"the branch {name} is still there"


def _anything(_shown: Shown, _row: Row, _wanted: Expectation) -> Iterator[str]:
    yield from ()


_EFFECTS: Mapping[ReasonCode, Callable[[Shown, Row, Expectation], Iterator[str]]] = {
    ReasonCode.MERGED: _merged,
    ReasonCode.CHECKS_FAILED: _failed,
    ReasonCode.MINIMUM_RELEASE_AGE: _proposed,
    ReasonCode.TAG_MOVED: _moved,
    ReasonCode.MANUAL: _manual,
    ReasonCode.UP_TO_DATE: _tidied,
    ReasonCode.NO_CANDIDATE: _tidied,
    ReasonCode.NOT_ENABLED: _tidied,
}

"""One thing that conformance tries, and whether what was seen is what octobot expects."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from octobot.github.conformance.stage import Stage
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.pull_request import PullRequest

Result = Literal["same", "differs", "skipped"]


class Skipped(Exception):  # noqa: N818  (nothing went wrong)
    """A trial that this repository does not allow, with the reason."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One call or behaviour of GitHub that octobot relies on."""

    call: str
    expected: str
    means: str
    """What a difference means for octobot."""
    play: Callable[[Stage], Awaitable[str]]
    """Returns what was seen; `Skipped` when it cannot be tried here."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a trial."""

    call: str
    expected: str
    seen: str
    result: Result
    means: str
    """Empty unless it differs."""


async def tried(trial: Trial, stage: Stage) -> Row:
    """Play one trial; a refusal is what was seen."""
    try:
        seen = await trial.play(stage)
    except Skipped as why:
        return Row(trial.call, trial.expected, str(why), "skipped", "")
    except (TryLater, Misconfigured, UserError) as error:
        seen = str(error)
    if seen == trial.expected:
        return Row(trial.call, trial.expected, seen, "same", "")
    return Row(trial.call, trial.expected, seen, "differs", trial.means)


def opened(stage: Stage) -> PullRequest:
    """Return the open pull request that the trials share."""
    if stage.pull is None:
        raise Skipped("there is no pull request")
    return stage.pull

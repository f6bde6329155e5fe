"""What one check of the setup found; a check that GitHub refuses is a finding, too."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal

from octobot.github.transport.refusals import NotInPlan
from octobot.model.errors import Misconfigured, TryLater


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of the setup found."""

    about: str
    level: Literal["fine", "warning", "problem"]
    detail: str


async def kept(about: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """Return what a check found; what GitHub refuses it is a finding, and the others are kept."""
    try:
        return await check
    except (Misconfigured, TryLater) as error:
        return [refusal(about, error)]


def refusal(about: str, error: Misconfigured | TryLater) -> Finding:
    """Return what a refusal means: a plan without rulesets merges nothing, all else is a fault."""
    if not isinstance(error, NotInPlan):
        return Finding(about, "problem", str(error))
    detail = (
        "a private repository of a free plan has neither rulesets nor branch protection, so "
        f"octobot merges nothing here; upgrade the plan, or make it public ({error})"
    )
    return Finding(about, "problem", detail)

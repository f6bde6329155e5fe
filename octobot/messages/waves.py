"""The tracking issue of a wave of rebuilds."""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.messages.outlet import code, inert, joined, plain
from octobot.messages.rebuilds import doubts, reason, summary
from octobot.model.rebuild import Plan, Rebuild
from octobot.model.wave import Wave

_ROWS = 200
"""Rebuilds that are listed: with their reasons they stay far below what GitHub takes."""
_SKIPPED = 40

REPLACED = "its pull request for a newer version rebuilds it"
CLOSED = "a person closed it"
FAILED = "failed"
REBUILT = "rebuilt"


@dataclass(frozen=True, slots=True)
class Step:
    """How far one rebuild is."""

    level: int
    rebuild: Rebuild
    state: str
    """In a few words."""
    pull: int | None = None


def title(wave: Wave) -> str:
    """Write the title of the issue."""
    return plain(f"Rebuilds behind {_what(wave)}")


def body(wave: Wave, plan: Plan, steps: Sequence[Step], problem: str = "") -> str:
    """Write how far the wave is, each rebuild, and what is skipped.

    `problem`: why the index is not used, without which nothing begins.
    """
    done = sum(step.state == REBUILT for step in steps)
    return joined(
        f"**{done} of {len(steps)}** rebuilds behind {code(_what(wave))} are merged:"
        f" {_state(wave)}",
        f"The plan is {summary(plan)}, made again from the default branch at each step."
        f" {doubts((plan,), (), problem)}",
        _table(steps),
        _skipped(plan),
        "octobot keeps this issue up to date, and closes it when the wave is over.",
    )


def because(wave: Wave) -> str:
    """Write why a spec is rebuilt, for its commit message."""
    trigger = wave.trigger
    what = f"{trigger.name} {trigger.new}" if trigger.new else str(trigger)
    return f"rebuilt behind {what}" + (f": {wave.because}" if wave.by and wave.because else "")


def _what(wave: Wave) -> str:
    trigger = wave.trigger
    return f"{trigger.name} {trigger.new}" if trigger.new else str(trigger)


def _state(wave: Wave) -> str:
    match wave.state:
        case "done":
            return "the wave is over."
        case "stopped":
            return (
                f"octobot **stopped** it, because {inert(wave.because)}.\n\n**To do**: repair what"
                " failed. A newer version of the trigger begins another wave."
            )
        case "held":
            return "it is on hold. `/octobot wave unhold` in a comment lets it continue."
        case "open":
            return "octobot opens the next ones by itself. `/octobot wave hold` stops that."


def _table(steps: Sequence[Step]) -> str:
    if not steps:
        return ""
    rows = [
        f"| {step.level} | {code(step.rebuild.spec)} | {_shown(step)} |"
        f" {reason(step.rebuild.why)} |"
        for step in steps[:_ROWS]
    ]
    more = len(steps) - _ROWS
    lines = ["| level | spec | state | why |", "|---|---|---|---|", *rows]
    return "\n".join([*lines, *(("", f"and {more} more.") if more > 0 else ())])


def _shown(step: Step) -> str:
    return f"{step.state}: #{step.pull}" if step.pull else step.state


def _skipped(plan: Plan) -> str:
    if not plan.skipped:
        return ""
    lines = [f"- {code(each.spec)}: {reason(each.why)}" for each in plan.skipped[:_SKIPPED]]
    more = len(plan.skipped) - _SKIPPED
    if more > 0:
        lines.append(f"- and {more} more")
    head = f"<details><summary>{len(plan.skipped)} are skipped</summary>"
    return "\n".join([head, "", *lines, "", "</details>"])

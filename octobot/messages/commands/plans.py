"""What octobot answers to an order that rebuilds many specs."""

from collections.abc import Sequence

from octobot.messages.outlet import code, inert, joined
from octobot.messages.rebuilds import doubts, leveled, summary, table
from octobot.model.rebuild import Plan

_SHOWN = 20
"""Rebuilds that are listed."""
_DIGITS = 12
"""Of a plan's digest, for people to compare."""


def shown(plan: Plan, missing: Sequence[str], problem: str) -> str:
    """Write a plan as an answer: what it rebuilds, in which levels, and what is skipped."""
    skipped = f"Skipped: {len(plan.skipped)}." if plan.skipped else ""
    return joined(
        f"{code(str(plan.trigger))} rebuilds **{summary(plan)}**.",
        table(leveled(plan), _SHOWN),
        skipped,
        doubts([plan], missing, problem),
    ).rstrip()


def opened(plan: str) -> str:
    """Say that the rebuilds of a plan begin."""
    return f"{plan}\n\noctobot opens these rebuilds level by level; an issue tracks them."


def nothing(plan: Plan) -> str:
    """Say that an order finds nothing to rebuild."""
    skipped = f" {len(plan.skipped)} specs are skipped." if plan.skipped else ""
    return f"{code(str(plan.trigger))} rebuilds nothing.{skipped}"


def confirm(plan: str, digest: str) -> str:
    """Show a plan that its author has to confirm."""
    return (
        f"{plan}\n\nNothing was done yet. To open these rebuilds, comment"
        f" `/octobot rebuild confirm` here within 24 hours. Plan `{digest[:_DIGITS]}`."
    )


def changed(asked: str) -> str:
    """Say that the plan is not the one that was shown."""
    return f"The plan is not the one that you were shown. This is the plan now:\n\n{asked}"


def not_enabled(plan: str) -> str:
    """Show a plan where octobot opens no rebuilds."""
    return (
        f"{plan}\n\nNothing was done: octobot opens no rebuilds here. Write `rebuild: {{enabled:"
        " true}` in `.github/octobot.yaml`, then write this order again."
    )


def nothing_to_confirm(login: str) -> str:
    """Say that this person has no plan to confirm."""
    return (
        f"No plan of {code(login)} waits here. Who asked for a rebuild confirms it, in the same"
        " thread."
    )


def too_late(trigger: str) -> str:
    """Say that a plan was not confirmed in time."""
    return (
        f"The plan of {code(trigger)} is older than 24 hours. Write the order again to see the plan"
        " now."
    )


def too_many_words(most: int) -> str:
    """Say how an order for many is written."""
    return f"It takes one name, or at most {most} patterns; a reason begins with `because`."


def alone() -> str:
    """Say that a confirmation takes no words."""
    return "`confirm` takes no words."


def no_wave() -> str:
    """Say that a thread is no wave's tracking issue."""
    return "No wave of rebuilds is tracked here. Comment on the wave's tracking issue."


def wave_is(trigger: str, state: str) -> str:
    """Say that a wave is not in the state that an order is about."""
    return f"Nothing was done: the wave of {code(trigger)} is {state}."


def wave_held(trigger: str, because: str) -> str:
    """Say that a wave is held; without a reason, that it continues."""
    if not because:
        return f"The wave of {code(trigger)} continues."
    return (
        f"The wave of {code(trigger)} is on hold ({inert(because)}): octobot opens no more of its"
        " rebuilds until `/octobot wave unhold`. Those that are open stay open."
    )

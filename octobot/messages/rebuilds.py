"""What a merge rebuilds: in the pull request of a bump, and as its label."""

from collections.abc import Sequence

from octobot.messages.outlet import code, inert, joined
from octobot.model.rebuild import Plan, Rebuild

LABELS = ((0, "0"), (10, "1{}10"), (100, "11{}100"), (500, "101{}500"))
"""The greatest number that each label stands for, and how its name ends; `{}` is a dash."""
_MORE = "501+"
FAMILY = "rebuilds: "
"""How the names of these labels begin; a pull request has one of them."""
_SHOWN = 10
"""Rebuilds that are listed."""
_MISSING = 5
"""Unreadable specs that are listed."""

_TITLE = "### What this rebuilds"


def label(count: int) -> str:
    """Return the label for a number of rebuilds."""
    name = next((name for most, name in LABELS if count <= most), _MORE)
    return FAMILY + name.format("\N{EN DASH}")


def section(plans: Sequence[Plan], missing: Sequence[str] = (), problem: str = "") -> str:
    """Write what the triggers of a pull request rebuild.

    `missing`: the unreadable specs that may be missing; `problem`: why the index is not used.
    """
    return joined(
        _TITLE,
        "\n".join(f"{_sentence(plan)}, as the default branch is now." for plan in plans),
        _table(plans),
        doubts(plans, missing, problem),
    )


def unknown(because: str) -> str:
    """Say that nobody knows now what is rebuilt."""
    return joined(_TITLE, f"What merging this rebuilds is not known now: {inert(because)}")


def summary(plan: Plan) -> str:
    """Write `47 specs in 4 levels`, or `nothing`."""
    if not plan.count:
        return "nothing"
    return f"{_plural(plan.count, 'spec')} in {_plural(len(plan.levels), 'level')}"


def reason(why: str) -> str:
    """Write why a spec is rebuilt: what is between backticks as code, all else inert."""
    written = ""
    for place, piece in enumerate(why.split("`")):
        if place % 2:
            written += code(piece)
        elif words := piece.strip():
            before = " " if piece[0] == " " else ""
            written += f"{before}{inert(words)}{' ' if piece[-1] == ' ' else ''}"
    return written


def table(rebuilds: Sequence[tuple[int, Rebuild]], shown: int = _SHOWN) -> str:
    """Write the first rebuilds, each with its level, and how many more there are."""
    if not rebuilds:
        return ""
    rows = [
        f"| {level} | {code(each.spec)} | {reason(each.why)} |" for level, each in rebuilds[:shown]
    ]
    more = len(rebuilds) - shown
    lines = ["| level | spec | why |", "|---|---|---|", *rows]
    return "\n".join([*lines, *(("", f"and {more} more.") if more > 0 else ())])


def leveled(plan: Plan) -> list[tuple[int, Rebuild]]:
    """Return the rebuilds of a plan in order, each with its level."""
    return [(number, each) for number, level in enumerate(plan.levels, 1) for each in level]


def _doubt(plan: Plan) -> str:
    """Say that a plan may have more than needed; empty: it is exact."""
    return "" if plan.certain else "Found from the specs alone: this may be more than needed."


def doubts(plans: Sequence[Plan], missing: Sequence[str], problem: str) -> str:
    """Say what is not certain of plans, one line each; empty: nothing."""
    lines = list(dict.fromkeys(_doubt(plan) for plan in plans if _doubt(plan)))
    if problem:
        lines.append(f"The index of built packages is not used: {inert(problem)}")
    if missing:
        named = ", ".join(code(path) for path in missing[:_MISSING])
        more = f" and {len(missing) - _MISSING} more" if len(missing) > _MISSING else ""
        lines.append(f"Specs that cannot be read and may be missing here: {named}{more}.")
    return "\n".join(lines)


def _sentence(plan: Plan) -> str:
    return f"Merging {code(plan.trigger.name)} rebuilds **{summary(plan)}**"


def _table(plans: Sequence[Plan]) -> str:
    found: dict[str, tuple[int, Rebuild]] = {}
    for plan in plans:
        for level, each in leveled(plan):
            found.setdefault(each.spec, (level, each))
    return table(sorted(found.values(), key=lambda one: (one[0], one[1].spec)))


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

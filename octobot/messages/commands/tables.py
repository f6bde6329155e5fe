"""The tables that commands answer with: the commands, and what is open and ordered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from octobot.messages.dates import moment
from octobot.messages.outlet import code, inert
from octobot.model.orders import Level, PackageOrders, may
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason

_ROWS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One command as it is shown."""

    usage: str
    summary: str
    needs: Level | None
    """None: nobody may."""


def overview(lines: Sequence[Line], level: Level) -> str:
    """Write the table of commands for somebody of this level."""
    rows = ["| command | what it does | needs |", "|---|---|---|"]
    for line in lines:
        able = "" if may(level, line.needs) else " (not you)"
        rows.append(f"| `/octobot {_cell(line.usage)}` | {line.summary} | {needs(line)}{able} |")
    return "\n".join([*rows, "", f"Your role here: `{level}`."])


def needs(line: Line) -> str:
    """Return the least role that a command needs."""
    return f"`{line.needs}`" if line.needs else "nobody may"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def group_reasons(group: str, each: Sequence[tuple[str, Reason]]) -> str:
    """Write why each package of a group is where it is."""
    rows = ["| package | why |", "|---|---|"]
    for name, reason in each[:_ROWS]:
        rows.append(f"| {code(name)} | {_why(reason)} |")
    return f"The packages of the group {code(group)}:\n\n{_cut(rows, len(each))}"


def _why(reason: Reason) -> str:
    return f"`{reason.code.value}` {inert(reason.detail, limit=120)}"


def status(
    opened: Sequence[tuple[PullRequest, str, Reason | None]],
    orders: Mapping[str, PackageOrders],
    stops: Sequence[str],
    *,
    now: datetime,
) -> str:
    """Write what is open, what was ordered, and what stops octobot altogether."""
    lines = [line for name, one in sorted(orders.items()) for line in _orders(name, one, now)]
    sections = [
        *stops,
        _opened(opened),
        _ordered(lines),
    ]
    return "\n\n".join(sections)


def _opened(opened: Sequence[tuple[PullRequest, str, Reason | None]]) -> str:
    if not opened:
        return "octobot has no open pull request."
    rows = ["| pull request | package | why |", "|---|---|---|"]
    for pull, package, reason in sorted(opened, key=lambda one: one[0].number)[:_ROWS]:
        why = _why(reason) if reason else ""
        rows.append(f"| #{pull.number} | {code(package)} | {why} |")
    return _cut(rows, len(opened))


def _ordered(lines: Sequence[str]) -> str:
    if not lines:
        return "No command is in effect."
    return _cut(["| package | order | by |", "|---|---|---|", *lines[:_ROWS]], len(lines))


def _cut(rows: Sequence[str], count: int) -> str:
    more = f"\n\nand {count - _ROWS} more." if count > _ROWS else ""
    return "\n".join(rows) + more


def _orders(package: str, orders: PackageOrders, now: datetime) -> Iterator[str]:
    where = code(package) if package else "everything"
    if orders.paused and not package:
        yield f"| {where} | paused | {code(orders.paused.issued.login)} |"
    hold = orders.hold
    if hold and hold.is_active(now):
        end = f" until {moment(hold.until)}" if hold.until else ""
        yield f"| {where} | on hold{end}: {inert(hold.reason)} | {code(hold.issued.login)} |"
    for ignore in orders.ignored:
        yield f"| {where} | {code(ignore.what)} is ignored | {code(ignore.issued.login)} |"
    for accepted in orders.accepted:
        commit = code(accepted.commit)
        what = f"{code(accepted.name)} is accepted at {commit}"
        yield f"| {where} | {what} | {code(accepted.issued.login)} |"

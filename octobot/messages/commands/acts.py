"""What octobot says when it did what a command asked for."""

from collections.abc import Sequence
from datetime import datetime

from octobot.messages.dates import moment
from octobot.messages.outlet import code, inert
from octobot.model.ids import display_name

_MOST = 20
"""Packages of a group that are told one by one."""


def looked(package: str) -> str:
    """Say that a package is looked at anew."""
    return f"octobot looks at {code(package)} again now, upstream and here."


def wished(package: str, version: str) -> str:
    """Say that a version will be proposed."""
    return (
        f"octobot proposes {code(package)} {code(version)}; its pins are looked up, and what"
        " cannot be proved is not written."
    )


def not_shown(package: str, version: str, near: Sequence[str]) -> str:
    """Say that upstream does not show a version."""
    shown = ", ".join(map(code, near))
    newest = f" The newest it shows: {shown}." if shown else ""
    return f"Upstream of {code(package)} shows no version {code(version)}.{newest}"


def not_greater(version: str, current: str, *, of: str) -> str:
    """Say that a version is not greater than the spec's."""
    return f"{code(version)} is not greater than {code(current)}, which the spec of {code(of)} has."


def group_lacks(group: str, lacking: Sequence[str], packages: int) -> str:
    """Say for whom a group cannot go to a version, and what can be done."""
    told = "\n".join(f"- {one}" for one in lacking[:_MOST])
    more = f"\n- and {len(lacking) - _MOST} more" if len(lacking) > _MOST else ""
    return (
        f"The {packages} packages of the group {code(group)} move together, and for these there"
        f" is no such version:\n\n{told}{more}\n\nWhat should not wait for the others is to be"
        " taken out of the group in the repository's file."
    )


def not_one_version(group: str, each: Sequence[str]) -> str:
    """Say that a name upstream is another version for each package of a group."""
    told = ", ".join(code(one) for one in each[:_MOST])
    return f"That is not one version for the whole group {code(group)}: {told}."


def is_manual(package: str) -> str:
    """Say that a person makes the bumps of a package."""
    return (
        f"The spec of {code(package)} says `manual: true`: a person makes its bumps."
        " octobot opens an issue for each."
    )


def is_ignored(version: str, by: str, *, of: str, what: str) -> str:
    """Say that a version is ignored; `what`: the version or the stream that was named."""
    end = code(f"/octobot unignore {of} {what}")
    return f"{code(version)} is ignored, as {code(by)} said; {end} ends that."


def made_anew(*, foreign: bool) -> str:
    """Say that a pull request gets another commit."""
    without = " without the commits that octobot did not make" if foreign else ""
    return f"octobot makes the commit here anew, on the present default branch{without}."


def name_the_head(head: str) -> str:
    """Say which command throws exactly these commits away."""
    return (
        "This throws commits away that octobot did not make, so it must name the last of them, as"
        f" you have seen it: {code(f'/octobot adopt {head[:12]}')}."
    )


def nothing_foreign() -> str:
    """Say that there is nothing to take over."""
    return "Every commit here is octobot's own; `/octobot rebase` makes them anew."


def run_again(checks: Sequence[str]) -> str:
    """Say which checks run again."""
    return "These run again: " + ", ".join(code(name) for name in checks[:20]) + "."


def nothing_failed() -> str:
    """Say that no check can be run again."""
    return "No check of this commit failed that could be run again now."


def merging(head: str, waived: Sequence[str]) -> str:
    """Say that a head is merged as soon as what may not be waived is satisfied."""
    without = f" without the rules {', '.join(f'`{rule}`' for rule in waived)}" if waived else ""
    return (
        f"octobot merges commit {code(head)}{without} as soon as every other rule is satisfied;"
        " the check run `octobot` shows which are not."
    )


def waives_nothing(head: str) -> str:
    """Say that the file lets somebody waive nothing."""
    return (
        f"The repository's file lets you waive nothing. octobot merges {code(head)} by itself when"
        " every rule is satisfied."
    )


def held(name: str, reason: str, until: datetime | None) -> str:
    """Say that a package, or a group by its lane, is held."""
    released = code(f"/octobot release {name}")
    end = f"until {moment(until)}" if until else f"until somebody says {released}"
    return f"{code(display_name(name))} is held {end}: {inert(reason)}"


def held_with(group: str) -> str:
    """Say that a hold stops a whole group."""
    return f"Nothing of the group {code(group)} is proposed or merged meanwhile."


def group_is_held(lane: str, login: str) -> str:
    """Say that a package's group is held, whatever becomes of its own hold."""
    return f"Its group is held still, as {code(login)} said; `/octobot release {lane}` ends that."


def released(package: str, file_hold: str | None) -> str:
    """Say that a hold is over, and whether another one goes on."""
    rest = f" The repository's file holds it still: {inert(file_hold)}" if file_hold else ""
    return f"{code(package)} is not held by a command any more.{rest}"


def was_not_held(package: str, file_hold: str | None) -> str:
    """Say that nobody held a package."""
    rest = f" The repository's file does: {inert(file_hold)}" if file_hold else ""
    return f"Nobody held {code(package)} by a command.{rest}"


def ignoring(package: str, what: str) -> str:
    """Say that a version or stream is ignored."""
    return f"octobot ignores {code(what)} of {code(package)}."


def ignoring_no_more(package: str, what: str) -> str:
    """Say that a version or stream is not ignored any more."""
    return f"octobot does not ignore {code(what)} of {code(package)} any more."


def was_not_ignored(package: str, ignored: Sequence[str]) -> str:
    """Say that something was not ignored, and what is."""
    those = ", ".join(map(code, ignored)) or "nothing"
    return f"That was not ignored; of {code(package)} octobot ignores {those}."


def no_stream(version: str) -> str:
    """Say that a version belongs to no stream."""
    return f"{code(version)} has one number only, so it belongs to no stream."


def not_a_version(text: str) -> str:
    """Say that something is neither a version nor a stream."""
    return f"{code(text)} is neither a version such as `1.2.3` nor a stream such as `1.2.x`."


def closing(package: str) -> str:
    """Say that a pull request is closed."""
    return f"octobot closes this and does not propose it again, until `/octobot bump {package}`."


def rebuilding(package: str, version: str) -> str:
    """Say that a rebuild is proposed."""
    return f"octobot proposes {code(version)} of {code(package)}: the epoch rises, nothing else."


def has_a_pull(package: str, number: int) -> str:
    """Say that a newer version will rebuild a package anyway."""
    return f"{code(package)} has #{number} open, which builds it anew."


def accepted(package: str, name: str, commit: str) -> str:
    """Say that a moved tag is accepted."""
    return (
        f"{code(name)} of {code(package)} may stand for commit {code(commit)} from now on. octobot"
        " goes on with it; its age counts from now."
    )


def not_moved(package: str) -> str:
    """Say that no tag of a package is known to have moved."""
    return f"No tag of {code(package)} is known to have moved."


def other_commit(name: str, now: str | None, *, of: str) -> str:
    """Say where a tag really points."""
    where = f"names {code(now)} now" if now else "cannot be read now"
    return (
        f"{code(name)} {where}. Compare it with the commit you know, and name it:"
        f" {code(f'/octobot accept-tag-move {of} COMMIT')}."
    )


def paused() -> str:
    """Say that octobot pauses."""
    return "octobot proposes and merges nothing in this repository until `/octobot resume`."


def resumed(*, by_file: bool, line: str | None) -> str:
    """Say that octobot goes on, and what else stops it."""
    file = " The repository's file pauses it still." if by_file else ""
    stopped = (
        f" Merges are stopped, because {inert(line)}; octobot's operator releases them with"
        " `octobot resume`."
        if line
        else ""
    )
    return f"octobot goes on in this repository.{file}{stopped}"


def was_not_paused(*, by_file: bool) -> str:
    """Say that nobody paused octobot by a command."""
    file = " The repository's file does." if by_file else ""
    return f"Nobody paused octobot here by a command.{file}"


def not_a_date(text: str) -> str:
    """Say how a date is written."""
    return f"{code(text)} is no date to come; write one such as `2027-01-31` (UTC)."


def applied(head: str) -> str:
    """Say that a suggestion was applied."""
    return f"The suggestion is applied as commit {code(head)}; the checks decide now."

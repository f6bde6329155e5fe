"""What octobot answers when it carried out a command, or could not."""

from collections.abc import Sequence
from datetime import datetime

from octobot.messages.dates import moment
from octobot.messages.outlet import code, inert
from octobot.model.ids import display_name
from octobot.model.pull_request import NotRerun

_MOST = 20
"""Packages of a group that are listed; the others are counted."""


def checking(package: str) -> str:
    """Say that a package is checked right away."""
    return f"octobot checks {code(package)} now, upstream and here."


def wished(package: str, version: str) -> str:
    """Say that a version will be proposed."""
    return (
        f"octobot proposes {code(package)} {code(version)} once all of its pins are found and"
        " verified."
    )


def not_shown(package: str, version: str, near: Sequence[str]) -> str:
    """Say that upstream does not have a version."""
    shown = ", ".join(map(code, near))
    newest = f" Its newest versions: {shown}." if shown else ""
    return f"The upstream of {code(package)} has no version {code(version)}.{newest}"


def not_greater(version: str, current: str, *, of: str) -> str:
    """Say that a version is not greater than the spec's."""
    return f"{code(version)} is not newer than {code(current)}, the version of {code(of)} now."


def group_lacks(group: str, lacking: Sequence[str], packages: int) -> str:
    """Say which packages of a group have no such version, and what can be done."""
    listed = "\n".join(f"- {one}" for one in lacking[:_MOST])
    more = f"\n- and {len(lacking) - _MOST} more" if len(lacking) > _MOST else ""
    return (
        f"The {packages} packages of the group {code(group)} move together, and these have no"
        f" such version:\n\n{listed}{more}\n\nTo update the others without them, remove them from"
        " the group in `.github/octobot.yaml`."
    )


def not_one_version(group: str, each: Sequence[str]) -> str:
    """Say that a name upstream is another version for each package of a group."""
    listed = ", ".join(code(one) for one in each[:_MOST])
    return f"That name is a different version for each package of {code(group)}: {listed}."


def is_manual(package: str) -> str:
    """Say that a person makes the bumps of a package."""
    return (
        f"The spec of {code(package)} says `manual: true`, so people bump it by hand. octobot"
        " opens an issue for each new version."
    )


def is_ignored(version: str, by: str, *, of: str, what: str) -> str:
    """Say that a version is ignored; `what`: the version or the stream that was named."""
    end = code(f"/octobot unignore {of} {what}")
    return f"{code(version)} is ignored at the request of {code(by)}. {end} ends that."


def recreating(*, discard: bool) -> str:
    """Say that a pull request is recreated."""
    without = ", without the commits that octobot did not make" if discard else ""
    return f"octobot recreates this pull request on the current default branch{without}."


def name_the_head(head: str) -> str:
    """Ask for the last of the commits that a command would discard."""
    return (
        "This discards commits that octobot did not make. Name the last of them to confirm:"
        f" {code(f'/octobot reset {head[:12]}')}."
    )


def nothing_to_discard() -> str:
    """Say that every commit is octobot's."""
    return "There is nothing to discard: octobot made every commit here. Use `/octobot recreate`."


def run_again(checks: Sequence[str]) -> str:
    """Say which checks run again."""
    return "Running again: " + ", ".join(code(name) for name in checks[:20]) + "."


def not_run_again(checks: Sequence[NotRerun]) -> str:
    """Say which failed checks cannot be run again, and why; empty when all can."""
    if not checks:
        return ""
    listed = "\n".join(f"- {code(one.check.name)}: {_why_not(one)}" for one in checks[:_MOST])
    more = f"\n- and {len(checks) - _MOST} more" if len(checks) > _MOST else ""
    return f"octobot cannot run these again:\n\n{listed}{more}"


def _why_not(one: NotRerun) -> str:
    match one.why:
        case "other-app":
            return "only the App that posted it can; use that App's own button or command"
        case "not-found":
            return "GitHub does not show its workflow run any more"
        case "running":
            return "its workflow run has not ended yet; retry once it has"
        case "refused":
            return f"GitHub refuses: {inert(one.words)}"


def nothing_failed() -> str:
    """Say that no check can be run again."""
    return "This commit has no failed check that can be run again now."


def merging(head: str, waived: Sequence[str]) -> str:
    """Say that a head is merged as soon as what may not be waived is satisfied."""
    without = f" without the rules {', '.join(f'`{rule}`' for rule in waived)}" if waived else ""
    return (
        f"octobot merges commit {code(head)}{without} as soon as every other rule is satisfied."
        " The check run `octobot` lists those that are not."
    )


def waives_nothing(head: str) -> str:
    """Say that somebody may waive no rule."""
    return (
        f"You may not waive a rule here. octobot merges {code(head)} by itself when every rule is"
        " satisfied."
    )


def held(name: str, reason: str, until: datetime | None) -> str:
    """Say that a package, or a group by its lane, is held."""
    released = code(f"/octobot unhold {name}")
    end = f"until {moment(until)}" if until else f"until {released}"
    return f"{code(display_name(name))} is on hold {end}: {inert(reason)}"


def held_with(group: str) -> str:
    """Say that a hold stops a whole group."""
    return f"Until then, nothing of the group {code(group)} is proposed or merged."


def group_is_held(lane: str, login: str) -> str:
    """Say that a package's group is on hold, whether the package is or not."""
    return f"Its group is still on hold ({code(login)}): `/octobot unhold {lane}` ends that."


def released(package: str, file_hold: str | None) -> str:
    """Say that a hold is over, and whether there is another one."""
    rest = f" `.github/octobot.yaml` still holds it: {inert(file_hold)}" if file_hold else ""
    return f"The hold on {code(package)} is over.{rest}"


def was_not_held(package: str, file_hold: str | None) -> str:
    """Say that no command holds a package."""
    rest = f" `.github/octobot.yaml` does: {inert(file_hold)}" if file_hold else ""
    return f"No command holds {code(package)}.{rest}"


def ignoring(package: str, what: str) -> str:
    """Say that a version or stream is ignored."""
    return f"octobot ignores {code(what)} of {code(package)}."


def ignoring_no_more(package: str, what: str) -> str:
    """Say that a version or stream is not ignored any more."""
    return f"octobot no longer ignores {code(what)} of {code(package)}."


def was_not_ignored(package: str, ignored: Sequence[str]) -> str:
    """Say that something was not ignored, and what is."""
    those = ", ".join(map(code, ignored)) or "nothing"
    return f"That was not ignored. Ignored of {code(package)}: {those}."


def no_stream(version: str) -> str:
    """Say that a version belongs to no stream."""
    return f"{code(version)} has only one number, so it is not in a version stream."


def not_a_version(text: str) -> str:
    """Say that something is neither a version nor a stream."""
    return f"{code(text)} is neither a version such as `1.2.3` nor a stream such as `1.2.x`."


def closing(package: str) -> str:
    """Say that a pull request is closed."""
    return (
        "octobot closes this pull request and does not propose this version again, unless"
        f" somebody comments `/octobot bump {package}`."
    )


def rebuilding(package: str, version: str) -> str:
    """Say that a rebuild is proposed."""
    return f"octobot proposes {code(package)} {code(version)}: only the epoch changes."


def has_a_pull(package: str, number: int) -> str:
    """Say that a newer version will rebuild a package anyway."""
    return f"#{number} is open for {code(package)} and builds it again anyway."


def accepted(package: str, name: str, commit: str) -> str:
    """Say that a moved tag is accepted."""
    return (
        f"octobot accepts {code(name)} of {code(package)} at commit {code(commit)}. The release's"
        " age counts from now."
    )


def not_moved(package: str) -> str:
    """Say that no tag of a package is known to have moved."""
    return f"No tag of {code(package)} is known to have moved."


def other_commit(name: str, now: str | None, *, of: str) -> str:
    """Say where a tag really points."""
    where = f"points to {code(now)} now" if now else "cannot be read now"
    return (
        f"{code(name)} {where}. Compare it with the commit that you checked, and name that one:"
        f" {code(f'/octobot accept-tag-move {of} COMMIT')}."
    )


def paused() -> str:
    """Say that octobot pauses."""
    return "octobot proposes and merges nothing in this repository until `/octobot resume`."


def resumed(*, by_file: bool, line: str | None) -> str:
    """Say that octobot works again, and what else stops it."""
    file = " `.github/octobot.yaml` still pauses it." if by_file else ""
    halted = (
        f" Merging is halted: {inert(line)}. octobot's operator ends that with `octobot unhalt`."
        if line
        else ""
    )
    return f"octobot is resumed in this repository.{file}{halted}"


def was_not_paused(*, by_file: bool) -> str:
    """Say that nobody paused octobot by a command."""
    file = " `.github/octobot.yaml` does." if by_file else ""
    return f"No command pauses octobot here.{file}"


def not_a_date(text: str) -> str:
    """Say how a date is written."""
    return f"{code(text)} is not a date in the future, such as `2027-01-31` (UTC)."


def applied(head: str) -> str:
    """Say that a suggestion was applied."""
    return f"The suggestion is applied in commit {code(head)}. The checks run on it now."

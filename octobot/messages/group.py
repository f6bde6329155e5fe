"""The texts of a group's pull request: several package updates in one.

They say for each package, in tables, what the body of a lone package says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.messages.dates import duration, moment
from octobot.messages.origins import release_line
from octobot.messages.outlet import code, fenced, joined, plain
from octobot.messages.pull_request import (
    BY_HAND,
    CHANGE,
    NEEDS_APPROVAL,
    NOTHING_TO_DO,
    SHOWN_WHERE,
    SKIP,
    exact,
    subject,
)
from octobot.model.bump import Bump, Bumped
from octobot.model.config import Group, PackagePolicy
from octobot.model.package import Upstream
from octobot.model.release import Observation

_SHOWN = 40
"""Packages that are listed; the diff has the rest."""
_CHANGES = 120
"""Rows of the table of changes, over all packages."""


@dataclass(frozen=True, slots=True)
class GroupPart:
    """One package of the pull request."""

    bump: Bump
    bumped: Bumped
    upstream: Upstream | None
    observation: Observation | None
    policy: PackagePolicy


def title(group: Group, version: str) -> str:
    """Write the pull request's title: `GROUP/VERSION package update`."""
    return subject(group.name, version)


def commit_message(group: Group, bumps: Sequence[Bump]) -> tuple[str, str]:
    """Write the commit's headline and body; at least one bump."""
    lines = [
        f"{exact(bump.package)} from {exact(bump.current)} to {exact(bump.target.version)}"
        for bump in bumps
    ]
    release = bumps[0].target.release
    origin = f" at {exact(release.commit)}" if release.commit else ""
    lines += ["", f"Upstream release: {exact(release.name)}{origin}"]
    return title(group, bumps[0].target.version), "\n".join(lines)


def body(group: Group, parts: Sequence[GroupPart], supersedes: Sequence[int] = ()) -> str:
    """Write the pull request's body; at least one part."""
    version = parts[0].bump.target.version
    return joined(
        f"Updates {len(parts)} packages of the group {code(group.name)} to **{code(version)}**.",
        _to_do(parts),
        _packages(parts),
        _supersedes(supersedes),
        "### What changes\n\n" + _changes(parts),
        _next(parts),
        "### What you can do\n\n" + _options(parts),
    )


def _packages(parts: Sequence[GroupPart]) -> str:
    lines = ["| package | from | release | first seen by octobot |", "|---|---|---|---|"]
    for part in parts[:_SHOWN]:
        bump, seen = part.bump, part.observation
        first = moment(seen.first_seen) if seen else "not yet"
        release = release_line(bump, part.upstream)
        lines.append(f"| {code(bump.package)} | {code(bump.current)} | {release} | {first} |")
    if len(parts) > _SHOWN:
        lines += ["", f"and {len(parts) - _SHOWN} more, in the diff."]
    return "\n".join(lines)


def _supersedes(numbers: Sequence[int]) -> str:
    return "Supersedes " + ", ".join(f"#{number}" for number in numbers) + "." if numbers else ""


def _changes(parts: Sequence[GroupPart]) -> str:
    rows = [
        f"| {code(part.bump.path)} | {code(change.field)} | {change.line}"
        f" | {code(change.before, limit=140)}"
        f" | {code(change.after, limit=140) if change.after else '_removed_'} |"
        for part in parts
        for change in part.bumped.changes
    ]
    lines = ["| spec | field | line | before | after |", "|---|---|---|---|---|", *rows[:_CHANGES]]
    if len(rows) > _CHANGES:
        lines += ["", f"and {len(rows) - _CHANGES} more, in the diff."]
    return "\n".join([*lines, "", "Nothing else in these specs changes."])


def _to_do(parts: Sequence[GroupPart]) -> str:
    """Say what a person should do, in one sentence."""
    if not _automerges(parts):
        return BY_HAND
    return NEEDS_APPROVAL if any(part.policy.approval for part in parts) else NOTHING_TO_DO


def _automerges(parts: Sequence[GroupPart]) -> bool:
    return all(part.policy.automerge for part in parts)


def _next(parts: Sequence[GroupPart]) -> str:
    if not _automerges(parts):
        return ""
    policies = [part.policy for part in parts]
    age = duration(max(policy.minimum_release_age for policy in policies))
    needed = [
        "every required check succeeded on exactly this commit",
        f"octobot first saw each release at least {age} ago",
        "the upstream tags still name the same commits",
    ]
    if any(policy.approval for policy in policies):
        needed.append("a person approved it")
    wants = "\n".join(f"- {want}" for want in needed)
    return (
        f"### When octobot merges this\n\nAll packages at once, when for each of them\n\n{wants}"
        f"\n\n{SHOWN_WHERE}"
    )


def _options(parts: Sequence[GroupPart]) -> str:
    name = plain(parts[0].bump.package)
    hold = f'packages:\n  - match: "{name}"\n    hold: why it should wait'
    return (
        f"{SKIP}\n{CHANGE}\n"
        "- **Split the group**: remove packages from it in `.github/octobot.yaml`.\n"
        "- **Wait**: hold any of its packages there, on the default branch:\n\n"
        + fenced(hold, "yaml")
    )

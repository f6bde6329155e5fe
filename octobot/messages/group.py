"""The words of a group's pull request: several package updates that are one.

What one package's body says is said here for each of them, in tables; how to steer it names the
group's packages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.messages.dates import duration, moment
from octobot.messages.origins import release_line
from octobot.messages.outlet import code, fenced, joined, plain
from octobot.messages.pull_request import exact, subject
from octobot.model.bump import Bump, Bumped
from octobot.model.config import Group, PackagePolicy
from octobot.model.package import Upstream
from octobot.model.release import Observation

_SHOWN = 40
"""Packages told one by one; the diff has the rest."""
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
        f"{len(parts)} packages of the group {code(group.name)} move together to"
        f" **{code(version)}**.",
        _packages(parts),
        _supersedes(supersedes),
        "### What changes\n\n" + _changes(parts),
        "### What happens next\n\n" + _next(parts),
        "### How to steer this\n\n" + _steering(parts),
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
    return "\n".join([*lines, "", "Every other byte of these specs is as it was."])


def _next(parts: Sequence[GroupPart]) -> str:
    policies = [part.policy for part in parts]
    if not all(policy.automerge for policy in policies):
        return "The repository's settings leave merging to a person. octobot shows its verdict."
    age = duration(max(policy.minimum_release_age for policy in policies))
    needed = [
        "every required check succeeded on exactly this commit",
        f"octobot first saw each release at least {age} ago, the longest of their ages",
        "the upstream tags still name the same commits",
    ]
    if any(policy.approval for policy in policies):
        needed.append("a person approved it")
    wants = "\n".join(f"- {want}" for want in needed)
    return (
        f"octobot merges all of them at once, by itself, when for every package\n\n{wants}\n\n"
        "The check run `octobot` shows which rules are satisfied. When a required check fails,"
        " a comment here says what broke."
    )


def _steering(parts: Sequence[GroupPart]) -> str:
    name = plain(parts[0].bump.package)
    hold = f'packages:\n  - match: "{name}"\n    hold: why it should wait'
    return (
        "- **Not this version**: close the pull request; octobot does not propose it again.\n"
        "- **Your own change**: push to this branch; octobot then neither touches nor merges it.\n"
        "- **Not together**: take packages out of the group in `.github/octobot.yaml`.\n"
        "- **Not now**: hold any of its packages there, on the default branch:\n\n"
        + fenced(hold, "yaml")
    )

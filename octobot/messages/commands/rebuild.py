"""The texts of a rebuild: the same version again, with its epoch raised by one."""

from collections.abc import Mapping

from octobot.messages.outlet import code, inert, joined, plain
from octobot.messages.pull_request import changes_table, subject
from octobot.model.bump import Bumped


def title(package: str, version: str) -> str:
    """Write the pull request's title; `version` has the new epoch."""
    return subject(package, version)


def commit_message(package: str, version: str, why: str) -> tuple[str, str]:
    """Write the commit's headline and body."""
    return title(package, version), plain(f"Rebuild: {why}" if why else "Rebuild.", limit=300)


def body(package: str, version: str, made: Bumped, why: str) -> str:
    """Write the pull request's body."""
    return joined(
        f"Rebuilds {code(package)} as **{code(version)}**: only the epoch changes.",
        f"Why: {inert(why)}" if why else "",
        "### What changes\n\n" + changes_table(made.changes),
        _NEXT,
        "To skip this rebuild, close the pull request.",
    )


def group_body(
    group: str, versions: Mapping[str, str], made: Mapping[str, Bumped], why: str
) -> str:
    """Write the body of a group's pull request: for each spec's path its version and changes."""
    changes = [
        f"#### {code(path)} → {code(versions[path])}\n\n{changes_table(one.changes)}"
        for path, one in sorted(made.items())[:_SHOWN]
    ]
    more = len(made) - _SHOWN
    return joined(
        f"Rebuilds {len(made)} packages of the group {code(group)}: only their epochs change.",
        f"Why: {inert(why)}" if why else "",
        "### What changes",
        *changes,
        f"and {more} more, in the diff." if more > 0 else "",
        _NEXT,
        "To skip this rebuild, close the pull request.",
    )


_SHOWN = 40
"""Specs that are listed; the diff has the rest."""

_NEXT = (
    "octobot merges this by itself when every required check succeeded on exactly this commit. The"
    " check run `octobot` shows what is missing."
)

"""The words of a rebuild: the same version once more, with its epoch raised by one."""

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
        f"{code(package)} is built again as **{code(version)}**: its version stays.",
        f"Why: {inert(why)}" if why else "",
        "### What changes\n\n" + changes_table(made.changes),
        "### What happens next\n\noctobot merges this by itself when every required check succeeded"
        " on exactly this commit and nothing else stands in the way; the check run `octobot` shows"
        " what does.",
        "Close this pull request if the package should not be built again.",
    )

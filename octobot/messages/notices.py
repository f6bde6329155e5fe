"""Short comments on pull requests that octobot closes or leaves alone."""

from octobot.messages.outlet import code, inert, joined
from octobot.model.reasons import MEANING, Reason


def closed(reason: Reason) -> str:
    """Say why octobot closes its own pull request."""
    detail = f" {inert(reason.detail)}" if reason.detail else ""
    place = f" ({code(str(reason.where))})" if reason.where else ""
    return joined(
        f"octobot closes this pull request. `{reason.code.value}`: {MEANING[reason.code]}"
        f"{detail}{place}"
    )


def reverted(package: str, version: str, commit: str) -> str:
    """Say that people reverted what was merged, and how it is updated again."""
    return joined(
        f"{code(package)} was reverted from {code(version)} to an older version on the default"
        f" branch, in commit {commit}."
        " octobot proposes neither that version nor a newer one by itself.",
        f"**To do**: when the package should be updated again, comment `/octobot bump {package}`,"
        f" or bump the spec to {code(version)} or a newer version yourself.",
        "Reason code: `reverted-by-user`",
    )


def left_to_people(reason: Reason) -> str:
    """Say that GitHub did not merge what octobot left to it, and that octobot stops asking."""
    return joined(
        f"octobot does not ask GitHub to merge this commit again. `{reason.code.value}`:"
        f" {MEANING[reason.code]} {inert(reason.detail)}",
        "**To do**: look at the checks of the merge group. A new commit is tried again: comment"
        " `/octobot recreate`, or merge it yourself.",
    )


def spec_gone() -> str:
    """Say why octobot closes the pull request of a package that was removed."""
    return joined("octobot closes this pull request: the spec was removed from the default branch.")


def step_back() -> str:
    """Say that octobot leaves a branch to the person who committed to it."""
    return joined(
        "This branch has a commit that octobot did not make, so octobot leaves the pull request to"
        " you: it neither changes, closes nor merges it.",
        "**To do**: merge or close it yourself. To hand it back, comment `/octobot reset COMMIT`"
        " with the id of the last commit: octobot then discards the commits it did not make.",
    )


def recovered() -> str:
    """Say that octobot recognised its pull request after its database was lost."""
    return joined(
        "octobot continues with this pull request: its database was lost, it computed the bump"
        " again from the default branch and from upstream, and found exactly this commit's text."
        " The release's age counts from now."
    )


def not_recovered(because: str) -> str:
    """Say why octobot leaves a pull request alone after its database was lost."""
    return joined(
        "octobot leaves this pull request to you: it neither changes, closes nor merges it.",
        f"Its database was lost, and it does not recognise the pull request: {inert(because)}.",
    )

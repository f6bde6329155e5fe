"""Short comments on pull requests that octobot takes back or leaves alone."""

from octobot.messages.outlet import code, inert, joined
from octobot.model.reasons import MEANING, Reason


def withdrawn(reason: Reason) -> str:
    """Say why octobot closes its own pull request."""
    detail = f" {inert(reason.detail)}" if reason.detail else ""
    place = f" ({code(str(reason.where))})" if reason.where else ""
    return joined(
        f"octobot closes this pull request. `{reason.code.value}`: {MEANING[reason.code]}"
        f"{detail}{place}"
    )


def spec_gone() -> str:
    """Say why octobot closes the pull request of a package that was removed."""
    return joined("The spec is not on the default branch any more. octobot closes this one.")


def step_back() -> str:
    """Say that somebody else's commit is on the branch, so that octobot leaves it alone."""
    return joined(
        "This branch has a commit that octobot did not make, so it is yours now: octobot neither"
        " changes, closes nor merges it.",
        "Merge or close it as you see fit; octobot goes on with the next version."
        " `/octobot adopt COMMIT`, with the last one's id, throws those commits away and lets"
        " octobot go on here.",
    )


def adopted() -> str:
    """Say that a pull request is octobot's again after its memory was lost."""
    return joined(
        "octobot had lost its memory of this pull request.  It computed the bump anew from the"
        " default branch and from upstream, and found exactly this commit's text, so it goes on"
        " from here; the release's age counts from now."
    )


def not_adopted(because: str) -> str:
    """Say why octobot leaves a pull request alone after its memory was lost."""
    return joined(
        "octobot had lost its memory of this pull request and does not recognise it:"
        f" {inert(because)}.",
        "It is yours now: octobot neither changes, closes nor merges it.",
    )

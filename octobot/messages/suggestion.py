"""What would mend a failed build: an explanation and an edit, and how a person lets it happen.

What a model wrote stands in fences of our own making, marked as unverified: not one character of it
is Markdown.
"""

import difflib
import textwrap

from octobot.messages.outlet import code, fenced, inert, plain
from octobot.model.suggestion import Offer, Suggestion, class_of

_MOST_LINES = 80
"""Of a diff that is shown; the whole of it is in the commit."""
_CONTEXT = 3
_WIDTH = 100
_UNVERIFIED = (
    "_Unverified: a model wrote this after reading the lines above. octobot only saw to it that an"
    " edit fits the spec and touches nothing that it may not._"
)


def section(offer: Offer) -> str:
    """Write what would mend it; empty when there is nothing to say."""
    parts = [*_explained(offer), *_edit(offer), _refusal(offer), _pending(offer)]
    said = [part for part in parts if part]
    return "\n\n".join(["### What would mend it", *said]) if said else ""


def commit_message(told: Suggestion, by: str) -> tuple[str, str]:
    """Write the headline and body of the commit that applies a suggestion; `by` names who asked."""
    classes = ", ".join(sorted({class_of(mend) for mend in told.cause.mends}))
    origin = "a model" if told.cause.by == "model" else "a rule"
    return (
        f"{plain(told.package)}: {classes.replace('-', ' ')}",
        f"Suggested by {origin} after the checks of {told.head} failed; applied by {plain(by)}.",
    )


def diff(told: Suggestion) -> str:
    """Show an edit as a unified diff, as plain text."""
    lines = difflib.unified_diff(
        told.before.splitlines(),
        told.after.splitlines(),
        f"a/{told.path}",
        f"b/{told.path}",
        n=_CONTEXT,
        lineterm="",
    )
    shown = list(lines)
    cut = shown[:_MOST_LINES]
    return "\n".join([*cut, *(["…"] if len(shown) > len(cut) else [])])


def _explained(offer: Offer) -> list[str]:
    """Explain once: where the same failure is told in full, that is not repeated here."""
    told = offer.suggestion
    words = told.cause.explanation.strip() if offer.same_as is None else ""
    if told.cause.by == "rule":
        return [inert(words, limit=1000)] if words else []
    if not words and not told.has_edit:
        return []
    lines = [told.cause.title, *(["", *words.splitlines()] if words else [])]
    wrapped = "\n".join(textwrap.fill(line, _WIDTH) for line in lines)
    return [_UNVERIFIED, fenced(wrapped, "text", limit=3000) if wrapped else ""]


def _edit(offer: Offer) -> list[str]:
    told = offer.suggestion
    if not told.has_edit:
        return []
    helped = f"The same edit helped in #{told.helped_in}." if told.helped_in else ""
    return [helped, fenced(diff(told), "diff"), _how(offer)]


def _how(offer: Offer) -> str:
    if offer.applies_itself:
        return "The repository's file lets octobot apply this edit by itself; the checks run anew."
    return (
        f"`/octobot apply` commits exactly this, as long as {code(offer.suggestion.head)} is the"
        " head of this branch. The commit is checked and judged like any other."
    )


def _refusal(offer: Offer) -> str:
    if not offer.refused:
        return ""
    return f"The edit that was proposed is not offered: {inert(offer.refused, limit=300)}"


def _pending(offer: Offer) -> str:
    return "A model is being asked; its answer will stand here." if offer.pending else ""

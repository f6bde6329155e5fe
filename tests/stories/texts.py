"""Texts of every kind, as a person writes them."""

from octobot.model.orders import TextKind, TextRef
from octobot.sandbox.changes.person import Person
from tests.stories.story import NAME


async def write(by: Person, kind: TextKind, number: int, text: str) -> TextRef:
    """Let somebody write a text of a kind on a pull request, or in an issue of its own."""
    match kind:
        case "comment":
            return TextRef(kind, (await by.comment(NAME, number, text)).id)
        case "review":
            return TextRef(kind, (await by.review(NAME, number, "COMMENT", text)).id, number)
        case "review comment":
            return TextRef(kind, (await by.review_comment(NAME, number, text)).id)
        case "issue":
            return TextRef(kind, await by.open_issue(NAME, "Please", text))

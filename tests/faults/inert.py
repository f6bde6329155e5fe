"""What a comment of octobot's must never hold, judged as GitHub would read it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

CASES = Path(__file__).parents[2] / "fixtures" / "injection" / "cases.json"

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
"""HTML is on, so that what would be HTML on GitHub is seen as such here."""

FENCES = frozenset({"", "text", "diff"})
TAG = "<!-- octobot:failure -->"
OWN_LINK = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:actions/)?runs/\d+(?:/job/\d+)?")
OWN_REFERENCE = re.compile(r"(?:Same cause as|helped in) #[0-9]+")
LIVELY = re.compile(
    r"""(?:^|[^\w`])@[a-z0-9]                 # a mention
    | [a-z0-9._+-]@[a-z0-9]                    # an e-mail address
    | \#[0-9] | \bGH-[0-9]                     # an issue
    | https?:/ | ftp:/ | \bwww\. | mailto: | xmpp: | \bdata: | javascript:   # an address
    | \b[0-9a-f]{7,40}\b                       # a commit
    | \$[^$]+\$                                # mathematics
    | \[\^                                     # a footnote
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What GitHub's filters look for in the text that Markdown leaves, at their most eager."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufe0f\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile text, and the place where it comes from."""

    name: str
    place: str
    lines: tuple[str, ...]


def cases() -> list[Case]:
    """Read the corpus; `[text, n]` is a text n times, `times` repeats all lines."""
    return [
        Case(
            each["name"],
            each["place"],
            tuple(
                line if isinstance(line, str) else line[0] * line[1]
                for _ in range(each.get("times", 1))
                for line in each["lines"]
            ),
        )
        for each in json.loads(CASES.read_text())
    ]


def lively(body: str) -> list[str]:
    """Return what in a comment is active foreign markup; empty when all is inert."""
    return list(_faults(body))


def _faults(body: str) -> Iterator[str]:
    if not body.endswith(TAG):
        yield "the last line is not our tag"
    if UNSEEN.search(body):
        yield "it holds characters that nobody sees"
    if len(body) > 65_536:
        yield "it is longer than GitHub takes"
    for token in MARKDOWN.parse(body):
        yield from _of_block(token)
        for child in token.children or []:
            yield from _of_inline(child)


def _of_block(token: Token) -> Iterator[str]:
    if token.type == "html_block" and token.content.strip() != TAG:
        yield f"HTML: {token.content[:80]!r}"
    if token.type == "fence" and token.info not in FENCES:
        yield f"a fence of {token.info!r}"
    if token.type in {"code_block", "blockquote_open"}:
        yield f"a {token.type} that is not ours"
    if token.type == "heading_open" and token.tag != "h3":
        yield f"a heading that is not ours: {token.tag}"


def _of_inline(token: Token) -> Iterator[str]:
    if token.type in {"image", "html_inline"}:
        yield f"{token.type}: {token.content[:80]!r}"
    if token.type == "link_open" and not OWN_LINK.fullmatch(str(token.attrs.get("href"))):
        yield f"a link to {token.attrs.get('href')}"
    if token.type == "text":
        text = OWN_REFERENCE.sub("", token.content)
        if found := LIVELY.search(text):
            yield f"text that GitHub makes something of: {found[0]!r} in {text[:80]!r}"

from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.messages.commands.replies import Answered, reply
from octobot.messages.commands.tables import Line, overview
from octobot.messages.terminal import inert, line
from octobot.model.ids import RepositoryId
from octobot.model.orders import Act, Person

HOSTILE = (
    "@everyone",
    "`@everyone`",
    "![x](https://evil.example)",
    "[x](https://evil.example)",
    "<img src=x>",
    "&#64;everyone",
    "```suggestion",
    "\u202egnp.exe",
    "www.evil.example",
    "#1 GH-2",
)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_inert_in_the_answer(text: str) -> None:
    """Neither as a command, nor as a reason or a name, does it become more than words."""
    answers = [
        Answered(f"hold {text}", done=True, said=said.held("hello", text, None)),
        Answered(text, done=False, said=words.unknown(text, "hold")),
        Answered("bump", done=False, said=words.impossible(text)),
        Answered("bump", done=False, said=said.not_shown("hello", text, [text])),
    ]
    body = reply(answers, to=text)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    children = [child for token in tokens for child in token.children or []]
    assert not {child.type for child in children} & {"image", "link_open", "html_inline"}
    assert not {token.type for token in tokens} & {"html_block", "fence"}
    outside = "".join(child.content for child in children if child.type == "text")
    assert "@everyone" not in outside
    assert "www.evil" not in outside
    assert "\u202e" not in body


def test_the_table_of_commands_shows_what_one_may_not() -> None:
    """A bar in a usage does not end its cell."""
    lines = [Line("ignore VERSION|stream", "Ignore.", "write"), Line("help", "Help.", "read")]
    text = overview(lines, "triage")
    assert "| `/octobot ignore VERSION\\|stream` | Ignore. | `write` (not you) |" in text
    assert "| `/octobot help` | Help. | `read` |" in text


def test_a_line_of_the_audit_log_shows_who_and_what() -> None:
    """Foreign text in it is made inert by the one who prints it."""
    act = Act(
        repository=RepositoryId(1),
        thread=5,
        comment=7,
        position=0,
        person=Person(9, "ann"),
        level="write",
        command="hold",
        words="a\x1b[31mb",
        package="hello",
        head=None,
        outcome="done",
        answer="",
        at=NOW,
    )
    assert inert(line(act, "o/d")) == (
        "2026-11-23 12:00:00 o/d#5 ann (write): /octobot hold ab [hello]: done"
    )

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from octobot.commands.grammar import LONGEST, Spoken, spoken


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        ("/octobot merge", "merge", ()),
        ("   /octobot  merge  ", "merge", ()),
        ("Thanks!\n/octobot hold waits for\tICU", "hold", ("waits", "for", "ICU")),
        ("Thanks!\r\n\r\n/octobot merge\r\n", "merge", ()),
        ("x\\\n/octobot merge", "merge", ()),
        ("<!-- a note to self -->\n\n/octobot merge", "merge", ()),
        ("> quoted\n\n/octobot merge", "merge", ()),
        ("/octobot ignore `1.2.x`", "ignore", ("1.2.x",)),
        ("/octobot hold *really* &amp; truly", "hold", ("really", "&", "truly")),
        ("/octobot ignore 1.2_3_4", "ignore", ("1.2_3_4",)),
        ("/octobot", "", ()),
        ("/octobot merge ; rm -rf / $(id)", "merge", (";", "rm", "-rf", "/", "$(id)")),
    ],
)
def test_a_command_begins_a_line_of_a_paragraph(
    body: str, name: str, words: tuple[str, ...]
) -> None:
    """Its words are what GitHub shows, cut at blanks and not evaluated in any way."""
    assert spoken(body) == (Spoken(name, words),)


@pytest.mark.parametrize(
    "body",
    [
        "say /octobot merge",
        "> /octobot merge",
        "> look\n/octobot merge",
        "- /octobot merge",
        "1. x\n\n   /octobot merge",
        "# /octobot merge",
        "/octobot merge\n---",
        "/octobot merge | a\n--|--",
        "```\n/octobot merge\n```",
        "~~~\n/octobot merge",
        "    /octobot merge",
        "`/octobot merge`",
        "a `\n/octobot merge\n` b",
        "\\` `\n/octobot merge\n`",
        "<!-- /octobot merge -->",
        "<!--\n\n/octobot merge\n\n-->",
        "a <!-- \n/octobot merge\n-->",
        "/octobot merge <!-- x -->",
        "<blockquote>\n\n/octobot merge\n\n</blockquote>",
        "<details><summary>x</summary>\n\n/octobot merge\n\n</details>",
        "<pre>\n/octobot merge\n</pre>",
        "foo <del>\n\n/octobot merge",
        "<!-- a --> <b> <!-- c -->\n\n/octobot merge",
        "[/octobot merge](https://example.org)",
        "![/octobot merge](x)",
        "[x]: /octobot merge",
        "**/octobot merge**",
        "~~a\n/octobot merge\nb~~",
        "\\/octobot merge",
        "&#47;octobot merge",
        "/octobot&#32;merge",
        "/octobot `merge`",
        "/octobotmerge",
        "/octobot\u00a0merge",
        "/octobot\u200bmerge",
        "/\u200boctobot merge",
        "/\u043ectobot merge",
        "\uff0foctobot merge",
        "/OCTOBOT merge",
        "octobot merge",
    ],
)
def test_what_github_does_not_show_as_plain_words_is_no_command(body: str) -> None:
    """Quoted, listed, fenced, indented, hidden, linked, escaped, struck out, or a look-alike."""
    assert spoken(body) == ()


def test_several_commands_keep_their_order() -> None:
    """Also over paragraphs and other text."""
    body = "/octobot hold\nplease\n/octobot status\n\nand then\n\n/octobot unhold"
    assert [one.name for one in spoken(body)] == ["hold", "status", "unhold"]


def test_a_very_long_comment_is_not_read() -> None:
    """Parsing it could take seconds, and nobody means octobot by it."""
    assert spoken("/octobot merge\n" + "[" * LONGEST) == ()


PIECES = st.lists(
    st.sampled_from(
        [
            *("/octobot merge", "/octobot", "merge", "\n", "\n\n", "> ", "```", "~~~", "`", "    "),
            *("<!--", "-->", "<b>", "</b>", "[", "](x)", "\\", "&#47;", "- ", "# ", "|", "*", "~~"),
        ]
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(PIECES)
@example(["`", "\n", "/octobot merge", "\n", "`"])
def test_a_command_is_always_shown_as_plain_text(pieces: list[str]) -> None:
    """Whatever the mark-up around it, the page has the words outside of code, quotation and HTML.

    The page is drawn by a renderer that knows nothing of commands.
    """
    body = "".join(pieces)
    if any(one.name == "merge" for one in spoken(body)):
        page = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        tokens = page.parse(body)
        plain = [
            child.content
            for token in tokens
            if token.type == "inline" and token.level == 1
            for child in token.children or []
            if child.type == "text" and child.level == 0
        ]
        assert any(text.lstrip().startswith("/octobot merge") for text in plain)

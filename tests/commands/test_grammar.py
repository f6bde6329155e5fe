import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from octobot.commands.grammar import LONGEST, Spoken, addressed, spoken


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
        ("/Octobot merge", "merge", ()),
        ("/OCTOBOT MERGE", "merge", ()),
        ("/octobot\u00a0hold\u00a0x", "hold", ("x",)),
        ("/octobot\u3000hold x", "hold", ("x",)),
        ("\u00a0/octobot hold x", "hold", ("x",)),
        ("\ufeff/octobot hold x", "hold", ("x",)),
        ("Hello\n\u200b/octobot hold x", "hold", ("x",)),
        ("/octobot hold\u200b x\u2060", "hold", ("x",)),
        ("/octobot \u200dhold x", "hold", ("x",)),
        ("/octobot ignore 1.2\u00ad.3", "ignore", ("1.2.3",)),
        ("/octobot hold x\r\n-- \r\nSent from my phone\r\n", "hold", ("x",)),
        ("/octobot hold x\n--\nAnn", "hold", ("x",)),
        ("/octobot hold x\n---\nAnn", "hold", ("x",)),
        ("/octobot hold x\n===", "hold", ("x",)),
        ("/octobot hold x\n***\nAnn", "hold", ("x",)),
        ("/octobot hold x\n________\nFrom: octobot", "hold", ("x",)),
        ("/octobot hold x\n\nOn Monday octobot wrote:\n> /octobot merge", "hold", ("x",)),
        ("/octobot hold x\r\rAnn", "hold", ("x",)),
        ("[^1]: a note\n\n/octobot merge", "merge", ()),
        ("/octobot hold costs $5 and $6", "hold", ("costs", "$5", "and", "$6")),
        ("It costs $$ a lot\n\n/octobot merge", "merge", ()),
        ("$$x$$\n/octobot merge", "merge", ()),
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
        "/octobot\u200bmerge",
        "/\u200boctobot merge",
        "/\u043ectobot merge",
        "\uff0foctobot merge",
        "[^1]: a note\n/octobot merge",
        "[^1]: /a-path\n/octobot merge",
        "A note.[^1]\n[^1]: a note\n/octobot merge",
        "[^1]: a note\n\n    goes on\n/octobot merge",
        "$$\n/octobot merge\n$$",
        "$$\n\n/octobot merge\n\n$$",
        "$$ x\n/octobot merge\n\ny $$",
        "where $x\n/octobot merge\ny$ is",
        "```math\n/octobot merge\n```",
        "$`\n/octobot merge\n`$",
        "/octobot merge \u202etnirp",
        "x\u2028/octobot merge",
        "\u200b> /octobot merge",
        "\u00a0> /octobot merge",
        "<br>\n/octobot merge",
        "octobot merge",
    ],
)
def test_what_github_does_not_show_as_plain_words_is_no_command(body: str) -> None:
    """Quoted, listed, fenced, indented, hidden, linked, escaped, struck out, or a look-alike."""
    assert spoken(body) == ()


@pytest.mark.parametrize(
    ("body", "because"),
    [
        ("/octobotmerge", "glued"),
        ("/octobot\u200bmerge", "glued"),
        ("/Octobot/merge", "glued"),
        ("/octobot: merge", "glued"),
        ("/\u200boctobot merge", "invisible"),
        ("/octo\u00adbot merge", "invisible"),
        ("/octobot merge \u202etnirp", "invisible"),
        ("/octobot `merge`", "formatted"),
        ("/octobot&#32;merge", "formatted"),
        ("/octobot&nbsp;merge", "formatted"),
        ("/octobot hold [x](https://example.org)", "formatted"),
        ("/octobot hold <https://example.org>", "formatted"),
        ("~~a\n/octobot merge\nb~~", "formatted"),
        ("*a\n/octobot merge\nb*", "formatted"),
        ("/octobot merge | a\n--|--", "formatted"),
        ("/octobot merge <!-- x -->", "html"),
        ("<details>a log</details>\n\n/octobot merge", "html"),
        ("A line<br>\n/octobot merge", "html"),
        ("<p align=center>x</p>\n\n/octobot merge", "html"),
        ("[^1]: a note\n/octobot merge", "footnote"),
        ("[^1]: /a-path\n/octobot merge", "footnote"),
        ("[^1]: a note\n\n    goes on\n/octobot merge", "footnote"),
        ("$$\n/octobot merge\n$$", "mathematics"),
        ("$$\n\n/octobot merge\n\n$$", "mathematics"),
        ("where $x\n/octobot merge\ny$ is", "mathematics"),
        ("/Octobot merge\n" + "x" * LONGEST, "long"),
    ],
)
def test_a_line_that_begins_with_the_name_is_answered_where_it_is_unclear(
    body: str, because: str
) -> None:
    """It is never a command, and never passed over."""
    assert spoken(body) == ()
    assert [one.unclear for one in addressed(body)] == [because]


@pytest.mark.parametrize(
    "body",
    [
        "> /octobot merge",
        "> x\n/octobot merge",
        "```\n/octobot merge\n```",
        "    /octobot merge",
        "a `\n/octobot merge\n` b",
        "<!-- /octobot merge -->",
        "<!--\n\n/octobot merge\n\n-->",
        "<blockquote>\n\n/octobot merge\n\n</blockquote>",
        "<details><summary>x</summary>\n\n/octobot merge\n\n</details>",
        "<pre>\n/octobot merge\n</pre>",
        "foo <del>\n\n/octobot merge",
        "- /octobot merge",
        "\\/octobot merge",
        "&#47;octobot merge",
        "[/octobot merge](https://example.org)",
        "say /octobot merge",
        "/\u043ectobot merge",
        "\uff0foctobot merge",
        "$`\n/octobot merge\n`$",
    ],
)
def test_quoted_hidden_or_code_it_is_said_to_nobody(body: str) -> None:
    """Not even an answer follows."""
    assert addressed(body, "octobot") == ()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@tidy hold x", ("hold", "x")),
        ("@Tidy[bot] hold x", ("hold", "x")),
        ("Thanks!\n@tidy, hold x", ("hold", "x")),
        ("@tidy: hold x", ("hold", "x")),
        ("@tidy\u00a0hold x", ("hold", "x")),
        ("@tidy", ("",)),
        ("cc @tidy hold x", None),
        ("@tidy-up hold x", None),
        ("@tidy/people hold x", None),
        ("@tidy's hold x", None),
        ("@octobot hold x", None),
        ("> @tidy hold x", None),
        ("`@tidy hold x`", None),
        ("- @tidy hold x", None),
    ],
)
def test_the_apps_own_mention_begins_a_command_too(
    body: str, found: tuple[str, ...] | None
) -> None:
    """By the App's slug, with or without `[bot]`; other names and places are not meant."""
    wanted = () if found is None else (Spoken(found[0], found[1:]),)
    assert addressed(body, "tidy") == wanted


def test_a_mention_that_was_disarmed_is_no_command() -> None:
    """Bots part mentions by a character that is not seen."""
    assert spoken("@\u200btidy merge", "tidy") == ()


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

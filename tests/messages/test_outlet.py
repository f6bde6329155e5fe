import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from octobot.messages.cleaning import clean
from octobot.messages.outlet import LIMIT, code, fenced, inert, joined, legible, link, plain
from octobot.messages.terminal import inert as terminal_inert

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
"""HTML is on, so that what would be HTML on GitHub is seen as such here."""

LIVELY = re.compile(
    r"""(?:^|[^\w`])@[a-z0-9]                 # a mention
    | [a-z0-9._+-]@[a-z0-9]                    # an e-mail address
    | \#[0-9] | \bGH-[0-9]                     # an issue
    | https?:/ | ftp:/ | \bwww\. | mailto: | xmpp:   # an address
    | \b[0-9a-f]{7,40}\b                       # a commit
    | \$[^$]+\$                                # mathematics
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What GitHub's filters look for in the text that Markdown leaves, at their most eager."""

HOSTILE = [
    "@team please merge",
    "&#64;team and &commat;team and &amp;#64;team",
    "&#6\u200b4;team",
    "mail me@example.org or <me@example.org>",
    "fixes #1, GH-2, owner/repo#3, owner/repo@abcdef1234567",
    "see https://evil.example/x?a=b and http://x www.evil.example ftp://x mailto:a@b.c",
    "[click](https://evil.example) ![img](https://evil.example/i.png) <img src=x onerror=y>",
    "[click][1]\n\n[1]: https://evil.example 'title'",
    "<script>alert(1)</script> <!-- hidden --> </details> <a href=x>",
    "```suggestion\nrm -rf /\n```",
    "~~~suggestion\nx\n~~~",
    "`code` ``co`de`` \\` \\",
    "- [ ] task\n- [x] done\n1. list\n1) list\n+ list\n* list",
    "# heading\n=====\n-----\n> quote\n    code",
    "a | b | c\n|---|---|\n| x | y |",
    "*b* **b** _i_ __b__ ~~s~~ ***",
    "\u202eevil\u202c \u200b\u200d\ufeff \x1b[31mred\x1b[0m \x00\x07\x08",
    "$x$ $$y$$ ${{package.version}}/${{vars.a}} $`z`$",
    "commit 71c2ab509a8628dbbad4bc7b3f98a64aa90d3297 and 71c2ab5",
    "data:image/png;base64,AAAA javascript:alert(1)",
    "word`https://evil.example`word|@team|#1",
    "[^1] [^1]: note",
    "|@a|",
    "]:",
    "x]: y",
    "[x]: y 'z'",
    "]:/",
    "]:/x](y)",
    "@a]: https://evil.example",
    "www.]:",
    "[^x]: @y",
    "](https://evil.example)",
    "![",
    "wow!",
    "\u200b",
    "`@a",
    "1.",
    "-",
    "=",
    "",
]

PIECES = st.sampled_from(
    [
        *HOSTILE,
        *"@#`|[]()<>!*_~:\\&$-+=.1a^/ \n\t\"'",
        "]:",
        "&#64;",
        "https://",
        "://",
        "www.",
        "GH-",
        "\u200b",
    ]
)
TEXT = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3))).map("".join))


def nodes(markdown: str) -> list[Token]:
    """Render and flatten; inline tokens follow their block."""
    flat: list[Token] = []
    for token in MARKDOWN.parse(markdown):
        flat += [token, *(token.children or [])]
    return flat


def kinds(markdown: str) -> set[str]:
    """Name the kinds of nodes, leaving out those of plain paragraphs."""
    return {token.type for token in nodes(markdown)} - {"inline", "text"}


def lively(markdown: str) -> list[str]:
    """Find what GitHub would turn into something in the rendered text outside code."""
    text = "".join(
        token.content if token.type == "text" else "`"
        for token in nodes(markdown)
        if token.type != "inline"
    )
    return [found[0] for found in LIVELY.finditer(text)]


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_inert_text_is_one_paragraph_of_words(text: str) -> None:
    """No link, image, HTML, list, heading, quote, table or emphasis; nothing GitHub would link."""
    for said in (inert(text), legible(text)):
        assert kinds(said) <= {"paragraph_open", "paragraph_close", "code_inline"}
        assert not lively(said)
        assert "\n" not in said
        assert said == clean(said)


@pytest.mark.parametrize("text", HOSTILE)
def test_known_tricks_are_inert(text: str) -> None:
    """Each trick alone, and with a word before and after it."""
    for tried in (text, f"a {text} b", f"a{text}b", text * 3):
        for said in (inert(tried), legible(tried)):
            assert kinds(said) <= {"paragraph_open", "paragraph_close", "code_inline"}
            assert not lively(said)


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_legible_text_shows_every_visible_word_without_a_backslash_of_octobots(text: str) -> None:
    """Only what the text itself has is left, and only inside a code span."""
    said = legible(text)
    outside = re.sub(r"`[^`]*`", "", said)
    assert "\\" not in outside
    assert said.count("\\") <= text.count("\\") + text.count("&")


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_inert_text_keeps_its_place_in_a_table_a_list_and_a_link(text: str) -> None:
    """Whatever the words, the table keeps its cells and the link its one address."""
    for said in (inert(text), legible(text), code(text)):
        table = nodes(f"| a | b |\n|---|---|\n| {said} | x |")
        assert [t.type for t in table].count("td_open") == 2
        assert [t.type for t in table].count("tr_open") == 2
        linked = [
            t for t in nodes(link(said or "x", "https://ours.example")) if t.type == "link_open"
        ]
        assert [t.attrs["href"] for t in linked] == ["https://ours.example"]
        bold = [t.type for t in nodes(f"- **x {said} y**")]
        assert bold.count("strong_open") == 1
        assert bold.count("list_item_open") == 1


OURS = "https://ours.example/x"
AROUND = [
    "{link}",
    "{link}: y",
    "{text}{link}",
    "{text} {link}",
    "{link}{text}",
    "{link} {text}",
    "{text}\n{link}\n{text}",
    "- {link}\n- {text}\n- {link}",
    "> {link}{text}",
    "1. {text}{link}",
    "### {link} in {text}",
    "{fence}\n{link}\n\n{fence}",
    "| a | b |\n|---|---|\n| {link} | {text} |",
]
"""Where a link of ours may stand; the words in it are foreign, and so is what is beside it."""


def meddled(text: str) -> list[tuple[str, str]]:
    """Return the places in which a link of octobot is not exactly what it should be."""
    found: list[tuple[str, str]] = []
    for said in (
        *(inert(text), legible(text), code(text)),
        *(f"{inert(text)} {code(text)}", code(text) + inert(text), f"{legible(text)} {code(text)}"),
    ):
        for place in AROUND:
            shown = place.format(link=link(said, OURS), text=said, fence=fenced(text))
            env: dict[str, object] = {}
            MARKDOWN.parse(shown, env)
            read = [token for token in nodes(shown) if token.type in {"link_open", "image"}]
            ours = [str(token.attrs.get("href")) for token in read] == [OURS] * place.count(
                "{link}"
            )
            if not ours or env.get("references"):
                found.append((place, shown))
    return found


@settings(max_examples=100)
@given(TEXT)
@example("]:")
@example("x]: y")
@example("]:/")
@example("www.]:")
@example("[]:/x")
@example("@x]:/](z)")
def test_octobots_links_stay_intact_whatever_is_in_and_around_them(text: str) -> None:
    """One address each, no link beside them, and nothing defines one (`[x]: y`) for later."""
    assert meddled(text) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_known_tricks_leave_our_links_alone(text: str) -> None:
    """Each alone, doubled, and with a word before and after it."""
    for tried in (text, text * 2, f"a {text} b", f"a{text}b"):
        assert meddled(tried) == []


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_code_is_one_code_span_or_inert(text: str) -> None:
    """Names and versions are in a code span, where GitHub leaves text alone."""
    said = code(text)
    assert kinds(said) <= {"paragraph_open", "paragraph_close", "code_inline"}
    assert not lively(said)


@settings(max_examples=100, deadline=None)
@given(TEXT)
@example("```\n@team\n````suggestion\nx\n")
@example("`" * 50)
def test_a_fence_holds_whatever_is_in_it(text: str) -> None:
    """One code block and nothing after it; the content is the cleaned text."""
    blocks = MARKDOWN.parse(f"before\n\n{fenced(text, 'text')}\n\nafter")
    assert [b.type for b in blocks if not b.type.startswith(("paragraph", "inline"))] == ["fence"]
    fence = next(b for b in blocks if b.type == "fence")
    assert fence.info == "text"
    assert fence.content.strip("\n") == clean(text).strip("\n")


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_plain_text_refers_to_nothing(text: str) -> None:
    """Titles and commit messages are not Markdown, but GitHub looks for references in them."""
    said = plain(text)
    assert not re.search(r"@[\w]|#[0-9]|\bGH-[0-9]|:/|\bwww\.", said, re.IGNORECASE | re.ASCII)
    assert "\n" not in said


def test_people_can_still_read_and_copy_it() -> None:
    """Inert is not illegible."""
    assert inert("tag v1.2 was seen") == "tag v1.2 was seen"
    assert inert("see https://x.example/y.") == "see `https://x.example/y`."
    assert inert("(@team, #12)") == "(`@team`, `#12`)"
    assert inert("${{package.version}}") == "`${{package.version}}`"
    assert inert("a_b * c") == "a\\_b \\* c"
    assert inert("- 1") == "\\- 1"
    assert inert("12. x") == "12\\. x"
    assert inert("checks-succeeded, defaced") == "checks-succeeded, `defaced`"
    assert legible("tag v1.2 was seen: (build) ok") == "tag v1.2 was seen: (build) ok"
    assert legible("a_b * c, 09:30: x:y") == "`a_b` `*` c, 09:30: `x:y`"
    assert legible("- 1") == "&#45; 1"
    assert legible("12. x") == "12&#46; x"
    assert legible("a|@b") == "a&#124;@&#8203;b"
    assert legible("(@team, #12) or [x]") == "(`@team`, `#12`) or `[x]`"
    assert inert("a|@b") == "a\\|@&#8203;b"
    assert code("1.2.3-r4") == "`1.2.3-r4`"
    assert code("a`b") == "a\\`b"
    assert fenced("a\tb") == "```\na b\n```"
    assert plain("curl/8.1 for @team") == "curl/8.1 for @\u200bteam"


def test_texts_have_an_end() -> None:
    """Each outlet cuts visibly, and a whole message stays under GitHub's limit."""
    assert inert("x" * 900, limit=10) == "x" * 9 + "…"
    assert len(fenced("x" * 90_000)) < 20_100
    message = joined("first", *[fenced("x" * 15_000)] * 10)
    assert len(message) <= LIMIT
    assert message.endswith("_The rest was too long to be shown here._\n")
    assert message.count("```") == 6
    assert joined("x" * 70_000) == "_The rest was too long to be shown here._\n"
    assert joined("a", "", "b") == "a\n\nb\n"


def test_our_links_are_encoded() -> None:
    """A hostile tag name cannot leave its place in the address."""
    made = link("x", "https://github.com/o/r", "releases", "tag", "v1) [y](https://evil.example")
    (opened,) = [t for t in nodes(made) if t.type == "link_open"]
    assert str(opened.attrs["href"]).startswith("https://github.com/o/r/releases/tag/v1%29%20")


@pytest.mark.parametrize("piece", [".", "..", ""])
def test_octobots_links_never_lead_up(piece: str) -> None:
    """A browser takes `..` for the folder above, encoded or not: the words stay, without a link."""
    assert link("x", "https://github.com/o/r", "releases", piece, "y") == "x"


def test_octobots_links_can_always_be_made_and_seen() -> None:
    """Of bytes that are no text, and of words that show nothing."""
    assert link("x", "https://ours.example", "v\udcff1").startswith("[x](https://ours.example/v%")
    assert link(code("\u200b"), "https://ours.example") == "[\u2026](https://ours.example)"


@settings(max_examples=100, deadline=None)
@given(st.text())
@example("\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\x\r\nnext")
def test_terminals_get_one_line_of_visible_characters(text: str) -> None:
    """Nothing moves the cursor, sets a title or reorders the words."""
    said = terminal_inert(text)
    assert said.isprintable()
    assert "\x1b" not in said


def test_escape_sequences_go_whole() -> None:
    """No `[31m` litter is left of a colour."""
    assert terminal_inert("\x1b[31mred\x1b[0m \x1b]0;t\x07x") == "red x"

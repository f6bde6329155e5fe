"""`octobot docs`: the manual, set for a terminal, or as Markdown where the output is piped."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar

import click
from click.shell_completion import CompletionItem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, TableElement
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from octobot.model.errors import UserError

MANUAL = Path(__file__).parent.parent / "docs"
"""The pages; they are shipped in the package."""

GUIDES = ("maintainer", "operator", "safety", "architecture", "contributing")
"""The pages to read, in the order of the list; the others, to look things up, follow by name."""

ALIKE = 0.5
"""How much a word must look like a topic to be taken for a typing error."""

WIDEST = 100
"""Columns of prose on a wide terminal."""

PLAIN = Theme({"markdown.code": "bold cyan"})
"""Rich's own style paints black behind each word of code, also on a white terminal."""

LONGEST_NAME = 34
"""Columns of a table's names that stay on one line, beside 40 for their meaning."""

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_DIAGRAM = re.compile(r"<!-- diagram\n(.*?)\n-->\n+```mermaid\n.*?\n```", re.DOTALL)
_COMMENT = re.compile(r"^ *<!-- .*? -->\n", re.MULTILINE)


def _complete(
    _context: click.Context, _parameter: click.Parameter, word: str
) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=summary(page))
        for name, page in topics().items()
        if name.startswith(word)
    ]


class _WholeNames(TableElement):
    """A table whose names are not cut: rich alone ends what is too wide with `…`."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                cells = [cell for cell in table.columns[0].cells if isinstance(cell, Text)]
                widest = max((len(cell.plain) for cell in cells), default=0)
                table.columns[0].no_wrap = widest <= LONGEST_NAME
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Page(Markdown):
    elements: ClassVar = {**Markdown.elements, "table_open": _WholeNames}


@click.command("docs")
@click.argument("topic", required=False, shell_complete=_complete)
def command(topic: str | None) -> None:
    """Read the manual: list its topics, or print one.

    On a terminal a page is set with headings and tables; elsewhere its Markdown is printed as it
    is: `octobot docs operator | less`, `octobot docs settings > settings.md`.
    """
    if topic is None:
        click.echo("\n".join(_listed()))
        return
    page = topics().get(topic.lower().removesuffix(".md"))
    if page is None:
        raise UserError(f"there is no topic {topic!r}; {_remedy(topic)}")
    text = page.read_text("utf-8")
    console = Console(highlight=False, theme=PLAIN)
    if console.is_terminal:
        shown = _Page(for_terminal(text), code_theme="ansi_dark", hyperlinks=False)
        console.print(shown, width=min(console.width, WIDEST))
    else:
        click.echo(text, nl=False)


def topics() -> Mapping[str, Path]:
    """Return every page by its short name, the guides first."""
    guides = [MANUAL / f"{name}.md" for name in GUIDES]
    return {page.stem: page for page in (*guides, *sorted((MANUAL / "reference").glob("*.md")))}


def summary(page: Path) -> str:
    """Return the line below a page's title, which says what the page is about."""
    return page.read_text("utf-8").split("\n\n", maxsplit=2)[1]


def for_terminal(text: str) -> str:
    """Return a page's Markdown without what only a browser shows: comments, links, diagrams.

    A diagram has its drawing in characters in a comment before it.  A link to another page becomes
    the command that prints that page.
    """
    text = _DIAGRAM.sub(lambda found: f"```text\n{found[1]}\n```", text)
    return _LINK.sub(_link, _COMMENT.sub("", text))


def _link(found: re.Match[str]) -> str:
    words, target = found[1], found[2]
    if "://" in target:
        return found[0]
    page, _, _ = target.partition("#")
    name = Path(page).name.removesuffix(".md")
    return f"{words} (`octobot docs {name}`)" if name in topics() else words


def _listed() -> list[str]:
    pages = topics()
    width = max(map(len, pages))
    lines = [f"{name:<{width}}  {summary(page)}" for name, page in pages.items()]
    return [*lines, "", "`octobot docs TOPIC` prints one of them."]


def _remedy(topic: str) -> str:
    near = get_close_matches(topic.lower(), topics(), n=1, cutoff=ALIKE)
    return f"did you mean {near[0]}?" if near else f"the topics are {', '.join(topics())}"

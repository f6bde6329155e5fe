"""What the demo shows: every package on its way, live on a terminal, as lines elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from octobot.messages.terminal import inert
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.specs.read.package import read

STYLES = {
    ReasonCode.MERGED: "green",
    ReasonCode.UP_TO_DATE: "dim",
    ReasonCode.NOT_LOOKED_YET: "dim",
    ReasonCode.CHECKS_FAILED: "red",
    ReasonCode.TAG_MOVED: "bold red",
    ReasonCode.MINIMUM_RELEASE_AGE: "yellow",
    ReasonCode.CHECKS_PENDING: "cyan",
    ReasonCode.UPDATE_FOUND: "cyan",
    ReasonCode.INTERNAL_ERROR: "bold red",
}

ROWS_SHOWN = 40
"""Of a large distro the live table shows those that changed last."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one package ended, and how it should have."""

    package: str
    before: str
    after: str
    reason: str
    code: ReasonCode
    expected: str
    """Empty when nothing particular was expected."""
    fine: bool


class View:
    """The packages as they were last seen, and the news as they came."""

    def __init__(self, console: Console, *, live: bool) -> None:
        self._console = console
        self._rows: dict[str, Row] = {}
        self._news: list[str] = []
        self._live = Live(console=console, refresh_per_second=4, transient=True) if live else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def say(self, text: str) -> None:
        """Show a piece of news."""
        self._news.append(text)
        if self._live:
            self._live.update(self._table())
        else:
            self._console.print(Text(f"* {inert(text)}"))

    def show(self, rows: Sequence[Row]) -> None:
        """Show where the packages are now."""
        for row in rows:
            old = self._rows.pop(row.key.package, None)
            if old and old.reason == row.reason:
                self._rows = {row.key.package: old, **self._rows}
                continue
            self._rows[row.key.package] = row
            if not self._live and row.reason.code is not ReasonCode.NOT_LOOKED_YET:
                self._console.print(_line(row), soft_wrap=True)
        if self._live:
            self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, expand=False)
        for title in ("package", "spec", "newest", "where it is"):
            table.add_column(title, no_wrap=True)
        last = list(self._rows.values())[-ROWS_SHOWN:]
        for row in sorted(last, key=lambda row: row.key.package):
            table.add_row(*_cells(row))
        table.caption = self._news[-1] if self._news else None
        return table


def endings(rows: Sequence[Ending]) -> Table:
    """Make the table of what happened and why."""
    table = Table(box=None)
    for title in ("package", "was", "is", "why"):
        table.add_column(title, overflow="fold")
    if any(row.expected for row in rows):
        table.add_column("as expected")
    for row in rows:
        cells = [Text(row.package), Text(row.before), Text(row.after)]
        cells.append(Text(inert(row.reason, limit=120), style=STYLES.get(row.code, "")))
        if row.expected:
            cells.append(Text("yes") if row.fine else Text(f"NO: {row.expected}", style="bold red"))
        table.add_row(*cells)
    return table


def missing(lacked: Mapping[str, tuple[str, ...]]) -> Text:
    """Say what was not there when patience ended; nothing when all was."""
    lines = [f"missing: {name}: {each}" for name in sorted(lacked) for each in lacked[name]]
    return Text("\n".join(map(inert, lines)), style="bold red", end="\n" if lines else "")


def _line(row: Row) -> Text:
    package, version, newest, where = _cells(row)
    line = Text.assemble(package, " ", version)
    if newest.plain and newest.plain != version.plain:
        line.append(f" → {newest.plain}")
    return line.append(": ").append_text(where)


def _cells(row: Row) -> tuple[Text, Text, Text, Text]:
    package = read(row.path, row.text)
    return (
        Text(row.key.package),
        Text(package.version if isinstance(package, Package) else "?"),
        Text(row.target.version if row.target else ""),
        Text(inert(str(row.reason), limit=100), style=STYLES.get(row.reason.code, "")),
    )

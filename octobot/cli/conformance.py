"""`octobot conformance OWNER/SCRATCH`: whether GitHub behaves as octobot expects."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from octobot.app.environment import settings_with_logs
from octobot.app.signing import signer_of
from octobot.github.app.app import App
from octobot.github.conformance.conformance import TRIALS, conform
from octobot.github.conformance.trial import Result, Row
from octobot.github.transport.request import open_http
from octobot.messages.terminal import inert
from octobot.model.ids import Repository
from octobot.settings import Settings

_STYLES: Mapping[Result, str] = {"same": "green", "differs": "bold red", "skipped": "dim"}
_PUBLIC = ("git/git", "curl/curl", "python/cpython", "openssl/openssl", "golang/go")
"""Large and small lists of tags, there for as long as GitHub."""
_VERSION = 1
"""Of the JSON."""


@click.command("conformance")
@click.argument("repository")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for a report.")
@click.option(
    "--public",
    multiple=True,
    metavar="OWNER/NAME",
    help="A public repository for large queries; may be repeated.  Default: five known ones.",
)
def command(repository: str, *, as_json: bool, public: tuple[str, ...]) -> None:
    """Check that GitHub behaves as octobot expects.

    Plays every call that octobot knows once on an empty repository with `scratch` in its name, on
    which the App is installed: branches, signed commits, pull requests, check runs, comments,
    labels, merges in every way that is allowed, limits.  It cleans up.  A repository with commits
    of others is not touched.  Exit status 1 when something differs, 2 when nothing was played.
    """
    name = str(_named(repository, "REPOSITORY"))
    others = [_named(one, "--public") for one in public or _PUBLIC]
    rows = asyncio.run(_rows(settings_with_logs(quiet=True), name, others, quiet=as_json))
    if as_json:
        shown = {"version": _VERSION, "repository": repository, "rows": [*map(asdict, rows)]}
        click.echo(json.dumps(shown, indent=2))
    else:
        report(rows, Console())
    sys.exit(1 if any(row.result == "differs" for row in rows) else 0)


def _named(name: str, hint: str) -> Repository:
    try:
        return Repository.parse(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=hint) from error


async def _rows(
    settings: Settings, name: str, public: list[Repository], *, quiet: bool
) -> list[Row]:
    identity, rows = settings.require_app(), []
    async with open_http() as session:
        signer = signer_of(identity, session)
        app = App(session, base_url=settings.github_url, issuer=str(identity.id), signer=signer)
        async with aclosing(conform(app, name, public)) as trials:
            async for row in trials:
                rows.append(row)
                if not quiet and sys.stderr.isatty():
                    click.echo(f"\r{len(rows)} of {len(TRIALS)}", err=True, nl=False)
    if not quiet and sys.stderr.isatty():
        click.echo("\r", err=True, nl=False)
    return rows


def report(rows: Sequence[Row], console: Console) -> None:
    """Print a table that is as wide as the terminal, and below it what each difference means."""
    table = Table(box=None)
    for name in ("call", "expected", "seen", ""):
        table.add_column(name, overflow="fold")
    for row in rows:
        result = Text(row.result, style=_STYLES[row.result])
        table.add_row(row.call, row.expected, Text(inert(row.seen)), result)
    console.print(table)
    for row in rows:
        if row.result == "differs":
            console.print(Text(f"{row.call}: {row.means}"))
    counts = Counter(row.result for row in rows)
    console.print(", ".join(f"{counts[each]} {each}" for each in _STYLES))

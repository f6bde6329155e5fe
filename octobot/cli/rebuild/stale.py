"""`octobot rebuild stale`: the forgotten rebuilds of a distro; offline."""

import json
import sys
from pathlib import Path

import click

from octobot.cli.rebuild.index import reads_index
from octobot.cli.rebuild.source import FORM, distro_of, raised_in, reads_distro, rows
from octobot.specs.graph.index import Index
from octobot.specs.rebuild.stale import Age, stale

CURRENT, STALE, UNKNOWN = 0, 1, 3
"""Exit statuses; 2 is a wrong call or setup."""


@click.command("stale")
@reads_distro
@reads_index
def command(
    source: Path,
    *,
    revision: str | None,
    index: Index | None,
    as_json: bool,
) -> None:
    """List specs that were not raised since their toolchain or library changed.

    PATH is a directory of a git repository, whose history decides.  Toolchains are the specs with
    the annotation `toolchain: true`, libraries those with `shared: true`; with an index of built
    packages, specs are listed as well that are linked with a library which is gone.  Exit status 1
    when a rebuild was forgotten, 3 when none was found but a spec cannot be read.
    """
    distro, _ = distro_of(source, revision)
    ages = {
        name: Age(version=each.version_age, epoch=each.epoch_age)
        for name, each in raised_in(source, revision or "HEAD").items()
    }
    found = stale(distro.graph, ages, index)
    if as_json:
        listed = [{"spec": e.spec, "because": e.because, "why": e.why} for e in found]
        unreadable = {path: str(reason) for path, reason in distro.unreadable.items()}
        document = {"version": FORM, "stale": listed, "unreadable": unreadable}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(rows([(each.spec, each.why) for each in found]), nl=False)
        click.echo(f"forgotten rebuilds: {len(found)}", err=True)
    if found:
        sys.exit(STALE)
    sys.exit(UNKNOWN if distro.unreadable else CURRENT)

"""`octobot rebuild plan`: what a merge rebuilds, in which order; offline."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from octobot.cli.config.file import read as read_config_file
from octobot.cli.rebuild.index import reads_index
from octobot.cli.rebuild.source import FORM, distro_of, plural, raised_in, reads_distro, rows
from octobot.messages.terminal import inert
from octobot.model.config import Config, ConfigFile
from octobot.model.ids import Sha
from octobot.model.rebuild import Plan, Rebuild, UnknownTriggerError
from octobot.policy.config.join import join, read_file
from octobot.policy.config.read import PATH, for_package
from octobot.policy.config.scalars import Faults
from octobot.specs.graph.distro import Distro
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import Index
from octobot.specs.rebuild.plan import may_be_missing, plan, read_trigger
from octobot.specs.rebuild.triggers.selection import Known

DONE, UNKNOWN = 0, 3
"""Exit statuses; 2 is a wrong call or setup."""
_NO_BLOB = Sha("0" * 40)


@click.command("plan")
@reads_distro
@click.option(
    "--trigger",
    "text",
    required=True,
    metavar="TRIGGER",
    help="NAME, NAME=OLD..NEW, soname:LIB.so.N, stream:[OLD..]NEW, pipeline:NAME, users-of:NAME"
    " or a glob over specs.",
)
@click.option(
    "--since",
    metavar="COMMIT",
    help="The commit of the trigger: specs that were raised since are skipped.",
)
@reads_index
def command(
    source: Path,
    text: str,
    *,
    revision: str | None,
    since: str | None,
    index: Index | None,
    as_json: bool,
) -> None:
    """List what must be rebuilt behind a merge, in levels, and why.

    Works offline on a directory, a tarball or a revision of a git repository.  What is skipped is
    listed with the reason, and so are names that no spec provides.  Exit status 3 when the trigger
    is not there or cannot be read, or when a spec that may be on the plan cannot be read.
    """
    distro, files = distro_of(source, revision)
    raised = raised_in(source, f"{since}..{revision or 'HEAD'}") if since else {}
    known = replace(
        _known(distro, _config(source, revision, files)),
        index=index,
        raised={name: f"in {each.commit[:12]}" for name, each in raised.items() if each.epoch_age},
    )
    try:
        made = plan(distro.graph, read_trigger(text, distro.graph), known)
    except UnknownTriggerError as error:
        click.echo(inert(f"octobot: {error}"), err=True)
        sys.exit(UNKNOWN)
    texts = {path: files[path] for path in distro.unreadable}
    missing = may_be_missing(distro.graph, made, texts)
    click.echo(_json(made, distro, missing) if as_json else _text(made, distro.graph), nl=False)
    for path in missing:
        click.echo(inert(f"may be on the plan: {distro.unreadable[path]}"), err=True)
    sys.exit(UNKNOWN if missing else DONE)


def _known(distro: Distro, config: Config) -> Known:
    """Return what the repository's file says: toolchains and holds."""
    held = ((name, for_package(config, name).hold) for name in distro.graph.specs)
    return Known(
        toolchains={each.name: each.packages for each in config.rebuild.toolchains},
        held={name: hold for name, hold in held if hold is not None},
    )


def _config(source: Path, revision: str | None, files: Mapping[str, str]) -> Config:
    """Read the repository's own file, where there is one, and it is without errors."""
    if revision is not None:
        file = ConfigFile(PATH, _NO_BLOB, files[PATH]) if PATH in files else None
    else:
        file = read_config_file(str(source)) if source.is_dir() else None
    values = read_file(file) if file else {}
    if isinstance(values, Faults):
        click.echo(f"{source}: its octobot.yaml has errors, and is not respected", err=True)
        return Config()
    return join([values])


def _text(made: Plan, graph: Graph) -> str:
    lines = [f"{inert(str(made.trigger))}: {plural(made.count, 'rebuild')} in "]
    lines[0] += plural(len(made.levels), "level")
    if not made.certain:
        lines.append("from specs, may be more than needed; an index of built packages knows it")
    for number, level in enumerate(made.levels, 1):
        lines.append(f"\nlevel {number}: {len(level)}\n{_rows(level)}")
    if made.skipped:
        lines.append(f"\nskipped: {len(made.skipped)}\n{_rows(made.skipped)}")
    lines.append(f"\nnames that nothing provides: {sum(map(len, graph.unresolved.values()))}")
    for kind, names in graph.unresolved.items():
        lines += [f"  {kind}: {inert(' '.join(names), limit=20_000)}"] if names else []
    return "".join(f"{line}\n" for line in lines)


def _rows(specs: Sequence[Rebuild]) -> str:
    return rows([(f"  {each.spec}", each.why) for each in specs]).rstrip("\n")


def _json(made: Plan, distro: Distro, missing: Sequence[str]) -> str:
    trigger = made.trigger
    document = {
        "version": FORM,
        "trigger": {
            "kind": trigger.kind.value,
            "name": trigger.name,
            "old": trigger.old,
            "new": trigger.new,
        },
        "count": made.count,
        "certain": made.certain,
        "levels": [[{"spec": e.spec, "why": e.why} for e in level] for level in made.levels],
        "skipped": [{"spec": each.spec, "why": each.why} for each in made.skipped],
        "unresolved": distro.graph.unresolved,
        "unknown_pipelines": distro.unknown_pipelines,
        "unreadable": {path: str(reason) for path, reason in distro.unreadable.items()},
        "may_be_missing": list(missing),
    }
    return json.dumps(document, indent=2) + "\n"

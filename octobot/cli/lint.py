"""`octobot lint`: what is wrong or doubtful in the update blocks of specs on a disk."""

import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from octobot.cli.lint_formats import FORMATS, Format, line, summary, written
from octobot.cli.specs_on_disk import NAMES, SPECS, folder_of, read_specs, replace_text
from octobot.specs.lint.fix import fix
from octobot.specs.lint.lint import Finding
from octobot.specs.lint.lint import lint as look
from octobot.specs.lint.rules import RULES, Rule

Wanted = Callable[[Rule], bool]

NAMES_OF_RULES = [rule.name for rule in RULES]


class RuleNames(click.ParamType[tuple[str, ...]]):
    """Names of rules, separated by commas."""

    name = "rules"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names; an unknown one is an error that says which name may be meant."""
        names = tuple(name.strip() for name in value.split(",") if name.strip())
        for name in names:
            if name not in NAMES_OF_RULES:
                meant = get_close_matches(name, NAMES_OF_RULES, n=1)
                hint = f"; did you mean {meant[0]}?" if meant else ""
                self.fail(f"there is no rule {name!r}{hint}", param, ctx)
        return names

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  (click's own signature)
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Complete the last of the names."""
        before, comma, last = incomplete.rpartition(",")
        return [
            CompletionItem(f"{before}{comma}{name}")
            for name in NAMES_OF_RULES
            if name.startswith(last)
        ]


@click.command("lint")
@SPECS
@NAMES
@click.option(
    "--select",
    type=RuleNames(),
    multiple=True,
    metavar="RULE,...",
    help="Only these rules; `octobot docs lint` lists them.",
)
@click.option(
    "--ignore",
    type=RuleNames(),
    multiple=True,
    metavar="RULE,...",
    help="All rules but these.",
)
@click.option("--fix", "correct", is_flag=True, help="Correct what needs no judgement, in place.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
def command(
    source: Path,
    names: tuple[str, ...],
    *,
    select: Sequence[Sequence[str]],
    ignore: Sequence[Sequence[str]],
    correct: bool,
    form: Format,
) -> None:
    """List problems in the update blocks of specs.

    Works offline.  Each finding has its file and line, a severity, the rule's name and a remedy.
    Exit status 1 when there is an error or a warning; notes do not count.
    """
    wanted = _wanted(select, ignore)
    if correct:
        corrected(source, names, wanted, quiet=form != "text")
    sys.exit(1 if lint(source, names, wanted, form) else 0)


def lint(source: Path, names: Sequence[str], wanted: Wanted, form: Format) -> bool:
    """Print every finding; return whether one is an error or a warning."""
    specs = read_specs(source, names)
    found: list[Finding] = [
        finding
        for path, text in sorted(specs.items())
        for finding in look(path, text)
        if wanted(finding.rule)
    ]
    click.echo(written(found, form, folder_of(source)), nl=False)
    click.echo(summary(len(specs), found), err=True)
    return any(finding.rule.severity != "note" for finding in found)


def corrected(source: Path, names: Sequence[str], wanted: Wanted, *, quiet: bool) -> None:
    """Correct specs in place, each file atomically, and print what was corrected.

    `quiet`: on standard error, for standard output is for other programs.
    """
    folder = folder_of(source)
    for path, text in sorted(read_specs(source, names).items()):
        if not any(wanted(finding.rule) and finding.rule.fixable for finding in look(path, text)):
            continue
        new, made = fix(path, text, wanted)
        if made:
            replace_text(folder / path, new)
        for each in made:
            click.echo(line(each, folder), err=quiet)


def _wanted(select: Sequence[Sequence[str]], ignore: Sequence[Sequence[str]]) -> Wanted:
    chosen = {name for names in select for name in names} or set(NAMES_OF_RULES)
    left_out = {name for names in ignore for name in names}
    return lambda rule: rule.name in chosen - left_out

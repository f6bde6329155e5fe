"""The manual's tables and the shipped schema, made from the code; as a script it writes both."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import click
import yaml

from octobot.__main__ import cli
from octobot.cli.group import Listed
from octobot.commands.table import TABLE as SLASH_COMMANDS
from octobot.datasources.table import TABLE
from octobot.model.orders import COMMANDS
from octobot.model.reasons import MEANING
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.keys import KEYS, PACKAGE_KEYS, schema
from octobot.policy.config.mappings import Key
from octobot.specs.lint.rules import RULES
from octobot.triage.providers.table import TABLE as PROVIDERS
from octobot.variables import VARIABLES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MANUAL = ROOT / "octobot/docs"
"""Travels with the package; `octobot docs` prints its pages."""
SCHEMA = ROOT / "octobot/policy/octobot.schema.json"
"""Travels with the package, for editors."""

PLACE = re.compile(r"( *)<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)

WHY: Mapping[str, str] = {
    "actions": "the logs of failed checks; running again, once, what the network broke",
    "checks": "the check run `octobot` with the verdict; the results of the required checks",
    "contents": "one commit on a branch of octobot's own, the merge, reading specs",
    "issues": "the issue of a manual bump or of a moved tag; answers to slash commands",
    "metadata": "rulesets, and who may do what: whose approval and whose commands count",
    "pull_requests": "opening, commenting and merging octobot's own pull requests",
    "statuses": "the results of checks that are posted as statuses",
}
"""Why the App wants each permission of `app.yaml`."""


def settings() -> str:
    """Make the table of environment variables."""
    rows = [
        (f"`{each.name}`", f"`{each.default}`" if each.default else "", each.meaning)
        for each in VARIABLES
    ]
    return _table(("variable", "default", "meaning"), rows)


def commands() -> str:
    """Make the table of commands."""
    context = click.Context(cli, info_name="octobot")
    rows = []
    for name, command in all_commands(cli):
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        first = (command.help or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
        rows.append(
            (f"`octobot {usage}`".replace("[OPTIONS] ", "").replace(" [OPTIONS]", ""), first)
        )
    return _table(("command", "what it does"), rows)


def all_commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Return every command, those of a group under both names; the group itself not."""
    for name, listed in listed_commands(group):
        yield name, listed.load()


def listed_commands(group: click.Group) -> Iterator[tuple[str, Listed]]:
    """Return the lines of the table of commands, those of a group under both names."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in listed_commands(command))
        elif isinstance(command, Listed):
            yield name, command


def slash_commands() -> str:
    """Return the table of slash commands, with the role each needs by default."""
    rows = [
        (f"`{_cell(each.usage)}`", f"`{COMMANDS[each.name]}`", _cell(each.summary))
        for each in SLASH_COMMANDS.values()
    ]
    return _table(("command", "needs", "what it does"), rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def permissions() -> str:
    """Make the table of the App's permissions; each must have its reason."""
    manifest = yaml.safe_load((ROOT / "app.yaml").read_text())
    granted: Mapping[str, str] = manifest["default_permissions"]
    rows = [(f"`{name}`", access, WHY[name]) for name, access in sorted(granted.items())]
    return _table(("permission", "access", "why"), rows)


def config() -> str:
    """Return the annotated example of the repository's file."""
    return f"```yaml\n{EXAMPLE.strip()}\n```"


def keys() -> str:
    """Make the table of the keys of the repository's file."""

    def rows(some: Sequence[Key], before: str = "") -> list[tuple[str, ...]]:
        return [(f"`{before}{key.name}`", key.default, key.meaning) for key in some]

    table = [*rows(KEYS), *rows(PACKAGE_KEYS, "packages[].")]
    return _table(("key", "default", "meaning"), table)


def datasources() -> str:
    """Make the table of datasources."""
    return _table(
        ("datasource", "what it asks"), [(f"`{name}`", TABLE[name].summary) for name in TABLE]
    )


def lint() -> str:
    """Make the table of lint rules."""
    rows = [
        (f"`{rule.name}`", rule.severity, rule.finds, rule.remedy, "yes" if rule.fixable else "")
        for rule in RULES
    ]
    return _table(("rule", "severity", "what it finds", "remedy", "`--fix`"), rows)


def providers() -> str:
    """Make the table of model services."""
    rows = [(f"`{name}`", each.summary, each.url) for name, each in PROVIDERS.items()]
    return _table(("provider", "what it asks", "where, unless set otherwise"), rows)


def reasons() -> str:
    """Make the table of reason codes."""
    return _table(
        ("code", "meaning"), [(f"`{code.value}`", meaning) for code, meaning in MEANING.items()]
    )


TABLES: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "commands": commands,
    "permissions": permissions,
    "slash_commands": slash_commands,
    "config": config,
    "keys": keys,
    "datasources": datasources,
    "lint": lint,
    "providers": providers,
    "reasons": reasons,
}


def pages() -> list[Path]:
    """Return the README and every page of the manual."""
    return [README, *sorted(MANUAL.rglob("*.md"))]


def fill(text: str) -> str:
    """Return a page's text with every table as the code has it now."""

    def one(place: re.Match[str]) -> str:
        indent, name = place[1], place[2]
        block = f"<!-- table: {name} -->\n{TABLES[name]()}\n<!-- end -->"
        return "\n".join(indent + line if line else line for line in block.split("\n"))

    return PLACE.sub(one, text)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def schema_text() -> str:
    """Return the schema of the repository's file as it is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    for page in pages():
        page.write_text(fill(page.read_text()))
    SCHEMA.write_text(schema_text())

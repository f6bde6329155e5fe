"""The law of the documents: the README says what the code does."""

import re
from pathlib import Path

import click
import pytest

from octobot.__main__ import cli
from octobot.cli.group import Listed
from octobot.model.reasons import MEANING, ReasonCode
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.read import read
from octobot.settings import VARIABLES, Settings
from tests.readme import (
    README,
    ROOT,
    SCHEMA,
    TABLES,
    all_commands,
    fill,
    listed_commands,
    schema_text,
)


def test_the_readme_has_every_table_as_the_code_has_it() -> None:
    """Settings, commands, permissions, datasources and reason codes are those of the code.

    When red: `python tests/readme.py` writes them.
    """
    text = README.read_text()
    assert fill(text) == text
    assert all(f"<!-- table: {name} -->" in text for name in TABLES)


def test_every_reason_code_has_a_meaning() -> None:
    """No reason code is without its sentence."""
    assert set(MEANING) == set(ReasonCode)


def test_the_readmes_example_is_a_valid_file() -> None:
    """The annotated example of the repository's file can be read."""
    assert type(read(EXAMPLE)).__name__ == "Config"


def test_the_shipped_schema_is_that_of_the_code() -> None:
    """The file that editors read is made of the table that octobot reads by.

    When red: `python tests/readme.py` writes it.
    """
    assert SCHEMA.read_text() == schema_text()


def test_every_variable_the_code_reads_is_listed() -> None:
    """A variable is read only if it is in the list that the README's table is made of."""
    source = (ROOT / "octobot/settings.py").read_text()
    listed = {variable.name for variable in VARIABLES}
    assert set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source)) <= listed
    assert Settings.__doc__


@pytest.mark.parametrize("name", sorted(name for name, _ in listed_commands(cli)))
def test_every_command_explains_itself(name: str) -> None:
    """Each command has a help text, and each of its options too."""
    command = dict(all_commands(cli))[name]
    assert command.help
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert all(option.help for option in options)


@pytest.mark.parametrize(("name", "listed"), list(listed_commands(cli)))
def test_every_command_is_listed_with_its_own_words(name: str, listed: Listed) -> None:
    """The table of `__main__` says of a command what the first paragraph of its help says."""
    command = listed.load()
    assert command.name == name.rpartition(" ")[2]
    assert listed.help == (command.help or "").split("\n\n", maxsplit=1)[0]


def test_every_file_of_a_command_is_listed_once() -> None:
    """A command that no line of the table names could not be called."""
    cli_room = ROOT / "octobot/cli"
    files = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted(cli_room.rglob("*.py"))
        if "\n@click.command(" in path.read_text()
    ]
    assert sorted(listed.module for _, listed in listed_commands(cli)) == files


def test_no_document_names_a_file_that_is_not_there() -> None:
    """Links of the README into the repository lead somewhere."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text()):
        assert (ROOT / target).exists(), target


def test_the_environment_is_read_in_one_place() -> None:
    """No room but settings looks at the environment's octobot variables."""
    for path in Path(ROOT / "octobot").rglob("*.py"):
        if path.name != "settings.py":
            assert "os.environ.get" not in path.read_text(), path


def test_every_file_with_a_long_test_is_listed() -> None:
    """Nothing leaves the ordinary run silently: `tests/README.md` says what, and why."""
    tests = ROOT / "tests"
    listed = (tests / "README.md").read_text()
    marked = re.compile(r"^@pytest\.mark\.long$|^from tests\.sampling ", re.MULTILINE)
    missing = [
        str(file.relative_to(tests))
        for file in tests.rglob("test_*.py")
        if marked.search(file.read_text()) and f"`{file.relative_to(tests)}`" not in listed
    ]
    assert missing == []

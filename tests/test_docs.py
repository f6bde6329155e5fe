"""The law of the documents: the README and the manual say what the code does."""

import re
from pathlib import Path

import click
import pytest

from octobot.__main__ import cli
from octobot.cli.docs import for_terminal, summary, topics
from octobot.cli.group import Listed
from octobot.commands.table import TABLE as SLASH_COMMANDS
from octobot.model.reasons import MEANING, ReasonCode
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.read import read
from octobot.settings import Settings
from octobot.variables import VARIABLES
from tests.manual import (
    MANUAL,
    README,
    ROOT,
    SCHEMA,
    TABLES,
    all_commands,
    fill,
    listed_commands,
    pages,
    schema_text,
)

NO_SETTINGS = {"OCTOBOT_PAUSE", "OCTOBOT_TESTS_DRAW_ANEW", "OCTOBOT_COMPLETE"}
"""A typing error that is refused, a variable of the tests, and one of the shell completion."""


def _prose(page: Path) -> str:
    """Return a page without its fenced code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_has_its_tables_as_the_code_has_them(page: Path) -> None:
    """Settings, commands, permissions, datasources and reason codes are those of the code.

    When red: `python tests/manual.py` writes them.
    """
    text = page.read_text()
    assert fill(text) == text


def test_every_table_is_on_one_page() -> None:
    """A table that is on no page is read by nobody; one on two pages makes both too long."""
    text = "".join(page.read_text() for page in pages())
    assert {name: text.count(f"<!-- table: {name} -->") for name in TABLES} == dict.fromkeys(
        TABLES, 1
    )


def test_the_readme_is_short() -> None:
    """What does not fit belongs on a page of the manual."""
    assert len(README.read_text().splitlines()) <= 200


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Each link into the repository names a file that is there, and a heading that it has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        path, _, anchor = target.partition("#")
        if "://" not in path:
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), target
            assert not anchor or anchor in _anchors(file), target


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_page_names_a_file_that_is_not_there(page: Path) -> None:
    """A path in code is one of the repository, or one of the package."""
    for name in re.findall(r"`(?:python )?([a-z][\w/.-]*/[\w.-]+\.(?:py|md|yaml))`", _prose(page)):
        if not re.search(r"[A-Z]{2}\.|^path/", name):
            assert (ROOT / name).exists() or (ROOT / "octobot" / name).exists(), name


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_variable_that_a_page_names_exists(page: Path) -> None:
    """A variable that nobody reads would be a setting that has no effect."""
    known = {variable.name for variable in VARIABLES}
    for name in re.findall(r"\bOCTOBOT_[A-Z_]+[A-Z]\b", page.read_text()):
        assert name in known | NO_SETTINGS, name


def test_every_page_is_a_topic_with_a_summary() -> None:
    """`octobot docs` lists all pages, each with the one line below its title."""
    assert sorted(topics().values()) == sorted(MANUAL.rglob("*.md"))
    for name, page in topics().items():
        lines = page.read_text().splitlines()
        assert lines[0].startswith("# "), name
        assert (lines[1], lines[3]) == ("", ""), name
        assert 20 <= len(summary(page)) <= 100, name


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_diagram_has_a_drawing_for_terminals(page: Path) -> None:
    """A terminal shows the drawing, which fits into 80 columns."""
    text = page.read_text()
    assert "```mermaid" not in for_terminal(text)
    for drawing in re.findall(r"<!-- diagram\n(.*?)\n-->", text, re.DOTALL):
        assert max(map(len, drawing.splitlines())) <= 76


def test_the_readmes_configuration_is_twelve_lines_that_can_be_read() -> None:
    """Whoever copies it has a file that works."""
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(text.splitlines()) == 12
    assert type(read(text)).__name__ == "Config"


def test_the_reference_has_every_name() -> None:
    """Each variable, command, slash command and reason code can be looked up."""
    names = {
        "settings": [variable.name for variable in VARIABLES],
        "commands": [f"octobot {name}" for name, _ in listed_commands(cli)],
        "slash-commands": list(SLASH_COMMANDS),
        "reasons": [code.value for code in ReasonCode],
    }
    for topic, some in names.items():
        first = re.findall(r"^\| `([^`]+)`", topics()[topic].read_text(), re.MULTILINE)
        for name in some:
            assert any(f"{cell} ".startswith(f"{name} ") for cell in first), name


def test_every_reason_code_has_a_meaning() -> None:
    """No reason code is without its sentence."""
    assert set(MEANING) == set(ReasonCode)


def test_the_manuals_example_is_a_valid_file() -> None:
    """The annotated example of the repository's file can be read."""
    assert type(read(EXAMPLE)).__name__ == "Config"


def test_the_shipped_schema_is_that_of_the_code() -> None:
    """The file that editors read is made of the table that octobot reads by.

    When red: `python tests/manual.py` writes it.
    """
    assert SCHEMA.read_text() == schema_text()


def test_every_variable_the_code_reads_is_listed() -> None:
    """A variable is read only if it is in the list that the manual's table is made of."""
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


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """Commands and slash commands, in code and in examples."""
    text = page.read_text()
    fenced = "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE))
    calls = re.findall(r"^ *octobot ([a-z].*)", fenced, re.MULTILINE)
    for call in [*calls, *re.findall(r"`octobot ([a-z][^`]*)`", text)]:
        word, *more = call.split()
        found = cli.commands.get(word)
        assert found, call
        if isinstance(found, click.Group):
            assert more[0] in found.commands, call
    for name in re.findall(r"(?<!\w)/octobot ([a-z][a-z-]*)", text):
        assert name in SLASH_COMMANDS, name


def test_every_reason_that_needs_a_person_exists() -> None:
    """The maintainer's table of what to do names reason codes of the code."""
    text = topics()["maintainer"].read_text()
    rows = text.partition("| reason code |")[2].partition("\n\n")[0].splitlines()[2:]
    named = {code for row in rows for code in re.findall("`([^`]+)`", row.split("|")[1])}
    assert len(named) > len(rows)
    assert named <= {code.value for code in ReasonCode}

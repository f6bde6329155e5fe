import inspect
from importlib import import_module

import pytest

from octobot.commands.calls import Command
from octobot.commands.table import TABLE, nearest
from octobot.model.config import Config
from octobot.model.orders import COMMANDS, FORMER_COMMANDS, LEVELS, WAIVABLE, Level, may
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config.command_levels import level_for, waived_rules
from octobot.policy.config.read import read


def test_the_table_has_exactly_the_commands_that_have_a_minimum() -> None:
    """A command without a default level could not be given, one without a file not carried out."""
    assert set(TABLE) == set(COMMANDS)
    assert all(name == command.name for name, command in TABLE.items())
    assert all(command.usage.split()[0] == name for name, command in TABLE.items())


@pytest.mark.parametrize("command", TABLE.values(), ids=list(TABLE))
def test_each_command_has_a_file_of_its_own(command: Command) -> None:
    """Named like it; its summary is one sentence."""
    module = import_module(f"octobot.commands.{command.name.replace('-', '_')}")
    assert inspect.getmodule(command.act) is module
    assert command.summary.endswith(".")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Merge", "merge"),
        ("unhlod", "unhold"),
        ("relase", "unhold"),
        ("acept-tag-move", "accept-tag-move"),
        ("xyz", ""),
    ],
)
def test_the_nearest_name_is_offered(written: str, meant: str) -> None:
    """And none, where none is near."""
    assert nearest(written) == meant


@pytest.mark.parametrize("command", TABLE.values(), ids=list(TABLE))
def test_the_usage_shows_the_words_that_are_taken(command: Command) -> None:
    """What a command declares is what people read, and each must declare it."""
    shown = command.usage.removeprefix(command.name)
    assert ("NAME" in shown) is command.about.startswith("package")
    assert ("…" in shown) is (command.about == "packages")
    assert ("COMMIT" in shown) is (command.rest == "commit")
    assert ("VERSION" in shown) is (command.rest == "version")
    assert ("REASON" in shown) is (command.rest == "reason")
    assert bool(shown) is (command.about.startswith("package") or command.rest != "nothing")
    fields = inspect.signature(Command).parameters
    assert fields["about"].default is fields["rest"].default is inspect.Parameter.empty


def test_levels_are_ordered_and_none_may_nothing() -> None:
    """Whoever may less never may what needs more; what is needed of nobody, nobody may."""
    for mine, level in enumerate(LEVELS):
        for theirs, needed in enumerate(LEVELS):
            assert may(level, needed) is (mine >= theirs and level != "none")
        assert not may(level, None)


def test_the_file_says_who_may() -> None:
    """What it does not say stays as it is; `nobody` switches a command off."""
    config = read("commands: {merge: admin, accept-tag-move: nobody}\n")
    assert isinstance(config, Config)
    assert level_for(config, "merge") == "admin"
    assert level_for(config, "accept-tag-move") is None
    assert level_for(config, "hold") == "triage"


@pytest.mark.parametrize(("former", "name"), FORMER_COMMANDS.items())
def test_the_file_may_have_a_former_name(former: str, name: str) -> None:
    """A file that was written for an older octobot means the same; both names at once do not."""
    config = read(f"commands: {{{former}: admin}}\n")
    assert isinstance(config, Config)
    assert level_for(config, name) == "admin"
    twice = read(f"commands: {{{former}: admin, {name}: write}}\n")
    assert isinstance(twice, Reason)
    assert "given twice" in twice.detail


@pytest.mark.parametrize(
    ("text", "level", "rules"),
    [
        ("", "write", ("automerge",)),
        ("", "admin", ("automerge", "hold")),
        ("waive: {age: admin, hold: nobody}\n", "admin", ("automerge", "age")),
        ("waive: {automerge: nobody}\n", "write", ()),
    ],
)
def test_the_file_says_who_may_waive_what(text: str, level: Level, rules: tuple[str, ...]) -> None:
    """Without a readable file nothing is, and no other rule ever."""
    config = read(text)
    assert waived_rules(config, level) == rules
    assert waived_rules(Reason(ReasonCode.BAD_CONFIG), "admin") == ()
    assert set(WAIVABLE) == {"automerge", "hold", "age"}


@pytest.mark.parametrize(
    "text",
    [
        "commands: {marge: write}\n",
        "commands: {merge: owner}\n",
        "commands: {}\n",
        "waive: {checks: admin}\n",
        "waive: {line: admin}\n",
        "command-bots: [dependabot]\n",
    ],
)
def test_a_faulty_file_is_refused(text: str) -> None:
    """An unknown command, level or rule; safety rules are no keys of `waive` at all."""
    assert isinstance(read(text), Reason)

"""`octobot docs` as a person reads it: piped, on a terminal, and with a typing error."""

import re
import sys

import click
import pytest
from click.testing import CliRunner

from octobot.__main__ import cli, main
from octobot.cli.docs import GUIDES, topics

TERMINAL = {"FORCE_COLOR": "1", "COLUMNS": "80"}
"""What makes rich take any stream for a terminal."""


def test_without_a_topic_all_are_listed_with_a_line() -> None:
    """The guides first, then what is looked up; each with what it is about."""
    done = CliRunner().invoke(cli, ["docs"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(topics())]] == list(topics())
    assert tuple(topics())[: len(GUIDES)] == GUIDES
    assert "Every environment variable" in done.stdout
    assert lines[-1] == "`octobot docs TOPIC` prints one of them."


@pytest.mark.parametrize("topic", topics())
def test_a_pipe_has_the_markdown_as_it_is(topic: str) -> None:
    """So that it can be searched, saved, or set by another program."""
    done = CliRunner().invoke(cli, ["docs", topic])
    assert (done.exit_code, done.stdout) == (0, topics()[topic].read_text("utf-8"))


@pytest.mark.parametrize("topic", topics())
def test_a_terminal_has_a_page_without_markup(topic: str) -> None:
    """Headings, tables and code are set; no comment, link target or diagram's source is left."""
    done = CliRunner().invoke(cli, ["docs", topic], env=TERMINAL)
    assert done.exit_code == 0
    assert "\x1b[" in done.stdout
    assert [
        word for word in ("<!--", "](", "```", "| ---", "flowchart") if word in done.stdout
    ] == []


def test_names_are_whole_in_80_columns() -> None:
    """A name that is cut cannot be copied or searched for."""
    done = CliRunner().invoke(cli, ["docs", "settings"], env=TERMINAL)
    assert [name for name in _names("settings") if name not in done.stdout] == []
    assert "…/api/v3" in done.stdout
    assert done.stdout.count("…") == 1
    assert max(map(len, click.unstyle(done.stdout).splitlines())) <= 80


def _names(topic: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)`", topics()[topic].read_text("utf-8"), re.MULTILINE)


def test_a_link_becomes_the_command_that_prints_its_page() -> None:
    """On a terminal nobody can click a relative link."""
    done = CliRunner().invoke(cli, ["docs", "safety"], env=TERMINAL, color=False)
    assert "octobot docs operator" in done.stdout
    assert "operator.md" not in done.stdout


@pytest.mark.parametrize(
    ("topic", "remedy"),
    [
        ("operators", "did you mean operator?"),
        ("Reason", "did you mean reasons?"),
        ("slash", "did you mean slash-commands?"),
        ("zzz", "the topics are maintainer, operator,"),
    ],
)
def test_an_unknown_topic_is_refused_with_the_nearest(
    topic: str, remedy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit status 2, as for every wrong call."""
    monkeypatch.setattr(sys, "argv", ["octobot", "docs", topic])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert f"there is no topic {topic!r}; {remedy}" in said
    assert said.count("\n") == 1


def test_a_page_is_found_by_its_file_name_too() -> None:
    """People copy names from links, and write them in capitals."""
    for name in ("operator.md", "Operator"):
        done = CliRunner().invoke(cli, ["docs", name])
        assert done.stdout.startswith("# For operators")


def test_topics_are_completed() -> None:
    """The shell offers the pages that begin with what was typed."""
    env = {"_OCTOBOT_COMPLETE": "bash_complete", "COMP_WORDS": "octobot docs s", "COMP_CWORD": "2"}
    done = CliRunner().invoke(cli, [], env=env, prog_name="octobot")
    assert done.stdout.split() == ["plain,safety", "plain,settings", "plain,slash-commands"]

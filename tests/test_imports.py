"""The law of a quick command line: what it imports before it does anything.

Modules are counted, not seconds, which are the machine's; `bench/bench_start.py` has those.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence

import pytest

HEAVY = ("octobot.sandbox", "alembic", "graphql")
"""What no command loads that only looks at specs."""

SETTING = ("rich", "markdown_it", "pygments")
"""What sets text on a terminal."""

NETWORK = ("aiohttp", "cryptography", "gidgethub", "github", "procrastinate", "psycopg")

LIST = 35
"""Modules of octobot and of others for the list of commands; click has thirteen."""
READ = 140
"""The same for a command that reads specs; the reader of YAML has fifty."""
PAGE = 170
"""The same to print a page of the manual: rich, Pygments and the reader of Markdown."""
ASK = 620
"""The same for a command that asks upstreams."""

COMPLETING = {"_OCTOBOT_COMPLETE": "bash_complete"}


@pytest.mark.parametrize(
    ("words", "never", "most"),
    [
        (["-c", "import octobot.__main__"], (*HEAVY, *NETWORK, "octobot.app.environment"), LIST),
        (["-m", "octobot", "--version"], (*HEAVY, *NETWORK, *SETTING), LIST),
        (["-m", "octobot", "--help"], (*HEAVY, *NETWORK), LIST),
        (["-m", "octobot", "policy", "--help"], (*HEAVY, *NETWORK), LIST),
        (["-m", "octobot", "docs"], (*HEAVY, *NETWORK), PAGE),
        (["-m", "octobot", "lint", "--help"], (*HEAVY, *NETWORK), READ),
        (["-m", "octobot", "check", "--help"], HEAVY, ASK),
        (["-m", "octobot", "update", "--help"], HEAVY, ASK),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_a_command_loads_what_it_needs(
    words: Sequence[str], never: Sequence[str], most: int
) -> None:
    """No command loads another one, and no list of commands loads any."""
    said, loaded = _run(*words)
    assert said or words[0] == "-c"
    assert "octobot.cli.failure" in loaded
    assert _within(loaded, never) == []
    assert len(loaded) <= most


@pytest.mark.parametrize(
    ("typed", "offered", "most"),
    [
        ("octobot c", ["check", "config", "conformance"], LIST),
        ("octobot config s", ["schema", "show"], LIST),
        ("octobot lint --js", ["--json"], READ),
        ("octobot docs op", ["operator"], PAGE),
    ],
)
def test_completion_loads_no_more_than_was_typed(typed: str, offered: list[str], most: int) -> None:
    """A shell asks at every press of the tabulator."""
    place = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    said, loaded = _run("-m", "octobot", **COMPLETING, **place)
    assert re.findall(r"plain,(\S+)", said) == offered
    assert _within(loaded, (*HEAVY, *NETWORK)) == []
    assert len(loaded) <= most


def _run(*words: str, **env: str) -> tuple[str, list[str]]:
    """Run Python; return what it printed, and which modules it loaded that are not its own."""
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-X", "importtime", *words],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    names = re.findall(r"^import time: +\d+ \| +\d+ \| +(\S+)$", done.stderr, re.MULTILINE)
    return done.stdout, [
        name for name in names if name.split(".")[0] not in sys.stdlib_module_names
    ]


def _within(loaded: Sequence[str], packages: Sequence[str]) -> list[str]:
    return [name for name in loaded if f"{name}.".startswith(tuple(f"{p}." for p in packages))]

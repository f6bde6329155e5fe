"""Runs `octobot backtest` over made-up repositories and files, for the tests of this room."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from octobot.__main__ import cli
from octobot.model.errors import UserError

ONE, TWO, THREE, FOUR = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
HELLO = "https://github.com/example/hello"
DEPS = """
  - uses: go/bump
    with:
      deps: |-
        example.com/gone@v1.0.0
        example.com/kept@v1.0.0
      modroot: {root}
"""
DAY = 86_400
START = 1_760_000_000 - 1_760_000_000 % DAY


def spec(version: str, epoch: int, commit: str, *, name: str = "hello", deps: str = "") -> str:
    """Write a spec."""
    return (
        f"package:\n  name: {name}\n  version: {version}\n  epoch: {epoch} # why\n"
        f"pipeline:\n  - uses: git-checkout\n    with:\n      repository: {HELLO}\n"
        f"      tag: v${{{{package.version}}}}\n      expected-commit: {commit}\n{deps}"
    )


Step = tuple[str, Mapping[str, str | bytes | None]]
"""A commit's subject, and path \u2192 text, bytes, or None for a file that goes."""


def write(repository: Path, history: Sequence[Step]) -> list[str]:
    """Make a bare repository with one commit a day; return the commits' ids, oldest first."""
    lines: list[bytes] = []
    for number, (subject, files) in enumerate(history, 1):
        said = subject.encode()
        lines.append(b"commit refs/heads/main\nmark :%d\n" % number)
        lines.append(b"committer P <p@example.org> %d +0000\n" % (START + number * DAY))
        lines.append(b"data %d\n%s\n" % (len(said), said))
        for path, text in files.items():
            if text is None:
                lines.append(b"D %s\n" % path.encode())
                continue
            data = text.encode() if isinstance(text, str) else text
            lines.append(b"M 100644 inline %s\ndata %d\n" % (path.encode(), len(data)))
            lines.append(data + b"\n")
    marks = repository.with_suffix(".marks")
    git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    git("-C", str(repository), "fast-import", "--quiet", f"--export-marks={marks}", given=lines)
    found = dict(line.split() for line in marks.read_text().splitlines())
    return [found[f":{number}"] for number in range(1, len(history) + 1)]


def git(*arguments: str, given: Sequence[bytes] = ()) -> None:
    """Run git, and insist that it works."""
    subprocess.run(  # noqa: S603  (our own words)
        ["git", *arguments],  # noqa: S607  (whichever git this machine has)
        input=b"".join(given),
        check=True,
        capture_output=True,
    )


def run(*arguments: str | Path) -> Result:
    """Run the command; only errors that have a remedy come through."""
    result = CliRunner().invoke(cli, ["backtest", *map(str, arguments)])
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def cases(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run the command and return the cases of its JSON."""
    given: list[dict[str, Any]] = json.loads(run(*arguments, "--json").stdout)["cases"]
    return given

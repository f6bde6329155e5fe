"""`octobot conformance`: the table fits the terminal, and a refusal says what to do."""

import asyncio
import os
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from octobot.cli.conformance import report
from octobot.github.conformance.conformance import TRIALS
from octobot.github.conformance.trial import Row
from octobot.sandbox.server import Sandbox

ROWS = [Row(one.call, one.expected, one.expected, "same", "") for one in TRIALS]
DIFFERS = Row("PUT merge: squash", "merged", "405 no", "differs", "`merge-method: squash` fails")


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_fits_the_terminal(width: int) -> None:
    """Nothing is cut off; what a difference means is a line of its own."""
    said = StringIO()
    report([*ROWS, DIFFERS], Console(file=said, width=width))
    text = said.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert "PUT merge: squash: `merge-method: squash` fails\n" in text
    assert text.endswith(f"{len(ROWS)} same, 1 differs, 0 skipped\n")


async def run(sandbox: Sandbox, *arguments: str) -> tuple[int | None, str]:
    """Run the command as that sandbox's App; return its exit status and what it complained of."""
    given = {
        "OCTOBOT_GITHUB_URL": sandbox.api_url,
        "OCTOBOT_APP_ID": str(sandbox.app.app_id),
        "OCTOBOT_PRIVATE_KEY_FILE": str(sandbox.key_file),
    }
    command = (sys.executable, "-m", "octobot", "conformance", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **given}, stderr=pipe
    )
    _, complaint = await process.communicate()
    return process.returncode, " ".join(complaint.decode().split())


async def test_a_refusal_says_what_to_do(tmp_path: Path) -> None:
    """Nothing is written, and the exit status is 2."""
    async with Sandbox(tmp_path) as sandbox:
        for name in ("distro/os", "distro/scratch"):
            await sandbox.create_repository(name, {"a": b"a"})
            await sandbox.install_app(name)
        sandbox.log.clear()
        for arguments, says in (
            (["distro/os"], "create an empty one with `scratch` in its name"),
            (["distro/scratch-2"], "add the repository to it on GitHub"),
            (["distro/scratch"], "is not conformance's; create an empty repository for it"),
            (["distro/scratch", "--json"], "is not conformance's"),
            (["scratch"], "'scratch' is not of the form owner/name"),
            (["distro/scratch", "--public", "x"], "'x' is not of the form owner/name"),
        ):
            status, complaint = await run(sandbox, *arguments)
            assert (status, says in complaint) == (2, True), complaint
        written = [one.path for one in sandbox.log.writes() if "access_tokens" not in one.path]
        assert written == []

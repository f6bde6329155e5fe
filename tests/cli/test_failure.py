"""No command ends in a traceback: one line on standard error, and the rest in a log."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from octobot.cli.failure import report
from octobot.model.errors import Misconfigured, UserError

SECRET = "ghp_0123456789abcdef"

Captured = pytest.CaptureFixture[str]


def run(*words: str, **env: str) -> tuple[int, str]:
    """Run octobot to its end; return its status and what it said on standard error."""
    return run_into(subprocess.DEVNULL, *words, **env)


def run_into(stdout: int, *words: str, **env: str) -> tuple[int, str]:
    """Run octobot as `run` does, with another standard output."""
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-m", "octobot", *words],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_a_table_that_is_gone_is_one_line_and_a_log(home: Path, database_url: str) -> None:
    """The traceback is for the owner of the log alone, and holds no secret."""
    with psycopg.connect(database_url) as connection:
        connection.execute("drop table package cascade")
    env = {"OCTOBOT_DATABASE_URL": database_url, "OCTOBOT_HOME": str(home)}
    status, said = run("why", SECRET, GITHUB_TOKEN=SECRET, **env)
    log = home / "errors.log"
    assert status == 70
    assert said.count("\n") == 1
    assert said.startswith('octobot: unexpected error: UndefinedTable: relation "package"')
    assert said.endswith(f"the log with its traceback is {log}\n")
    assert log.stat().st_mode & 0o777 == 0o600
    assert "Traceback (most recent call last)" in log.read_text()
    assert SECRET not in said + log.read_text()
    run("why", "zlib", **env)
    assert log.read_text().count("UndefinedTable: ") == 2


def test_a_log_that_cannot_be_there_is_a_temporary_file(home: Path, database_url: str) -> None:
    """A link, a pipe or a file in the way does not lead the traceback anywhere else."""
    with psycopg.connect(database_url) as connection:
        connection.execute("drop table package cascade")
    home.mkdir()
    temporary = home / "tmp"
    temporary.mkdir()
    env = {"OCTOBOT_DATABASE_URL": database_url, "TMPDIR": str(temporary)}
    (home / "errors.log").symlink_to(home / "elsewhere")
    status, said = run("why", "zlib", OCTOBOT_HOME=str(home), **env)
    assert status == 70
    assert f"its traceback is {temporary}/octobot-" in said
    (home / "errors.log").unlink()
    os.mkfifo(home / "errors.log")
    assert f"its traceback is {temporary}/" in run("why", "z", OCTOBOT_HOME=str(home), **env)[1]
    (home / "file").touch()
    said = run("why", "zlib", OCTOBOT_HOME=str(home / "file"), **env)[1]
    assert f"its traceback is {temporary}/" in said
    modes = {file.stat().st_mode & 0o777 for file in temporary.glob("octobot-*")}
    assert modes == {0o600}
    assert not (home / "elsewhere").exists()


def test_a_package_that_cannot_be_imported_is_one_line(home: Path) -> None:
    """A failure before there is a command is reported like one in a command."""
    broken = home / "broken"
    broken.mkdir(parents=True)
    (broken / "aiohttp.py").write_text("raise RuntimeError('half installed')\n")
    status, said = run("check", ".", PYTHONPATH=str(broken), OCTOBOT_HOME=str(home))
    assert status == 70
    assert said == (
        "octobot: unexpected error: RuntimeError: half installed; the log with its traceback is"
        f" {home}/errors.log\n"
    )


def test_ctrl_c_while_a_command_is_imported_has_its_status(home: Path) -> None:
    """Also inside a piece of text that is executed, as the making of a dataclass is."""
    slow = home / "slow"
    slow.mkdir(parents=True)
    (slow / "aiohttp.py").write_text("exec('raise KeyboardInterrupt')\n")
    told = run("check", ".", PYTHONPATH=str(slow), OCTOBOT_HOME=str(home))
    assert told == (130, "octobot: interrupted\n")


def test_a_home_that_nobody_has_is_reported() -> None:
    """The setting is named, before anything is done."""
    status, said = run("why", "zlib", OCTOBOT_HOME="~nobody-of-that-name/x")
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("octobot: OCTOBOT_HOME: ")


def test_a_full_disk_under_the_answer_is_one_line() -> None:
    """What was asked for was not said, and the status says so."""
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        assert run_into(full, "--help") == (2, "octobot: No space left on device\n")
    finally:
        os.close(full)


def test_a_reader_that_leaves_is_no_error() -> None:
    """`octobot … | head` has said enough."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run_into(writing, "--help")[1] == ""
    finally:
        os.close(writing)


def test_a_terminal_that_lacks_a_character_shows_its_number(home: Path) -> None:
    """A file's name may be anything, and a terminal's encoding is its own."""
    home.mkdir()
    (home / "größe.yaml").write_text("package: [")
    status, said = run("check", str(home), PYTHONIOENCODING="ascii")
    assert status == 3
    assert said.startswith("1 spec:\n     1  bad-spec  not known: gr")
    assert said.count("\n") == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ExceptionGroup("two", [Misconfigured("no such port"), UserError("no such port")]), 2),
        (ExceptionGroup("two", [Misconfigured("fix it"), ValueError("no such port")]), 70),
        (BaseExceptionGroup("two", [KeyboardInterrupt()]), 130),
        (TimeoutError(), 70),
        (OSError(28, "no such port"), 2),
        (ValueError("no such\n\n\x1b[2Jport " + "x" * 10_000), 70),
        (EOFError(), 70),
    ],
)
def test_each_error_is_one_line(
    error: BaseException,
    status: int,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """Errors of several parts, without words, with too many, or with what a terminal obeys."""
    monkeypatch.setenv("OCTOBOT_HOME", str(home))
    assert report(error) == status
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert len(said) < 1000
    assert "\x1b" not in said
    assert ("errors.log" in said) is (status == 70)

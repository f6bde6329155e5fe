"""What somebody reads who gave the command line something that it cannot use."""

import sys
from pathlib import Path

import click
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from octobot.__main__ import cli, main
from octobot.app.self_test.probe import Finding, found_at, probes
from octobot.app.serve import listen
from octobot.cli.group import Commands
from octobot.model.errors import Misconfigured, UserError

Captured = pytest.CaptureFixture[str]


def _said(arguments: list[str], patch: pytest.MonkeyPatch, captured: Captured) -> str:
    """Run octobot, which must refuse with status 2; return what it said."""
    patch.setattr(sys, "argv", ["octobot", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return captured.readouterr().err


def test_a_fault_of_the_machine_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A folder that cannot be created is reported by its name, without a stack trace."""
    (tmp_path / "file").write_text("")
    said = _said(["demo", "--home", str(tmp_path / "file/home")], monkeypatch, capsys)
    assert said.startswith("octobot: ")
    assert said.count("\n") == 1
    assert f"{tmp_path}/file" in said


@pytest.mark.parametrize("url", ["pass/word", "mysql://a:password@x/y", "postgresql://a:pass%zz@x"])
def test_a_database_s_address_that_cannot_be_read_is_not_quoted(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A password with a character that must be encoded is what usually is in it."""
    monkeypatch.setenv("OCTOBOT_DATABASE_URL", url)
    said = _said(["why", "zlib"], monkeypatch, capsys)
    assert "octobot: OCTOBOT_DATABASE_URL is not like postgresql://" in said
    assert "%40" in said
    assert url not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("former", "name"), [("resume", "unhalt"), ("probe", "self-test"), ("policy try", "simulate")]
)
def test_a_former_name_runs_the_command(former: str, name: str) -> None:
    """What scripts have is carried out, and no list of commands shows it."""
    shown = CliRunner().invoke(cli, [*former.split(), "--help"])
    assert shown.exit_code == 0
    assert f" {name} " in shown.output
    assert f"  {former.rsplit(maxsplit=1)[-1]} " not in CliRunner().invoke(cli, ["--help"]).output


def test_ctrl_c_is_not_taken_for_a_finding() -> None:
    """`check` and `lint` say 1 when there is something; whoever stopped them learned nothing."""

    @click.group(cls=Commands)
    def group() -> None:
        """Hold one command."""

    @group.command()
    def wait() -> None:
        """Be interrupted."""
        raise KeyboardInterrupt

    done = CliRunner().invoke(group, ["wait"])
    assert (done.exit_code, done.stderr) == (130, "octobot: interrupted\n")
    assert isinstance(cli, Commands)


async def test_an_address_that_is_taken_is_reported_with_its_variable() -> None:
    """The commonest fault of a second instance."""
    async with TestServer(web.Application()) as taken:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        try:
            with pytest.raises(Misconfigured, match=r"OCTOBOT_LISTEN.*127\.0\.0\.1:\d+.* in use"):
                await listen(runner, "127.0.0.1", taken.port or 0)
        finally:
            await runner.cleanup()


@pytest.mark.parametrize("url", ["", "octobot", "ftp://host", "http://", "http://host:99999"])
async def test_what_is_no_address_is_not_probed(url: str) -> None:
    """A slip in the address must not read like an open door."""
    with pytest.raises(UserError, match="not the address of an octobot"):
        await found_at(url)


async def test_an_instance_that_is_away_is_reported(unused_tcp_port: int) -> None:
    """Silence is neither an open door nor a shut one."""
    with pytest.raises(UserError, match="nothing answers"):
        await found_at(f"http://127.0.0.1:{unused_tcp_port}")
    each = probes(None)[0]
    assert [Finding(each, status).verdict for status in (None, 401, 202)] == [
        "no answer",
        "refused",
        "LET IN",
    ]

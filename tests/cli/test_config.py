"""The commands `octobot config …` and `octobot policy …`, as a person types them."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from octobot.__main__ import cli
from octobot.app.bot import Bot
from octobot.cli.demo.stage import bot_settings, set_stage
from octobot.cli.policy.snapshot import snapshot
from octobot.model.errors import UserError
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.keys import schema

PATH = ".github/octobot.yaml"
BAD = "paused: maybe\nautomrge: true\npackages:\n  - match: a\n"


def octobot(*words: str, given: str | None = None) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, words, input=given)


def repository(home: Path, text: str | None) -> Path:
    """Make a repository's directory with two specs and maybe the file."""
    (home / ".github").mkdir()
    for name in ("curl", "openssl"):
        (home / f"{name}.yaml").write_text("")
    if text is not None:
        (home / PATH).write_text(text)
    return home


def test_the_schema_is_printed() -> None:
    """As JSON, whole."""
    assert json.loads(octobot("config", "schema").stdout) == schema()


def test_a_good_file_is_called_good(tmp_path: Path) -> None:
    """From a file, from standard input, or in its repository."""
    file = tmp_path / "o.yaml"
    file.write_text(EXAMPLE)
    assert octobot("config", "check", str(file)).stdout == f"{file} can be read\n"
    assert octobot("config", "check", "-", given=EXAMPLE).stdout == "<stdin> can be read\n"
    empty = octobot("config", "check", str(repository(tmp_path, None)))
    assert (empty.exit_code, "the defaults apply" in empty.stdout) == (0, True)


def test_every_fault_is_reported_as_compilers_do(tmp_path: Path) -> None:
    """file:line:column, the remedy, and a status that a hook can go by."""
    home = repository(tmp_path, BAD)
    told = octobot("config", "check", str(home))
    assert told.exit_code == 1
    assert [line.partition(": ")[0] for line in told.stdout.splitlines()] == [
        f"{home / PATH}:1:9",
        f"{home / PATH}:2:1",
        f"{home / PATH}:4:5",
    ]
    assert "did you mean automerge?" in told.stdout
    assert octobot("config", "check", "-", given=BAD).exit_code == 1


def test_a_pattern_that_matches_nothing_is_pointed_out(tmp_path: Path) -> None:
    """It is no error; each is reported once."""
    text = "packages:\n- {match: 'curl*', hold: a, automerge: false}\n- {match: crul, hold: b}\n"
    told = octobot("config", "check", str(repository(tmp_path, text)))
    assert told.exit_code == 0
    notes = [line for line in told.stdout.splitlines() if "note" in line]
    assert notes == [f"{tmp_path / PATH}:3: note: crul matches no spec here"]


def test_what_is_no_text_is_reported(tmp_path: Path) -> None:
    """Not UTF-8 is a fault; not there is a mistake in the command."""
    (tmp_path / "latin").write_bytes(b"hold: \xe9\n")
    told = octobot("config", "check", str(tmp_path / "latin"))
    assert told.exit_code == 1
    assert ":1:1: this is no text file" in told.stdout
    missing = octobot("config", "check", str(tmp_path / "none"))
    assert isinstance(missing.exception, UserError)


def test_what_holds_is_shown_with_its_lines(tmp_path: Path) -> None:
    """For all, for one package, and with the organisation's file beneath."""
    above = tmp_path / "above.yaml"
    above.write_text("minimum-release-age: 2d\n")
    home = repository(tmp_path, "packages:\n  - match: 'open*'\n    automerge: false\n")
    all_ = octobot("config", "show", "--file", str(home)).stdout
    assert "automerge" in all_
    assert f"{home / PATH}:1" in all_
    options = ("--file", str(home), "--organisation", str(above))
    one = {
        line.split()[0]: line.split()[1:]
        for line in octobot("config", "show", "openssl", *options).stdout.splitlines()
    }
    assert one["automerge"] == ["false", f"{home / PATH}:3", "(open*)"]
    assert one["minimum-release-age"] == ["2d", f"{above}:1"]
    assert one["approval"] == ["false", "default"]
    (home / PATH).write_text(BAD)
    assert octobot("config", "show", "--file", str(home)).exit_code == 1


def test_a_pull_request_is_tried_without_any_network(tmp_path: Path) -> None:
    """The example waits; under other settings it merges or is paused."""
    example = octobot("policy", "try", "--example").stdout
    waits = octobot("policy", "try", "-", given=example)
    assert waits.exit_code == 1
    assert waits.stdout.startswith("wait: minimum-release-age: first seen")
    assert "  ok    file: only hello.yaml changes" in waits.stdout
    file, quick = tmp_path / "pr.json", tmp_path / "quick.yaml"
    file.write_text(example)
    quick.write_text("minimum-release-age: 1h\n")
    merges = octobot("policy", "try", str(file), "--config", str(quick), "--json")
    assert merges.exit_code == 0
    assert json.loads(merges.stdout)["outcome"] == "merge"
    quick.write_text("paused: true\n")
    paused = octobot("policy", "try", str(file), "--config", str(quick))
    assert paused.stdout.startswith("wait: paused")


def test_a_faulty_pull_request_shows_what_it_lacks(tmp_path: Path) -> None:
    """Nothing is judged that is not there, and no faulty settings are used."""
    data = json.loads(octobot("policy", "try", "--example").stdout)
    del data["snapshots"][0]["state"]["required"]
    lacking = octobot("policy", "try", "-", given=json.dumps(data))
    assert lacking.exit_code == 2
    assert lacking.stdout == ""
    assert "$.snapshots[0].state.required: is missing; add a list" in lacking.stderr
    (tmp_path / "bad.yaml").write_text(BAD)
    example = octobot("policy", "try", "--example").stdout
    faulty = octobot("policy", "try", "-", "--config", str(tmp_path / "bad.yaml"), given=example)
    assert faulty.exit_code == 2
    assert "bad.yaml:1:9" in faulty.stdout
    assert octobot("policy", "try").exit_code == 2
    (tmp_path / "latin").write_bytes(b"\xe9")
    unread = octobot("policy", "try", str(tmp_path / "latin"))
    assert isinstance(unread.exception, UserError)


SPEC = """\
package:
  name: hello
  version: "1.0"
  epoch: 0

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/hello
      tag: v${{package.version}}
      expected-commit: COMMIT

update:
  enabled: true
  github:
    identifier: example/hello
    strip-prefix: v
    use-tag: true
"""


async def test_a_real_pull_request_is_saved_and_tried(short: Path) -> None:
    """What the running octobot proposed, read by another process that changes nothing."""
    hello = "https://github.com/example/hello"
    async with set_stage(short / "d", {"README.md": b"\n"}) as (sandbox, upstreams):
        commit = await upstreams.provide_ref(hello, "refs/tags/v1.0")
        files = {"hello.yaml": SPEC.replace("COMMIT", commit).encode()}
        await sandbox.commit_files("sample/distro", "main", files, "hello")
        await upstreams.provide_ref(hello, "refs/tags/v1.1")
        settings = bot_settings(short / "d", sandbox, upstreams)
        with pytest.raises(UserError, match="does not know it"):
            await snapshot(settings, "hello", repository=None)
        async with Bot.open(settings) as bot:
            await bot.survey()
            await bot.make_pass()
            for key in await bot.due():
                await bot.step(key)
            sandbox.log.clear()
            text = await snapshot(settings, "hello", repository="sample/distro")
            assert sandbox.log.content_writes() == []
            again = json.loads(await snapshot(settings, "hello", repository=None))
            assert again["snapshots"][0]["memory"] == json.loads(text)["snapshots"][0]["memory"]
            with pytest.raises(UserError, match="does not know it"):
                await snapshot(settings, "hello", repository="sample/other")
    tried = await asyncio.to_thread(octobot, "policy", "try", "-", given=text)
    assert tried.stdout.startswith("wait: checks-pending: build")

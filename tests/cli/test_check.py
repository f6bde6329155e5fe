"""`octobot check` and `octobot update` against the sandbox's upstreams, from the disk and back."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from octobot.cli.check import check
from octobot.cli.update import update
from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.settings import Settings, read_settings

HELLO = "https://github.com/example/hello"
WORLD = "https://git.example.org/world"
SPEC = """\
# {name}, with a few odd bytes:\ttabs, \u00e4\u00f6\u00fc and trailing blanks  \r
package:
  name: {name}
  version: '1.2.3' # the comment stays
  epoch: 7   # rebuilt
  description: "greets"

pipeline:
  - uses: git-checkout
    with:
      expected-commit: {commit} # and this one
      repository: {repository}
      tag: v${{{{package.version}}}}

update:
  enabled: true
  {source}"""
BY_GITHUB = "github:\n    identifier: example/hello\n    strip-prefix: v\n    use-tag: true\n"
BY_GIT = "git:\n    strip-prefix: v"
Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Disk:
    """Specs on a disk, and the sandbox that their upstreams live in."""

    folder: Path
    settings: Settings
    upstreams: Upstreams

    async def put(self, name: str, repository: str, source: str) -> Sha:
        """Write a spec at 1.2.3 whose upstream has that version; return the pinned commit."""
        commit = await self.upstreams.provide_ref(repository, "refs/tags/v1.2.3")
        text = SPEC.format(name=name, repository=repository, commit=commit, source=source)
        (self.folder / f"{name}.yaml").write_bytes(text.encode())
        return commit

    def bytes(self) -> dict[str, bytes]:
        """Return everything that lies in the folder."""
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    """Yield `hello` of GitHub and `world` of another host, both current."""
    folder = tmp_path / "specs"
    folder.mkdir()
    async with Sandbox(tmp_path / "sandbox") as sandbox:
        upstreams = Upstreams(sandbox, tmp_path / "upstreams")
        settings = replace(read_settings({}), github_url=sandbox.api_url, mirror=upstreams.mirror)
        disk = Disk(folder, settings, upstreams)
        await disk.put("hello", HELLO, BY_GITHUB)
        await disk.put("world", WORLD, BY_GIT)
        yield disk


async def test_current_specs_are_current(disk: Disk, capsys: Captured) -> None:
    """Nothing outdated: the command's status is 0, and update has nothing to say."""
    assert not await check(disk.settings, disk.folder, (), as_json=False)
    shown = capsys.readouterr().out
    assert shown.count("up-to-date") == 2
    assert not await update(disk.settings, disk.folder, (), write=True)
    assert capsys.readouterr().out == ""


async def test_check_lists_what_is_outdated(disk: Disk, capsys: Captured) -> None:
    """One of the two is: status 1, both versions, where it was asked and why."""
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    assert await check(disk.settings, disk.folder, (), as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "package": "hello",
            "current": "1.2.3",
            "newest": "1.10.0",
            "outdated": True,
            "datasource": "github",
            "identifier": "example/hello",
            "reason": "update-found",
            "detail": "update-found: 1.2.3 \u2192 1.10.0",
        },
        {
            "package": "world",
            "current": "1.2.3",
            "newest": None,
            "outdated": False,
            "datasource": "git",
            "identifier": WORLD,
            "reason": "up-to-date",
            "detail": "up-to-date: Upstream has nothing newer than the spec.",
        },
    ]


async def test_what_cannot_be_known_is_not_fine(disk: Disk, capsys: Captured) -> None:
    """An upstream that is not there: status 3 and its reason, and `update` says so too."""
    spec = disk.folder / "world.yaml"
    spec.write_bytes(spec.read_bytes().replace(WORLD.encode(), b"https://gone.example.org/world"))
    assert await check(disk.settings, disk.folder, (), as_json=False) == 3
    assert await update(disk.settings, disk.folder, (), write=False)
    assert "world: upstream-" in capsys.readouterr().err


async def test_only_the_named_are_asked(disk: Disk, capsys: Captured) -> None:
    """A name narrows the look, a wrong one is an error."""
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    assert not await check(disk.settings, disk.folder, ("world",), as_json=False)
    assert "hello" not in capsys.readouterr().out
    with pytest.raises(UserError, match=r"nope\.yaml"):
        await check(disk.settings, disk.folder, ("nope",), as_json=False)


async def test_update_prints_the_diff_and_writes_nothing(disk: Disk, capsys: Captured) -> None:
    """Without --write the disk stays as it is."""
    commit = await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    before = disk.bytes()
    assert not await update(disk.settings, disk.folder, (), write=False)
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["--- a/hello.yaml", "+++ b/hello.yaml"]
    assert [line for line in shown[2:] if line.startswith("+")] == [
        '+  version: "1.10.0" # the comment stays',
        "+  epoch: 0   # rebuilt",
        f"+      expected-commit: {commit} # and this one",
    ]
    assert len([line for line in shown[2:] if line.startswith("-")]) == 3
    assert disk.bytes() == before


async def test_written_are_the_spec_s_own_bytes(disk: Disk, capsys: Captured) -> None:
    """Version, epoch and pin are replaced; every other byte of every file is the same."""
    new = await disk.upstreams.provide_ref(WORLD, "refs/tags/v2.0")
    (disk.folder / "README.md").write_bytes(b"not a spec\n")
    before = disk.bytes()
    old = before["world.yaml"].split(b"expected-commit: ")[1][:40]
    assert not await update(disk.settings, disk.folder, ("world",), write=True)
    wanted = before["world.yaml"].replace(b"'1.2.3'", b'"2.0"')
    wanted = wanted.replace(b"epoch: 7", b"epoch: 0").replace(old, new.encode())
    assert disk.bytes() == before | {"world.yaml": wanted}
    assert "+++ b/world.yaml" in capsys.readouterr().out
    assert not await check(disk.settings, disk.folder, (), as_json=False)


async def test_what_cannot_be_read_is_said_and_stops_nothing(disk: Disk, capsys: Captured) -> None:
    """A broken spec is named with file and line; the others are updated; status 1."""
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    (disk.folder / "broken.yaml").write_text("package: [\n")
    assert await update(disk.settings, disk.folder, (), write=True)
    said = capsys.readouterr()
    assert "broken: bad-spec: broken.yaml:2:" in said.err
    assert b'"1.10.0"' in disk.bytes()["hello.yaml"]


async def test_a_moved_tag_is_refused(disk: Disk, capsys: Captured) -> None:
    """The spec's pin and the tag disagree: an alarm, not an update."""
    text = disk.bytes()["world.yaml"]
    commit = text.split(b"expected-commit: ")[1][:40]
    (disk.folder / "world.yaml").write_bytes(text.replace(commit, b"f" * 40))
    assert await check(disk.settings, disk.folder, ("world",), as_json=True) == 3
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["reason"] == "tag-moved"
    assert "world.yaml:11: v1.2.3 was ffff" in finding["detail"]

"""`octobot check` and `octobot update` against the sandbox's upstreams, from the disk and back."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from octobot.cli.check import check
from octobot.cli.update import update
from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.settings import Secret, Settings, read_settings

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
    token: str
    """A person's, of GitHub."""

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
        disk = Disk(folder, settings, upstreams, sandbox.person("somebody").token)
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
            "asked": "tags",
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
            "asked": "tags",
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


async def test_what_no_filter_lets_through_is_not_fine(disk: Disk, capsys: Captured) -> None:
    """No candidate: nobody knows whether the spec is outdated.  `update` names it as well."""
    spec = disk.folder / "hello.yaml"
    spec.write_bytes(spec.read_bytes().replace(b"    strip-prefix: v\n", b""))
    assert await check(disk.settings, disk.folder, (), as_json=False) == 3
    assert capsys.readouterr().err.splitlines()[:3] == [
        "2 specs:",
        "     1  up-to-date",
        "     1  no-candidate  not known: hello",
    ]
    assert await update(disk.settings, disk.folder, (), write=True) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("hello: no-candidate: ")


async def test_an_outdated_spec_that_cannot_be_bumped_is_refused(
    disk: Disk, capsys: Captured
) -> None:
    """It is known to be outdated, and its checkout has no such tag: status 1, not 3."""
    await disk.put("hello", WORLD, BY_GITHUB)
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    assert await update(disk.settings, disk.folder, ("hello",), write=True) == 1
    assert "hello: pin-unresolved: hello.yaml:11: " in capsys.readouterr().err


async def test_a_spec_whose_own_version_is_dropped_is_not_current(
    disk: Disk, capsys: Captured
) -> None:
    """Tags got a `v` after 1.0: those that pass are older than the spec, so newer ones may not."""
    spec = disk.folder / "hello.yaml"
    spec.write_bytes(spec.read_bytes().replace(b"    strip-prefix: v\n", b""))
    await disk.upstreams.provide_ref(HELLO, "refs/tags/1.0")
    assert await check(disk.settings, disk.folder, (), as_json=True) == 3
    shown = capsys.readouterr()
    assert json.loads(shown.out)[0]["detail"] == "up-to-date: upstream's newest is the older 1.0"
    assert "     1  up-to-date  not known: hello\n" in shown.err
    assert await update(disk.settings, disk.folder, (), write=False) == 3
    assert "hello: up-to-date: upstream's newest is the older 1.0\n" in capsys.readouterr().err
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    assert await check(disk.settings, disk.folder, (), as_json=True) == 3
    assert json.loads(capsys.readouterr().out)[0]["detail"] == (
        "filtered-out: upstream has v1.10.0, which the update block drops (not a version);"
        " the newest that it keeps is 1.0"
    )


async def test_an_outdated_spec_counts_before_an_unknown_one(disk: Disk, capsys: Captured) -> None:
    """The exit status is 1 then, and the summary still names what is not known."""
    spec = disk.folder / "hello.yaml"
    spec.write_bytes(spec.read_bytes().replace(b"    strip-prefix: v\n", b""))
    await disk.upstreams.provide_ref(WORLD, "refs/tags/v2.0")
    assert await check(disk.settings, disk.folder, (), as_json=True) == 1
    assert "     1  no-candidate  not known: hello" in capsys.readouterr().err
    assert await update(disk.settings, disk.folder, (), write=False) == 3
    assert "+++ b/world.yaml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("https://github.com/example/hello", "; write example/hello"),
        ("git@github.com:example/hello.git", "; write example/hello"),
        ("example", ""),
    ],
)
async def test_a_wrong_identifier_is_named_with_its_line(
    disk: Disk, capsys: Captured, identifier: str, said: str
) -> None:
    """An address is not `owner/name`: the reason has file and line, and what to write."""
    spec = disk.folder / "hello.yaml"
    spec.write_bytes(
        spec.read_bytes().replace(b"example/hello\n    s", f"{identifier}\n    s".encode())
    )
    assert await check(disk.settings, disk.folder, ("hello",), as_json=True) == 3
    (finding,) = json.loads(capsys.readouterr().out)
    line = spec.read_text().splitlines().index(f"    identifier: {identifier}") + 1
    assert finding["detail"] == (
        f"bad-update-block: hello.yaml:{line}: {identifier!r} is not of the form owner/name{said}"
    )


async def test_what_a_datasource_refuses_has_a_line_too(disk: Disk, capsys: Captured) -> None:
    """The identifier is only known to be wrong when it is to be asked."""
    await disk.put("hello", HELLO, "oci:\n    identifier: https://registry.example.org/x\n")
    assert await check(disk.settings, disk.folder, ("hello",), as_json=True) == 3
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["detail"].startswith("bad-update-block: hello.yaml:18: ")


async def test_tags_in_place_of_releases_are_said(disk: Disk, capsys: Captured) -> None:
    """Without a token the App may choose otherwise; who follows tags hears nothing of it."""
    releases = BY_GITHUB.replace("    use-tag: true\n", "")
    await disk.put("hello", HELLO, releases)
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    assert await check(disk.settings, disk.folder, ("hello",), as_json=True) == 1
    shown = capsys.readouterr()
    (finding,) = json.loads(shown.out)
    assert finding["asked"] == "tags"
    assert "tags are read in place of the GitHub releases of 1 spec" in shown.err
    await update(disk.settings, disk.folder, ("hello",), write=False)
    assert "the App may choose another version" in capsys.readouterr().err
    await disk.put("hello", HELLO, BY_GITHUB)
    await check(disk.settings, disk.folder, (), as_json=True)
    assert "in place of" not in capsys.readouterr().err


async def test_with_a_token_releases_are_read_as_the_app_reads_them(
    disk: Disk, capsys: Captured
) -> None:
    """A tag without a release is no candidate for a spec that follows releases."""
    await disk.put("hello", HELLO, BY_GITHUB.replace("    use-tag: true\n", ""))
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    settings = replace(disk.settings, token=Secret(disk.token))
    await check(settings, disk.folder, ("hello",), as_json=True)
    shown = capsys.readouterr()
    (finding,) = json.loads(shown.out)
    assert (finding["asked"], finding["reason"]) == ("releases", "releases-stopped")
    assert "in place of" not in shown.err


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


async def test_a_version_that_nobody_tagged_gives_way(disk: Disk, capsys: Captured) -> None:
    """A monitor lists 2.0 and 1.3, which have no tag: 1.2.4 is written once it has one."""
    monitor = "https://release-monitoring.org/api/v2/versions/?project_id=7"
    listed = ["2.0", "1.3", "1.2.4", "1.2.3"]
    told = {"versions": listed, "stable_versions": listed}
    disk.upstreams.put_file(monitor, json.dumps(told).encode())
    await disk.put("hello", HELLO, "release-monitor:\n    identifier: 7\n")
    assert await update(disk.settings, disk.folder, ("hello",), write=True)
    assert "refs/tags/v2.0" in capsys.readouterr().err
    commit = await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.2.4")
    assert not await update(disk.settings, disk.folder, ("hello",), write=True)
    written = disk.bytes()["hello.yaml"].decode()
    assert 'version: "1.2.4"' in written
    assert commit in written


async def test_a_version_stream_is_not_left(disk: Disk, capsys: Captured) -> None:
    """`hello-1.2` has 1.2.x, whatever else is tagged."""
    await disk.put("hello-1.2", HELLO, BY_GITHUB)
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.3.0")
    assert not await check(disk.settings, disk.folder, ("hello-1.2",), as_json=True)
    (found,) = json.loads(capsys.readouterr().out)
    assert found["reason"] == "leaves-stream"
    assert "1.3.0 is outside the version stream 1.2" in found["detail"]


@asynccontextmanager
async def silent(mirror: str, words: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Serve a mirror in which what has `words` in its path never answers; yields when it is asked.

    All else is forwarded.
    """
    asked = asyncio.Event()

    async def forward(request: web.Request) -> web.Response:
        if words in request.path:
            asked.set()
            await asyncio.Event().wait()
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, f"{mirror}{request.path_qs}", data=body, headers=headers
            ) as answer,
        ):
            kind = answer.headers.get("Content-Type", "")
            return web.Response(
                status=answer.status, body=await answer.read(), headers={"Content-Type": kind}
            )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_an_interrupt_loses_no_result(disk: Disk, capsys: Captured) -> None:
    """Ctrl-C while one host is silent: what the others answered is printed."""
    await disk.put("quiet", "https://quiet.example.org/quiet", BY_GIT)
    await disk.upstreams.provide_ref(HELLO, "refs/tags/v1.10.0")
    async with silent(disk.settings.mirror or "", "/quiet") as (mirror, asked):
        settings = replace(disk.settings, mirror=mirror)
        checking = asyncio.create_task(check(settings, disk.folder, (), as_json=True))
        await asyncio.wait_for(asked.wait(), 30)
        await asyncio.sleep(1)  # the other hosts answer at once
        os.kill(os.getpid(), signal.SIGINT)
        assert await asyncio.wait_for(checking, 30) == 130
    captured = capsys.readouterr()
    found = {one["package"]: one["reason"] for one in json.loads(captured.out)}
    assert found == {
        "hello": "update-found",
        "quiet": "upstream-unreachable",
        "world": "up-to-date",
    }
    assert "Interrupted" in captured.err

"""Git over HTTP, with the real git client."""

import asyncio
from pathlib import Path

import pytest

from octobot.sandbox.git.git import ENVIRONMENT
from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import DISTRO, Listener, Visitor


async def git(*arguments: str, at: Path | None = None) -> tuple[int, str]:
    """Run the git client."""
    process = await asyncio.create_subprocess_exec(
        *("git", "-c", "user.name=alice", "-c", "user.email=alice@example.org", *arguments),
        cwd=at,
        env={**ENVIRONMENT, "HOME": str(at or "/nonexistent")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def address(sandbox: Sandbox, token: str) -> str:
    """Return the repository's address with a credential in it."""
    return f"{sandbox.url.replace('//', f'//x-access-token:{token}@')}/{DISTRO}"


async def cloned(sandbox: Sandbox, token: str, to: Path) -> Path:
    """Clone, and commit one change on a new branch."""
    assert (await git("clone", "-q", address(sandbox, token), str(to)))[0] == 0
    (to / "foo.yaml").write_text("version: 2\n")
    await git("commit", "-q", "-a", "-m", "change", at=to)
    return to


@pytest.mark.parametrize("suffix", ["", ".git"])
async def test_anybody_clones_what_is_public(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path, suffix: str
) -> None:
    """Under both addresses, and the files are there."""
    assert bot.token
    status, said = await git("clone", "-q", f"{sandbox.url}/{DISTRO}{suffix}", str(tmp_path / "c"))
    assert status == 0, said
    assert (tmp_path / "c" / "foo.yaml").read_text() == "version: 1\n"


async def test_what_is_private_wants_a_credential(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path
) -> None:
    """Without one it is not there."""
    assert bot.token
    await sandbox.create_repository("acme/shut", {"a": b"1\n"}, private=True)
    assert (await git("clone", "-q", f"{sandbox.url}/acme/shut", str(tmp_path / "c")))[0] != 0


async def test_any_commit_can_be_fetched_by_its_id(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path
) -> None:
    """Also one that no ref names any more."""
    assert bot.token
    lost = await sandbox.commit_files(DISTRO, "topic", {"x": b"1\n"}, "x")
    await sandbox.delete_ref(DISTRO, "refs/heads/topic")
    await git("init", "-q", str(tmp_path / "c"))
    status, said = await git("fetch", f"{sandbox.url}/{DISTRO}", lost, at=tmp_path / "c")
    assert status == 0, said


async def test_a_push_is_a_push(
    sandbox: Sandbox, bot: Visitor, listener: Listener, tmp_path: Path
) -> None:
    """The branch is there, and was delivered."""
    assert bot.token
    sandbox.deliver_to(listener.url)
    alice = sandbox.person("alice", "write")
    clone = await cloned(sandbox, alice.token, tmp_path / "c")
    assert (await git("push", "-q", "origin", "HEAD:topic", at=clone))[0] == 0
    await sandbox.settle()
    assert {"create", "push"} <= set(listener.names())
    (push,) = listener.payloads("push")
    assert push["commits"][0]["modified"] == ["foo.yaml"]
    assert push["sender"]["login"] == "alice"
    status, said = await git("push", "-q", "origin", "HEAD:refs/pull/9/head", at=clone)
    assert status != 0
    assert "hidden" in said


async def test_a_protected_branch_takes_no_push(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path
) -> None:
    """The hook says GitHub's words."""
    sandbox.protect(DISTRO, "main", [("build", None)])
    clone = await cloned(sandbox, sandbox.person("alice", "write").token, tmp_path / "c")
    status, said = await git("push", "origin", "HEAD:main", at=clone)
    assert status != 0
    assert "GH006" in said
    text = await bot.send("GET", f"/repos/{DISTRO}/contents/foo.yaml")
    assert text.body["content"] == "dmVyc2lvbjogMQo=\n"


async def test_a_stranger_does_not_push(sandbox: Sandbox, bot: Visitor, tmp_path: Path) -> None:
    """Reading is not writing."""
    assert bot.token
    clone = await cloned(sandbox, sandbox.person("bob", "read").token, tmp_path / "c")
    assert (await git("push", "origin", "HEAD:topic", at=clone))[0] != 0
    anonymous = f"{sandbox.url}/{DISTRO}"
    assert (await git("push", anonymous, "HEAD:topic", at=clone))[0] != 0


async def test_four_tags_at_once_cause_no_delivery(
    sandbox: Sandbox, bot: Visitor, listener: Listener, tmp_path: Path
) -> None:
    """GitHub's own rule; they are there all the same."""
    clone = await cloned(sandbox, sandbox.person("alice", "write").token, tmp_path / "c")
    for number in range(4):
        await git("tag", f"v{number}", at=clone)
    sandbox.deliver_to(listener.url)
    await git("push", "-q", "origin", "--tags", at=clone)
    await sandbox.settle()
    assert listener.names() == ["ping"]
    assert len(await bot.get(f"/repos/{DISTRO}/tags")) == 4


async def test_archives_have_githubs_folder(sandbox: Sandbox, bot: Visitor, tmp_path: Path) -> None:
    """And are at another address, as on GitHub."""
    moved = await bot.send("GET", f"/repos/{DISTRO}/tarball/main")
    assert moved.status == 302
    archive = await bot.with_token("").send("GET", moved.headers["Location"])
    (tmp_path / "a.tar.gz").write_bytes(archive.body)
    process = await asyncio.create_subprocess_exec(
        *("tar", "-tzf", str(tmp_path / "a.tar.gz")), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    head = (await bot.get(f"/repos/{DISTRO}/git/ref/heads/main"))["object"]["sha"]
    assert f"acme-distro-{head[:7]}/foo.yaml" in out.decode()
    assert sandbox.judge.requests > 0

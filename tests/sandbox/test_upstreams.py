"""The upstreams of a sandbox: git, files and placeholders over real loopback HTTP."""

import asyncio
import gzip
import io
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from octobot.sandbox.git.git import GitFailed
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import git
from octobot.sandbox.upstreams.pages import gzipped, packed
from octobot.sandbox.upstreams.upstreams import Upstreams

AT = datetime(2026, 1, 2, tzinfo=UTC)
MOSS = "https://git.example.org/moss/mossdb.git"
HOP = "https://github.com/hop-lang/hop"


@pytest.fixture
async def upstreams(tmp_path: Path) -> AsyncIterator[Upstreams]:
    """Open upstreams on a sandbox of their own."""
    async with Sandbox(tmp_path / "github") as sandbox:
        yield Upstreams(sandbox, tmp_path / "upstreams")


def release(tag: str, **files: str) -> git.Commit:
    """Make a tagged commit."""
    content = {name.replace("_", "."): text.encode() for name, text in files.items()}
    return git.Commit(f"Release {tag}", AT, content, tags=(tag,), annotated=True)


async def get(upstreams: Upstreams, path: str) -> tuple[int, bytes]:
    """Fetch `HOST/PATH` through the mirror."""
    url = f"{upstreams.mirror}/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.read()


async def ls_remote(address: str) -> dict[str, str]:
    """Ask with git itself what a repository shows."""
    process = await asyncio.create_subprocess_exec(
        *("git", "-c", "protocol.version=2", "ls-remote", address), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return {name: sha for sha, name in (line.split("\t") for line in out.decode().splitlines())}


async def test_git_reads_a_repository_of_another_host(upstreams: Upstreams) -> None:
    """Git's own client sees the tags, annotated ones peeled."""
    await upstreams.write(MOSS, [release("0.9.3", meson_build="project('mossdb')")])
    refs = await ls_remote(f"{upstreams.mirror}/git.example.org/moss/mossdb.git")
    source = upstreams.locate(MOSS)
    assert source is not None
    assert refs["refs/tags/0.9.3^{}"] == await git.resolve(source.git_dir, "refs/tags/0.9.3")
    assert refs["refs/tags/0.9.3"] != refs["refs/tags/0.9.3^{}"]


async def test_git_clones_through_the_mirror(upstreams: Upstreams, tmp_path: Path) -> None:
    """A whole clone works, not only the list of refs."""
    await upstreams.write(MOSS, [release("0.9.3", VERSION="0.9.3\n")])
    address = f"{upstreams.mirror}/git.example.org/moss/mossdb"
    process = await asyncio.create_subprocess_exec(
        "git", "clone", "--quiet", "--branch", "0.9.3", address, str(tmp_path / "clone"),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0
    assert await asyncio.to_thread((tmp_path / "clone" / "VERSION").read_text) == "0.9.3\n"


async def test_github_is_the_sandbox_itself(upstreams: Upstreams) -> None:
    """A tag written to github.com is in the repository that the sandbox's API serves."""
    await upstreams.write(HOP, [release("v1.4.0", README_md="Hop\n")])
    mirrored = await ls_remote(f"{upstreams.mirror}/github.com/hop-lang/hop.git")
    direct = await ls_remote(f"{upstreams.mirror.removesuffix('/mirror')}/hop-lang/hop.git")
    assert mirrored == direct
    assert "refs/tags/v1.4.0^{}" in direct


@pytest.mark.parametrize(
    "path",
    [
        "raw.githubusercontent.com/hop-lang/hop/refs/tags/release/1.4/go.mod",
        "raw.githubusercontent.com/hop-lang/hop/release/1.4/go.mod",
        "github.com/hop-lang/hop/raw/release/1.4/go.mod",
        "github.com/hop-lang/hop/raw/main/go.mod",
    ],
)
async def test_raw_files_are_read_from_git(upstreams: Upstreams, path: str) -> None:
    """Each of GitHub's addresses of a file leads to the same bytes, also at a tag with slashes."""
    await upstreams.write(HOP, [release("release/1.4", go_mod="module hop\n")])
    assert await get(upstreams, path) == (200, b"module hop\n")


async def test_gitlab_shows_raw_files_with_a_query(upstreams: Upstreams) -> None:
    """GitLab's `ref_type` does not make another file of it."""
    url = "https://gitlab.example.org/a/b/c"
    await upstreams.write(url, [release("v1", go_mod="module c\n")])
    path = "gitlab.example.org/a/b/c/-/raw/v1/go.mod?ref_type=tags"
    assert await get(upstreams, path) == (200, b"module c\n")


async def test_an_archive_of_a_tag_has_its_files(upstreams: Upstreams) -> None:
    """`archive/refs/tags/TAG.tar.gz` unpacks to `NAME-VERSION/`."""
    await upstreams.write(HOP, [release("v1.4.0", VERSION="1.4.0\n")])
    status, content = await get(
        upstreams, "github.com/hop-lang/hop/archive/refs/tags/v1.4.0.tar.gz"
    )
    assert status == 200
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert "hop-1.4.0/VERSION" in tar.getnames()


@pytest.mark.parametrize(
    "path",
    [
        "git.example.org/none.git/info/refs?service=git-upload-pack",
        "downloads.example.org/none.tar.gz",
        "github.com/hop-lang/hop/archive/refs/tags/v9.tar.gz",
        "raw.githubusercontent.com/hop-lang/hop/main/none",
    ],
)
async def test_what_is_not_there_is_404(upstreams: Upstreams, path: str) -> None:
    """An unknown repository, file, ref or path is said to be missing."""
    await upstreams.write(HOP, [release("v1.4.0", VERSION="1.4.0\n")])
    assert (await get(upstreams, path))[0] == 404


async def test_nobody_pushes_through_the_mirror(upstreams: Upstreams) -> None:
    """Upstreams are read only."""
    await upstreams.write(MOSS, [release("0.9.3", VERSION="0.9.3\n")])
    path = "git.example.org/moss/mossdb.git/info/refs?service=git-receive-pack"
    assert (await get(upstreams, path))[0] in {403, 404}


async def test_a_tag_stays_unless_it_is_said_to_move(upstreams: Upstreams) -> None:
    """A world cannot move a tag by mistake, and can on purpose."""
    await upstreams.write(MOSS, [release("0.9.3", VERSION="0.9.3\n")])
    again = git.Commit("Again", AT, {"VERSION": b"?\n"}, tags=("0.9.3",))
    with pytest.raises(GitFailed, match="exists already"):
        await upstreams.write(MOSS, [again])
    moved = git.Commit("Again", AT, {"VERSION": b"?\n"}, tags=("0.9.3",), moves=True)
    await upstreams.write(MOSS, [moved])
    assert await get(upstreams, "git.example.org/moss/mossdb/-/raw/0.9.3/VERSION") == (200, b"?\n")


async def test_what_is_written_once_is_not_written_again(upstreams: Upstreams) -> None:
    """A restart repeats its writes; the history stays as it was."""
    for _ in range(2):
        await upstreams.write(MOSS, [release("0.9.3", VERSION="0.9.3\n")], once="the beginning")
    source = upstreams.locate(MOSS)
    assert source is not None
    assert await git.run_git(source.git_dir, "rev-list", "--count", "main") == b"1\n"


@pytest.mark.parametrize("ref", ["refs/tags/v1.2/x", "refs/heads/stable", "HEAD"])
@pytest.mark.parametrize("url", [MOSS, HOP])
async def test_any_ref_of_any_repository_can_be_provided(
    upstreams: Upstreams, url: str, ref: str
) -> None:
    """A placeholder answers for a spec that no world describes, the same each time."""
    first = await upstreams.provide_ref(url, ref)
    assert await upstreams.provide_ref(url, ref) == first
    source = upstreams.locate(url)
    assert source is not None
    assert source.placeholder
    assert (await ls_remote(f"{upstreams.mirror}/{url.removeprefix('https://')}"))[ref] == first


async def test_the_commit_of_a_placeholder_is_the_same_in_any_order(
    upstreams: Upstreams,
) -> None:
    """Providing refs in another order returns the same commits."""
    one = [await upstreams.provide_ref(MOSS, f"refs/tags/{tag}") for tag in ("a", "b")]
    other = [await upstreams.provide_ref(HOP, f"refs/tags/{tag}") for tag in ("b", "a")]
    assert one == other[::-1]


async def test_a_described_repository_is_no_placeholder(upstreams: Upstreams) -> None:
    """Providing a ref that a world wrote gives that commit and marks nothing."""
    await upstreams.write(MOSS, [release("0.9.3", VERSION="0.9.3\n")])
    source = upstreams.locate(MOSS)
    assert source is not None
    commit = await upstreams.provide_ref(MOSS, "refs/tags/0.9.3")
    assert commit == await git.resolve(source.git_dir, "refs/tags/0.9.3")
    assert not source.placeholder


async def test_a_provided_release_is_on_github(upstreams: Upstreams) -> None:
    """Release and tag exist for the API and for git."""
    commit = await upstreams.provide_release("hop-lang/hop", "hop-v2")
    refs = await ls_remote(f"{upstreams.mirror}/github.com/hop-lang/hop")
    assert refs["refs/tags/hop-v2"] == commit


async def test_a_provided_file_can_be_downloaded(upstreams: Upstreams) -> None:
    """The bytes are the same through the door and over HTTP, also with odd characters."""
    content = await upstreams.provide_file("https://dl.example.org/a%2Bb/x.tgz?v=1")
    assert await get(upstreams, "dl.example.org/a%2Bb/x.tgz?v=1") == (200, content)
    assert await upstreams.provide_file("https://dl.example.org/a+b/x.tgz?v=1") == content


def test_packing_makes_the_same_bytes_on_every_machine() -> None:
    """The digest that the distro pins is a fact about the format, not about a compressor."""
    content = packed({"b": b"2", "a": b"1"})
    assert content == packed({"a": b"1", "b": b"2"})
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert tar.getnames() == ["a", "b"]


@pytest.mark.parametrize("size", [0, 1, 0xFFFF, 0x10000, 200_000])
def test_stored_gzip_is_gzip(size: int) -> None:
    """Python's own reader takes it apart again, whatever the number of blocks."""
    content = bytes(size)
    assert gzip.decompress(gzipped(content)) == content

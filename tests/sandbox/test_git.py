"""Git, asked the way the sandbox asks it."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.model.ids import Sha
from octobot.sandbox.git.draft import Draft, Identity, Put, is_ref_name
from octobot.sandbox.git.git import ENVIRONMENT, Git, GitFailed, RefMoved
from octobot.sandbox.git.readers import Readers

ME = Identity("Ann Example", "ann@example.org", datetime(2026, 5, 4, tzinfo=UTC))


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[Git]:
    """Yield an empty repository."""
    readers = Readers(ENVIRONMENT)
    made = Git(tmp_path / "r.git", readers)
    await made.init("main")
    yield made
    await readers.close()


async def grow(git: Git, files: Mapping[str, bytes | None], *parents: Sha) -> Sha:
    """Make a commit on top of others."""
    tree = await git.tree_of(parents[0]) if parents else None
    puts = {path: None if text is None else Put(text) for path, text in files.items()}
    return await git.commit(Draft("m\n", ME, ME, parents, tree[0] if tree else None, puts))


async def test_a_commit_is_what_was_asked_for(git: Git) -> None:
    """Same parts, same id: nothing of this machine gets in."""
    first = await grow(git, {"a": b"1\n", "d/e f": b"\xff\0"})
    assert first == await grow(git, {"a": b"1\n", "d/e f": b"\xff\0"})
    found = await git.commit_of(first)
    assert found
    assert (found.author.name, found.author.at) == ("Ann Example", ME.at)
    assert await git.read(f"{first}:d/e f") == (
        await git.resolve(f"{first}:d/e f", "blob"),
        "blob",
        b"\xff\0",
    )
    second = await grow(git, {"d/e f": None, 'odd "name"\\': b"x"}, first)
    tree = await git.tree_of(second)
    assert tree
    assert [entry.name for entry in tree[1]] == ["a", 'odd "name"\\']


async def test_modes_survive(git: Git) -> None:
    """Executables, links, and subtrees by id."""
    inner = await grow(git, {"x": b"1\n"})
    tree = await git.tree_of(inner)
    assert tree
    puts = {
        "run": Put(b"#!/bin/sh\n", "100755"),
        "link": Put(b"run", "120000"),
        "sub": Put(tree[0], "040000"),
    }
    made = await git.commit(Draft("m\n", ME, ME, (), None, puts))
    found = await git.tree_of(made)
    assert found
    modes = {entry.name: (entry.mode, entry.kind) for entry in found[1]}
    assert modes == {
        "link": ("120000", "blob"),
        "run": ("100755", "blob"),
        "sub": ("040000", "tree"),
    }


async def test_refs_move_only_from_their_known_target(git: Git) -> None:
    """A lost race is reported, not overwritten."""
    first = await grow(git, {"a": b"1\n"})
    second = await grow(git, {"a": b"2\n"}, first)
    await git.move("refs/heads/main", old=None, new=first)
    with pytest.raises(RefMoved):
        await git.move("refs/heads/main", old=None, new=second)
    with pytest.raises(RefMoved):
        await git.move("refs/heads/main", old=second, new=first)
    await git.move("refs/heads/main", old=first, new=second)
    assert await git.ref("refs/heads/main") == second
    assert await git.refs("refs/heads/ma") == {"refs/heads/main": second}
    await git.move("refs/heads/main", old=second, new=None)
    assert await git.ref("refs/heads/main") is None


async def test_merges_conflict_or_not(git: Git) -> None:
    """Without a working copy."""
    base = await grow(git, {"a": b"1\n", "b": b"1\n"})
    left = await grow(git, {"a": b"2\n"}, base)
    right = await grow(git, {"b": b"2\n"}, base)
    clash = await grow(git, {"a": b"3\n"}, base)
    tree = await git.merge_tree(left, right)
    assert tree
    assert await git.read(f"{tree}:a") == (await git.resolve(f"{left}:a", "blob"), "blob", b"2\n")
    assert await git.merge_tree(left, clash) is None
    assert await git.merge_base(left, right) == base
    assert not await git.is_ancestor(left, right)
    merged = await git.commit(Draft("m\n", ME, ME, (left, right), tree))
    assert await git.is_ancestor(base, merged)
    assert set(await git.between(left, merged)) == {right, merged}


async def test_differences_know_renames(git: Git) -> None:
    """And binary files, which have no lines."""
    text = b"".join(b"line %d\n" % n for n in range(20))
    first = await grow(git, {"old": text, "bin": b"\0", "gone": b"1\n"})
    second = await grow(
        git, {"old": None, "new": text + b"more\n", "bin": b"\0\0", "gone": None}, first
    )
    found = {
        c.path: (c.status, c.old_path, c.added, c.removed) for c in await git.diff(first, second)
    }
    assert found == {
        "bin": ("M", "bin", 0, 0),
        "gone": ("D", "gone", 0, 1),
        "new": ("R", "old", 1, 0),
    }


async def test_tags_are_objects_of_their_own(git: Git) -> None:
    """A tag of a tag peels to the commit."""
    first = await grow(git, {"a": b"1\n"})
    inner = await git.write_tag(first, "commit", "v1", "one", ME)
    outer = await git.write_tag(inner, "tag", "v1-again", "two", ME)
    await git.move("refs/tags/v1", old=None, new=outer)
    assert await git.resolve("refs/tags/v1") == first
    tag = await git.tag_of(outer)
    assert tag
    assert (tag.target, tag.kind, tag.message) == (inner, "tag", "two")
    assert await git.dated_refs("refs/tags/") == [("refs/tags/v1", outer, int(ME.at.timestamp()))]


@pytest.mark.parametrize("path", ["../escape", ".git/config", "a//b", "a/.GIT/x", ""])
async def test_a_path_that_leads_out_is_refused(git: Git, path: str) -> None:
    """Whoever asks for it."""
    with pytest.raises(GitFailed, match="invalid path"):
        await grow(git, {path: b"x"})


@pytest.mark.parametrize("name", ["", "nothing", "HEAD", "main:x", "a\nb", "--batch", "x" * 5000])
async def test_what_is_missing_is_not_found(git: Git, name: str) -> None:
    """Whatever is asked, the next answer belongs to the next question."""
    first = await grow(git, {"a": b"1\n"})
    assert await git.read(name) is None
    assert await git.resolve(first) == first


async def test_a_failure_says_what_git_said(git: Git) -> None:
    """Git refuses a parent that does not exist."""
    with pytest.raises(GitFailed, match="fast-import"):
        await grow(git, {"a": b"x"}, Sha("1" * 40))


@pytest.mark.parametrize(
    "name", ["refs/heads/a", "refs/tags/v1.0$(id)", "refs/heads/octobot/a/1_p2", "refs/heads/é"]
)
async def test_a_good_ref_name_is_one_for_git_too(git: Git, name: str) -> None:
    """Odd ones included."""
    first = await grow(git, {"a": b"1\n"})
    assert is_ref_name(name)
    await git.move(name, old=None, new=first)


@pytest.mark.parametrize(
    "name",
    [
        *("refs/heads/a b", "refs/heads/a..b", "refs/heads/.a", "refs/heads/a.lock"),
        *("refs/heads/a~1", "refs/heads/", "refs/heads/a\\b", "refs/heads/a.", "refs/heads/@{x}"),
    ],
)
async def test_a_bad_ref_name_is_one_for_git_too(git: Git, name: str) -> None:
    """We say no where git would."""
    first = await grow(git, {"a": b"1\n"})
    assert not is_ref_name(name)
    with pytest.raises(RefMoved):
        await git.move(name, old=None, new=first)

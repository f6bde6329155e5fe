import pytest

from octobot.github.repository.git_objects import blob_id
from octobot.model.config import ConfigFile
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Sha
from tests.github.distro import BRANCH, BUMPED, FILES, NAME, SPEC, Distro

LONG = "# " + "x" * (600 << 10) + "\n"


async def test_the_outline_lists_the_specs_of_the_root(os: Distro) -> None:
    """Only regular files that can be a package's; with GitHub's own time."""
    outline = await os.github.trees.outline()
    assert outline.specs == (
        ("bar.yaml", blob_id(FILES["bar.yaml"].decode())),
        ("foo.yaml", blob_id(SPEC)),
    )
    assert await os.github.branches.head("main") == outline.commit
    assert outline.at.tzinfo is not None


async def test_blobs_are_read_byte_for_byte_or_not_at_all(os: Distro) -> None:
    """Missing, binary, not UTF-8 and too large are None; what GraphQL truncates is read whole."""
    odd = {
        "nul.yaml": b"a\0b",
        "latin.yaml": b"a: \xe9\n",
        "crlf.yaml": b"a: 1\r\n",
        "long.yaml": LONG.encode(),
        "huge.yaml": b"x" * ((1 << 20) + 1),
    }
    await os.sandbox.commit_files(NAME, "main", odd, "odd files")
    ids = dict((await os.github.trees.outline()).specs)
    texts = await os.github.trees.blobs([*ids.values(), *ids.values(), Sha("0" * 40)])
    assert {name: texts[id_] for name, id_ in ids.items()} == {
        "bar.yaml": FILES["bar.yaml"].decode(),
        "foo.yaml": SPEC,
        "nul.yaml": None,
        "latin.yaml": None,
        "crlf.yaml": "a: 1\r\n",
        "long.yaml": LONG,
        "huge.yaml": None,
    }
    assert texts[Sha("0" * 40)] is None


async def test_many_blobs_travel_by_the_hundred(os: Distro) -> None:
    """250 specs are three queries."""
    many: dict[str, bytes | None] = {f"p{n}.yaml": f"n: {n}\n".encode() for n in range(248)}
    await os.sandbox.commit_files(NAME, "main", many, "many")
    specs = dict((await os.github.trees.outline()).specs)
    os.sandbox.log.clear()
    texts = await os.github.trees.blobs(list(specs.values()))
    assert len(specs) == 250
    assert texts[specs["p7.yaml"]] == "n: 7\n"
    assert [one.path for one in os.sandbox.log] == ["/api/graphql"] * 3


async def test_the_repositorys_own_file(os: Distro) -> None:
    """Absent, present, and something else in its place."""
    path = ".github/octobot.yaml"
    assert await os.github.config_files.read() == ()
    await os.sandbox.commit_files(NAME, "main", {path: b"paused: true\n"}, "pause")
    text = "paused: true\n"
    assert await os.github.config_files.read() == (ConfigFile(path, blob_id(text), text),)
    await os.sandbox.commit_files(NAME, "main", {path: b"hold: \xff\n"}, "not UTF-8")
    assert [each.text for each in await os.github.config_files.read()] == [None]
    await os.sandbox.commit_files(NAME, "main", {path: None, f"{path}/x": b"a folder\n"}, "confuse")
    assert [(each.path, each.text) for each in await os.github.config_files.read()] == [
        (path, None)
    ]


async def test_a_commit_is_one_signed_write(os: Distro) -> None:
    """Branch and commit are made by one call, on exactly the base."""
    base = (await os.github.trees.outline()).commit
    os.sandbox.log.clear()
    head = await os.commit()
    assert [one.mutations for one in os.sandbox.log.content_writes()] == [
        ("createRef", "createCommitOnBranch")
    ]
    assert await os.github.branches.head(BRANCH) == head
    made = await os.github.trees.merged(head)
    assert made.paths == (("foo.yaml", blob_id(BUMPED)),)
    shown = await os.app.anonymous().get(f"/repos/{NAME}/commits/{head}")
    assert isinstance(shown, dict)
    assert shown["commit"]["verification"]["verified"] is True
    assert [parent["sha"] for parent in shown["parents"]] == [base]
    assert shown["commit"]["message"] == "foo/1.1 package update\n\nA new version."


async def test_a_commit_aside_is_signed_and_seen_by_nobody(os: Distro) -> None:
    """Only when the branch is moved to it does the pull request show it, and stay open."""
    pull = await os.propose()
    await os.sandbox.commit_files(NAME, "main", {"README.md": b"!\n"}, "Move on")
    base = (await os.github.trees.outline()).commit
    os.sandbox.log.clear()
    made = await os.github.commits.create_aside(
        base=base, files={"foo.yaml": BUMPED}, message=("foo/1.1 package update", "Recreated.")
    )
    assert [one.path.split("/git/")[-1] for one in os.sandbox.log.writes()] == ["trees", "commits"]
    assert (await os.github.pulls.get(pull.number)).head == pull.head
    assert (await os.github.trees.merged(made)).paths == (("foo.yaml", blob_id(BUMPED)),)
    shown = await os.app.anonymous().get(f"/repos/{NAME}/commits/{made}")
    assert isinstance(shown, dict)
    assert shown["commit"]["verification"]["verified"] is True
    assert shown["commit"]["message"] == "foo/1.1 package update\n\nRecreated."
    assert await os.github.branches.move(BRANCH, expected=pull.head, to=made)
    now = await os.github.pulls.get(pull.number)
    assert (now.head, now.state) == (made, "open")


async def test_a_branch_that_a_crash_left_at_its_base_is_used(os: Distro) -> None:
    """Only the commit was missing."""
    base = (await os.github.trees.outline()).commit
    await os.sandbox.commit_files(NAME, BRANCH, {"x.yaml": b"x: 1\n"}, "x")
    standing = await os.github.branches.head(BRANCH)
    assert standing
    assert await os.github.branches.move(BRANCH, expected=standing, to=base)
    os.sandbox.log.clear()
    head = await os.commit()
    assert [one.mutations for one in os.sandbox.log.writes()] == [("createCommitOnBranch",)]
    assert await os.github.branches.head(BRANCH) == head


async def test_a_foreign_head_is_left_alone(os: Distro) -> None:
    """Somebody's work is on the branch: another change, or more than one commit."""
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"evil: true\n"}, "evil")
    standing = await os.github.branches.head(BRANCH)
    with pytest.raises(UserError, match="did not make"):
        await os.commit()
    assert await os.github.branches.head(BRANCH) == standing
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": BUMPED.encode()}, "and more")
    with pytest.raises(UserError, match="did not make"):
        await os.commit()


async def test_an_imitated_commit_never_counts(os: Distro) -> None:
    """A commit with the same change, made by somebody else, is replaced by octobot's own."""
    base = (await os.github.trees.outline()).commit
    forged = await os.sandbox.commit_files(
        NAME, BRANCH, {"foo.yaml": BUMPED.encode()}, "foo/1.1 package update", by="mallory"
    )
    head = await os.commit()
    assert head != forged
    assert await os.github.branches.head(BRANCH) == head
    assert (await os.github.trees.merged(head)).paths == (("foo.yaml", blob_id(BUMPED)),)
    assert (await os.github.trees.outline()).commit == base


async def test_a_branch_moves_only_from_where_it_was_seen(os: Distro) -> None:
    """Compare and swap, for moving back and for deleting."""
    base = (await os.github.trees.outline()).commit
    head = await os.commit()
    pushed = await os.sandbox.commit_files(NAME, BRANCH, {"README.md": b"!\n"}, "mine", by="ann")
    assert not await os.github.branches.move(BRANCH, expected=head, to=base)
    await os.github.branches.delete(BRANCH, expected=head)
    assert await os.github.branches.head(BRANCH) == pushed
    await os.github.branches.delete(BRANCH, expected=pushed)
    assert await os.github.branches.head(BRANCH) is None
    await os.github.branches.delete(BRANCH, expected=pushed)


async def test_a_base_that_moved_on_is_still_the_base(os: Distro) -> None:
    """The branch is made where the bump was computed, whatever `main` did meanwhile."""
    old = (await os.github.trees.outline()).commit
    await os.sandbox.commit_files(NAME, "main", {"bar.yaml": b"package: {}\n"}, "elsewhere")
    head = await os.github.commits.create(
        branch=BRANCH, base=old, files={"foo.yaml": BUMPED}, message=("foo", "")
    )
    assert (await os.github.trees.merged(head)).paths == (("foo.yaml", blob_id(BUMPED)),)


async def test_a_commit_that_does_not_exist_is_no_base(os: Distro) -> None:
    """GitHub's own words come along."""
    with pytest.raises(TryLater, match="GitHub made no commit"):
        await os.github.commits.create(
            branch=BRANCH, base=Sha("1" * 40), files={"foo.yaml": "x"}, message=("foo", "")
        )


async def test_without_permission_the_operator_gets_an_error(os: Distro) -> None:
    """The token cannot be had as wide as the code needs it."""
    await os.sandbox.install_app(NAME, permissions={"metadata": "read", "contents": "read"})
    with pytest.raises(Misconfigured, match="contents=read"):
        await os.github.trees.outline()


async def test_the_merged_tree_names_what_should_not_be_there(os: Distro) -> None:
    """Folders and removals show as themselves."""
    head = await os.sandbox.commit_files(
        NAME, "main", {"bar.yaml": None, "foo/fix.patch": b"other\n"}, "odd"
    )
    paths = (await os.github.trees.merged(head)).paths
    assert [path for path, _ in paths] == ["bar.yaml", "foo/"]
    assert paths[0][1] is None

"""A sandbox that was killed is itself again."""

import pickle
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.sandbox.git.draft import Draft, Identity
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import RefIntent
from tests.sandbox.test_pulls import PULLS, propose
from tests.sandbox.visitor import DISTRO, Visitor, Watch


async def test_everything_is_still_there(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path, watch: Watch, session: aiohttp.ClientSession
) -> None:
    """Pull requests, checks, people, tokens, keys: read by a second one from the same home."""
    sandbox.protect(DISTRO, "main", [("build", 15368)])
    head = Sha(await propose(bot))
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success", log="fine")
    alice = sandbox.person("alice", "write")
    await alice.comment(DISTRO, 1, "hello")
    # Nothing is closed before: the first one might as well have been killed here.
    async with Sandbox(tmp_path / "sandbox", clock=watch) as second:
        assert second.app.private_key == sandbox.app.private_key
        again = Visitor(second, session, bot.token)
        assert (await again.get(f"{PULLS}/1"))["head"]["sha"] == head
        assert (await again.get(f"/repos/{DISTRO}/issues/1/comments"))[0]["body"] == "hello"
        merged = await again.send("PUT", f"{PULLS}/1/merge", {"sha": head})
        assert merged.status == 200
        assert second.person("alice", "write").token == alice.token
        assert await second.create_repository(DISTRO) == second.repository(DISTRO)
        assert second.judge.objections == []


async def test_a_merge_cut_in_two_is_finished(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path, watch: Watch
) -> None:
    """The state said merged, the branch had not moved yet."""
    head = Sha(await propose(bot))
    repo = sandbox.repository(DISTRO)
    git = sandbox.hub.git(repo)
    base = await git.ref("refs/heads/main")
    assert base
    state = sandbox.hub.state
    intent = RefIntent(state.next_id(), repo.id, "refs/heads/main", base, head)
    state.intents.put(intent)
    async with Sandbox(tmp_path / "sandbox", clock=watch) as second:
        assert await second.hub.git(repo).ref("refs/heads/main") == head
        assert list(second.hub.state.intents) == []


async def test_an_unchecked_head_is_shown_again(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path, watch: Watch
) -> None:
    """To a CI that died with it; one that was checked is not."""
    head = Sha(await propose(bot))
    checked = Sha(await propose(bot, b"version: 3\n", "octobot/foo/3"))
    sandbox.post_check_run(DISTRO, checked, "build", conclusion="success")
    seen: list[tuple[str, Sha, int | None, str]] = []

    async def look(name: str, sha: Sha, number: int | None, branch: str) -> None:
        seen.append((name, sha, number, branch))

    async with Sandbox(tmp_path / "sandbox", clock=watch) as second:
        second.on_head(look)
        await second.settle()
    assert seen == [(DISTRO, head, 1, "octobot/foo/2")]


async def test_a_head_that_moved_unheard_is_followed(
    sandbox: Sandbox, bot: Visitor, tmp_path: Path, watch: Watch, session: aiohttp.ClientSession
) -> None:
    """Git had taken the push when the sandbox died; the pull request had not."""
    head = Sha(await propose(bot))
    git = sandbox.hub.git(sandbox.repository(DISTRO))
    main = await git.ref("refs/heads/main")
    assert main
    tree = await git.tree_of(main)
    assert tree
    me = Identity("a", "a@example.org", watch.now)
    pushed = await git.commit(Draft("pushed\n", me, me, (head,), tree[0]))
    await git.move("refs/heads/octobot/foo/2", old=head, new=pushed)
    async with Sandbox(tmp_path / "sandbox", clock=watch) as second:
        shown = await Visitor(second, session, bot.token).get(f"{PULLS}/1")
        assert (shown["head"]["sha"], shown["commits"]) == (pushed, 2)


async def test_a_home_of_another_version_is_refused_with_its_remedy(tmp_path: Path) -> None:
    """Its values are pickled under names of classes that this version may not have."""
    async with Sandbox(tmp_path / "sandbox"):
        pass
    (file,) = (tmp_path / "sandbox").glob("*.sqlite*")
    with sqlite3.connect(file) as database:
        gone = pickle.dumps(Path).replace(b"pathlib", b"pathlob")
        database.execute("UPDATE kept SET value = ? WHERE kind = 'Account'", [gone])
    with pytest.raises(UserError, match="another version wrote this; remove it"):
        async with Sandbox(tmp_path / "sandbox"):
            pass

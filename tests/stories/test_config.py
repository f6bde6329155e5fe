"""The repository's file over time: changed, broken, fixed, and what applies meanwhile."""

from dataclasses import replace
from datetime import timedelta

from octobot.flows.land.judge import gather_snapshots, judge
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.flows.watch.sync_specs import TAG, report_config
from octobot.model.config import Config
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.judge import judge_change
from octobot.policy.simulate.simulate import Saved, load, save
from octobot.sandbox.state.nouns import Issue
from octobot.store.repositories import ConfigFiles
from octobot.store.store import Store
from tests.stories.story import NAME, Story

BROKEN = "minimum-release-age: 0s\nautomrge: true\nopen-pull-requests: many\n"
PATH = ".github/octobot.yaml"


def said(issue: Issue) -> str:
    """Return an issue's text."""
    return issue.body or ""


def issues(tale: Story) -> list[Issue]:
    """List the issues about the file, whatever their state."""
    mine = tale.sandbox.hub.state.issues.of(tale.world.watched.id)
    return sorted(
        (issue for issue in mine if f"octobot:{TAG} " in said(issue)), key=lambda one: one.number
    )


async def proposed(tale: Story) -> None:
    """Let hello 1.1 be proposed."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert len(await tale.pulls()) == 1


async def test_a_broken_file_keeps_the_last_good_one_and_is_reported(tale: Story) -> None:
    """The last valid file stays in force, merges included; one issue names every line."""
    await proposed(tale)
    await tale.configure(BROKEN)
    assert await tale.check() is ReasonCode.MERGED
    (issue,) = issues(tale)
    assert issue.state == "open"
    assert f"`{PATH}:2:1`: 'automrge' is not a key" in said(issue)
    assert f"`{PATH}:3:21`: 'many' is not a whole number" in said(issue)
    assert "last version of the file that it could read" in said(issue)


async def test_the_issue_is_one_and_goes_when_the_file_is_fixed(tale: Story) -> None:
    """Said once, brought up to date in place, closed with a comment, and opened for a new fault."""
    await tale.look()
    await tale.configure(BROKEN)
    await tale.later(minutes=10)
    tale.sandbox.log.clear()
    await tale.later(minutes=10)
    assert tale.sandbox.log.writes() == []
    await tale.configure("open-pull-requests: few\n")
    await tale.later(minutes=10)
    (issue,) = issues(tale)
    assert "'few' is not a whole number" in said(issue)
    assert "automrge" not in said(issue)
    await tale.configure("open-pull-requests: 5\n")
    await tale.later(minutes=10)
    (issue,) = issues(tale)
    assert issue.state == "closed"
    assert "Fixed: octobot can read" in tale.comments(issue.number)[-1]
    tale.sandbox.log.clear()
    await tale.later(minutes=10)
    assert tale.sandbox.log.writes() == []
    await tale.configure(BROKEN)
    await tale.later(minutes=10)
    assert [each.state for each in issues(tale)] == ["closed", "open"]


async def test_a_death_around_the_issue_leaves_one(tale: Story) -> None:
    """The intent is written first: who finds it waits, and after a while takes it over."""
    await tale.look()
    await tale.configure("x: 1\n")
    here, store = tale.world.watched.id, tale.store
    digests = []

    class Dying(ConfigFiles):
        """What is remembered by a process that dies once the issue is open."""

        async def enter_issue(self, _repository: int, digest: str, _number: int) -> None:
            digests.append(digest)

    dying = Store(store.database)
    dying.config_files = Dying(store.database)
    world = replace(tale.world, store=dying)
    await report_config(world)
    known = await store.config_files.issue(here)
    assert known
    assert (known.digest, known.number) == (digests[0], None)
    await report_config(tale.world)
    assert (await store.config_files.issue(here)) == known
    tale.clock.ahead += timedelta(minutes=11)
    await report_config(tale.world)
    (issue,) = issues(tale)
    known = await store.config_files.issue(here)
    assert known
    assert known.number == issue.number


async def test_an_issue_whose_number_a_death_hid_is_closed_too(tale: Story) -> None:
    """It is found by its tag."""
    await tale.look()
    await tale.configure("x: 1\n")
    await report_config(tale.world)
    here = tale.world.watched.id
    known = await tale.store.config_files.issue(here)
    assert known
    await tale.store.config_files.forget_issue(here)
    await tale.store.config_files.intend_issue(here, known.digest, now=tale.world.clock())
    await tale.configure("paused: false\n")
    await report_config(tale.world)
    (issue,) = issues(tale)
    assert issue.state == "closed"
    assert await tale.store.config_files.issue(here) is None


async def test_a_file_that_could_never_be_read_stops_everything(tale: Story) -> None:
    """Nobody knows what its author wants: nothing is proposed, nothing merged."""
    await tale.configure(BROKEN)
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.BAD_CONFIG
    assert await tale.pulls() == ()
    assert "never read this file without errors" in said(issues(tale)[0])
    await tale.configure("minimum-release-age: 0s\n")
    await tale.later(minutes=10)
    assert await tale.check() is ReasonCode.MERGED
    assert issues(tale)[0].state == "closed"


async def test_a_file_that_is_removed_leaves_no_last_good_one(tale: Story) -> None:
    """The defaults hold at once; a first file that is broken after that stops everything."""
    await proposed(tale)
    await tale.sandbox.commit_files(NAME, "main", {PATH: None}, "No settings")
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.configure(BROKEN)
    assert await tale.later(hours=25) is ReasonCode.BAD_CONFIG
    assert len(await tale.pulls()) == 1


async def test_a_folder_in_the_files_place_is_reported(tale: Story) -> None:
    """No file, and still something that somebody meant."""
    await tale.look()
    folder: dict[str, bytes | None] = {PATH: None, f"{PATH}/x": b"paused: true\n"}
    await tale.sandbox.commit_files(NAME, "main", folder, "Confuse")
    await tale.later(minutes=10)
    assert "no text file" in said(issues(tale)[0])


async def test_a_changed_file_reaches_what_waits_at_once(tale: Story) -> None:
    """A package that waits for its age is not left waiting for its next turn."""
    await tale.configure("minimum-release-age: 7d\n")
    await proposed(tale)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.configure("minimum-release-age: 0s\n")
    assert await tale.look() is ReasonCode.MERGED


async def test_a_snapshot_of_a_pull_request_is_judged_anywhere_alike(tale: Story) -> None:
    """Saved, read again and judged without GitHub: the very same verdict."""
    await proposed(tale)
    for conclusion in (None, "failure", "success"):
        if conclusion:
            (pull,) = await tale.pulls()
            tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion=conclusion)
        row = await tale.row()
        package = tale.world.reader.read(row.path, row.blob, row.text)
        assert isinstance(package, Package)
        (pull,) = await tale.pulls()
        settings = await configured(tale.world, fresh=True)
        there = await judge(tale.world, [Member(row, package)], pull, settings.config)
        tale.sandbox.log.clear()
        snapshots = await gather_snapshots(tale.world, "hello")
        assert tale.sandbox.log.writes() == []
        saved = load(save(snapshots))
        assert isinstance(saved, Saved)
        assert saved.snapshots == tuple(snapshots)
        here = judge_change(saved.snapshots)
        assert (here.outcome, here.reason, here.head) == (
            there[1].outcome,
            there[1].reason,
            there[1].head,
        )
    assert here.reason.code is ReasonCode.READY


async def test_the_check_run_shows_which_settings_apply(tale: Story) -> None:
    """A verdict under the last good file says that it is one."""
    await proposed(tale)
    await tale.configure(BROKEN)
    found = (await configured(tale.world)).config
    assert isinstance(found, Config)
    assert isinstance(found.fault, Reason)
    (snapshot,) = await gather_snapshots(tale.world, "hello")
    ruling = judge_change([snapshot]).rulings[0]
    assert ruling.rule == "config"
    assert "last settings that could be read" in ruling.reason.detail
    assert "automrge" in ruling.reason.detail

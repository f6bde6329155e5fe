from datetime import timedelta

import pytest

from octobot.github.repository.checks import ACTIONS
from octobot.model.pull_request import PullRequest, RequiredCheck, TreeChange
from tests.github.distro import BRANCH, BUMPED, NAME, SPEC, Distro


async def test_the_state_of_a_fresh_pull_request(os: Distro) -> None:
    """One commit, one changed file, nothing required, nobody approved."""
    pull = await os.propose()
    state = await os.github.snapshots.state(pull.number)
    assert state.pull.head == pull.head
    assert state.commits == (pull.head,)
    assert state.changes == (TreeChange("foo.yaml", "100644", "100644", SPEC, BUMPED),)
    assert (state.checks, state.required, state.approved) == ((), (), False)


async def test_protection_and_rulesets_both_require(os: Distro) -> None:
    """Bound to an App or not, each once."""
    pull = await os.propose()
    os.sandbox.protect(NAME, "main", [("build", ACTIONS), ("any", None)])
    os.sandbox.protect(NAME, "main", [("build", ACTIONS), ("scan", 99)], ruleset=True)
    state = await os.github.snapshots.state(pull.number)
    assert state.required == (
        RequiredCheck("any"),
        RequiredCheck("build", ACTIONS),
        RequiredCheck("scan", 99),
    )


async def test_the_latest_run_of_every_check_is_read_to_the_last_page(os: Distro) -> None:
    """The failing one is on the second page."""
    pull = await os.propose()
    for number in range(120):
        os.sandbox.post_check_run(NAME, pull.head, f"c{number}", conclusion="success")
    os.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure", summary="no")
    os.sandbox.post_check_run(NAME, pull.head, "build", app_id=99, status="queued")
    checks = (await os.github.snapshots.state(pull.number)).checks
    assert len(checks) == 122
    shown = {(c.name, c.app): (c.status, c.conclusion) for c in checks if c.name == "build"}
    assert shown == {
        ("build", ACTIONS): ("completed", "failure"),
        ("build", 99): ("queued", None),
    }


async def test_changes_are_compared_on_trees(os: Distro) -> None:
    """New, removed and in folders: each shows for what it is."""
    pull = await os.propose()
    more = {"foo/fix.patch": b"x\n", "bar.yaml": None, "new.yaml": b"n: 1\n", "bin.yaml": b"\0"}
    await os.sandbox.commit_files(NAME, BRANCH, more, "more", by="ann")
    state = await os.github.snapshots.state(pull.number)
    assert len(state.commits) == 2
    assert {(c.path, c.before_mode, c.after_mode, c.after) for c in state.changes} == {
        ("bar.yaml", "100644", "", None),
        ("bin.yaml", "", "100644", None),
        ("foo", "040000", "040000", None),
        ("foo.yaml", "100644", "100644", BUMPED),
        ("new.yaml", "", "100644", "n: 1\n"),
    }


async def test_changes_are_those_of_the_pull_request_only(os: Distro) -> None:
    """What `main` did meanwhile does not show."""
    pull = await os.propose()
    await os.sandbox.commit_files(NAME, "main", {"bar.yaml": b"later: 1\n"}, "later")
    state = await os.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == ["foo.yaml"]


@pytest.mark.parametrize(
    ("role", "approved"), [("read", False), ("triage", False), ("write", True), ("admin", True)]
)
async def test_an_approval_counts_from_who_can_write(
    os: Distro, role: str, *, approved: bool
) -> None:
    """`author_association` is not asked."""
    pull = await os.propose()
    await _review(os, pull, "ann", role, "APPROVE")
    assert (await os.github.snapshots.state(pull.number)).approved is approved


async def test_an_approval_holds_for_its_commit_only(os: Distro) -> None:
    """A push makes it stale."""
    pull = await os.propose()
    await _review(os, pull, "ann", "write", "APPROVE")
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"other: 1\n"}, "x", by="bob")
    assert (await os.github.snapshots.state(pull.number)).approved is False


async def test_the_last_word_of_a_person_counts(os: Distro) -> None:
    """Approved, then changes requested, then a mere comment: not approved."""
    pull = await os.propose()
    for event in ("APPROVE", "REQUEST_CHANGES", "COMMENT"):
        await _review(os, pull, "ann", "write", event)
    assert (await os.github.snapshots.state(pull.number)).approved is False
    await _review(os, pull, "bob", "write", "APPROVE")
    assert (await os.github.snapshots.state(pull.number)).approved is True


async def _review(os: Distro, pull: PullRequest, who: str, role: str, event: str) -> None:
    roles = {"read": "read", "triage": "triage", "write": "write", "admin": "admin"}
    person = os.sandbox.person(who, roles[role])  # type: ignore[arg-type]
    await person.review(NAME, pull.number, event)


async def test_the_latest_status_of_each_user_is_read_to_the_last_page(os: Distro) -> None:
    """A status has no App: only who set it identifies it."""
    pull = await os.propose()
    ann, bob = (os.sandbox.person(name, "write", on=NAME) for name in ("ann", "bob"))
    await ann.set_status(NAME, pull.head, "legal", "success")
    await bob.set_status(NAME, pull.head, "legal", "failure")
    await ann.set_status(NAME, pull.head, "legal", "pending")
    for number in range(110):
        await ann.set_status(NAME, pull.head, f"c{number}", "success")
    found = (await os.github.snapshots.state(pull.number)).statuses
    legal = {each.creator: each.state for each in found if each.context == "legal"}
    assert legal == {ann.id: "pending", bob.id: "failure"}
    assert len(found) == 112


@pytest.mark.parametrize("ruleset", [False, True])
async def test_a_head_without_the_bases_newest_commit_is_behind(
    os: Distro, *, ruleset: bool
) -> None:
    """Only where protection or a ruleset minds."""
    pull = await os.propose()
    await os.sandbox.commit_files(NAME, "main", {"bar.yaml": b"later: 1\n"}, "later")
    assert not (await os.github.snapshots.state(pull.number)).behind
    os.sandbox.protect(NAME, "main", strict=True, ruleset=ruleset, required=[("build", ACTIONS)])
    os.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    assert (await os.github.snapshots.state(pull.number)).behind


async def test_the_state_carries_githubs_time(os: Distro) -> None:
    """The `Date` of the last answer dates what was read, whatever the machine thinks."""
    pull = await os.propose()
    at = (await os.github.snapshots.state(pull.number)).at
    assert at is not None
    assert abs(at - os.sandbox.hub.state.now()) < timedelta(minutes=1)


async def test_a_check_run_comes_with_its_suite_and_workflow(os: Distro) -> None:
    """The workflow is read with the reviews; a suite of none has none."""
    pull = await os.propose()
    for app, workflow in ((ACTIONS, "ci"), (ACTIONS, ""), (99, "")):
        suite = os.sandbox.open_suite(NAME, pull.head, app_id=app, workflow=workflow)
        os.sandbox.post_check_run(
            NAME, pull.head, "build", app_id=app, suite=suite, conclusion="success"
        )
    before = os.sandbox.judge.graphql
    checks = (await os.github.snapshots.state(pull.number)).checks
    assert sorted((run.app, run.workflow.name if run.workflow else "") for run in checks) == [
        (99, ""),
        (ACTIONS, ""),
        (ACTIONS, "ci"),
    ]
    assert len({run.suite for run in checks}) == 3
    assert {run.workflow.event for run in checks if run.workflow} == {"pull_request"}
    assert all(run.started_at and run.completed_at for run in checks)
    assert os.sandbox.judge.graphql - before == 3  # texts, reviews, the queue

"""What differs between one GitHub and another: plans, switches, and older servers."""

from collections.abc import Awaitable, Callable

import pytest

from octobot.github.doctor.doctor import diagnose_setup
from octobot.github.doctor.finding import Finding
from octobot.model.errors import Misconfigured
from octobot.sandbox.http.call import Answer, Call
from tests.github.distro import BRANCH, NAME, Distro

PRIVATE = "distro/private"
METHODS = "merge methods: merge, squash, rebase"


async def test_the_doctor_names_a_plan_without_rulesets(os: Distro) -> None:
    """A free private repository is one finding; those of the others are kept."""
    await os.sandbox.create_repository(PRIVATE, {"a.yaml": b"a: 1\n"}, private=True)
    await os.sandbox.install_app(PRIVATE)
    os.sandbox.hub.state.live.free_plan = True
    found = await diagnose_setup(os.app)
    (plan,) = [each for each in found if "Upgrade to GitHub Pro" in each.detail]
    assert (plan.about, plan.level) == (PRIVATE, "problem")
    assert plan.detail.startswith("a private repository of a free plan has neither rulesets")
    assert "permission" not in plan.detail
    for name in (NAME, PRIVATE):
        assert Finding(name, "fine", METHODS) in found


async def test_the_doctor_keeps_what_it_found_beside_a_failure(os: Distro) -> None:
    """Whatever GitHub refuses, all else is told."""

    async def intercept(call: Call, dispatch: Callable[[Call], Awaitable[Answer]]) -> Answer:
        if call.path.startswith("/app/hook"):
            return Answer({"message": "Not for you"}, 403, broken=True)
        return await dispatch(call)

    os.sandbox.door.intercept = intercept
    found = await diagnose_setup(os.app)
    assert [each.level for each in found if each.about == "hook"] == ["problem"]
    assert Finding(NAME, "fine", METHODS) in found


async def test_issues_that_are_switched_off_are_said_once(os: Distro) -> None:
    """Nothing is written again and again; when they are back, they are used again."""
    os.sandbox.configure(NAME, has_issues=False)
    os.sandbox.log.clear()
    for _ in range(5):
        assert await os.github.issues.post(tag="t", title="t", body="b") is None
    assert [one.status for one in os.sandbox.log if one.method == "POST"][-1:] == [410]
    assert len([one for one in os.sandbox.log if one.status == 410]) == 1
    assert os.github.issues.off
    warning = "issues are switched off: octobot cannot open one when it needs a person"
    assert Finding(NAME, "warning", warning) in await diagnose_setup(os.app)
    os.sandbox.configure(NAME, has_issues=True)
    os.ticker.seconds += 6 * 3600
    assert await os.github.issues.post(tag="t", title="t", body="b")


async def test_an_issue_that_was_switched_off_needs_no_closing(os: Distro) -> None:
    """Nobody sees it; a pull request's comments are not concerned."""
    number = await os.github.issues.post(tag="t", title="t", body="b")
    assert number
    pull = await os.propose()
    os.sandbox.configure(NAME, has_issues=False)
    await os.github.comments.post(number, tag="over", body="It is over.")
    await os.github.issues.close(number)
    await os.github.comments.post(pull.number, tag="hello", body="Hello.")
    assert await os.github.comments.has_said(pull.number, "hello")


async def test_a_refusal_about_workflows_is_named_so(os: Distro) -> None:
    """It is no lack of `contents`, and nothing that octobot should be given."""
    outline = await os.github.trees.outline()
    with pytest.raises(Misconfigured, match=r"change to a workflow.*on purpose") as told:
        await os.github.commits.create(
            branch=BRANCH,
            base=outline.commit,
            files={".github/workflows/ci.yml": "on: push\n"},
            message=("ci", ""),
        )
    assert "contents=write" not in str(told.value)


async def test_an_older_server_lacks_moves_and_nothing_else(os: Distro) -> None:
    """Without `updateRefs` bumps are made, branches stay, and a move says what it needs."""
    os.sandbox.hub.state.live.without_fields = frozenset({"Mutation.updateRefs"})
    pull = await os.propose()
    base = (await os.github.trees.outline()).commit
    with pytest.raises(Misconfigured, match=r"updateRefs came with 3\.13"):
        await os.github.branches.move(BRANCH, expected=pull.head, to=base)
    await os.github.branches.delete(BRANCH, expected=pull.head)
    assert await os.github.branches.head(BRANCH) == pull.head


async def test_actions_is_asked_for_its_number(os: Distro) -> None:
    """On another server it is another App, whose failed jobs have logs and are run again."""
    os.sandbox.hub.state.live.actions_app = 42
    pull = await os.propose()
    os.sandbox.post_check_run(
        NAME, pull.head, "build", app_id=42, conclusion="failure", log="error: no\n"
    )
    (check,) = await os.github.checks.runs(pull.head)
    (failed,) = await os.github.logs.failed([check])
    assert failed.log == "error: no\n"
    (rerun,) = await os.github.checks.rerunnable([check])
    assert rerun.run is not None
    found = await diagnose_setup(os.app)
    words = "GitHub Actions is App 42 on this server: write it as `app:` of a check"
    assert Finding(NAME, "fine", words) in found


async def test_the_doctor_names_what_an_older_server_lacks(os: Distro) -> None:
    """What octobot does without is a warning, what it needs a problem, also before any bump."""
    assert not [each for each in await diagnose_setup(os.app) if each.about == "GraphQL"]
    os.sandbox.hub.state.live.without_fields = frozenset(
        {"Mutation.updateRefs", "AutoSquashEnabledEvent", "PullRequest.mergeQueueEntry"}
    )
    (spared,) = [each for each in await diagnose_setup(os.app) if each.about == "GraphQL"]
    words = "AutoSquashEnabledEvent, Mutation.updateRefs, PullRequest.mergeQueueEntry"
    assert spared.level == "warning"
    assert f"does not know {words}: octobot does without" in spared.detail
    await os.propose()
    os.sandbox.hub.state.live.without_fields = frozenset(
        {"PullRequest.isDraft", "Mutation.createRef"}
    )
    (needed, _) = [each for each in await diagnose_setup(os.app) if each.about == "GraphQL"]
    assert needed.level == "problem"
    assert "Mutation.createRef, PullRequest.isDraft; upgrade the server" in needed.detail


async def test_the_reader_of_upstreams_may_read_refs(os: Distro) -> None:
    """Where GitHub wants `contents` even for what is public."""
    os.sandbox.hub.state.live.refs_need_contents = True
    refs = 'refs(refPrefix: "refs/heads/", first: 1) { nodes { name } }'
    document = f'query {{ repository(owner: "distro", name: "os") {{ {refs} }} }}'
    answer = await os.app.reader(os.watched.installation).graphql_response(document, {})
    assert not answer.errors

"""One job name in several suites: a later green hides no red, and an old red does not stay."""

import pytest

from octobot.github.repository.workflows import HEAD
from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import GRAPHQL
from octobot.sandbox.state.nouns import CheckRunState
from tests.stories.story import NAME, Story
from tests.stories.test_commands import say
from tests.stories.test_gate import proposed

CI, FAILED, MERGED = 15368, ReasonCode.CHECKS_FAILED, ReasonCode.MERGED


def run(
    tale: Story,
    head: Sha,
    conclusion: Conclusion,
    *,
    workflow: str = "ci",
    event: str = "pull_request",
    app: int = CI,
) -> int:
    """Start a workflow in a new suite, with one job `build`; return its check run."""
    suite = tale.sandbox.open_suite(NAME, head, app_id=app, workflow=workflow, event=event)
    return tale.sandbox.post_check_run(
        NAME, head, "build", app_id=app, conclusion=conclusion, suite=suite
    )


def own(tale: Story, head: Sha) -> CheckRunState:
    """Return octobot's check run on a head."""
    runs = tale.sandbox.check_runs(NAME, head)
    return [one for one in runs if one.name == "octobot"][-1]


@pytest.mark.parametrize("first", ["failure", "cancelled", "skipped", "timed_out"])
async def test_a_newer_run_of_the_workflow_replaces_the_older(
    tale: Story, first: Conclusion
) -> None:
    """Started twice on one commit, as when a pull request is reopened, or run again."""
    pull = await proposed(tale)
    run(tale, pull.head, first)
    run(tale, pull.head, "success")
    assert await tale.later(minutes=10) is MERGED


async def test_a_red_that_is_newer_replaces_the_green(tale: Story) -> None:
    """Newest counts in both directions."""
    pull = await proposed(tale)
    run(tale, pull.head, "success")
    run(tale, pull.head, "failure")
    assert await tale.later(minutes=10) is FAILED
    assert 'version: "1.0"' in await tale.spec()


@pytest.mark.parametrize(
    "other",
    [
        ("nightly", "pull_request"),
        ("ci", "push"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("red_first", [True, False])
async def test_a_green_never_hides_a_red_of_something_else(
    tale: Story, other: tuple[str, str], *, red_first: bool
) -> None:
    """Row 98: another workflow, another event, or a suite of which that is not known."""
    pull = await proposed(tale)
    ends: list[tuple[Conclusion, tuple[str, str]]] = [
        ("failure", ("ci", "pull_request")),
        ("success", other),
    ]
    for conclusion, (workflow, event) in ends if red_first else reversed(ends):
        run(tale, pull.head, conclusion, workflow=workflow, event=event)
    assert await tale.later(minutes=10) is FAILED
    assert 'version: "1.0"' in await tale.spec()


async def test_the_run_that_blocks_is_named_with_its_page(tale: Story) -> None:
    """A person sees which of two runs it is, why the green one is not enough, and what helps."""
    pull = await proposed(tale)
    red = run(tale, pull.head, "failure", workflow="nightly")
    green = run(tale, pull.head, "success")
    assert await tale.later(minutes=10) is FAILED
    detail = (await tale.row()).reason.detail
    assert f"build (App {CI}): failure in workflow nightly (pull_request), run {red}," in detail
    assert f"/job/{red}" in detail
    assert f"run {green} is newer and green, but of workflow ci (pull_request)" in detail
    assert "/octobot retry" in detail
    assert f"/job/{red}" in (own(tale, pull.head).output.summary or "")
    assert len([one for one in tale.comments(pull.number) if "failed" in one]) == 1


async def test_retry_runs_the_red_one_again_and_then_it_is_merged(tale: Story) -> None:
    """The attempt is newer than both, in the suite of the first."""
    pull = await proposed(tale)
    run(tale, pull.head, "failure", workflow="nightly")
    run(tale, pull.head, "success")
    assert await tale.later(minutes=10) is FAILED
    assert (await say(tale, "/octobot retry", on=pull.number)).startswith("✅")
    again = next(
        one for one in tale.sandbox.check_runs(NAME, pull.head)[::-1] if one.name == "build"
    )
    assert again.status == "queued"
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    tale.sandbox.update_check_run(again.id, conclusion="success")
    assert await tale.later(minutes=10) is MERGED


async def test_two_suites_of_another_app_both_count(tale: Story) -> None:
    """It has no workflows: the newest of each suite must be green."""
    tale.sandbox.protect(NAME, "main", required=[("build", 99)])
    pull = await proposed(tale)
    run(tale, pull.head, "success")
    red = run(tale, pull.head, "failure", app=99)
    run(tale, pull.head, "success", app=99)
    assert await tale.later(minutes=10) is FAILED
    suite = tale.sandbox.hub.state.check_runs[red].suite
    tale.sandbox.post_check_run(
        NAME, pull.head, "build", app_id=99, conclusion="success", suite=suite
    )
    assert await tale.later(hours=1) is MERGED


async def test_workflows_that_github_does_not_show_merge_less_not_more(tale: Story) -> None:
    """An error in that part alone stops nothing but what needs the workflow."""
    pull = await proposed(tale)
    run(tale, pull.head, "cancelled")
    run(tale, pull.head, "success")
    faults = tale.sandbox.faults()

    def asked(call: Call) -> bool:
        return call.path == GRAPHQL and b"checkSuites" in call.body

    def without(answer: Answer) -> Answer:
        body = answer.body if isinstance(answer.body, dict) else {}
        data = body.get("data") or {}
        shown = data.get("repository", {})
        pull = {**shown.get("pullRequest", {}), HEAD: None}
        data = {**data, "repository": {**shown, "pullRequest": pull}}
        path = ["repository", "pullRequest", HEAD]
        wrong = [{"type": "FORBIDDEN", "path": path, "message": "no"}]
        return Answer(
            {**body, "data": data, "errors": wrong}, answer.status, answer.headers, broken=True
        )

    faults.strike("no suites", asked, side="after", answer=without, times=1000)
    assert await tale.later(minutes=10) is FAILED
    assert "perhaps of another workflow" in (await tale.row()).reason.detail
    faults.clear()
    assert await tale.later(hours=1) is MERGED


@pytest.mark.parametrize("conclusion", ["skipped", "neutral"])
async def test_what_did_not_run_is_called_by_its_name(tale: Story, conclusion: Conclusion) -> None:
    """It is no failure to explain, and no success to merge on, unless the file accepts it."""
    pull = await proposed(tale)
    run(tale, pull.head, conclusion)
    assert await tale.later(minutes=10) is FAILED
    assert f": {conclusion}" in (await tale.row()).reason.detail
    assert f": {conclusion}" in (own(tale, pull.head).output.title or "")
    assert tale.comments(pull.number) == []
    tale.pardoned = frozenset({"S2"})  # the file says that it is enough
    await tale.configure(
        "minimum-release-age: 0s\nrequired-checks:\n"
        f"  - {{name: build, app: {CI}, accept: [{conclusion}]}}\n"
    )
    assert await tale.later(hours=1) is MERGED


async def test_what_is_accepted_hides_no_failure(tale: Story) -> None:
    """A skipped run beside a red one of another workflow, and the other conclusion."""
    tale.pardoned = frozenset({"S2"})  # the file says that skipped is enough
    pull = await proposed(
        tale,
        config="minimum-release-age: 0s\nrequired-checks:\n"
        f"  - {{name: build, app: {CI}, accept: [skipped]}}\n",
    )
    run(tale, pull.head, "failure")
    run(tale, pull.head, "skipped", workflow="nightly")
    assert await tale.later(minutes=10) is FAILED
    run(tale, pull.head, "neutral")
    assert await tale.later(minutes=10) is FAILED
    run(tale, pull.head, "success")
    assert await tale.later(minutes=10) is MERGED


@pytest.mark.parametrize("ending", ["person", "octobot", "superseded", "merged"])
async def test_the_check_run_ends_with_the_pull_request(tale: Story, ending: str) -> None:
    """Nothing stays in progress on what nobody judges any more."""
    config = "automerge: true\nminimum-release-age: 7d\n"
    pull = await proposed(tale, config=config)
    assert own(tale, pull.head).status == "in_progress"
    bob = tale.sandbox.person("bob", "admin", on=NAME)
    match ending:
        case "person":
            await bob.close(NAME, pull.number)
        case "merged":
            tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
            await bob.merge(NAME, pull.number)
        case "octobot":
            await tale.write_spec("1.1")
        case _:
            await tale.check("failure")  # what only waits is kept
            await tale.release("1.2")
    await tale.later(minutes=10)
    ended = own(tale, pull.head)
    assert (ended.status, ended.conclusion) == ("completed", "neutral")
    assert (ended.output.title or "").startswith("Closed: the pull request was ")
    assert "\\" not in (ended.output.summary or "")

import pytest

from octobot.github.repository.checks import ACTIONS, Posted
from octobot.github.repository.comments import tagged
from octobot.model.errors import TryLater
from octobot.model.ids import Sha
from octobot.model.pull_request import CheckRun, FailedCheck
from tests.github.distro import NAME, Distro


async def test_a_comment_is_replaced_in_place(os: Distro) -> None:
    """One comment for each tag; the same words again cost no write."""
    pull = await os.propose()
    for body in ("it failed", "it failed again", "it failed again"):
        await os.github.comments.post(pull.number, tag="failure", body=body)
    await os.github.comments.post(pull.number, tag="other", body="something else")
    shown = await _comments(os, pull.number)
    assert shown == [
        "it failed again\n\n<!-- octobot:failure -->",
        "something else\n\n<!-- octobot:other -->",
    ]
    writes = [one.method for one in os.sandbox.log.writes() if "comments" in one.path]
    assert writes == ["POST", "PATCH", "POST"]


async def test_an_imitated_tag_is_not_octobots(os: Distro) -> None:
    """Neither somebody else's comment, nor foreign text within octobot's own."""
    pull = await os.propose()
    ann = os.sandbox.person("ann", "write")
    await ann.comment(NAME, pull.number, "mine\n\n<!-- octobot:failure -->")
    await os.github.comments.post(pull.number, tag="log", body="quoted <!-- octobot:failure -->\n")
    await os.github.comments.post(pull.number, tag="failure", body="it failed")
    assert len(await _comments(os, pull.number)) == 3


async def _comments(os: Distro, number: int) -> list[str]:
    found = await os.app.anonymous().pages(f"/repos/{NAME}/issues/{number}/comments")
    return [str(each["body"]) for each in found if isinstance(each, dict)]


@pytest.mark.parametrize("tag", ["", "-->", "a\n", "a>b", "<b", "x" * 300])
def test_a_tag_cannot_break_out(tag: str) -> None:
    """It ends up within an HTML comment."""
    with pytest.raises(ValueError, match="cannot be hidden"):
        tagged(tag, "body")


async def test_an_issue_is_opened_once_and_kept_up_to_date(os: Distro) -> None:
    """Found again by its tag; closed, it makes way for a new one."""
    number = await os.github.issues.post(tag="manual-foo", title="foo 1.1", body="by hand")
    assert number
    assert await os.github.issues.post(tag="manual-foo", title="foo 1.1", body="by hand") == number
    assert await os.github.issues.post(tag="manual-foo", title="foo 1.2", body="by hand") == number
    assert await os.github.issues.post(tag="manual-bar", title="bar", body="by hand") != number
    shown = await os.app.anonymous().get(f"/repos/{NAME}/issues/{number}")
    assert isinstance(shown, dict)
    assert shown["title"] == "foo 1.2"
    await os.github.issues.close(number)
    await os.github.issues.close(number)
    again = await os.github.issues.post(tag="manual-foo", title="foo 1.3", body="by hand")
    assert again
    assert again > number
    with pytest.raises(TryLater, match="404"):
        await os.github.issues.close(9999)


async def test_a_pull_request_is_no_issue(os: Distro) -> None:
    """Even when its body ends with the tag."""
    await os.commit()
    body = "New.\n\n<!-- octobot:manual-foo -->"
    pull = await os.github.pulls.open(branch="octobot/foo/1.1", title="foo/1.1", body=body)
    assert await os.github.issues.post(tag="manual-foo", title="foo", body="x") != pull.number


async def test_our_check_run_is_updated_in_place(os: Distro) -> None:
    """Waiting, then decided; the same words again cost no write."""
    head = await os.commit()
    verdicts: tuple[Posted | None, ...] = (None, None, "neutral", "success", "success")
    for conclusion in verdicts:
        await os.github.checks.post(
            head=head, conclusion=conclusion, title="A title", summary="Why."
        )
    (run,) = os.sandbox.check_runs(NAME, head)
    assert (run.name, run.app, run.status, run.conclusion) == (
        "octobot",
        os.bot.app,
        "completed",
        "success",
    )
    assert (run.output.title, run.output.summary) == ("A title", "Why.")
    writes = [one.method for one in os.sandbox.log.writes() if "check-runs" in one.path]
    assert writes == ["POST", "PATCH", "PATCH"]


async def test_a_decided_check_that_waits_again_is_a_new_run(os: Distro) -> None:
    """GitHub keeps a conclusion; another App's run with the same name is not octobot's."""
    head = await os.commit()
    os.sandbox.post_check_run(NAME, head, "octobot", conclusion="success")
    await os.github.checks.post(head=head, conclusion="failure", title="No", summary="Why.")
    await os.github.checks.post(head=head, conclusion=None, title="Wait", summary="Why.")
    runs = os.sandbox.check_runs(NAME, head)
    assert [(run.app, run.status) for run in runs] == [
        (ACTIONS, "completed"),
        (os.bot.app, "completed"),
        (os.bot.app, "in_progress"),
    ]


async def test_a_check_on_no_commit_is_reported(os: Distro) -> None:
    """It may be a replica that lags."""
    with pytest.raises(TryLater):
        await os.github.checks.post(head=Sha("1" * 40), conclusion=None, title="A", summary="B")


async def test_the_log_of_a_failed_job_is_fetched(os: Distro) -> None:
    """Its tail only; without one, and for other Apps, what the check run shows."""
    head = await os.commit()
    long = "".join(f"line {number}\n" for number in range(250_000))
    post = os.sandbox.post_check_run
    post(NAME, head, "build", conclusion="failure", log="a\nb\n")
    post(NAME, head, "long", conclusion="failure", log=long)
    post(NAME, head, "scan", app_id=99, conclusion="failure", summary="two problems")
    pull = await os.github.pulls.open(branch="octobot/foo/1.1", title="foo", body="x")
    checks = (await os.github.snapshots.state(pull.number)).checks
    by_name = {
        failed.check.name: failed.log for failed in await os.github.logs.failed(list(checks))
    }
    assert by_name["build"] == "a\nb\n"
    assert by_name["scan"] == "scan\n\ntwo problems"
    assert len(by_name["long"]) <= 2 << 20
    assert by_name["long"].startswith("line ")
    assert long.endswith(by_name["long"])


async def test_a_job_that_is_gone_has_no_log(os: Distro) -> None:
    """Neither log nor output: empty, and not an error."""
    gone = CheckRun(424242, "build", ACTIONS, "completed", "failure")
    assert await os.github.logs.failed([gone]) == (FailedCheck(gone, ""),)

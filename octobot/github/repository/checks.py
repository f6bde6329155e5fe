"""Check runs: all of them, the one that octobot posts, and re-runs.

A workflow run's failed jobs are re-run together; another App's check only that App can re-run.
Source: docs.github.com, REST "Re-run failed jobs from a workflow run", "Rerequest a check run".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

import structlog

from octobot.github.transport.json_fields import Unexpected, at, maybe_number, number, text
from octobot.github.transport.refusals import Forbidden
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.session import Handle
from octobot.model.ids import Sha
from octobot.model.pull_request import CheckRun, CommitStatus, Conclusion, Rerun

log = structlog.get_logger()

ACTIONS = 15368
"""The App id of GitHub Actions on github.com; on another host it is another one."""
_ACTIONS_PATH = "/apps/github-actions"
_NO_PERMISSION = "Resource not accessible by integration"
"""What a 403 says for a missing permission; the others of a re-run are about the workflow run."""
OWN_RUN = "octobot"
"""The name of octobot's own check run."""
Posted = Literal["success", "failure", "neutral"]
Status = Literal["queued", "in_progress", "completed", "waiting", "requested", "pending"]
State = Literal["error", "failure", "pending", "success"]
_STATES: dict[str, State] = {word: word for word in get_args(State)}
_STATUSES: dict[str, Status] = {word: word for word in get_args(Status)}
_CONCLUSIONS: dict[str, Conclusion] = {word: word for word in get_args(Conclusion)}


@dataclass(frozen=True, slots=True)
class Checks:
    """The check runs and statuses of one repository."""

    handle: Handle
    _asked: dict[str, int | None] = field(default_factory=dict)
    """What the App id of GitHub Actions is here, once it was asked."""

    async def actions(self) -> int | None:
        """Return the App id of GitHub Actions, whose check runs are jobs; None without it.

        Source: docs.github.com, REST "Get an app".
        """
        if _ACTIONS_PATH not in self._asked:
            found = await self.handle.session.find(_ACTIONS_PATH)
            self._asked[_ACTIONS_PATH] = None if found is None else number(found, "id")
        return self._asked[_ACTIONS_PATH]

    async def runs(self, head: Sha) -> tuple[CheckRun, ...]:
        """Read the latest run of each name in each suite of a commit, every page, past every cache.

        Of which workflow a suite is, only GraphQL says: `workflows.py`.
        """
        path = self.handle.path("commits", head, "check-runs", filter="latest")
        found = await self.handle.session.pages(path, "check_runs", fresh=True)
        return tuple(_read(each) for each in found)

    async def statuses(self, head: Sha) -> tuple[CommitStatus, ...]:
        """Read each user's latest status of each name on a commit, every page, past every cache.

        GitHub lists the newest first.  Source: docs.github.com, REST "List commit statuses for a
        reference"; the combined status does not say who set one.
        """
        found = await self.handle.session.pages(
            self.handle.path("commits", head, "statuses"), fresh=True
        )
        latest: dict[tuple[str, int], CommitStatus] = {}
        for each in found:
            creator = maybe_number(at(each, "creator"), "id")
            if creator is not None:
                one = CommitStatus(text(each, "context"), creator, _state(each))
                latest.setdefault((one.context, one.creator), one)
        return tuple(latest.values())

    async def post(
        self,
        head: Sha,
        *,
        conclusion: Posted | None,
        title: str,
        summary: str,
        listed: Sequence[CheckRun] | None = None,
    ) -> None:
        """Create or update octobot's check run on a commit, unless it is the same already.

        `listed`: the check runs of this commit as they were just read, octobot's among them.
        """
        wanted = _wanted(conclusion, title, summary)
        known = None if listed is None else self._listed(listed)
        if listed is None or (known and known.summary == summary):
            existing = await self._own(head)
            if existing is not None and _says(existing, wanted):
                return
            known = None if existing is None else _read(existing)
        # GitHub does not take a conclusion back: a run that waits again is a new one.
        if known is None or (not conclusion and known.status == "completed"):
            method, path = "POST", self.handle.path("check-runs")
            wanted |= {"name": OWN_RUN, "head_sha": head}
        else:
            method, path = "PATCH", self.handle.path("check-runs", known.id)
        await self.handle.session.write(method, path, wanted)

    def _listed(self, runs: Sequence[CheckRun]) -> CheckRun | None:
        """Return octobot's own newest run out of a commit's."""
        own = (run for run in runs if (run.name, run.app) == (OWN_RUN, self.handle.bot.app))
        return max(own, key=lambda run: run.id, default=None)

    async def conclude(self, head: Sha, *, title: str, summary: str, keep_success: bool) -> None:
        """End our check run on a commit that is judged no more, as neutral; without one do nothing.

        `keep_success`: a check run that is green stays so.  A refusal is no reason to stop.
        """
        known = await self._own(head)
        if known is None or (keep_success and at(known, "conclusion") == "success"):
            return
        wanted = _wanted("neutral", title, summary)
        if _says(known, wanted):
            return
        path = self.handle.path("check-runs", number(known, "id"))
        answer = await self.handle.session.exchange("PATCH", path, wanted)
        if not answer.fine:
            log.info("check run not concluded", status=answer.status, because=answer.words)

    async def output_text(self, check: CheckRun) -> str:
        """Read the title, summary and text of a check run; empty when it was deleted."""
        answer = await self.handle.session.exchange("GET", self.handle.path("check-runs", check.id))
        parts = [at(answer.data, "output", part) for part in ("title", "summary", "text")]
        return "\n\n".join(part for part in parts if isinstance(part, str) and part)

    async def _own(self, head: Sha) -> object | None:
        path = self.handle.path("commits", head, "check-runs", check_name=OWN_RUN, filter="latest")
        found = await self.handle.session.pages(path, "check_runs", fresh=True)
        own = [run for run in found if at(run, "app", "id") == self.handle.bot.app]
        return max(own, key=lambda run: number(run, "id")) if own else None

    async def rerunnable(self, checks: Sequence[CheckRun]) -> tuple[Rerun, ...]:
        """Find the workflow runs of jobs, two requests each; the checks of other Apps have none."""
        actions = await self.actions()
        runs: dict[int, list[CheckRun]] = {}
        for check in checks:
            if check.app == actions and (run := await self._run_of(check)) is not None:
                runs.setdefault(run, []).append(check)
        return tuple(
            [Rerun(tuple(each), run, await self._is_over(run)) for run, each in runs.items()]
        )

    async def rerun_failed(self, rerun: Rerun) -> str | None:
        """Request one re-run; return GitHub's words where it refuses, None where it does not.

        A lost answer counts as success, because two requests are worse.  A run that cannot be
        retried, or is at work already, is refused with 403, and is no lack of a permission.
        """
        path = self.handle.path("actions/runs", rerun.run, "rerun-failed-jobs")
        try:
            answer = await self.handle.session.exchange("POST", path)
        except AnswerLost:
            return None
        except Forbidden as forbidden:
            if not forbidden.words or _NO_PERMISSION in forbidden.words:
                raise
            refused = forbidden.words
        else:
            refused = "" if answer.fine else answer.words or f"status {answer.status}"
        if refused:
            log.info("re-run refused", path=path, because=refused)
        return refused or None

    async def _run_of(self, check: CheckRun) -> int | None:
        answer = await self.handle.session.exchange(
            "GET", self.handle.path("actions/jobs", check.id)
        )
        return maybe_number(answer.data, "run_id") if answer.fine else None

    async def _is_over(self, run: int) -> bool:
        """Return whether a run has ended: GitHub re-runs nothing of it before."""
        answer = await self.handle.session.exchange(
            "GET", self.handle.path("actions/runs", run), fresh=True
        )
        return answer.fine and at(answer.data, "status") == "completed"


def run_of(run: object, suite: object) -> CheckRun:
    """Read a check run out of GraphQL's JSON, beside its suite; a new word is `Unexpected`."""
    conclusion = at(run, "conclusion")
    lower = text(run, "conclusion").lower() if conclusion is not None else None
    output = {"summary": at(run, "summary")}
    moments = {"started_at": at(run, "startedAt"), "completed_at": at(run, "completedAt")}
    return _read(
        {
            "id": number(run, "databaseId"),
            "name": text(run, "name"),
            "app": {"id": maybe_number(at(suite, "app"), "databaseId")},
            "status": text(run, "status").lower(),
            "conclusion": lower,
            "html_url": at(run, "url"),
            "output": output,
            "check_suite": {"id": number(suite, "databaseId")},
            **moments,
        }
    )


def _state(status: object) -> State:
    state = text(status, "state")
    if state not in _STATES:
        raise Unexpected("status.state", "state known to octobot")
    return _STATES[state]


def _wanted(conclusion: Posted | None, title: str, summary: str) -> dict[str, object]:
    """Return what a check run is to say; without a conclusion it is in progress."""
    wanted = {"output": {"title": title, "summary": summary}}
    if conclusion is None:
        return {**wanted, "status": "in_progress"}
    return {**wanted, "status": "completed", "conclusion": conclusion}


def _says(existing: object, wanted: dict[str, object]) -> bool:
    return (
        at(existing, "status") == wanted["status"]
        and at(existing, "conclusion") == wanted.get("conclusion")
        and all(
            at(existing, "output", part) == at(wanted, "output", part)
            for part in ("title", "summary")
        )
    )


def _read(data: object) -> CheckRun:
    """Take a check run out of its JSON; a word that is new to us is `Unexpected`, not a pass."""
    conclusion = at(data, "conclusion")
    if text(data, "status") not in _STATUSES:
        raise Unexpected("check_run.status", "status known to octobot")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise Unexpected("check_run.conclusion", "conclusion known to octobot")
    url, summary = at(data, "html_url"), at(data, "output", "summary")
    return CheckRun(
        id=number(data, "id"),
        name=text(data, "name"),
        app=maybe_number(at(data, "app"), "id") or 0,
        status=_STATUSES[text(data, "status")],
        conclusion=None if conclusion is None else _CONCLUSIONS[text(data, "conclusion")],
        url=url if isinstance(url, str) else "",
        summary=summary if isinstance(summary, str) else "",
        suite=maybe_number(at(data, "check_suite"), "id"),
        started_at=_moment(at(data, "started_at")),
        completed_at=_moment(at(data, "completed_at")),
    )


def _moment(iso: object) -> datetime | None:
    """Read a time; None without one, or where it cannot be compared."""
    try:
        moment = datetime.fromisoformat(iso) if isinstance(iso, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None

"""How the CI, which runs in the same process, posts check runs and learns of new heads."""

from dataclasses import replace

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.sandbox.changes import bootstrap
from octobot.sandbox.changes.checks import change_run, create_run
from octobot.sandbox.changes.refs import announce_head, new_suite
from octobot.sandbox.changes.repositories import Repositories
from octobot.sandbox.state.hub import OnHead
from octobot.sandbox.state.nouns import (
    CI_APP,
    EVENT,
    WORKFLOW,
    CheckRunState,
    CheckStatus,
    Output,
)


class CheckDoors(Repositories):
    """Check runs as an App posts them, and a subscription to new heads."""

    def post_check_run(  # noqa: PLR0913  (each is a field of a check run)
        self,
        name: str,
        head_sha: Sha,
        check: str,
        *,
        app_id: int = CI_APP,
        status: CheckStatus = "completed",
        conclusion: Conclusion | None = None,
        summary: str = "",
        log: str = "",
        suite: int = 0,
    ) -> int:
        """Post a check run as an App and return its id, which is also the job's id.

        `suite` 0: the App's newest one on this commit.
        """
        repo, now = self.repository(name), self._state.now()
        bootstrap.app(self._state, app_id)
        run = CheckRunState(
            id=self._state.next_id(),
            repo=repo.id,
            suite=suite,
            app=app_id,
            name=check,
            head_sha=head_sha,
            status=status,
            conclusion=conclusion,
            started_at=now,
            completed_at=now if status == "completed" else None,
            output=Output(check if summary else None, summary or None),
            log=log,
        )
        return create_run(self.hub, repo, run).id

    def open_suite(
        self,
        name: str,
        head_sha: Sha,
        *,
        app_id: int = CI_APP,
        workflow: str = WORKFLOW,
        event: str = EVENT,
    ) -> int:
        """Start a workflow, or another suite of an App, on a commit; return the suite's id.

        Without a `workflow` GitHub does not say of which workflow the suite is.
        """
        bootstrap.app(self._state, app_id)
        started = (workflow, event) if workflow and app_id == self._state.actions_app else ("", "")
        return new_suite(self.hub, self.repository(name), app_id, head_sha, started=started).id

    def update_check_run(
        self,
        number: int,
        *,
        status: CheckStatus = "completed",
        conclusion: Conclusion | None = None,
        summary: str | None = None,
        log: str | None = None,
    ) -> None:
        """Change a check run; None leaves summary or log as they are."""
        run = self._state.check_runs[number]
        done = status == "completed"
        changed = replace(
            run,
            status=status,
            conclusion=conclusion,
            completed_at=self._state.now() if done else None,
            output=run.output if summary is None else Output(run.name, summary),
            log=run.log if log is None else log,
        )
        change_run(self.hub, self._state.repositories[run.repo], changed)

    def check_runs(self, name: str, head_sha: Sha) -> tuple[CheckRunState, ...]:
        """Return all check runs on a commit, oldest first."""
        return self._state.runs_on(self.repository(name).id, head_sha)

    def on_head(self, callback: OnHead) -> None:
        """Call back for every head of a pull request that appears or changes.

        After a restart it is also called for each open head without a completed check of the CI,
        so a crash during a call loses nothing.
        """
        self.hub.on_head.append(callback)
        for repo in self._state.repositories:
            for pull, _ in self._state.open_pulls(repo.id):
                runs = self._state.runs_on(repo.id, pull.head_sha)
                if not any(
                    run.app == self._state.actions_app and run.status == "completed" for run in runs
                ):
                    announce_head(self.hub, pull, (callback,))

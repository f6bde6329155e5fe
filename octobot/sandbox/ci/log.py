"""A job's log in the form in which GitHub Actions serves it, with melange's lines inside.

It is served as a file: a job's as text, a whole run's as the archive that GitHub makes of it.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import CheckSuite
from octobot.sandbox.views.checks import runs_of


class Log:
    """The lines of a log with their times, and the failures among them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lines: list[str] = []
        self.failures: list[str] = []
        """The sentence of each failure, for the check run's summary."""

    def say(self, text: str) -> None:
        """Write plain lines."""
        stamp = self._clock().strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._lines += [f"{stamp} {line}" for line in text.splitlines() or [""]]

    def melange(self, text: str, *, level: str = "INFO") -> None:
        """Write lines as melange itself logs them."""
        stamp = self._clock().strftime("%Y/%m/%d %H:%M:%S")
        self.say("\n".join(f"{stamp} {level} {line}" for line in text.splitlines()))

    def begin(self, title: str) -> None:
        """Open a step; GitHub folds its lines under the title."""
        self.say(f"##[group]{title}")
        self.say("##[endgroup]")

    def fail(self, because: str) -> None:
        """Record a failure; the job continues, because its other findings help too."""
        self.melange(because, level="ERROR")
        self.failures.append(because)

    def end(self) -> None:
        """End the job with the lines that the runner writes."""
        if self.failures:
            self.say("##[error]Process completed with exit code 1.")
        self.say("Cleaning up orphan processes")

    @property
    def text(self) -> str:
        """The whole log."""
        return "\n".join(self._lines) + "\n"


def log_file(hub: Hub, name: str) -> web.Response:
    """Serve `JOB.txt` or `RUN.zip`."""
    number, _, kind = name.partition(".")
    if kind == "zip":
        suite = hub.state.check_suites[int(number)]
        return web.Response(body=_archive(hub, suite), content_type="application/zip")
    run = hub.state.check_runs.get(int(number))
    return web.Response(text=run.log if run else "")


def _archive(hub: Hub, suite: CheckSuite) -> bytes:
    """Put each job's log at `N_JOB.txt`, as GitHub does."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, run in enumerate(runs_of(hub, suite)):
            archive.writestr(f"{number}_{run.name.replace('/', '_')}.txt", run.log)
    return made.getvalue()

"""The CI's logs as files: a job's as text, a whole run's as the archive that GitHub makes of it."""

import io
import zipfile

from aiohttp import web

from octobot.sandbox.changes.checks import runs_of
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import CheckSuite


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

"""Trials of reading: what an answer costs, what a new token may see, how large a query may be."""

from functools import partial

from octobot.github.conformance.stage import Stage
from octobot.github.conformance.trial import Skipped, Trial
from octobot.github.transport.json_fields import at, items, number
from octobot.github.transport.session import Session

_RATE = ("limit", "remaining", "reset", "used", "resource")
_ACTIONS = "github-actions"
_SLOW = 0.5
"""Seconds; a wait for a token to be known is longer."""


async def _repository(stage: Stage) -> str:
    await stage.handle.node()
    return "found by its id"


async def _rate(stage: Stage) -> str:
    answer = await stage.handle.session.exchange("GET", stage.handle.path(), fresh=True)
    missing = [name for name in _RATE if f"x-ratelimit-{name}" not in answer.headers]
    return f"without {', '.join(missing)}" if missing else "all there"


async def _unchanged(stage: Stage, *, new_token: bool) -> str:
    """Ask again with the ETag of an answer, with its token or with another one."""
    path, installation = stage.handle.path(), stage.handle.watched.installation
    first = stage.app.reader(installation)
    answer = await first.exchange("GET", path, fresh=True)
    if not (etag := answer.headers.get("etag")):
        return "no ETag"
    second = stage.app.lister(installation) if new_token else first
    return str((await second.revalidate(path, etag)).status)


async def _new_token(stage: Stage) -> str:
    """Use a token of this moment; the session asks again while GitHub does not know it."""
    session: Session = stage.app.lister(stage.handle.watched.installation)
    await session.get("/installation/repositories?per_page=1")
    fresh: Session = stage.app.lister(stage.handle.watched.installation)
    begun = fresh.clock.steady()
    await fresh.get(stage.handle.path(), fresh=True)
    taken = fresh.clock.steady() - begun
    return "at once" if taken < _SLOW else f"after {taken:.0f} s"


async def _reruns(stage: Stage) -> str:
    """Re-run the newest failed run of GitHub Actions."""
    path = stage.handle.path("actions/runs", status="failure", per_page=1)
    found = items(await stage.handle.session.get(path, fresh=True), "workflow_runs")
    if not found:
        raise Skipped("no workflow failed here")
    path = stage.handle.path("actions/runs", number(found[0], "id"), "rerun-failed-jobs")
    answer = await stage.handle.session.exchange("POST", path)
    return "accepted" if answer.fine else f"{answer.status} {answer.words}"


async def _foreign_rerun(stage: Stage) -> str:
    """Ask for another run of a check that belongs to another App."""
    tip = await stage.tip()
    path = stage.handle.path("commits", tip or "HEAD", "check-runs")
    runs = await stage.handle.session.pages(path, "check_runs", fresh=True)
    foreign = [
        run
        for run in runs
        if at(run, "app", "id") != stage.handle.bot.app and at(run, "app", "slug") != _ACTIONS
    ]
    if not foreign:
        raise Skipped("no other App checks this repository")
    path = stage.handle.path("check-runs", number(foreign[0], "id"), "rerequest")
    answer = await stage.handle.session.exchange("POST", path)
    return "accepted" if answer.fine else str(answer.status)


async def _size(count: int, stage: Stage) -> str:
    """Read the newest tags of so many repositories in one query."""
    if not stage.public:
        raise Skipped("no public repository was named")
    chosen = [stage.public[n % len(stage.public)] for n in range(count)]
    parts = "\n".join(
        f'  r{n}: repository(owner: "{one.owner}", name: "{one.name}") {{ databaseId'
        ' refs(refPrefix: "refs/tags/", first: 20) { nodes { name target { oid } } } }'
        for n, one in enumerate(chosen)
    )
    session = stage.app.reader(stage.handle.watched.installation)
    answer = await session.graphql_response(f"query {{\n{parts}\n}}", {})
    if answer.errors:
        kinds = sorted({str(at(each, "type") or at(each, "message")) for each in answer.errors})
        return f"{len(answer.errors)} errors: {', '.join(kinds)}"
    known = [at(answer.data, f"r{n}", "databaseId") for n in range(count)]
    return "answered" if None not in known else "with holes"


TRIALS = (
    Trial("GET repository", "found by its id", "nothing can be read", _repository),
    Trial("headers of the rate limit", "all there", "octobot may meet limits unprepared", _rate),
    Trial(
        "If-None-Match, same token",
        "304",
        "unchanged answers cost requests; the budget is smaller than planned",
        partial(_unchanged, new_token=False),
    ),
    Trial(
        "If-None-Match, new token",
        "200",
        "ETags outlive tokens here; octobot asks more often than it must",
        partial(_unchanged, new_token=True),
    ),
    Trial(
        "a token right after it was made",
        "at once",
        "the first requests of each hour wait until GitHub knows the token everywhere",
        _new_token,
    ),
    Trial("POST rerun-failed-jobs", "accepted", "`/octobot retry` fails", _reruns),
    Trial(
        "POST rerequest: another App's check",
        "403",
        "GitHub re-runs other Apps' checks here; `/octobot retry` does not use it",
        _foreign_rerun,
    ),
    *(
        Trial(
            f"GraphQL: {count} repositories in a query",
            "answered",
            "octobot asks for fewer at a time, so a pass takes more queries",
            partial(_size, count),
        )
        for count in (10, 25, 50, 100)
    ),
)

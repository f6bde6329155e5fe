"""Trials of reading: what an answer costs, what a new token may see, how large a query may be."""

from functools import partial

from octobot.github.conformance.stage import Stage
from octobot.github.conformance.trial import Skipped, Trial
from octobot.github.repository.checks import ACTIONS, Checks
from octobot.github.transport.json_fields import at, items, number
from octobot.github.transport.refusals import Forbidden
from octobot.github.transport.scopes import LISTING
from octobot.github.transport.session import Session
from octobot.model.lookup import GraphQLResponse

_RATE = ("limit", "remaining", "reset", "used", "resource")
_REFS = """query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    refs(refPrefix: "refs/tags/", first: 1) { nodes { name } }
  }
}"""
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
    path, watched = stage.handle.path(), stage.handle.watched
    only = frozenset({watched.id})
    first = stage.app.installation(watched.installation, repositories=only, permissions=LISTING)
    answer = await first.exchange("GET", path, fresh=True)
    if not (etag := answer.headers.get("etag")):
        return "no ETag"
    second = stage.app.lister(watched.installation) if new_token else first
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
    """Ask for another run of a check that belongs to another App, GitHub Actions too."""
    heads = [await stage.tip(), stage.pull.head if stage.pull else None]
    paths = [stage.handle.path("commits", head, "check-runs") for head in heads if head]
    runs = [
        run
        for path in paths
        for run in await stage.handle.session.pages(path, "check_runs", fresh=True)
        if at(run, "app", "id") != stage.handle.bot.app
    ]
    if not runs:
        raise Skipped("no other App checks this repository; add it to one to see this")
    path = stage.handle.path("check-runs", number(runs[0], "id"), "rerequest")
    try:
        answer = await stage.handle.session.exchange("POST", path)
    except Forbidden:
        return "403"
    return "accepted" if answer.fine else str(answer.status)


async def _actions_app(stage: Stage) -> str:
    found = await Checks(stage.handle).actions()
    return "none" if found is None else f"App {found}"


async def _public_refs(stage: Stage) -> str:
    """Read refs of a public repository with a token for nothing but what is public."""
    if not stage.public:
        raise Skipped("no public repository was named")
    one = stage.public[0]
    session = stage.app.installation(stage.handle.watched.installation, permissions=LISTING)
    answer = await session.graphql_response(_REFS, {"owner": one.owner, "name": one.name})
    shown = at(answer.data, "repository")
    if shown is None:
        raise Skipped(f"{one} is not shown")
    return "shown" if at(shown, "refs", "nodes") is not None else _kinds(answer)


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
        return f"{len(answer.errors)} errors: {_kinds(answer)}"
    known = [at(answer.data, f"r{n}", "databaseId") for n in range(count)]
    return "answered" if None not in known else "with holes"


def _kinds(answer: GraphQLResponse) -> str:
    """Return the kinds of errors in an answer."""
    return ", ".join(sorted({str(at(one, "type") or at(one, "message")) for one in answer.errors}))


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
    Trial(
        "GET apps/github-actions",
        f"App {ACTIONS}",
        "a required check of GitHub Actions has this number as its `app:` here",
        _actions_app,
    ),
    Trial(
        "GraphQL: refs of a public repository, without `contents`",
        "shown",
        "upstreams are read with `contents: read`: the App needs that permission",
        _public_refs,
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

"""Job names that several workflows share: a required check of that name means all of them.

GitHub shows one name for both, so nobody sees which one is required.  What ran is read, not the
workflows' files: the name of a job can be made of a matrix.
Source: docs.github.com, "Troubleshooting required status checks": job names must be unique.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from octobot.github.transport.json_fields import at
from octobot.github.transport.schema import Unknown
from octobot.github.transport.session import Handle

_ASK = """query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { target { ... on Commit { ...Suites } } }
    pullRequests(last: 10) { nodes { commits(last: 1) { nodes { commit { ...Suites } } } } }
  }
}
fragment Suites on Commit {
  checkSuites(last: 30) {
    nodes {
      workflowRun { workflow { name } }
      checkRuns(first: 50) { nodes { name } }
    }
  }
}"""
"""The default branch and the newest pull requests: 13 connections, 4 points."""


async def shared_job_names(handle: Handle) -> Mapping[str, tuple[str, ...]]:
    """Return the workflows of each job name that more than one of them has, as seen lately."""
    repository = handle.watched.repository
    place = {"owner": repository.owner, "name": repository.name}
    try:
        answer = await handle.session.graphql_response(_ASK, place)
    except Unknown:  # an older server does not show of which workflow a job is
        return {}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for commit in _commits(at(answer.data, "repository")):
        for suite in _nodes(commit, "checkSuites"):
            workflow = at(suite, "workflowRun", "workflow", "name")
            for run in _nodes(suite, "checkRuns"):
                name = at(run, "name")
                if isinstance(name, str) and isinstance(workflow, str):
                    found[name].add(workflow)
    return {name: tuple(sorted(of)) for name, of in sorted(found.items()) if len(of) > 1}


def _commits(repository: object) -> Iterator[object]:
    yield at(repository, "defaultBranchRef", "target")
    for pull in _nodes(repository, "pullRequests"):
        yield from (at(one, "commit") for one in _nodes(pull, "commits"))


def _nodes(value: object, connection: str) -> list[object]:
    """Return the nodes of a connection; none where GitHub does not show it."""
    nodes = at(value, connection, "nodes")
    return nodes if isinstance(nodes, list) else []

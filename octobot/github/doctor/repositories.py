"""What decides in each repository whether octobot can merge there at all.

The merge methods are read through PyGithub, which uses the same session as everything else.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from github import Github

from octobot.github.app.app import App
from octobot.github.app.installations import watched_repositories
from octobot.github.app.pygithub_adapter import pygithub
from octobot.github.doctor.finding import Finding, kept, refusal
from octobot.github.doctor.older_servers import lacking
from octobot.github.job_names import shared_job_names
from octobot.github.repository.branch_protection import BranchProtection, Guard
from octobot.github.repository.checks import ACTIONS, Checks
from octobot.github.repository.config_files import (
    ConfigFiles,
    Organisation,
    organisation,
    organisations,
)
from octobot.github.repository.merge_queue import MergeQueue
from octobot.github.repository.trees import Trees
from octobot.github.transport.json_fields import at, number
from octobot.github.transport.session import Handle
from octobot.model.config import ConfigFile
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import BotAccount, InstallationId, PullNumber, Watched
from octobot.model.pull_request import MergeMethod, QueueState


@dataclass(frozen=True, slots=True)
class RepositorySetup:
    """What a repository's settings are judged by."""

    files: Sequence[ConfigFile]
    """The organisation's and its own, as far as there are any."""
    methods: frozenset[MergeMethod]
    """What it and its default branch allow."""
    queue: QueueState
    """Of its newest pull request: `enabled` also by a ruleset."""


FaultsOf = Callable[[RepositorySetup], Iterable[str]]
"""Names what is wrong with a repository's settings."""


async def repositories(app: App, bot: BotAccount, faults_of: FaultsOf) -> list[Finding]:
    """Check every repository that the App was given."""
    found: list[Finding] = []
    sessions: dict[InstallationId, Github] = {}
    all_watched = await watched_repositories(app)
    above = organisations(all_watched)
    for watched in all_watched:
        if watched.installation not in sessions:
            sessions[watched.installation] = pygithub(app.installation(watched.installation))
        files = organisation(app, above.get(watched.id), bot)
        hub = sessions[watched.installation]
        found += await _repository(app, watched, bot, hub, above=files, faults_of=faults_of)
    for watched in all_watched[:1]:  # all are on one server
        found += await kept("GraphQL", lacking(_handle(app, watched, bot)))
    return found


def _handle(app: App, watched: Watched, bot: BotAccount) -> Handle:
    session = app.installation(watched.installation, repositories=frozenset({watched.id}))
    return Handle(session, watched, bot)


async def _repository(
    app: App,
    watched: Watched,
    bot: BotAccount,
    hub: Github,
    *,
    above: Organisation | None,
    faults_of: FaultsOf,
) -> list[Finding]:
    """Check what decides whether octobot can merge there at all."""
    about = str(watched.repository)
    handle = _handle(app, watched, bot)
    found: list[Finding] = []
    try:
        guard = await BranchProtection(handle).guard(watched.default_branch)
        found += await kept(about, _required(handle, guard))
    except (Misconfigured, TryLater) as error:
        guard, found = None, [refusal(about, error)]
    return [
        *found,
        *await kept(about, _switches(handle)),
        *await kept(about, _methods(handle, hub, guard, above=above, faults_of=faults_of)),
        *(_ways(about, guard) if guard else ()),
    ]


async def _required(handle: Handle, guard: Guard) -> list[Finding]:
    """Check what the default branch requires, and whether it means what it says."""
    about, watched, required = str(handle.watched.repository), handle.watched, guard.checks
    names = ", ".join(f"{c.name} (App {c.app or 'any'})" for c in required)
    found = [
        Finding(about, "fine", f"{watched.default_branch} requires {names}")
        if required
        else Finding(about, "warning", "no required check: octobot will merge nothing here")
    ]
    shared = await shared_job_names(handle)
    found += [_shared(about, name, of, {c.name for c in required}) for name, of in shared.items()]
    return found


async def _switches(handle: Handle) -> list[Finding]:
    """Check what octobot would miss there: issues, and GitHub Actions under its usual number."""
    about, found = str(handle.watched.repository), []
    if at(await handle.session.get(handle.path()), "has_issues") is False:
        words = "issues are switched off: octobot cannot open one when it needs a person"
        found.append(Finding(about, "warning", words))
    actions = await Checks(handle).actions()
    if actions not in (ACTIONS, None):
        words = f"GitHub Actions is App {actions} on this server: write it as `app:` of a check"
        found.append(Finding(about, "fine", words))
    return found


async def _methods(
    handle: Handle,
    hub: Github,
    guard: Guard | None,
    *,
    above: Organisation | None,
    faults_of: FaultsOf,
) -> list[Finding]:
    """Check by which ways it can be merged, and whether the file says one of them."""
    about = str(handle.watched.repository)
    methods = await asyncio.to_thread(_merge_methods, hub, about)
    allowed = [method for method in methods if guard is None or method in guard.methods]
    level: Literal["fine", "warning"] = "fine" if "squash" in allowed else "warning"
    queue = await _queue(handle)
    queue = replace(queue, enabled=queue.enabled or (guard is not None and guard.queue))
    files = await ConfigFiles(handle, above, Trees(handle)).read(fresh=True)
    setup = RepositorySetup(files, frozenset(allowed), queue)
    return [
        Finding(about, level, f"merge methods: {', '.join(allowed) or 'none'}"),
        *(Finding(about, "problem", says) for says in faults_of(setup)),
        *_hidden(about, queue),
    ]


async def _queue(handle: Handle) -> QueueState:
    """Read what GitHub shows of its queue for the newest pull request; without one, nothing."""
    answer = await handle.session.exchange("GET", handle.path("pulls", state="all", per_page=1))
    newest = answer.data[0] if isinstance(answer.data, list) and answer.data else None
    if newest is None:
        return QueueState()
    return await MergeQueue(handle).state(PullNumber(number(newest, "number")))


def _hidden(about: str, queue: QueueState) -> list[Finding]:
    """Say which ways of merging GitHub does not show, and what becomes of them."""
    if not queue.hidden:
        return []
    ways = " and ".join(f"`merge-by: {way}`" for way in sorted(queue.hidden))
    says = f"GitHub does not show octobot what {ways} needs, so that merges as `api` does"
    return [Finding(about, "warning", f"{says}; grant the App the permission `Merge queues`")]


def _ways(about: str, guard: Guard) -> list[Finding]:
    """Return what the rulesets of the default branch mean for the way of merging."""
    found = []
    if guard.queue:
        says = "merges go through a merge queue only: the file needs `merge-by: queue`"
        found.append(Finding(about, "warning", says))
    elif guard.strict:
        says = "branches must be up to date, so each merge costs a second build; use a merge queue"
        found.append(Finding(about, "warning", says))
    if guard.reviews:
        says = f"{guard.reviews} approving reviews are required: nothing is merged without people"
        found.append(Finding(about, "warning", says))
    return found


def _shared(about: str, name: str, workflows: Sequence[str], required: Collection[str]) -> Finding:
    """Say that a job name is in several workflows, and what that means where it is required."""
    detail = f"the job name {name} is in several workflows: {', '.join(workflows)}"
    if name in required:
        detail += "; it is required, so it must succeed in each: use a different name for each job"
    return Finding(about, "warning", detail)


def _merge_methods(hub: Github, name: str) -> list[MergeMethod]:
    repository = hub.get_repo(name)
    allowed: dict[MergeMethod, bool] = {
        "merge": repository.allow_merge_commit,
        "squash": repository.allow_squash_merge,
        "rebase": repository.allow_rebase_merge,
    }
    return [method for method, yes in allowed.items() if yes]

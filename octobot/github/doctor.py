"""Is the App set up as octobot needs it?  Plain findings, for `octobot doctor` to print.

Everything is read, nothing is changed.  The repositories are checked through PyGithub, which
uses the same session as everything else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from github import Github

from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.app.pygithub_adapter import pygithub
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
from octobot.github.transport.json_fields import at, items, number, text, texts
from octobot.github.transport.refusals import NotInPlan
from octobot.github.transport.scopes import PERMISSIONS
from octobot.github.transport.session import Handle
from octobot.github.webhooks.deliveries import EVENTS
from octobot.model.config import ConfigFile
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import BotAccount, InstallationId, PullNumber, Watched
from octobot.model.pull_request import MergeMethod, QueueState

_RANK = {"read": 1, "write": 2, "admin": 3}
_DANGEROUS = frozenset({"administration", "organization_administration", "secrets", "workflows"})
"""With these, whoever tricks octobot gets more than a pull request."""
_BAD_ANSWER = 400


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


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of the setup found."""

    about: str
    level: Literal["fine", "warning", "problem"]
    detail: str


async def diagnose_setup(
    app: App, *, hook_url: str = "", faults_of: FaultsOf = lambda _: ()
) -> tuple[Finding, ...]:
    """Check who the App is, its permissions, its events, and where it is installed.

    `hook_url`: where deliveries should go; empty when only the poller runs.  `faults_of` judges
    the settings of each repository.
    """
    try:
        bot = await identify(app)
        me = await app.session.get("/app")
    except Misconfigured as error:
        detail = f"{error}; are OCTOBOT_APP_ID, the key and OCTOBOT_GITHUB_URL those of one App?"
        return (Finding("GitHub", "problem", detail),)
    except TryLater as error:
        return (Finding("GitHub", "problem", str(error)),)
    return (
        Finding("App", "fine", f"{bot.slug}, id {bot.app}, writes as {bot.login} ({bot.id})"),
        *_permissions("permissions", texts(me, "permissions")),
        *_events([str(name) for name in items(me, "events")]),
        *await _kept("hook", _hook(app, hook_url)),
        *await _kept("installations", _installations(app)),
        *await _kept("repositories", _repositories(app, bot, faults_of)),
    )


async def _kept(about: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """Return what a check found; what GitHub refuses it is a finding, and the others are kept."""
    try:
        return await check
    except (Misconfigured, TryLater) as error:
        return [_refusal(about, error)]


def _refusal(about: str, error: Misconfigured | TryLater) -> Finding:
    if not isinstance(error, NotInPlan):
        return Finding(about, "problem", str(error))
    detail = (
        "a private repository of a free plan has neither rulesets nor branch protection, so "
        f"octobot merges nothing here; upgrade the plan, or make it public ({error})"
    )
    return Finding(about, "problem", detail)


def _permissions(about: str, granted: Mapping[str, str]) -> list[Finding]:
    """Compare what is granted with what the code uses and `app.yaml` asks for."""
    missing = [
        f"{name}={level}"
        for name, level in PERMISSIONS.items()
        if _RANK.get(granted.get(name, ""), 0) < _RANK[level]
    ]
    found = []
    if missing:
        found.append(Finding(about, "problem", f"missing: {', '.join(missing)}"))
    if dangerous := sorted(_DANGEROUS & granted.keys()):
        found.append(Finding(about, "warning", f"take away: {', '.join(dangerous)}"))
    return found or [Finding(about, "fine", "all that is needed")]


def _events(subscribed: list[str]) -> list[Finding]:
    missing, idle = sorted(EVENTS - set(subscribed)), sorted(set(subscribed) - EVENTS)
    found = []
    if missing:
        found.append(Finding("events", "problem", f"not subscribed: {', '.join(missing)}"))
    if idle:
        found.append(Finding("events", "warning", f"not used: {', '.join(idle)}"))
    return found or [Finding("events", "fine", ", ".join(sorted(EVENTS)))]


def _accepted(about: str, events: list[str]) -> list[Finding]:
    """Compare what an installation delivers with what the App asks for, which an owner accepts."""
    missing = sorted(EVENTS - set(events))
    if not missing:
        return []
    words = f"does not deliver: {', '.join(missing)}; an owner accepts the App's new settings"
    return [Finding(about, "warning", words)]


async def _hook(app: App, wanted: str) -> list[Finding]:
    """Check the hook's settings and how its latest deliveries were answered."""
    answer = await app.session.exchange("GET", "/app/hook/config")
    if not answer.fine or not at(answer.data, "url"):
        level: Literal["warning", "problem"] = "problem" if wanted else "warning"
        return [Finding("hook", level, "none is set: changes are seen by the poller only")]
    url = text(answer.data, "url")
    wrong = [
        words
        for bad, words in (
            (bool(wanted) and url != wanted, f"it goes to {url}, not to {wanted}"),
            (at(answer.data, "content_type") != "json", "its content type is not json"),
            (str(at(answer.data, "insecure_ssl") or "0") != "0", "it accepts any certificate"),
            (not at(answer.data, "secret"), "it has no secret"),
        )
        if bad
    ]
    found = [Finding("hook", "problem", words) for words in wrong]
    return [*(found or [Finding("hook", "fine", url)]), await _recent_deliveries(app)]


async def _recent_deliveries(app: App) -> Finding:
    answer = await app.session.exchange("GET", "/app/hook/deliveries?per_page=100")
    recent = answer.data if isinstance(answer.data, list) else []
    codes = [at(each, "status_code") for each in recent]
    failed = sum(not isinstance(code, int) or not 0 < code < _BAD_ANSWER for code in codes)
    level: Literal["fine", "warning"] = "warning" if failed else "fine"
    return Finding("deliveries", level, f"{failed} of the latest {len(recent)} failed")


async def _installations(app: App) -> list[Finding]:
    found = []
    for each in await app.session.pages("/app/installations"):
        about = f"installation on {at(each, 'account', 'login') or at(each, 'id')}"
        if at(each, "suspended_at") is not None:
            found.append(Finding(about, "warning", "suspended"))
        else:
            found += _permissions(about, texts(each, "permissions"))
            found += _accepted(about, [str(name) for name in items(each, "events")])
    return found or [Finding("installations", "problem", "the App is installed nowhere")]


async def _repositories(app: App, bot: BotAccount, faults_of: FaultsOf) -> list[Finding]:
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
    return found


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
    session = app.installation(watched.installation, repositories=frozenset({watched.id}))
    handle = Handle(session, watched, bot)
    found: list[Finding] = []
    try:
        guard = await BranchProtection(handle).guard(watched.default_branch)
        found += await _kept(about, _required(handle, guard))
    except (Misconfigured, TryLater) as error:
        guard, found = None, [_refusal(about, error)]
    return [
        *found,
        *await _kept(about, _switches(handle)),
        *await _kept(about, _methods(handle, hub, guard, above=above, faults_of=faults_of)),
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
    files = await ConfigFiles(handle, above).read(fresh=True)
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

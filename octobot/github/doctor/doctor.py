"""Is the App set up as octobot needs it?  Plain findings, for `octobot doctor` to print.

Everything is read, nothing is changed.
"""

from collections.abc import Mapping
from typing import Literal

from octobot.github.app.app import App
from octobot.github.app.installations import identify
from octobot.github.doctor.finding import Finding, kept
from octobot.github.doctor.repositories import FaultsOf, repositories
from octobot.github.transport.json_fields import at, items, text, texts
from octobot.github.transport.scopes import PERMISSIONS
from octobot.github.webhooks.deliveries import EVENTS
from octobot.model.errors import Misconfigured, TryLater

_RANK = {"read": 1, "write": 2, "admin": 3}
_DANGEROUS = frozenset({"administration", "organization_administration", "secrets", "workflows"})
"""With these, whoever tricks octobot gets more than a pull request."""
_BAD_ANSWER = 400


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
        *await kept("hook", _hook(app, hook_url)),
        *await kept("installations", _installations(app)),
        *await kept("repositories", repositories(app, bot, faults_of)),
    )


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

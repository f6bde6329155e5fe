"""Negative probes: requests that a running octobot must refuse, sent to it for real.

Each probe is a request with the statuses that refuse it; any other answer means that octobot
accepted it.  A refused probe has no effect.  The merge gate and the commands are probed in process.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import structlog
from yarl import URL

from octobot.app.self_test.commands import commands_accepted
from octobot.app.self_test.gate import gate_accepted
from octobot.messages.terminal import inert
from octobot.model.errors import UserError

log = structlog.get_logger()

DEADLINE = aiohttp.ClientTimeout(total=60)
_CHUNK = 1 << 20
_TOO_MANY = 26
"""Chunks of a body that is larger than any of GitHub's."""

_PING = b'{"zen": "Anything added dilutes everything else.", "hook_id": 1}'
_PUSH = json.dumps(
    {
        "ref": "refs/heads/main",
        "after": "0" * 40,
        "commits": [],
        "repository": {"id": 0, "default_branch": "main"},
    }
).encode()
_SCANNED = (
    *("/.env", "/.git/config", "/admin", "/config", "/debug/pprof/", "/server-status"),
    *("/deliveries/", "/deliveries/1", "/healthz/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"),
    *("//etc/passwd", "/static/..%2f..%2foctobot/settings.py"),
)
"""What a scanner requests; octobot has nothing at any of these."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request that must be refused."""

    name: str
    refusals: frozenset[int]
    """The statuses that refuse it."""
    method: str = "POST"
    path: str = "/deliveries"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """None: larger than anything that GitHub sends."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a probe."""

    probe: Probe
    status: int | None
    """None: there was no answer."""

    @property
    def refused(self) -> bool:
        """Whether the probe was refused."""
        return self.status in self.probe.refusals

    @property
    def verdict(self) -> str:
        """The result in a word or two; no answer proves nothing."""
        if self.status is None:
            return "no answer"
        return "refused" if self.refused else "LET IN"

    def __str__(self) -> str:
        answer = "no answer" if self.status is None else f"answered {self.status}"
        wanted = " or ".join(str(status) for status in sorted(self.probe.refusals))
        return f"{self.probe.name}: {answer}" + ("" if self.refused else f" instead of {wanted}")


def probes(secret: str | None) -> tuple[Probe, ...]:
    """List all probes; those that need a true signature only where the secret is known."""
    forged = hmac.new(b"not the secret", _PING, hashlib.sha256).hexdigest()
    old = hmac.new((secret or "?").encode(), _PING, "sha1").hexdigest()
    shut = frozenset({401})
    unsigned = (
        Probe("forged signature", shut, headers=_headers("ping", f"sha256={forged}"), body=_PING),
        Probe("no signature", shut, headers=_headers("ping"), body=_PING),
        Probe("empty signature", shut, headers=_headers("ping", "sha256="), body=_PING),
        Probe(
            "SHA-1 signature only",
            shut,
            headers={**_headers("ping"), "X-Hub-Signature": f"sha1={old}"},
            body=_PING,
        ),
        Probe("oversized body", frozenset({401, 413}), headers=_headers("ping")),
        Probe("reading deliveries", frozenset({404, 405}), "GET", body=b""),
        *(
            Probe(f"path scan {path}", frozenset({400, 404, 405}), "GET", path, body=b"")
            for path in _SCANNED
        ),
    )
    return unsigned if secret is None else (*unsigned, *_signed(secret))


def _signed(secret: str) -> tuple[Probe, ...]:
    """List probes with a valid signature that must be refused all the same."""

    def sign(body: bytes) -> str:
        return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"

    bad = frozenset({400})
    form = {**_headers("ping", sign(_PING)), "Content-Type": "application/x-www-form-urlencoded"}
    return (
        Probe("push replayed as ping", bad, headers=_headers("ping", sign(_PUSH)), body=_PUSH),
        Probe(
            "push replayed as pull_request",
            bad,
            headers=_headers("pull_request", sign(_PUSH)),
            body=_PUSH,
        ),
        Probe("ping replayed as push", bad, headers=_headers("push", sign(_PING)), body=_PING),
        Probe("form instead of JSON", bad, headers=form, body=_PING),
        Probe(
            "signature of another body", frozenset({401}), headers=_headers("ping", sign(_PUSH)),
            body=_PING,
        ),
    )  # fmt: skip


def _headers(event: str, signature: str = "") -> dict[str, str]:
    found = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": "00000000-0000-0000-0000-000000000000",
        "X-GitHub-Event": event,
    }
    return {**found, "X-Hub-Signature-256": signature} if signature else found


async def found_at(url: str) -> str:
    """Return the address for the probes; `UserError` where nothing answers."""
    try:
        known = URL(url)
    except ValueError:
        known = URL()
    if known.scheme not in ("http", "https") or not known.host:
        raise UserError(f"not the address of an octobot (https://HOST): {inert(url)}")
    if await is_ready(url) is None:
        raise UserError(f"nothing answers at {inert(url)}")
    return url


async def probe(url: str, secret: str | None) -> tuple[Finding, ...]:
    """Try every probe on the instance at `url`, one after the other."""
    async with aiohttp.ClientSession(timeout=DEADLINE, trust_env=False) as session:
        return tuple([await _try(session, url.rstrip("/"), each) for each in probes(secret)])


async def _try(session: aiohttp.ClientSession, url: str, each: Probe) -> Finding:
    target = URL(f"{url}{each.path}", encoded=True)  # as it is: yarl would resolve `..`
    data = _endless() if each.body is None else each.body or None
    try:
        async with session.request(
            each.method, target, headers=each.headers, data=data, allow_redirects=False
        ) as answer:
            return Finding(each, answer.status)
    except aiohttp.ClientConnectorError:
        return Finding(each, None)
    except (aiohttp.ClientError, TimeoutError):
        # A server that hangs up in the middle of too large a body has refused it, too.
        return Finding(each, 413 if each.body is None else None)


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(_TOO_MANY):
        yield b" " * _CHUNK


async def inside() -> tuple[str, ...]:
    """Probe the gate and the commands in this process; return what was accepted."""
    return (*gate_accepted(), *await commands_accepted())


async def is_ready(url: str) -> bool | None:
    """Return whether an instance is ready, which it is not while it accepts a probe.

    None: it does not answer.
    """
    async with aiohttp.ClientSession(timeout=DEADLINE, trust_env=False) as session:
        try:
            async with session.get(f"{url.rstrip('/')}/readyz") as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return None


async def keep_probing(
    url: str,
    secret: str,
    report: Callable[[tuple[str, ...]], None],
    *,
    stop: asyncio.Event,
    every: timedelta,
) -> None:
    """Probe at every interval until `stop`; `report` gets what was accepted, usually nothing.

    A probe without an answer proves nothing, and is only logged.
    """
    while not stop.is_set():
        found = await probe(url, secret)
        accepted = [each for each in found if not each.refused and each.status is not None]
        failures = (*(str(each) for each in accepted), *await inside())
        for each in found:
            if each.status is None:
                log.warning("probe had no answer", probe=each.probe.name)
        if failures:
            log.error("a probe was accepted: not ready", accepted=failures)
        else:
            log.info("probes refused", tried=len(found))
        report(failures)
        try:
            await asyncio.wait_for(stop.wait(), every.total_seconds())
        except TimeoutError:
            continue

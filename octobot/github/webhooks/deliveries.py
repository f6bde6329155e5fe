"""A signed delivery becomes a typed event, or is refused; no other room sees its JSON.

GitHub signs the body only: the event's name and the GUID travel unsigned beside it.  So the
signature is checked before anything is parsed, and the name must fit the body's shape.  What comes
out is a hint to look again; nothing of the delivery is believed further.
Source: docs.github.com, "Validating webhook deliveries" and "Webhook events and payloads".
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from octobot.github.transport import json_fields
from octobot.github.webhooks.event_table import ACTIONS, BESIDE, MARKERS, SHAPES, object_of
from octobot.github.webhooks.texts import commented, issue_opened, review_commented, text_of
from octobot.model.errors import Misconfigured
from octobot.model.events import (
    ChecksChanged,
    Event,
    InstallationChanged,
    Pinged,
    Published,
    PullRequestChanged,
    Pushed,
)
from octobot.model.ids import Guid, InstallationId, PullNumber, RepositoryId

_GUID = re.compile(r"[0-9A-Za-z-]{1,64}")
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_BRANCH = "refs/heads/"
_LONGEST_NUMBER = 20
"""Characters; GitHub's ids are 64-bit.  A million digits would cost Python minutes."""
_LONGEST_BRANCH = 1024
ALWAYS = frozenset({"ping", "installation", "installation_repositories"})
"""Every App gets these; GitHub refuses a manifest that asks for them."""

EVENTS = frozenset(SHAPES) - ALWAYS
"""The events to which `app.yaml` subscribes: exactly those that `read` routes."""


class Refused(Exception):  # noqa: N818  (a refusal, not an internal error)
    """A delivery that is not taken; the text is for the log and holds nothing of the body."""


class Forged(Refused):
    """The signature is missing, not of SHA-256, or not by one of the secrets: answer 401."""


class Malformed(Refused):
    """Signed, but not what GitHub sends: answer 400."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery that was verified and read."""

    guid: Guid
    name: str
    """`X-GitHub-Event`; fits the body's shape when it is one of those routed."""
    event: Event | None
    """None: nothing that octobot acts on."""
    installation: InstallationId | None
    """The installation that it is about; None when the body has none."""
    received: datetime
    digest: str = ""
    """That of its content: the same for every copy, under any GUID, from any hook."""


def receive(
    headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], now: datetime
) -> Delivery:
    """Verify a delivery, then read it; raises `Forged`, `Malformed` or `Misconfigured`."""
    verify(headers, body, secrets)
    content_type = _header(headers, "content-type").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise Malformed("the delivery is not application/json: set the hook's content type to json")
    guid = _header(headers, "x-github-delivery")
    if not _GUID.fullmatch(guid):
        raise Malformed("X-GitHub-Delivery is missing or not a GUID")
    name = _header(headers, "x-github-event")
    payload = _parse(body)
    return Delivery(
        guid=Guid(guid),
        name=name[:64],
        event=_event(name, payload),
        installation=_installation(payload),
        received=now,
        digest=_digest(name, payload),
    )


def _digest(name: str, payload: Mapping[str, object]) -> str:
    try:
        return object_of(name, payload)
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Prove that one of `secrets` signed `body`, in constant time; raises `Forged` if none did.

    Several secrets overlap while one replaces the other.  An empty secret would let everybody
    sign, so it is `Misconfigured`.
    """
    if not secrets or not all(secrets):
        raise Misconfigured(
            "the webhook secret is empty: every delivery would be refused or forged"
        )
    given = _header(headers, "x-hub-signature-256").encode("utf-8", "surrogateescape")
    matches = [hmac.compare_digest(_signature(secret, body), given) for secret in secrets]
    if not any(matches):
        raise Forged("X-Hub-Signature-256 is missing or by none of the secrets")


def read(event_name: str, body: bytes) -> Event | None:
    """Read a verified body as a typed event; None for events and actions not routed.

    Raises `Malformed` for anything that is not plain JSON of the shape that the name promises.
    """
    return _event(event_name, _parse(body))


def _signature(secret: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _parse(body: bytes) -> Mapping[str, object]:
    """Parse strictly: what two parsers could read differently is refused."""
    try:
        payload = json.loads(
            body.decode("utf-8"),  # json.loads(bytes) would accept a BOM, UTF-16 and UTF-32
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_short_int,
            parse_float=_short_float,
        )
    except (ValueError, RecursionError):
        # `from None`: the error's text would quote the body.
        raise Malformed("the body is not strict, plain JSON") from None
    if not isinstance(payload, dict):
        raise Malformed("the body is not a JSON object")
    return payload


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _short_int(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("number too long")
    return int(digits)


def _short_float(digits: str) -> float:
    if len(digits) > 2 * _LONGEST_NUMBER:
        raise ValueError("number too long")
    return float(digits)


def _installation(payload: Mapping[str, object]) -> InstallationId | None:
    found = json_fields.at(payload, "installation", "id")
    is_id = isinstance(found, int) and not isinstance(found, bool)
    return InstallationId(found) if isinstance(found, int) and is_id else None


def _event(name: str, payload: Mapping[str, object]) -> Event | None:
    """Read what is acted on; an action that is ignored is ignored, whatever else GitHub says."""
    if name not in SHAPES:
        return None
    try:
        if name in ACTIONS and json_fields.text(payload, "action") not in ACTIONS[name]:
            return None
        if not _fits(name, payload):
            raise Malformed(f"the body is not that of the event {name}")
        return _READERS[name](payload)
    except json_fields.Unexpected as error:
        raise Malformed(f"{name}: {error}") from None


def _fits(name: str, payload: Mapping[str, object]) -> bool:
    of_the_account = name in {"installation", "installation_repositories"}
    if of_the_account and "repository" in payload:
        return False
    action = payload.get("action")
    beside = BESIDE.get((name, action), frozenset()) if isinstance(action, str) else frozenset()
    return (MARKERS & payload.keys()) - beside == SHAPES[name]


def _repository(payload: Mapping[str, object]) -> RepositoryId:
    return RepositoryId(json_fields.number(payload, "repository", "id"))


def _branch(name: str) -> str:
    """Take a branch's name; git allows no controls, and what is not UTF-8 no table can hold."""
    if not name or len(name) > _LONGEST_BRANCH or _NOT_IN_A_REF.search(name):
        raise Malformed("a branch name that git does not allow")
    return name


def _pinged(_payload: Mapping[str, object]) -> Event:
    return Pinged()


def _installation_changed(payload: Mapping[str, object]) -> Event:
    return InstallationChanged(InstallationId(json_fields.number(payload, "installation", "id")))


def _repository_changed(payload: Mapping[str, object]) -> Event | None:
    """Look at the installation again; the hooks of a repository or an organisation name none."""
    _repository(payload)
    return _installation_changed(payload) if "installation" in payload else None


def _pushed(payload: Mapping[str, object]) -> Event | None:
    ref = json_fields.text(payload, "ref")
    if not ref.startswith(_BRANCH) or json_fields.at(payload, "deleted") is True:
        return None
    branch = _branch(ref.removeprefix(_BRANCH))
    default = json_fields.text(payload, "repository", "default_branch")
    head = json_fields.sha(payload, "after")
    return Pushed(_repository(payload), branch, head, is_default=branch == default)


def _published(payload: Mapping[str, object]) -> Event:
    return Published(_repository(payload))


def _pull_request_changed(payload: Mapping[str, object]) -> PullRequestChanged:
    number = PullNumber(json_fields.number(payload, "pull_request", "number"))
    branch = _branch(json_fields.text(payload, "pull_request", "head", "ref"))
    opened = json_fields.text(payload, "action") == "opened"
    text = text_of(payload, "pull_request", "issue", "number") if opened else None
    return PullRequestChanged(_repository(payload), number, branch, text)


def _reviewed(payload: Mapping[str, object]) -> Event:
    changed = _pull_request_changed({**payload, "action": "reviewed"})
    submitted = json_fields.text(payload, "action") == "submitted"
    text = text_of(payload, "review", "review") if submitted else None
    return replace(changed, text=text and replace(text, thread=changed.number))


def _checks_changed(payload: Mapping[str, object], suite: Sequence[str], head: str) -> Event:
    branch = json_fields.at(payload, *suite, "head_branch")
    named = _branch(branch) if isinstance(branch, str) and branch else None
    return ChecksChanged(_repository(payload), json_fields.sha(payload, head, "head_sha"), named)


def _check_run_changed(payload: Mapping[str, object]) -> Event:
    return _checks_changed(payload, ("check_run", "check_suite"), "check_run")


def _check_suite_changed(payload: Mapping[str, object]) -> Event:
    return _checks_changed(payload, ("check_suite",), "check_suite")


def _status_changed(payload: Mapping[str, object]) -> Event:
    return ChecksChanged(_repository(payload), json_fields.sha(payload, "sha"), None)


_READERS: Mapping[str, Callable[[Mapping[str, object]], Event | None]] = {
    "ping": _pinged,
    "installation": _installation_changed,
    "installation_repositories": _installation_changed,
    "repository": _repository_changed,
    "push": _pushed,
    "create": _published,
    "release": _published,
    "pull_request": _pull_request_changed,
    "pull_request_review": _reviewed,
    "pull_request_review_comment": review_commented,
    "issues": issue_opened,
    "check_run": _check_run_changed,
    "check_suite": _check_suite_changed,
    "status": _status_changed,
    "issue_comment": commented,
}

"""The environment, read once into a frozen object; an unset secret refuses to start.

`octobot/variables.py` lists what can be set.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path

from octobot.model.errors import Misconfigured
from octobot.variables import FORMER_VARIABLES, VARIABLES

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

ADDRESS = re.compile(r"(https://[^\s/]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?)(/\S*)?")
"""Where secrets may be sent: hosts over https, and this machine."""

ALIKE = 0.85
"""How similar to a setting of octobot's a variable must be to count as a typo."""

OF_SERVICES = re.compile(r"_PORT(_|$)|_SERVICE_")
"""What Kubernetes itself sets for a Service that is named like octobot or its database."""


_DEFAULTS = {variable.name: variable.default for variable in VARIABLES}


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that does not print itself."""

    _text: str

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __bool__(self) -> bool:
        return bool(self._text)


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Who octobot is on GitHub."""

    id: int
    private_key: Secret
    """Empty where a service signs."""
    webhook_secrets: tuple[Secret, ...]
    """Empty where no deliveries are received: `poll` has no web server."""
    signer_url: str = ""
    """The service that signs; empty: this process does."""
    signer_token: Secret = Secret("")

    def require_webhook_secrets(self) -> list[str]:
        """Return the secrets that sign deliveries; `Misconfigured` without any."""
        if not self.webhook_secrets:
            raise Misconfigured("OCTOBOT_WEBHOOK_SECRET is not set: deliveries could be forged")
        return [secret.reveal() for secret in self.webhook_secrets]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The model for questions about failed builds."""

    provider: str
    name: str
    key: Secret
    url: str
    """Empty: the provider's own."""
    timeout: timedelta
    loopback: bool
    budget_day: int
    budget_repository: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the environment."""

    app: AppSettings | None
    """None when no `OCTOBOT_APP_ID` is set: `check` and `update` need none."""
    github_url: str
    database_url: str
    home: Path
    listen: tuple[str, int]
    workers: int
    pass_interval: timedelta
    check_interval: timedelta
    check_interval_other_hosts: timedelta
    pr_recheck_interval: timedelta
    log_format: str
    token: Secret
    model: ModelSettings | None = None
    """None: no model is used."""
    paused: bool = False
    """The operator's kill switch, over every repository's file."""
    mirror: str | None = None
    """The sandbox's mirror of all upstreams; `demo` and tests set it, never the environment."""

    def require_app(self) -> AppSettings:
        """Return the App's settings; `Misconfigured` without them."""
        if self.app is None:
            raise Misconfigured("OCTOBOT_APP_ID is not set; `octobot docs operator` has the steps")
        return self.app


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all variables; a wrong or half-set one is `Misconfigured`, naming it."""
    _refuse_slips(environ)
    return Settings(
        app=_app(environ) if environ.get("OCTOBOT_APP_ID") else None,
        github_url=_api(environ, "OCTOBOT_GITHUB_URL"),
        database_url=_text(environ, "OCTOBOT_DATABASE_URL"),
        home=home_of(environ),
        listen=_address(environ, "OCTOBOT_LISTEN"),
        workers=_number(environ, "OCTOBOT_WORKERS"),
        pass_interval=_duration(environ, "OCTOBOT_PASS_INTERVAL"),
        check_interval=_duration(environ, "OCTOBOT_CHECK_INTERVAL"),
        check_interval_other_hosts=_duration(environ, "OCTOBOT_CHECK_INTERVAL_OTHER_HOSTS"),
        pr_recheck_interval=_duration(environ, "OCTOBOT_PR_RECHECK_INTERVAL"),
        paused=_choice(environ, "OCTOBOT_PAUSED", ("false", "true")) == "true",
        log_format=_choice(environ, "OCTOBOT_LOG", ("text", "json")),
        token=Secret(_bare(environ, "GITHUB_TOKEN")),
        model=_model(environ),
    )


def home_of(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of octobot's own data on this machine."""
    text = _text(environ, "OCTOBOT_HOME")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise Misconfigured(
            f"OCTOBOT_HOME: ~ in {text} is unknown; use an absolute path"
        ) from error


def _refuse_slips(environ: Mapping[str, str]) -> None:
    """Refuse what is nearly a variable: whoever sets OCTOBOT_PAUSE=true wants all to stop."""
    for name in sorted(environ.keys() & FORMER_VARIABLES.keys()):
        raise Misconfigured(f"{name} is called {FORMER_VARIABLES[name]} now: rename it")
    for name in sorted(environ.keys() - _DEFAULTS.keys()):
        meant = get_close_matches(name, _DEFAULTS, n=1, cutoff=ALIKE)
        if name.startswith("OCTOBOT_") and meant and not OF_SERVICES.search(name):
            raise Misconfigured(f"there is no variable {name}; did you mean {meant[0]}?")


def _app(environ: Mapping[str, str]) -> AppSettings:
    secrets = _bare(environ, "OCTOBOT_WEBHOOK_SECRET"), _bare(environ, "OCTOBOT_WEBHOOK_SECRET_OLD")
    return AppSettings(
        id=_number(environ, "OCTOBOT_APP_ID"),
        private_key=_private_key(environ),
        webhook_secrets=tuple(Secret(text) for text in secrets if text),
        signer_url=_text(environ, "OCTOBOT_SIGNER_URL"),
        signer_token=_signer_token(environ),
    )


def _model(environ: Mapping[str, str]) -> ModelSettings | None:
    if not environ.get("OCTOBOT_MODEL_PROVIDER"):
        for part in ("NAME", "KEY_FILE", "KEY", "URL"):
            if environ.get(f"OCTOBOT_MODEL_{part}"):
                raise Misconfigured(f"OCTOBOT_MODEL_{part} is set, OCTOBOT_MODEL_PROVIDER is not")
        return None
    name = _text(environ, "OCTOBOT_MODEL_NAME")
    if not name:
        raise Misconfigured("OCTOBOT_MODEL_NAME is not set: which model is to be asked?")
    key, file = _text(environ, "OCTOBOT_MODEL_KEY"), _text(environ, "OCTOBOT_MODEL_KEY_FILE")
    if key and file:
        raise Misconfigured("set one of OCTOBOT_MODEL_KEY_FILE and OCTOBOT_MODEL_KEY, not both")
    return ModelSettings(
        provider=_choice(environ, "OCTOBOT_MODEL_PROVIDER", ("openai", "gemini", "anthropic")),
        name=name,
        key=Secret((_file(file, "OCTOBOT_MODEL_KEY_FILE") if file else key).strip()),
        url=_text(environ, "OCTOBOT_MODEL_URL").rstrip("/"),
        timeout=_duration(environ, "OCTOBOT_MODEL_TIMEOUT"),
        loopback=_choice(environ, "OCTOBOT_MODEL_LOOPBACK", ("true", "false")) == "true",
        budget_day=_number(environ, "OCTOBOT_MODEL_BUDGET_DAY"),
        budget_repository=_number(environ, "OCTOBOT_MODEL_BUDGET_REPOSITORY"),
    )


def _signer_token(environ: Mapping[str, str]) -> Secret:
    file = _text(environ, "OCTOBOT_SIGNER_TOKEN_FILE")
    return Secret(_file(file, "OCTOBOT_SIGNER_TOKEN_FILE").strip() if file else "")


def _private_key(environ: Mapping[str, str]) -> Secret:
    text, file = _text(environ, "OCTOBOT_PRIVATE_KEY"), _text(environ, "OCTOBOT_PRIVATE_KEY_FILE")
    if [bool(text), bool(file), bool(_text(environ, "OCTOBOT_SIGNER_URL"))].count(True) != 1:
        raise Misconfigured(
            "set exactly one of OCTOBOT_PRIVATE_KEY_FILE, OCTOBOT_PRIVATE_KEY and "
            "OCTOBOT_SIGNER_URL"
        )
    if not text and not file:
        return Secret("")
    name = "OCTOBOT_PRIVATE_KEY_FILE" if file else "OCTOBOT_PRIVATE_KEY"
    text = _file(file, name) if file else text
    if "PRIVATE KEY-----" not in text:
        raise Misconfigured(f"{name}: no private key in PEM form: {file}".rstrip(": "))
    return Secret(text if "\n" in text.strip() else text.replace("\\n", "\n"))


def _file(path: str, name: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        raise Misconfigured(f"{name}: {error.strerror}: {path}") from error
    except UnicodeDecodeError:  # it would quote the file
        raise Misconfigured(f"{name}: not a text: {path}") from None


def _bare(environ: Mapping[str, str], name: str) -> str:
    """Read a secret; a line break that a file or an `echo` left on it makes it another one."""
    text = _text(environ, name)
    if text != text.strip():
        raise Misconfigured(f"{name} begins or ends with a space or a line break: remove it")
    return text


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or _DEFAULTS[name] or ""


def _number(environ: Mapping[str, str], name: str) -> int:
    text = _text(environ, name)
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) == 0:
        raise Misconfigured(f"{name} must be a positive number, not {text!r}")
    return int(text)


def _duration(environ: Mapping[str, str], name: str) -> timedelta:
    text = _text(environ, name)
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if not found or int(found[1]) == 0:
        raise Misconfigured(f"{name} must be a positive number with s, m, h or d, not {text!r}")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = _text(environ, name)
    if text not in choices:
        raise Misconfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    return text


def _address(environ: Mapping[str, str], name: str) -> tuple[str, int]:
    text = _text(environ, name)
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) >= 1 << 16:
        raise Misconfigured(f"{name} must be HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)


def _api(environ: Mapping[str, str], name: str) -> str:
    """Read GitHub's address; never quoted, because a password may be in it."""
    text = _text(environ, name).rstrip("/")
    if re.match(r"https://github\.com(/|$)", text):
        raise Misconfigured(f"{name} must be the API's address: https://api.github.com")
    if not ADDRESS.fullmatch(text):
        raise Misconfigured(f"{name} must begin with https:// (http:// only on this machine)")
    return text

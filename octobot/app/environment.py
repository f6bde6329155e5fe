"""What every command starts with: the settings, and logs that mask their secrets."""

import logging

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from octobot.app.logging_setup import set_up_logs
from octobot.model.errors import Misconfigured
from octobot.settings import Settings, read_settings

SHORT = 12
"""Characters of a key's line that other texts may contain, too."""


def settings_with_logs(*, quiet: bool = False) -> Settings:
    """Read the settings and set up the logs; `quiet` logs warnings only."""
    settings = read_settings()
    level = logging.WARNING if quiet else logging.INFO
    set_up_logs(settings.log_format, secrets=secrets_of(settings), level=level)
    return settings


def secrets_of(settings: Settings) -> list[str]:
    """Return all secrets of the environment, which the logs must not show."""
    secrets = [settings.token.reveal(), _password(settings.database_url)]
    if settings.app:
        app = settings.app
        secrets += [secret.reveal() for secret in (*app.webhook_secrets, app.signer_token)]
        # Line by line: an error that quotes a key quotes a part of it.
        lines = app.private_key.reveal().splitlines()
        secrets += [line for line in lines if len(line) > SHORT and "KEY--" not in line]
    if settings.model:
        secrets.append(settings.model.key.reveal())
    return [secret for secret in secrets if secret]


def _password(database_url: str) -> str:
    try:
        return str(conninfo_to_dict(database_url).get("password") or "")
    except ProgrammingError:  # it quotes the address, password and all
        raise Misconfigured(
            "OCTOBOT_DATABASE_URL is not like postgresql://USER:PASSWORD@HOST/DATABASE"
            " (in the password, write @ as %40, / as %2F, % as %25)"
        ) from None

"""What every command begins with: the settings, and logs that keep their secrets."""

import logging

from octobot.porch.logs import set_up_logs
from octobot.settings import Settings, read_settings


def settings_with_logs(*, quiet: bool = False) -> Settings:
    """Read the settings and set up the logs; `quiet` logs warnings only."""
    settings = read_settings()
    secrets = [settings.token.reveal()]
    if settings.app:
        secrets += [secret.reveal() for secret in settings.app.webhook_secrets]
    level = logging.WARNING if quiet else logging.INFO
    set_up_logs(settings.log_format, secrets=secrets, level=level)
    return settings

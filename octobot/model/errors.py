"""Errors named for the remedy: inform the person, try later, fix the setup.

Any other exception is a bug in octobot.
"""

from datetime import timedelta


class UserError(Exception):
    """A person can fix this; the text is shown to them unchanged."""


class TryLater(Exception):  # noqa: N818  (named for the remedy, not for the class)
    """The outside is not ready; the same call is right again after `after`."""

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class Misconfigured(Exception):  # noqa: N818  (named for the remedy, not for the class)
    """The operator must change the setup; repeating the call cannot help."""

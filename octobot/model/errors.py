"""Errors named for the remedy: tell the person, try later, fix the setup.

Anything else that is raised is a bug of ours.
"""

from datetime import timedelta


class UserError(Exception):
    """A person can mend this; the text is said to them as it stands."""


class TryLater(Exception):  # noqa: N818  (named for the remedy, not for the class)
    """The outside is not ready; the same call is right again after `after`."""

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class Misconfigured(Exception):  # noqa: N818  (named for the remedy, not for the class)
    """The operator must change the setup; repeating the call cannot help."""

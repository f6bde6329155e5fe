"""Texts of people in deliveries: which may hold a command; what they say is read from GitHub."""

import re
from collections.abc import Mapping

from octobot.github.transport import json_fields
from octobot.model.events import Commented
from octobot.model.ids import RepositoryId
from octobot.model.orders import TextKind

_COMMAND = re.compile(r"/octobot|@")
"""Every command has one of these; most texts are none of octobot's business."""
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff]")
"""What may be between the letters, taking no room on the page."""


def commented(payload: Mapping[str, object]) -> Commented | None:
    """Return a comment on an issue or pull request."""
    return text_of(payload, "comment", "comment")


def review_commented(payload: Mapping[str, object]) -> Commented | None:
    """Return a comment on a line of a pull request."""
    return text_of(payload, "comment", "review comment")


def issue_opened(payload: Mapping[str, object]) -> Commented | None:
    """Return the first text of an issue."""
    return text_of(payload, "issue", "issue", "number")


def text_of(
    payload: Mapping[str, object], key: str, kind: TextKind, by: str = "id"
) -> Commented | None:
    """Take note of a text that may hold a command; what it says is read from GitHub."""
    body = json_fields.at(payload, key, "body")
    if body is None and kind != "comment":
        return None  # reviews and first texts may be empty
    body = json_fields.text(payload, key, "body")
    if not _COMMAND.search(_UNSEEN.sub("", body).lower()):
        return None
    number = json_fields.number(payload, key, by)
    author = json_fields.maybe_number(payload, key, "user", "id")
    return (
        None
        if author is None
        else Commented(
            RepositoryId(json_fields.number(payload, "repository", "id")), number, author, kind
        )
    )

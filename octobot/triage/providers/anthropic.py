"""Anthropic's messages, with the answer as the input of one tool that does not exist.

The model must call it, so that its arguments have the schema's form; nothing is ever called.
Source: docs.anthropic.com, "Messages" and "Tool use", forcing tool use.
"""

import json
from collections.abc import Mapping

from octobot.model.suggestion import Unasked
from octobot.triage.providers.provider import (
    LONGEST_ANSWER,
    Account,
    Conversation,
    Json,
    Prompt,
    Provider,
    Reply,
    at,
    post,
    read,
    reply,
)

_VERSION = "2023-06-01"
_TOOL = "diagnosis"


def converse(account: Account, prompt: Prompt) -> Conversation:
    """Ask for a message whose one tool use has the schema's form."""
    headers = {"anthropic-version": _VERSION}
    if account.key:
        headers["x-api-key"] = account.key
    body: Mapping[str, Json] = {
        "model": account.model,
        "max_tokens": LONGEST_ANSWER,
        "temperature": 0,
        "system": prompt.system,
        "messages": [{"role": "user", "content": prompt.user}],
        "tools": [
            {"name": _TOOL, "description": "Return the result.", "input_schema": prompt.schema}
        ],
        "tool_choice": {"type": "tool", "name": _TOOL},
    }
    found = read((yield post(f"{account.url}/messages", headers, body)))
    if isinstance(found, Unasked):
        return found
    counts = (at(found, "usage", "input_tokens"), at(found, "usage", "output_tokens"))
    return _answer(found, counts)


def _answer(found: object, counts: tuple[object, object]) -> Reply | Unasked:
    if at(found, "stop_reason") == "refusal":
        return Unasked("the model refused")
    blocks = at(found, "content")
    for block in blocks if isinstance(blocks, list) else []:
        if at(block, "type") == "tool_use":
            return reply(json.dumps(at(block, "input")), *counts)
    return Unasked("the model's service answered without a text")


ANTHROPIC = Provider(
    "anthropic", "Anthropic's Claude by its own API", "https://api.anthropic.com/v1", converse
)

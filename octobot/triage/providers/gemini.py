"""Gemini's own API, `generateContent` with a response schema.

Its schema is a part of OpenAPI's: `nullable` instead of a union with null, no
`additionalProperties`.  Source: ai.google.dev, "Generating content" and "Structured output".
"""

from collections.abc import Mapping
from urllib.parse import quote

from octobot.model.suggestion import Unasked
from octobot.triage.providers.provider import (
    LONGEST_ANSWER,
    Account,
    Conversation,
    Json,
    Prompt,
    Provider,
    at,
    post,
    read,
    reply,
)


def converse(account: Account, prompt: Prompt) -> Conversation:
    """Ask for content in the schema's form."""
    name = quote(account.model.removeprefix("models/"), safe="")
    url = f"{account.url}/models/{name}:generateContent"
    headers = {"x-goog-api-key": account.key} if account.key else {}
    body: Mapping[str, Json] = {
        "systemInstruction": {"parts": [{"text": prompt.system}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
        "generationConfig": {
            "responseMimeType": "application/json",
            "responseSchema": of_openapi(prompt.schema),
            "maxOutputTokens": LONGEST_ANSWER,
            "temperature": 0,
        },
    }
    found = read((yield post(url, headers, body)))
    if isinstance(found, Unasked):
        return found
    if at(found, "promptFeedback", "blockReason"):
        return Unasked("the model refused")
    text = at(found, "candidates", 0, "content", "parts", 0, "text")
    return reply(text, at(found, "usageMetadata", "totalTokenCount"))


def of_openapi(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Turn our flat JSON Schema into OpenAPI's dialect."""
    made: dict[str, Json] = {}
    for key, value in schema.items():
        match key, value:
            case "additionalProperties", _:
                continue
            case "anyOf", [dict() as kind, {"type": "null"}]:
                made |= {**of_openapi(kind), "nullable": True}
            case "properties", dict() as fields:
                made["properties"] = {
                    name: of_openapi(field) if isinstance(field, dict) else field
                    for name, field in fields.items()
                }
            case _, dict():
                made[key] = of_openapi(value)
            case _:
                made[key] = value
    return made


GEMINI = Provider(
    "gemini",
    "Google's Gemini by its own API",
    "https://generativelanguage.googleapis.com/v1beta",
    converse,
)

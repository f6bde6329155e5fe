"""Any server of OpenAI's chat completions: OpenAI, vLLM, Ollama, Gemini's compatible endpoint.

The schema goes into `response_format`.  Servers that do not know `json_schema`, and models that
want no `temperature` or another name for `max_tokens`, refuse the request (400 or 422): they are
asked once more with `json_object`, the schema among the instructions, and none of those.
Source: platform.openai.com, API reference, "Create chat completion" and "Structured outputs".
"""

import json
from collections.abc import Mapping

from octobot.model.lookup import HttpResponse
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

_REFUSED = frozenset({400, 422})


def converse(account: Account, prompt: Prompt) -> Conversation:
    """Ask for a completion in the schema's form."""
    url = f"{account.url}/chat/completions"
    headers = {"authorization": f"Bearer {account.key}"} if account.key else {}
    strict: Mapping[str, Json] = {
        "type": "json_schema",
        "json_schema": {"name": "diagnosis", "strict": True, "schema": prompt.schema},
    }
    bounds: Mapping[str, Json] = {"max_tokens": LONGEST_ANSWER, "temperature": 0}
    asked = _body(account, prompt.system, prompt.user, strict)
    answer = yield post(url, headers, {**asked, **bounds})
    if isinstance(answer, HttpResponse) and answer.status in _REFUSED:
        system = f"{prompt.system}\nThe JSON Schema of the answer:\n{json.dumps(prompt.schema)}"
        loose: Mapping[str, Json] = {"type": "json_object"}
        answer = yield post(url, headers, _body(account, system, prompt.user, loose))
    found = read(answer)
    if isinstance(found, Unasked):
        return found
    if at(found, "choices", 0, "message", "refusal"):
        return Unasked("the model refused")
    content = at(found, "choices", 0, "message", "content")
    return reply(content, at(found, "usage", "total_tokens"))


def _body(account: Account, system: str, user: str, form: Mapping[str, Json]) -> Mapping[str, Json]:
    return {
        "model": account.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "response_format": form,
    }


OPENAI = Provider(
    "openai",
    "any server of OpenAI's chat completions: OpenAI, vLLM, Ollama, Gemini's compatible endpoint",
    "https://api.openai.com/v1",
    converse,
)

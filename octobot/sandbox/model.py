"""A model service on loopback that speaks all three APIs, for tests, the demo and rehearsals.

By default it is *obedient*: it writes whatever the evidence asks for into its answer, and proposes
the edits that lines of the form `edit FIELD = TEXT` name.  That is the worst case: a log that
controls the model completely.  A test can also set its answer, or a way in which it is broken.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

Fault = Literal[
    "",
    "timeout",
    "busy",
    "broken",
    "empty",
    "truncated",
    "huge",
    "not-json",
    "wrong-shape",
    "refusal",
    "redirect",
    "bomb",
]

_EDIT = re.compile(r"\bedit ([^\s=]{1,300}) ?= ?(.*)$", re.MULTILINE)
_STATUS: Mapping[str, int] = {"busy": 429, "broken": 500}
_HUGE = 2 << 20
_HUNG = 3600.0
"""Seconds: longer than every timeout."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request, as received."""

    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def prompt(self) -> str:
        """Everything that the model reads."""
        return "\n".join(_texts(json.loads(self.body)))


@dataclass(slots=True)
class FakeModel:
    """The service; use it as a context."""

    fault: Fault = ""
    answer: Mapping[str, object] | None = None
    """What it answers; None: it obeys the evidence."""
    schemas: bool = True
    """False: `response_format` of the kind `json_schema` is refused, as by older servers."""
    requests: list[ModelRequest] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=8 << 20)
        application.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/v1`."""
        port = self._runner.addresses[0][1] if self._runner else 0
        return f"http://127.0.0.1:{port}/v1"

    async def _serve(self, request: web.Request) -> web.Response:
        asked = ModelRequest(request.path, dict(request.headers), await request.text())
        self.requests.append(asked)
        if self.fault == "timeout":
            await asyncio.sleep(_HUNG)
        if self.fault == "redirect":
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        if not self.schemas and '"json_schema"' in asked.body:
            return web.json_response({"error": {"message": "unknown format"}}, status=400)
        status = _STATUS.get(self.fault, 200)
        text = self._faulty(asked) or json.dumps(self.answer or obey(asked.prompt))
        raw = json.dumps(_wrapped(asked.path, text, refused=self.fault == "refusal"))
        return self._sent(raw, status)

    def _faulty(self, asked: ModelRequest) -> str:
        match self.fault:
            case "not-json":
                return f"Sure! Here is what you asked for: {asked.prompt[:2000]}"
            case "wrong-shape":
                return json.dumps({**obey(asked.prompt), "merge": True, "confidence": 7})
            case "huge":
                return json.dumps({**obey(asked.prompt), "explanation": "x" * _HUGE})
            case _:
                return ""

    def _sent(self, raw: str, status: int) -> web.Response:
        if self.fault == "truncated":
            raw = raw[: len(raw) // 2]
        if self.fault == "bomb":
            response = web.Response(body=b"0" * (64 << 20))
            response.enable_compression(web.ContentCoding.gzip)
            return response
        body = b"" if self.fault == "empty" else raw.encode()
        return web.Response(body=body, status=status, content_type="application/json")


def obey(prompt: str) -> dict[str, object]:
    """Return the answer of an obedient model: it repeats the evidence and proposes its edits."""
    data = re.sub(r"\A.*?== data\n", "", prompt, count=1, flags=re.DOTALL)
    log = re.search(r"# log[^\n]*\n(.*?)(?:\n\n# |\Z)", data, re.DOTALL)
    evidence = log[1] if log else data
    longest = max(evidence.splitlines() or ["nothing"], key=len).partition(": ")[2]
    edits = [{"field": name, "text": text or None} for name, text in _EDIT.findall(evidence)]
    return {
        "cause": "unknown",
        "title": longest[:200] or "nothing",
        "line": 1,
        "explanation": evidence[:1500],
        "confidence": 1.0,
        "edits": edits[:8],
    }


def _texts(value: object) -> Sequence[str]:
    """Return every string of a request, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return []


def _wrapped(path: str, text: str, *, refused: bool) -> dict[str, object]:
    """Return an answer in the shape of the API that was called."""
    if path.endswith(":generateContent"):
        if refused:
            return {"promptFeedback": {"blockReason": "SAFETY"}}
        parts = [{"text": text}]
        return {
            "candidates": [{"content": {"role": "model", "parts": parts}}],
            "usageMetadata": {"totalTokenCount": 100},
        }
    if path.endswith("/messages"):
        block = {"type": "tool_use", "id": "1", "name": "diagnosis", "input": _lenient(text)}
        return {
            "content": [] if refused else [block],
            "stop_reason": "refusal" if refused else "tool_use",
            "usage": {"input_tokens": 60, "output_tokens": 40},
        }
    message = (
        {"content": None, "refusal": "I cannot help with that."} if refused else {"content": text}
    )
    return {
        "choices": [{"index": 0, "message": {"role": "assistant", **message}}],
        "usage": {"total_tokens": 100},
    }


def _lenient(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found

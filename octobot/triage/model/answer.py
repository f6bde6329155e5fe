"""What a model may answer: a cause, a confidence, an explanation, edits; bounded, nothing else.

A model's service is asked for this form, and its answer is checked against it all the same: what
does not fit is no answer.  All texts are untrusted.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from octobot.model.suggestion import Unasked
from octobot.model.triage import Cause, CauseClass, LogLine, SetField
from octobot.triage.providers.provider import Json

LARGEST = 64 << 10
"""Characters of an answer that are parsed."""

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n```\s*", re.DOTALL)
"""Servers without structured output like to wrap the JSON."""

_NULL_OR_TEXT: Mapping[str, Json] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EditAnswer(_Strict):
    """One edit of the spec."""

    field: Annotated[str, Field(min_length=1, max_length=200)]
    """A path such as `pipeline[0].with.deps`; `[+]` appends."""
    text: Annotated[str, Field(max_length=2000)] | None
    """The new text; null removes the field."""


class Answer(_Strict):
    """A model's whole answer."""

    cause: Annotated[CauseClass, Field(strict=False)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    line: Annotated[int, Field(ge=0, le=100_000_000)]
    """The number of the decisive line; 0 when no line is decisive."""
    explanation: Annotated[str, Field(max_length=1500)]
    confidence: Annotated[float, Field(ge=0, le=1, strict=False)]
    edits: Annotated[tuple[EditAnswer, ...], Field(max_length=8, strict=False)]


SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "cause": {"type": "string", "enum": [kind.value for kind in CauseClass]},
        "title": {"type": "string"},
        "line": {"type": "integer"},
        "explanation": {"type": "string"},
        "confidence": {"type": "number"},
        "edits": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "text": _NULL_OR_TEXT},
                "required": ["field", "text"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["cause", "title", "line", "explanation", "confidence", "edits"],
    "additionalProperties": False,
}
"""The same, in the part of JSON Schema that every service knows; bounds are checked here only."""


_NAMES = frozenset(Answer.model_fields) | frozenset(EditAnswer.model_fields)


def read_answer(text: str, shown: Mapping[int, str]) -> Cause | Unasked:
    """Check a model's answer; `shown` has the lines that it saw, by their numbers."""
    if len(text) > LARGEST:
        return Unasked("the model's answer is too long")
    whole = _FENCED.fullmatch(text)
    try:
        answer = Answer.model_validate_json(whole[1] if whole else text)
    except ValidationError as error:
        # Only the place of the fault, never its content.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"] if step in _NAMES)
        return Unasked(f"the model's answer has not the form asked for: {first['type']} {place}")
    line = shown.get(answer.line)
    return Cause(
        kind=answer.cause,
        title=answer.title,
        line=LogLine(answer.line, line) if line is not None else None,
        explanation=answer.explanation,
        fixes=tuple(SetField(edit.field, edit.text) for edit in answer.edits),
        by="model",
        confidence=answer.confidence,
    )

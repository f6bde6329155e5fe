"""GitHub's OpenAPI description, as a check of requests, responses and deliveries.

The description is OpenAPI 3.0; its schemas are turned into JSON Schema 2020-12 once and compiled
when first needed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import unquote

import jsonschema_rs

from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.fields import Json

_BASE = "gh://api"
_WORLDWIDE = (304, 401, 403, 404, 422, 429, 500, 502, 503)
"""Statuses that GitHub documents once for all operations."""
_LONG = 300
Schema = dict[str, object]


def modern(node: object) -> object:
    """Turn OpenAPI 3.0's dialect of JSON Schema into the standard one."""
    if isinstance(node, list):
        return [modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {
        name: value
        if name in ("enum", "required", "const", "default")
        else modern_properties(value)
        if name == "properties"
        else modern(value)
        for name, value in node.items()
        if name not in ("title", "deprecated", "discriminator") or isinstance(value, dict)
    }
    return _nullable(out) if out.pop("nullable", False) is True else out


def modern_properties(node: object) -> object:
    """Turn each property's schema, whatever the property is called."""
    return {name: modern(one) for name, one in node.items()} if isinstance(node, dict) else node


def _nullable(schema: Schema) -> Schema:
    choices = schema.get("enum")
    if isinstance(choices, list) and None not in choices:
        schema["enum"] = [*choices, None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        return schema
    words = ("$ref", "allOf", "anyOf", "oneOf")
    rest = {word: schema.pop(word) for word in words if word in schema}
    return {**schema, "anyOf": [rest, {"type": "null"}]} if rest else schema


class Description:
    """A description that has been read."""

    def __init__(self, whole: Mapping[str, Json]) -> None:
        self._whole = whole
        schemas = cast("Json", whole["components"]["schemas"])
        document: Json = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": {"schemas": {name: modern(one) for name, one in schemas.items()}},
        }
        self._registry = jsonschema_rs.Registry([(_BASE, document)])
        self._compiled: dict[tuple[str, ...], jsonschema_rs.Draft202012Validator] = {}
        self._routes = sorted(
            ((self._pattern(template), template) for template in whole["paths"]),
            key=lambda pair: (self._slashed(pair[1]), -pair[1].count("/"), pair[1].count("{")),
        )

    # ---- look-ups

    def _resolved(self, node: object) -> Json:
        while isinstance(node, dict) and "$ref" in node:
            found: object = self._whole
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                found = cast("Json", found)[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return cast("Json", node)

    def _parameters(self, template: str, method: str) -> list[Json]:
        item = cast("Mapping[str, Json]", self._whole["paths"][template])
        listed = cast("list[object]", item[method].get("parameters", []))
        return [self._resolved(one) for one in listed]

    def _multi(self, template: str) -> set[str]:
        return {
            str(one["name"])
            for method in cast("Json", self._whole["paths"][template])
            for one in self._parameters(template, method)
            if one.get("x-multi-segment")
        }

    def _slashed(self, template: str) -> int:
        return len(self._multi(template))

    def _pattern(self, template: str) -> re.Pattern[str]:
        multi = self._multi(template)
        parts = re.split(r"\{([^}]+)\}", template)
        text = "".join(
            f"({'.*' if part in multi else '[^/]+'})" if n % 2 else re.escape(part)
            for n, part in enumerate(parts)
        )
        return re.compile(text + "/?")

    def _find(self, method: str, path: str) -> tuple[str, Json] | None:
        if re.fullmatch(r"/repos/[^/]+/[^/]+/contents", path):
            path += "/"  # the root is an empty path to GitHub's description
        for pattern, template in self._routes:
            item = cast("Mapping[str, Json]", self._whole["paths"][template])
            if pattern.fullmatch(path) and method.lower() in item:
                return template, item[method.lower()]
        return None

    # ---- checks

    def request(self, method: str, path: str, query: Mapping[str, str], body: object) -> list[str]:
        """Return what is wrong with a request; empty when it conforms."""
        found = self._find(method, path)
        if found is None:
            return ["is no operation of GitHub's"]
        template, operation = found
        name = str(operation["operationId"])
        known = {
            str(one["name"]): cast("Json", one["schema"])
            for one in self._parameters(template, method.lower())
            if one["in"] == "query"
        }
        wrong = [f"query {key}: unknown" for key in query if key not in known]
        for key in query.keys() & known.keys():
            value = _typed(query[key], self._resolved(known[key]))
            wrong += self._errors((name, "query", key), known[key], value, f"query {key}")
        return wrong + self._body(name, operation, body)

    def _body(self, name: str, operation: Json, body: object) -> list[str]:
        if "requestBody" not in operation:
            return [] if body in (None, {}) else ["body: none is taken"]
        wanted = self._resolved(operation["requestBody"])
        if body is None:
            return ["body: missing"] if wanted.get("required") else []
        content = cast("Mapping[str, Json]", wanted["content"])
        schema = cast("Json", content["application/json"]["schema"])
        wrong = self._errors((name, "body"), schema, body, "body")
        allowed = self._properties(schema)
        if allowed is not None and isinstance(body, dict):
            wrong += [f"body/{key}: unknown" for key in body if key not in allowed]
        return wrong

    def _properties(self, schema: Json) -> set[str] | None:
        schema = self._resolved(schema)
        if schema.get("additionalProperties") not in (None, False):
            return None
        names = set(cast("Json", schema.get("properties", {})))
        for word in ("oneOf", "anyOf", "allOf"):
            for one in cast("list[Json]", schema.get(word, [])):
                inner = self._properties(one)
                if inner is None:
                    return None
                names |= inner
        return names

    def response(self, method: str, path: str, answer: Answer) -> list[str]:
        """Return what is wrong with a response; empty when it conforms."""
        found = self._find(method, path)
        if found is None:
            # `request` reports a wrong address.
            return []
        name, status = str(found[1]["operationId"]), str(answer.status)
        responses = cast("Json", found[1]["responses"])
        declared = responses.get(status)
        if declared is None:
            if answer.status not in _WORLDWIDE:
                return [f"status: declared are {sorted(responses)}"]
            schema: Json = {"$ref": "#/components/schemas/basic-error"}
            return self._errors(("error",), schema, answer.body, "body")
        content = cast("Mapping[str, Json]", self._resolved(declared).get("content") or {})
        if isinstance(answer.body, bytes):
            return []  # raw media types are described as text, if at all
        media = content.get("application/json")
        if media is None:
            return [] if answer.body in (None, {}) or content else ["body: none is declared"]
        body: object = json.loads(json.dumps(answer.body))
        return self._errors((name, status), cast("Json", media["schema"]), body, "body")

    def delivery(self, event: str, payload: Mapping[str, object]) -> list[str]:
        """Return what is wrong with a delivery; empty when it conforms."""
        base = event.replace("_", "-")
        action = payload.get("action")
        name = f"{base}-{action.replace('_', '-')}" if isinstance(action, str) else base
        hook = self._whole["x-webhooks"].get(name)
        if hook is None:
            return ["is no delivery of GitHub's"]
        post = cast("Mapping[str, Json]", hook)["post"]
        content = cast("Mapping[str, Mapping[str, Json]]", self._resolved(post["requestBody"]))
        schema = cast("Json", content["content"]["application/json"]["schema"])
        return self._errors(("delivery", name), schema, payload, "payload")

    def _errors(self, key: tuple[str, ...], schema: Json, value: object, where: str) -> list[str]:
        compiled = self._compiled.get(key)
        if compiled is None:
            text = json.dumps(modern(schema)).replace('"#/components/', f'"{_BASE}#/components/')
            compiled = self._compiled[key] = jsonschema_rs.Draft202012Validator(
                json.loads(text), registry=self._registry, validate_formats=False
            )
        return list(_errors(compiled, value, where))


def _errors(
    validator: jsonschema_rs.Draft202012Validator, value: object, where: str
) -> Iterator[str]:
    for error in validator.iter_errors(value):
        at = "".join(f"/{part}" for part in error.instance_path)
        message = error.message
        short = message if len(message) < _LONG else f"…{message[-_LONG:]}"
        yield f"{where}{at}: {short}"


def _typed(text: str, schema: Json) -> object:
    kinds = json.dumps(schema)
    if '"integer"' in kinds and text.lstrip("-").isdigit():
        return int(text)
    if '"boolean"' in kinds and text in ("true", "false"):
        return text == "true"
    return unquote(text)

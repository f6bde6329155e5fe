"""A spec as the CI reads it: its steps, and the text of templates as far as the CI knows them.

Written independently of the bot's own reader, so that one mistake cannot hide in both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import re2
import yaml

Node: TypeAlias = "str | list[Node] | dict[str, Node] | None"
"""What a YAML file holds when every scalar stays text."""

_TEMPLATE = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")
_ARCH = re.compile(r"\$\{\{\s*build\.arch\s*\}\}\s*==\s*['\"]?(\w+)['\"]?")
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Step:
    """One `uses:` or `runs:` step with its inputs, not yet evaluated, and the names it may use."""

    where: str
    """A readable place, for example `subpackages[1].pipeline[0]`."""
    uses: str
    """The pipeline used, or `runs`."""
    inputs: Mapping[str, str]
    scope: Mapping[str, str]
    folder: str
    """`working-directory`, empty for the workspace itself."""
    in_test: bool
    """A test has a workspace of its own."""

    def value(self, name: str, default: str = "") -> str | None:
        """Evaluate one input; None when a template in it is unknown here."""
        return evaluate(self.inputs.get(name, default), self.scope)


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec, read."""

    name: str
    version: str
    epoch: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is not a spec."""

    because: str


def read(text: str) -> Spec | Unreadable:
    """Read a spec, or return why it cannot be read."""
    try:
        root = yaml.load(text, Loader=_LOADER)  # noqa: S506  (BaseLoader makes nothing but text)
    except yaml.YAMLError as error:
        return Unreadable(" ".join(str(error).split()))
    package = _mapping(_mapping(root).get("package"))
    missing = [key for key in ("name", "version", "epoch") if not isinstance(package.get(key), str)]
    if missing:
        return Unreadable(f"package.{missing[0]} is missing")
    name, version, epoch = (str(package[key]) for key in ("name", "version", "epoch"))
    if not re.fullmatch(r"[0-9]+", epoch):
        return Unreadable(f"package.epoch is not a number: {epoch!r}")
    scope = _scope(_mapping(root), _texts(package))
    return Spec(name, version, int(epoch), tuple(_all_steps(_mapping(root), scope)))


def evaluate(text: str, scope: Mapping[str, str]) -> str | None:
    """Put values in place of `${{...}}`; None when one of them is unknown."""
    if any(name not in scope for name in _TEMPLATE.findall(text)):
        return None
    return _TEMPLATE.sub(lambda match: scope[match[1]], text)


def _scope(root: Mapping[str, Node], package: Mapping[str, str]) -> dict[str, str]:
    """Collect the names known everywhere in a spec: package, vars, var-transforms."""
    scope = {f"package.{key}": text for key, text in package.items()}
    scope["package.full-version"] = f"{package['version']}-r{package['epoch']}"
    scope["build.arch"] = "x86_64"
    for key, text in _texts(_mapping(root.get("vars"))).items():
        if (value := evaluate(text, scope)) is not None:
            scope[f"vars.{key}"] = value
    for rule in _sequence(root.get("var-transforms")):
        fields = _texts(_mapping(rule))
        source = evaluate(fields.get("from", ""), scope)
        made = None if source is None else _transform(source, fields)
        if made is not None:
            scope[f"vars.{fields.get('to', '')}"] = made
    return scope


def _transform(source: str, rule: Mapping[str, str]) -> str | None:
    """Apply one rule as Go's `ReplaceAllString` does; None when its pattern is not valid RE2."""
    try:
        pattern = re2.compile(rule.get("match", ""))
    except re2.error:
        return None
    replacement = rule.get("replace", "")

    def expanded(found: "re.Match[str]") -> str:
        groups = {str(at): text for at, text in enumerate((found[0], *found.groups()))}
        groups |= found.groupdict()
        # Go takes the longest name: `$1_beta` is the group named `1_beta`, and so nothing.
        return _REFERENCE.sub(
            lambda name: "$" if name[0] == "$$" else groups.get(name[1] or name[2], "") or "",
            replacement,
        )

    return str(pattern.sub(expanded, source))


def _all_steps(root: Mapping[str, Node], scope: Mapping[str, str]) -> Iterator[Step]:
    yield from _steps(root.get("pipeline"), "pipeline", scope, in_test=False)
    for at, node in enumerate(_sequence(root.get("subpackages"))):
        subpackage = _mapping(node)
        for inner in _subpackage_scopes(subpackage, root, scope):
            where = f"subpackages[{at}]"
            yield from _steps(subpackage.get("pipeline"), f"{where}.pipeline", inner, in_test=False)
            test = _mapping(subpackage.get("test")).get("pipeline")
            yield from _steps(test, f"{where}.test.pipeline", inner, in_test=True)
    test = _mapping(root.get("test")).get("pipeline")
    yield from _steps(test, "test.pipeline", scope, in_test=True)


def _subpackage_scopes(
    subpackage: Mapping[str, Node], root: Mapping[str, Node], scope: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield one scope for a plain subpackage, or one for each item of its `range`."""
    wanted = subpackage.get("range")
    tables = (_mapping(node) for node in _sequence(root.get("data")))
    ranged = [
        {"range.key": key, "range.value": text}
        for table in tables
        if wanted and table.get("name") == wanted
        for key, text in _texts(_mapping(table.get("items"))).items()
    ]
    for names in ranged if wanted else [dict[str, str]()]:
        inner = {**scope, **names}
        name = evaluate(str(subpackage.get("name") or ""), inner)
        yield inner if name is None else {**inner, "subpkg.name": name, "context.name": name}


def _steps(
    pipeline: Node, where: str, scope: Mapping[str, str], *, in_test: bool, folder: str = ""
) -> Iterator[Step]:
    for at, node in enumerate(_sequence(pipeline)):
        step = _mapping(node)
        here = f"{where}[{at}]"
        arch = _ARCH.search(str(step.get("if") or ""))
        inner = {**scope, "build.arch": arch[1]} if arch else scope
        inside = str(step.get("working-directory") or folder)
        uses = "runs" if "runs" in step else step.get("uses")
        if isinstance(uses, str):
            yield Step(here, uses, _texts(_mapping(step.get("with"))), inner, inside, in_test)
        yield from _steps(
            step.get("pipeline"), f"{here}.pipeline", inner, in_test=in_test, folder=inside
        )


def _mapping(node: Node) -> dict[str, Node]:
    return node if isinstance(node, dict) else {}


def _sequence(node: Node) -> Sequence[Node]:
    return node if isinstance(node, list) else []


def _texts(node: Mapping[str, Node]) -> dict[str, str]:
    return {key: value for key, value in node.items() if isinstance(value, str)}

"""Each setting with its value and the places that set it; the last place decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

import yaml

from octobot.model.config import Ages, Config, ConfigFile
from octobot.model.json_codec import to_json
from octobot.policy.config.groups import is_member
from octobot.policy.config.keys import KEYS, PACKAGE_KEYS
from octobot.policy.config.mappings import Key
from octobot.policy.config.read import for_package
from octobot.policy.config.yaml_text import compose


@dataclass(frozen=True, slots=True)
class Said:
    """One place in a file that speaks of a setting."""

    key: str
    match: str
    """The pattern of the packages it speaks of; empty: of all."""
    path: str
    line: int
    text: str
    """What it says, as one line of YAML."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" ({self.match})" if self.match else "")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it holds."""

    key: str
    value: str
    said: tuple[Said, ...]
    """The places that speak of it, the weaker before the stronger; none: it is the default."""


def for_repository(config: Config, files: Sequence[ConfigFile]) -> tuple[Shown, ...]:
    """Show every key of the top level; `files` are those that `config` was joined of."""
    all_said = _all_said(files)
    return tuple(_of_repository(config, key, all_said) for key in KEYS)


def of_package(config: Config, files: Sequence[ConfigFile], name: str) -> tuple[Shown, ...]:
    """Show what holds for one package."""
    all_said = [said for said in _all_said(files) if _speaks_of(said, name)]
    policy = for_package(config, name)
    second_source = policy.second_source
    values: dict[str, object] = {
        "minimum-release-age": policy.ages,
        "datasource": second_source and second_source.datasource,
        "identifier": second_source and second_source.identifier,
    }
    rows = [
        Shown(
            key.name,
            _worded(values.get(key.name, getattr(policy, key.field, None)), key),
            tuple(said for said in all_said if said.key == key.name),
        )
        for key in PACKAGE_KEYS
        if key.name != "match"
    ]
    return (*rows, _group(config, all_said, name))


def said_by(file: ConfigFile) -> Iterator[Said]:
    """Return every place of a readable file that speaks of a setting, rules for packages last."""
    root = compose(file.text or "")
    rules: list[Said] = []
    for name, line, value in _pairs(root):
        yield Said(name, "", file.path, line, _flow(value))
        if name == "approval":
            for item in value.value:
                yield Said(name, item.value, file.path, item.start_mark.line + 1, "true")
        for rule in value.value if name == "packages" else ():
            entries = {key: (at, inner) for key, at, inner in _pairs(rule)}
            _, match = entries.pop("match")
            rules += [
                Said(key, match.value, file.path, at, _flow(inner))
                for key, (at, inner) in entries.items()
            ]
    yield from rules


def _all_said(files: Sequence[ConfigFile]) -> tuple[Said, ...]:
    """Order by strength: what speaks of all packages, then the list of approvals, then rules."""
    found = [said for file in files for said in said_by(file)]
    listed = [said for said in found if said.key == "approval" and said.text == "true"]
    plain = [said for said in found if not said.match]
    rules = [said for said in found if said.match and said not in listed]
    return (*plain, *listed, *rules)


def _speaks_of(said: Said, name: str) -> bool:
    if said.match:
        return fnmatchcase(name, said.match)
    return said.key != "approval"  # its items speak


def _of_repository(config: Config, key: Key, all_said: Sequence[Said]) -> Shown:
    said = tuple(each for each in all_said if each.key == key.name and not each.match)
    if not said:
        value = key.default
    elif key.joining == "either":
        value = _worded(getattr(config, key.field), key)
    elif key.joining == "append":
        value = ", ".join(each.text for each in said)
    else:
        value = said[-1].text
    return Shown(key.name, value, said)


def _group(config: Config, all_said: Sequence[Said], name: str) -> Shown:
    groups = [group.name for group in config.groups if is_member(group, name)]
    said = tuple(each for each in all_said if each.key == "groups")
    return Shown("group", ", ".join(groups) or "none", said if groups else ())


def _worded(value: object, key: Key) -> str:
    match value:
        case None:
            return "none" if key.default in {"", "as above"} else key.default
        case bool():
            return "true" if value else "false"
        case Ages(major=major, minor=minor, patch=patch):
            if major == minor == patch:
                return str(to_json(major))
            return f"major {to_json(major)}, minor {to_json(minor)}, patch {to_json(patch)}"
        case timedelta():
            return str(to_json(value))
        case _:
            return str(value)


def _pairs(node: object) -> Iterator[tuple[str, int, yaml.Node]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield key.value, key.start_mark.line + 1, value


def _flow(node: yaml.Node) -> str:
    """Write a node in one line."""
    match node:
        case yaml.MappingNode():
            inner = ", ".join(f"{key.value}: {_flow(value)}" for key, value in node.value)
            return f"{{{inner}}}"
        case yaml.SequenceNode():
            return f"[{', '.join(map(_flow, node.value))}]"
        case _:
            return str(node.value)

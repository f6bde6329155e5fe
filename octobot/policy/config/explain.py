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
class Mention:
    """One place in a file that sets something."""

    key: str
    match: str
    """The pattern of its packages; empty: all packages."""
    path: str
    line: int
    text: str
    """The value, as one line of YAML."""
    strength: int = 0
    """A stronger place overrides: 0 for all packages, 1 for the list of approvals, 2 for rules."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" ({self.match})" if self.match else "")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting with its value."""

    key: str
    value: str
    mentions: tuple[Mention, ...]
    """The places that set it, the weaker before the stronger; none: it is the default."""


def for_repository(config: Config, files: Sequence[ConfigFile]) -> tuple[Shown, ...]:
    """Show every key of the top level; `files` are those that `config` was joined from."""
    mentions = _by_strength(files)
    return tuple(_of_repository(config, key, mentions) for key in KEYS)


def of_package(config: Config, files: Sequence[ConfigFile], name: str) -> tuple[Shown, ...]:
    """Show the settings of one package."""
    mentions = [each for each in _by_strength(files) if _applies(each, name)]
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
            tuple(each for each in mentions if each.key == key.name),
        )
        for key in PACKAGE_KEYS
        if key.name != "match"
    ]
    return (*rows, _group(config, mentions, name))


def mentions_in(file: ConfigFile) -> Iterator[Mention]:
    """Yield every place of a readable file that sets something."""
    for name, line, value in _pairs(compose(file.text or "")):
        yield Mention(name, "", file.path, line, _flow(value))
        for item in value.value if name == "approval" else ():
            yield Mention(name, item.value, file.path, item.start_mark.line + 1, "true", 1)
        for rule in value.value if name == "packages" else ():
            entries = {key: (at, inner) for key, at, inner in _pairs(rule)}
            _, match = entries.pop("match")
            for key, (at, inner) in entries.items():
                yield Mention(key, match.value, file.path, at, _flow(inner), 2)


def _by_strength(files: Sequence[ConfigFile]) -> list[Mention]:
    found = (mention for file in files for mention in mentions_in(file))
    return sorted(found, key=lambda mention: mention.strength)


def _applies(mention: Mention, name: str) -> bool:
    if mention.match:
        return fnmatchcase(name, mention.match)
    return mention.key != "approval"  # its items apply


def _of_repository(config: Config, key: Key, mentions: Sequence[Mention]) -> Shown:
    found = tuple(each for each in mentions if each.key == key.name and not each.match)
    if not found:
        value = key.default
    elif key.joining == "either":
        value = _worded(getattr(config, key.field), key)
    elif key.joining == "append":
        value = ", ".join(each.text for each in found)
    else:
        value = found[-1].text
    return Shown(key.name, value, found)


def _group(config: Config, mentions: Sequence[Mention], name: str) -> Shown:
    groups = [group.name for group in config.groups if is_member(group, name)]
    found = tuple(each for each in mentions if each.key == "groups")
    return Shown("group", ", ".join(groups) or "none", found if groups else ())


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

"""Parse a file's text to the tree of its nodes; only plain YAML is accepted.

An anchor, an alias or a tag is refused before the composer could expand it, and so is what nests
deeper than any valid file: PyYAML's composer recurses.
"""

import yaml

from octobot.policy.config.scalars import Faults, bad

LIMIT = 64 << 10
"""Characters; a longer file is refused unread."""

_DEPTH = 8
"""The deepest valid file nests 5 deep."""


def compose(text: str) -> yaml.Node | Faults | None:
    """Return the root node; None for an empty file."""
    if len(text) > LIMIT:
        return bad(None, f"the file has {len(text)} characters; keep it under {LIMIT}")
    try:
        fault = _unwanted(text)
        root = None if fault else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        return _not_yaml(error)
    if fault:
        return fault
    return None if isinstance(root, yaml.ScalarNode) and not root.value else root


def _unwanted(text: str) -> Faults | None:
    """Find what the composer would expand or recurse into, before it does."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return bad(event, "anchors and aliases are not read; write the value out")
        if tag := getattr(event, "tag", None):
            return bad(event, f"the tag {tag} is not read; remove it")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH:
            return bad(event, "the file nests too deep; `octobot docs config` has an example")
    return None


def _not_yaml(error: yaml.YAMLError) -> Faults:
    remedy = "correct the YAML; `octobot docs config` has an example"
    if isinstance(error, yaml.MarkedYAMLError):
        return bad(error.problem_mark, f"{error.problem or 'not valid YAML'}; {remedy}")
    return bad(None, f"the file has characters that YAML does not allow; {remedy}")

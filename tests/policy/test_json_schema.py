import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.config import Config
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.keys import KEYS, PACKAGE_KEYS, schema
from octobot.policy.config.read import read
from tests.policy.bad_configs import BAD

VALIDATOR = jsonschema_rs.validator_for(dict(schema()))
SHIPPED = Path(__file__).parents[2] / "octobot/policy/octobot.schema.json"

READERS_ALONE = ("!!bool true", "#####")
"""What no schema can say: a tag, and the length of a file."""


# YAML 1.2.2, 10.3.2: the core schema's tags, which editors go by.
CORE: tuple[tuple[str, Callable[[str], object]], ...] = (
    (r"|~|null|Null|NULL", lambda _: None),
    (r"true|True|TRUE", lambda _: True),
    (r"false|False|FALSE", lambda _: False),
    (r"[-+]?[0-9]+", int),
    (r"0o[0-7]+", lambda text: int(text, 0)),
    (r"0x[0-9a-fA-F]+", lambda text: int(text, 0)),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
)


def as_an_editor_has_it(text: str) -> object:
    """Parse YAML 1.2 as editors do."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    return None if root is None else constructed(root)


def constructed(node: yaml.Node) -> object:
    """Make the value of a node."""
    match node:
        case yaml.MappingNode():
            pairs = [(key.value, constructed(value)) for key, value in node.value]
            if len(dict(pairs)) != len(pairs):
                raise ValueError("a key is given twice")
            return dict(pairs)
        case yaml.SequenceNode():
            return [constructed(item) for item in node.value]
        case yaml.ScalarNode(style=None):
            made = (make for pattern, make in CORE if re.fullmatch(pattern, node.value))
            return next(made, str)(node.value)
        case _:
            return node.value


def test_the_schema_is_valid_and_shipped() -> None:
    """Draft 2020-12, and the same in the package."""
    jsonschema_rs.meta.validate(dict(schema()))
    assert json.loads(SHIPPED.read_text()) == schema()


@pytest.mark.parametrize("text", [EXAMPLE, "", "# nothing\n", "---\n", "packages: []\n"])
def test_what_octobot_reads_is_valid_in_an_editor(text: str) -> None:
    """The example, and a file that says nothing."""
    assert isinstance(read(text), Config)
    assert VALIDATOR.is_valid(as_an_editor_has_it(text))


@pytest.mark.parametrize("text", [text for text, _, _ in BAD])
def test_what_octobot_refuses_is_marked_in_an_editor(text: str) -> None:
    """Every bad file fails in both, except for what only octobot can know."""
    try:
        valid = VALIDATOR.is_valid(as_an_editor_has_it(text))
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        valid = False
    assert valid == any(alone in text for alone in READERS_ALONE)


def test_every_key_has_its_words() -> None:
    """Editors show a title and what the key means."""
    shown = schema()["properties"]
    assert isinstance(shown, dict)
    assert set(shown) == {key.name for key in KEYS}
    for key in (*KEYS, *PACKAGE_KEYS):
        assert key.meaning
        assert key.meaning.endswith((".", "`"))
    assert all(each["title"] == name and each["description"] for name, each in shown.items())


SCALARS = st.sampled_from(
    [
        *("true", "false", "True", "yes", "null", "~", "'true'", "[]", "{}", "[a]", "['a*',b]"),
        *("1", "007", "1.5", "1e3", "0o7", "24h", "0s", '"7d"', "squash", "api", "a*", "''"),
    ]
)
LINES = st.lists(
    st.tuples(st.sampled_from([key.name for key in KEYS]), SCALARS),
    max_size=4,
    unique_by=lambda pair: pair[0],
)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_no_file_that_octobot_reads_is_marked(lines: list[tuple[str, str]]) -> None:
    """An editor never complains of what octobot takes."""
    text = "".join(f"{name}: {value}\n" for name, value in lines)
    if isinstance(read(text), Config):
        assert VALIDATOR.is_valid(as_an_editor_has_it(text)), text

from octobot.model.config import Config, ConfigFile
from octobot.model.ids import Sha
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.explain import for_repository, of_package
from octobot.policy.config.join import join
from octobot.policy.config.keys import KEYS, PACKAGE_KEYS
from octobot.policy.config.read import read_values
from octobot.policy.config.scalars import Faults

ABOVE = """\
minimum-release-age: {major: 30d, minor: 2d}
approval: [glibc, "gcc*"]
packages:
  - match: "*"
    largest-jump: 3
"""
OWN = """\
paused: false
minimum-release-age: 6h

packages:
  - {match: "gcc*", approval: false}
  - match: "py3-*"
    hold: waits
    datasource: pypi
    identifier: x
  - match: gcc-15
    minimum-release-age: {patch: 1h}
required-checks: [{name: build, app: 1}]
groups: [{name: g, match: ["gcc*"]}]
"""


def files(*texts: str) -> tuple[Config, list[ConfigFile]]:
    """Join files that are named by their place."""
    made = [ConfigFile(f"f{n}", Sha("0" * 40), text) for n, text in enumerate(texts)]
    values = [read_values(text) for text in texts]
    return join([each for each in values if not isinstance(each, Faults)]), made


def shown(name: str, *texts: str) -> dict[str, tuple[str, str]]:
    """Return each key's value and places for one package."""
    rows = of_package(*files(*texts), name)
    return {row.key: (row.value, " ".join(map(str, row.mentions))) for row in rows}


def test_a_package_is_shown_with_the_lines_that_speak_of_it() -> None:
    """The last one decides; what nobody speaks of is the default."""
    found = shown("gcc-15", ABOVE, OWN)
    assert found == {
        "automerge": ("true", ""),
        "approval": ("false", "f0:2 (gcc*) f1:5 (gcc*)"),
        "minimum-release-age": ("major 6h, minor 6h, patch 1h", "f0:1 f1:2 f1:11 (gcc-15)"),
        "vulnerability-release-age": ("none", ""),
        "largest-jump": ("3", "f0:5 (*)"),
        "hold": ("not held", ""),
        "datasource": ("none", ""),
        "identifier": ("none", ""),
        "group": ("g", "f1:13"),
    }
    assert {key.name for key in PACKAGE_KEYS} - {"match"} == found.keys() - {"group"}


def test_a_package_of_no_rule_is_shown_all_the_same() -> None:
    """What the top level says holds for it; it is in no group."""
    found = shown("curl", "vulnerability-release-age: 90m\n", OWN)
    assert found["minimum-release-age"] == ("6h", "f1:2")
    assert found["vulnerability-release-age"] == ("90m", "f0:1")
    assert found["approval"] == ("false", "")
    assert found["group"] == ("none", "")


def test_the_rule_that_decides_on_the_approval_is_shown_last() -> None:
    """A rule is stronger than the list of approvals, and a later rule than an earlier one."""
    rules = "packages:\n  - {match: a, approval: false}\n  - {match: a, approval: true}\n"
    assert shown("a", rules)["approval"] == ("true", "f0:2 (a) f0:3 (a)")
    assert shown("a", f"approval: [a]\n{rules}")["approval"][1] == "f0:1 (a) f0:3 (a) f0:4 (a)"


def test_a_second_source_is_shown_by_both_its_keys() -> None:
    """And a hold by its words."""
    found = shown("py3-x", OWN)
    assert found["datasource"] == ("pypi", "f0:8 (py3-*)")
    assert found["identifier"] == ("x", "f0:9 (py3-*)")
    assert found["hold"] == ("waits", "f0:7 (py3-*)")


def test_the_repository_is_shown_with_every_key() -> None:
    """A replaced value has both places, an appended one all items."""
    rows = {row.key: row for row in for_repository(*files(ABOVE, OWN))}
    assert set(rows) == {key.name for key in KEYS}
    assert rows["minimum-release-age"].value == "6h"
    assert [str(each) for each in rows["minimum-release-age"].mentions] == ["f0:1", "f1:2"]
    assert rows["paused"].value == "false"
    assert rows["approval"].value == "[glibc, gcc*]"
    assert rows["packages"].value.startswith("[{match: *, largest-jump: 3}], [{match: gcc*")
    assert rows["required-checks"].value == "[{name: build, app: 1}]"
    assert (rows["merge-method"].value, rows["merge-method"].mentions) == ("squash", ())


def test_the_example_and_a_file_that_says_nothing_are_shown() -> None:
    """Whatever the file has, nothing of it stops the table."""
    assert all(row.mentions for row in for_repository(*files(EXAMPLE)))
    assert not any(row.mentions for row in for_repository(*files("", "# nothing\n")))
    assert shown("openssl", EXAMPLE)["minimum-release-age"][0] == "7d"

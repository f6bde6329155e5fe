"""The lint's rules: each is seen to speak, and to be silent on what is right."""

import tarfile
from collections import Counter
from pathlib import Path

import pytest

from octobot.specs.lint import rules
from octobot.specs.lint.lint import lint
from octobot.specs.lint.rules import RULES, Rule

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"
needs_distro = pytest.mark.skipif(not ARCHIVE.exists(), reason="the distro is not at hand")

SPEC = """\
package:
  name: hello
  version: "{version}"
  epoch: 0
{extra}
pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/hello.git
      tag: {tag}
      expected-commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
update:
  enabled: true
{update}
"""
GITHUB = """\
  github:
    identifier: Example/Hello
    strip-prefix: v
"""


def spec(
    update: str = GITHUB,
    *,
    version: str = "1.2.3",
    tag: str = "v${{package.version}}",
    extra: str = "",
) -> str:
    """Write a spec."""
    return SPEC.format(version=version, tag=tag, extra=extra, update=update)


def found(text: str) -> list[str]:
    """Lint one spec; return the names of the rules that spoke."""
    return [finding.rule.name for finding in lint("hello.yaml", text)]


@pytest.mark.parametrize(
    "text",
    [
        spec(),
        spec("  git: {}\n", tag="${{package.version}}"),
        spec("  git:\n    tag-filter-prefix: v\n    strip-prefix: v\n"),
        spec("  release-monitor:\n    identifier: 12\n    strip-prefix: v\n"),
        spec("  manual: true\n"),
        spec(GITHUB + "  schedule:\n    period: weekly\n    reason: releases every day\n"),
        spec("  exclude-reason: gone\n" + GITHUB).replace("enabled: true", "enabled: false"),
        # `$1.2` is group 1 and then `.2`; named and braced groups are known
        spec(GITHUB + "  version-transform:\n    - match: ^(1)\\.2\n      replace: $1.2\n"),
        spec(GITHUB + "  version-transform:\n    - match: ^(?P<a>1)\n      replace: ${a}\n"),
        spec(GITHUB + "  version-transform:\n    - match: '-'\n      replace: ''\n"),
        spec(GITHUB + "  version-transform:\n    - match: x\n      replace: $$1\n"),
        # it builds one name of a version and watches the other
        spec(GITHUB.replace("strip-prefix: v", "strip-prefix: release/v")),
        # it waits for the next stable release
        spec(version="1.2.3_rc1", tag="v1.2.3-rc1"),
        "package:\n  name: hello\n  version: '1'\n  epoch: 0\n",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    """No rule speaks of a block that does what it reads like."""
    assert found(text) == []


SHORT = """\
var-transforms:
  - from: ${{package.version}}
    match: \\.0$
    replace: ""
    to: short
"""
TRANSFORM = GITHUB + "  version-transform:\n    - match: '{}'\n      replace: '{}'\n"

SPEAKING: list[tuple[Rule, str, str]] = [
    (rules.BAD_SPEC, spec().replace("update:", "\tupdate:"), "update:"),
    (rules.BAD_SPEC, spec(version="1.2-beta"), "version:"),
    (rules.BAD_UPDATE_BLOCK, spec(GITHUB + "    strip-prefx: v\n"), "strip-prefx"),
    (rules.BAD_UPDATE_BLOCK, spec("  shared: perhaps\n" + GITHUB), "shared"),
    (
        rules.BAD_PATTERN,
        spec(GITHUB + "  ignore-regex-patterns:\n    - a\n    - (?!b)\n"),
        "(?!b)",
    ),
    (
        rules.UNKNOWN_TEMPLATE,
        spec(GITHUB + "    tag-filter-prefix: ${{vars.none}}\n"),
        "vars.none",
    ),
    (rules.NO_SOURCE, spec(""), "update:"),
    (
        rules.TWO_SOURCES,
        spec(GITHUB + "  release-monitor:\n    identifier: 3\n"),
        "release-monitor",
    ),
    (rules.DISABLED, spec().replace("enabled: true", "enabled: false"), "enabled"),
    (rules.DISABLED, spec().replace("  enabled: true\n", ""), "update:"),
    (rules.SCHEDULE, spec(GITHUB + "  schedule:\n    period: daily\n"), "schedule"),
    (rules.TAG_FILTER, spec(GITHUB + "    tag-filter: v\n"), "tag-filter"),
    (
        rules.FOREIGN_SOURCE,
        spec(GITHUB.replace("Example/", "other/")),
        "identifier: other",
    ),
    (rules.OPEN_LINE, spec().replace("https://github", "git://github"), "repository:"),
    (rules.OPEN_LINE, spec().replace("https://github", "http://github"), "repository:"),
    (rules.BAD_ADDRESS, spec().replace("https://github.com", "https://[github"), "repository:"),
    (rules.BAD_ADDRESS, spec().replace("https://github.com", "https://xn--"), "repository:"),
    (rules.EMPTY_MATCH, spec(TRANSFORM.format("", "x")), "match:"),
    (rules.UNKNOWN_GROUP, spec(TRANSFORM.format("(9)", "$1_x")), "$1_x"),
    (rules.UNKNOWN_GROUP, spec(TRANSFORM.format("(9)", "a$2")), "a$2"),
    (rules.UNKNOWN_GROUP, spec(TRANSFORM.format("9", "${1}")), "${1}"),
    (
        rules.UNKNOWN_GROUP,
        spec(extra="var-transforms:\n  - from: x\n    match: (y)\n    replace: $1a\n    to: z\n"),
        "$1a",
    ),
    (rules.OWN_TAG_DROPPED, spec(GITHUB.replace("    strip-prefix: v\n", "")), "github:"),
    (rules.OWN_TAG_DROPPED, spec(GITHUB + "    tag-filter-prefix: v2\n"), "github:"),
    (
        rules.OWN_TAG_DROPPED,
        spec(GITHUB + "  ignore-regex-patterns:\n    - .*\n"),
        "github:",
    ),
    (
        rules.OWN_TAG_DIFFERS,
        spec(version="1.2.0", tag="v${{vars.short}}", extra=SHORT),
        "github:",
    ),
]


@pytest.mark.parametrize(("rule", "text", "place"), SPEAKING)
def test_each_rule_names_the_line(rule: Rule, text: str, place: str) -> None:
    """The rule speaks once, at the line that a person must change."""
    (finding,) = [each for each in lint("hello.yaml", text) if each.rule == rule]
    line = next(n for n, each in enumerate(text.splitlines(), 1) if place in each)
    assert (finding.where.path, finding.where.line) == ("hello.yaml", line)
    assert str(finding).startswith(f"hello.yaml:{line}: {rule.name}: ")


def test_every_rule_was_seen_to_speak() -> None:
    """No rule is in the table without an example, and their names are their own."""
    assert {rule.name for rule, _, _ in SPEAKING} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_several_faults_are_all_reported_in_the_order_of_lines() -> None:
    """One fault does not hide the next."""
    text = spec(
        "  oops: 1\n" + GITHUB + "    oops: 2\n  ignore-regex-patterns:\n    - (?=x)\n"
        "  schedule:\n    period: daily\n"
    )
    findings = lint("hello.yaml", text)
    lines = [finding.where.line for finding in findings]
    assert lines == sorted(lines)
    assert Counter(finding.rule.name for finding in findings) == {
        "bad-update-block": 2,
        "invalid-regex": 1,
        "schedule-without-reason": 1,
    }


@needs_distro
@pytest.mark.long
def test_a_real_distro_has_few_findings_and_no_false_ones() -> None:
    """Of 3,401 specs: those whose own tag would be dropped were each looked at by a person."""
    with tarfile.open(ARCHIVE) as archive:
        specs = {
            name: file.read().decode()
            for member in archive
            if (name := member.name.removeprefix("./")).endswith(".yaml")
            if "/" not in name and not name.startswith(".")
            if (file := archive.extractfile(member)) is not None
        }
    counted = Counter(
        finding.rule.name for path, text in specs.items() for finding in lint(path, text)
    )
    assert counted == {
        "deprecated-tag-filter": 326,
        "open-line": 18,
        "disabled-without-reason": 58,
        "own-tag-dropped": 17,
        "own-tag-differs": 2,
        "unknown-group": 2,
    }

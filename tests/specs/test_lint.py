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
  name: {name}
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
    name: str = "hello",
) -> str:
    """Write a spec."""
    return SPEC.format(name=name, version=version, tag=tag, extra=extra, update=update)


def found(text: str) -> list[str]:
    """Lint one spec; return the names of the rules that spoke."""
    return [finding.rule.name for finding in lint("hello.yaml", text)]


HELPER = """\
  - uses: git-checkout
    with:
      repository: https://github.com/example/data
      branch: main
      destination: data
"""
PATCHES = """\
  - uses: git-checkout
    with:
      repository: https://github.com/example/patches
      tag: v${{package.version}}
      destination: patches
      expected-commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
"""
DASHED = """\
var-transforms:
  - from: ${{package.version}}
    match: _
    replace: "-"
    to: tag
"""
FILE = """\
  - uses: fetch
    with:
      uri: https://example.org/hello-${{package.version}}.tar.gz
"""
BY_GIT = "  git:\n    strip-prefix: v\n"


def helped(helper: str) -> str:
    """Write a spec whose first checkout is a helper's."""
    return spec(BY_GIT).replace("pipeline:\n", f"pipeline:\n{helper}")


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
        # the word is stripped, or is in the version
        spec(GITHUB.replace("v\n", "pre-v\n"), tag="pre-v${{package.version}}"),
        # a helper after the package's own source, tied to the version or not
        spec(BY_GIT).replace("update:", f"{HELPER}update:"),
        spec(BY_GIT).replace("update:", f"{PATCHES}update:"),
        # a checkout in a folder, and a file for the same version: the checkout may be the source
        spec(BY_GIT)
        .replace("      tag:", "      destination: src\n      tag:")
        .replace("update:", f"{FILE}      expected-sha256: '{'a' * 64}'\nupdate:"),
        # a test's source needs no pin
        f"{spec()}test:\n  pipeline:\n{FILE}",
        # the pre-release that the spec is at
        spec(version="1.2.3_rc1", tag="v${{vars.tag}}", extra=DASHED),
        # nobody knows these addresses before the build
        spec().replace("update:", "  - uses: fetch\n    with:\n      uri: ${{targets.x}}\nupdate:"),
        # a branch that is followed, and a helper's: neither has a tag that could be pinned
        spec("  git: {}\n").replace("tag: v${{package.version}}", "branch: main"),
        # it says itself that there is no digest
        spec().replace("update:", f"{FILE}      expected-none: true\nupdate:"),
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

CHECKOUT = spec().partition("pipeline:\n")[2].partition("update:")[0]
TARBALL = FILE.replace("example.org/hello-", "github.com/example/hello/archive/refs/tags/v")
RELEASED = FILE.replace(
    "example.org/hello-${{", "github.com/example/hello/releases/download/release%2F${{"
).replace(".tar.gz", "/hello.tar.gz")

PREFIX = "    tag-filter-prefix: "
STREAMS = [
    (rules.STREAM_NOT_FILTERED, "hello-1", "", "github:"),
    (rules.STREAM_NOT_FILTERED, "hello-1.2", "", "github:"),
    (rules.STREAM_NOT_FILTERED, "hello1.2", "", "github:"),
    (rules.STREAM_NOT_FILTERED, "hello-1.2", f"{PREFIX}v1.\n", "github:"),
    (rules.STREAM_NOT_FILTERED, "hello-1", f"{PREFIX}v\n", "github:"),
    (rules.STREAM_NOT_FILTERED, "hello-1", "    tag-filter-contains: '2.'\n", "github:"),
    (rules.PREFIX_ENDS_IN_DIGIT, "hello-1", f"{PREFIX}v1\n", "tag-filter-prefix:"),
    (rules.PREFIX_ENDS_IN_DIGIT, "hello-1.2", f"{PREFIX}v1.2 # 1.2\n", "tag-filter-prefix:"),
    (rules.PREFIX_ENDS_IN_DIGIT, "hello-1", "    tag-filter: v1\n", "tag-filter:"),
]
"""Streams whose filters let others in: the package's name, and the filter."""

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
        rules.OTHER_SOURCE,
        spec(GITHUB.replace("Example/", "other/")),
        "identifier: other",
    ),
    (rules.INSECURE_SOURCE, spec().replace("https://github", "git://github"), "repository:"),
    (rules.INSECURE_SOURCE, spec().replace("https://github", "http://github"), "repository:"),
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
    # the tag is that of an archive or of a release's file, too
    (
        rules.OWN_TAG_DROPPED,
        spec(GITHUB.replace("strip-prefix: v", "use-tag: true")).replace(CHECKOUT, TARBALL),
        "github:",
    ),
    (
        rules.OWN_TAG_DROPPED,
        spec(GITHUB.replace("strip-prefix: v", "use-tag: true")).replace(CHECKOUT, RELEASED),
        "github:",
    ),
    (
        rules.INSECURE_SOURCE,
        spec(extra="vars:\n  home: http://github.com/example/hello\n").replace(
            "repository: https://github.com/example/hello.git", "repository: ${{vars.home}}"
        ),
        "home:",
    ),
    *(
        (rules.BAD_UPDATE_BLOCK, spec(GITHUB.replace("Example/Hello", each)), "identifier:")
        for each in (
            "https://github.com/example/hello",
            "git@github.com:example/hello.git",
            "github.com/example/hello",
            "example/hello.git",
            "example/hello/",
            "example",
            "https://gitlab.com/example/hello",
        )
    ),
    *(
        (rules.PRERELEASE_NAME, spec(tag=tag), "github:")
        for tag in (
            "vprettier-${{package.version}}",
            "prettier-${{package.version}}",
            "v${{package.version}}-source",
        )
    ),
    (rules.NO_UPDATE_BLOCK, "package:\n  name: hello\n  version: '1'\n  epoch: 0\n", "package:"),
    (rules.HELPER_WATCHED, helped(HELPER), "git:"),
    (rules.HELPER_WATCHED, helped(PATCHES), "git:"),
    (rules.HELPER_WATCHED, helped(HELPER.replace("branch: main", "tag: v3")), "git:"),
    (rules.HELPER_WATCHED, spec("  git: {}\n").replace(CHECKOUT, HELPER + FILE), "git:"),
    (
        rules.HELPER_WATCHED,
        helped(HELPER).replace(BY_GIT, GITHUB.replace("Example/Hello", "example/data")),
        "github:",
    ),
    (rules.UNPINNED, spec().replace("expected-commit", "depth"), "uses: git-checkout"),
    (rules.UNPINNED, spec().replace("update:", f"{FILE}update:"), "uses: fetch"),
    (rules.BAD_ADDRESS, spec().replace("https://github.com", "htps://github.com"), "repository:"),
    (rules.BAD_ADDRESS, spec().replace("https://github.com/", "github.com/"), "repository:"),
    (rules.BAD_ADDRESS, spec().replace("https://github.com/", "https:///"), "repository:"),
    (
        rules.BAD_ADDRESS,
        spec().replace("update:", FILE.replace("https:", "https") + "update:"),
        "uri:",
    ),
    (
        rules.STRIP_PREFIX_NOT_FILTERED,
        spec(GITHUB.replace("v\n", "a/v\n"), tag="a/v${{package.version}}"),
        "strip-prefix:",
    ),
    *((rule, spec(name=name, update=GITHUB + more), place) for rule, name, more, place in STREAMS),
]


@pytest.mark.parametrize(("rule", "text", "place"), SPEAKING)
def test_each_rule_names_the_line(rule: Rule, text: str, place: str) -> None:
    """The rule speaks once, at the line that a person must change."""
    path = f"{text.partition('name: ')[2].partition(chr(10))[0]}.yaml"
    (finding,) = [each for each in lint(path, text) if each.rule == rule]
    line = next(n for n, each in enumerate(text.splitlines(), 1) if place in each)
    assert (finding.where.path, finding.where.line) == (path, line)
    assert str(finding).startswith(f"{path}:{line}: {rule.severity}: {rule.name}: ")


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
        "insecure-source": 18,
        "disabled-without-reason": 58,
        "own-tag-dropped": 17,
        "own-tag-differs": 2,
        "unknown-group": 2,
        "no-update-block": 1,
        "unpinned-source": 1,
        "stream-not-filtered": 2,
        "prefix-ends-in-digit": 54,
        "strip-prefix-not-filtered": 5,
    }

"""Version streams: which filters keep a package in its own."""

import pytest

from octobot.specs.lint.lint import lint

SPEC = """\
package:
  name: {name}
  version: "{version}"
  epoch: 0
pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/{repository}
      tag: {tag}
      expected-commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
update:
  enabled: true
  {block}
"""
GITHUB = "github:\n    identifier: example/{repository}\n    strip-prefix: v\n"


def found(
    name: str,
    version: str,
    more: str = "",
    *,
    tag: str = "v${{package.version}}",
    repository: str = "hello",
    block: str = GITHUB,
) -> list[tuple[str, str]]:
    """Lint a spec; return rules with severities."""
    block = block.format(repository=repository) + more
    text = SPEC.format(name=name, version=version, repository=repository, tag=tag, block=block)
    return [(each.rule.name, each.rule.severity) for each in lint(f"{name}.yaml", text)]


@pytest.mark.parametrize(
    ("name", "version", "more"),
    [
        ("hello-1.2", "1.2.3", "    tag-filter-prefix: v1.2.\n"),
        ("hello-1", "1.2.3", "    tag-filter: v1.\n"),
        ("hello-1", "1.2.3", "    tag-filter-contains: v1.\n"),
        ("hello-1", "1.2.3", "  ignore-regex-patterns:\n    - ^[^1]\n    - ^1[0-9]\n"),
        ("hello-10.0.1", "10.0.111", "    tag-filter-prefix: v10.0.1\n"),
        ("hello-10", "10.0.111", "    tag-filter-prefix: v10.0.1\n"),
        ("hello-20260107", "20260107.1", "    tag-filter-prefix: v20260107\n"),
        ("hello-2.0", "2.0.1", "    tag-filter-prefix: v2.0\n"),
        ("libhello2", "2.0.1", ""),
        (
            "hello-6",
            "6.6.0",
            "    tag-filter-contains: '6.'\n  ignore-regex-patterns:\n    - ^[^6]\n",
        ),
        ("hello-6", "6.6.0", "    tag-filter-contains: v6.\n"),
        ("hello-1.2", "1.2", "    tag-filter-prefix: v1.2\n"),  # nothing could be added to it
    ],
)
def test_a_stream_that_is_kept_is_left_alone(name: str, version: str, more: str) -> None:
    """A prefix, a text that is contained, patterns to ignore: what counts is what they let in."""
    rules = {rule for rule, _ in found(name, version, more)}
    assert rules <= {"deprecated-tag-filter"}


def test_an_upstream_of_the_stream_s_own_needs_no_filter() -> None:
    """`openjdk/jdk17u` has the versions 17 and no others."""
    assert found("openjdk-17", "17.0.2", repository="jdk17u") == []
    assert found("openjdk-17", "17.0.2", repository="jdk170u") == [WARNED]


WARNED = ("stream-not-filtered", "warning")


def test_a_project_of_the_release_monitor_may_be_the_stream_s_own() -> None:
    """Its number does not say, so it is a note; with a filter it is none."""
    monitor = "release-monitor:\n    identifier: 12\n"
    assert found("lua5.3", "5.3.6", block=monitor) == [("stream-not-filtered", "note")]
    assert found("lua5.3", "5.3.6", "    version-filter-prefix: '5.3.'\n", block=monitor) == []


def test_names_of_upstream_are_made_as_the_spec_makes_its_own_tag() -> None:
    """`REL_18_1` is version 18.1, so `REL_19_1` is tried, and not `v19.1`."""
    transformed = "git:\n    strip-prefix: REL_\n  version-separator: _\n"
    tag = "REL_${{vars.mangled}}"
    vars_ = (
        "var-transforms:\n  - from: ${{package.version}}\n    match: \\.\n    replace: _\n"
        "    to: mangled\n"
    )
    text = SPEC.format(
        name="sql-18", version="18.1", repository="sql", tag=tag, block=f"{transformed}{vars_}"
    )
    assert [each.detail for each in lint("sql-18.yaml", text)] == [
        "sql-18 is the stream 18, but REL_19_1 is taken as well."
    ]


def test_a_branch_for_each_version_says_nothing_of_tags() -> None:
    """Which names upstream has for other versions is not known then."""
    text = SPEC.format(
        name="hello-1", version="1.2.3", repository="hello", tag="r", block="git: {}"
    ).replace("tag: r", "branch: r/${{package.version}}")
    assert lint("hello-1.yaml", text) == ()


def test_a_branch_that_is_followed_has_no_stream() -> None:
    """Its versions are made of dates; no filter is about them."""
    text = SPEC.format(
        name="hello-1", version="1_git20260101", repository="hello", tag="x", block="git: {}"
    ).replace("tag: x", "branch: main")
    assert lint("hello-1.yaml", text) == ()

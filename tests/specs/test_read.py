"""From text to a package, guarded."""

import pytest

from octobot.model.package import Filters, Package, Pin, Schedule, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.specs.read.package import read
from tests.specs.bumping import HELLO, NEW, OLD, SPEC

BRANCH = SPEC.replace("tag: v${{package.version}}", "branch: main")


def _package(text: str, path: str = "hello.yaml") -> Package:
    package = read(path, text)
    assert isinstance(package, Package), package
    return package


def _reason(text: str, path: str = "hello.yaml") -> Reason:
    reason = read(path, text)
    assert isinstance(reason, Reason), reason
    return reason


def test_a_spec_is_read() -> None:
    """Name, version, epoch, upstream and pins are there."""
    package = _package(SPEC)
    assert (package.name, package.version, package.epoch) == ("hello", "1.2.3", 4)
    assert package.upstream == Upstream("github", "example/hello", "releases")
    assert package.update.filters == Filters(strip_prefix="v")
    assert package.pins == (Pin(HELLO, "refs/tags/v1.2.3", OLD, 13),)  # type: ignore[arg-type]  # a literal Sha
    assert package.full_version == "1.2.3-r4"


def test_scalars_stay_text() -> None:
    """A plain `1.10` is not the number 1.1."""
    assert _package(SPEC.replace('"1.2.3"', "1.10")).version == "1.10"


@pytest.mark.parametrize(
    ("backend", "upstream"),
    [
        ("github:\n    identifier: a/b\n    use-tag: true", Upstream("github", "a/b", "tags")),
        ("git: {}", Upstream("git", HELLO, "tags")),
        ("git:\n    strip-prefix: v", Upstream("git", HELLO, "tags")),
        ("release-monitor:\n    identifier: 42", Upstream("release-monitor", "42", "releases")),
        ("oci:\n    identifier: ghcr.io/a/b", Upstream("oci", "ghcr.io/a/b", "tags")),
        (
            "github:\n    identifier: ${{package.name}}/${{vars.repo}}",
            Upstream("github", "hello/thing", "releases"),
        ),
    ],
)
def test_the_upstream_follows_the_block(backend: str, upstream: Upstream) -> None:
    """Each backend names its upstream; templates in the identifier are evaluated."""
    head, _, _ = SPEC.partition("  github:")
    text = f"{head}  {backend}\nvars:\n  repo: thing\n"
    assert _package(text).upstream == upstream


def test_a_branch_is_followed() -> None:
    """`git: {}` with a checkout of a branch asks for that branch; without one, for the default."""
    head, _, _ = BRANCH.partition("  github:")
    assert _package(f"{head}  git: {{}}\n").upstream == Upstream("git", HELLO, "branch", "main")
    bare = head.replace("      branch: main\n", "")
    assert _package(f"{bare}  git: {{}}\n").upstream == Upstream("git", HELLO, "branch", "")


def test_a_branch_named_by_the_version_is_not_followed() -> None:
    """Such a branch is as good as a tag: tags are asked for."""
    head, _, _ = SPEC.partition("  github:")
    text = head.replace("tag: v$", "branch: release/$") + "  git: {}\n"
    assert _package(text).upstream == Upstream("git", HELLO, "tags")


@pytest.mark.parametrize("update", ["", "update:\n  enabled: false\n", "update:\n"])
def test_a_package_may_be_unwatched(update: str) -> None:
    """Without `enabled: true` the package is read and not watched."""
    head, _, _ = SPEC.partition("update:")
    assert not _package(head + update).update.enabled


def test_the_schedule_is_read() -> None:
    """Period and reason of the spec's own cadence."""
    text = SPEC + "  schedule:\n    period: weekly\n    reason: too many\n"
    assert _package(text).update.schedule == Schedule("weekly", "too many")


@pytest.mark.parametrize(
    ("extra", "code", "line"),
    [
        ("  enabeld: true\n", ReasonCode.BAD_UPDATE_BLOCK, 24),
        ("    use-tags: true\n", ReasonCode.BAD_UPDATE_BLOCK, 24),
        ("    use-tag: maybe\n", ReasonCode.BAD_UPDATE_BLOCK, 24),
        ("  schedule:\n    period: hourly\n", ReasonCode.BAD_UPDATE_BLOCK, 25),
        ("  manual: [true]\n", ReasonCode.BAD_UPDATE_BLOCK, 24),
        ("  ignore-regex-patterns: rc\n", ReasonCode.BAD_UPDATE_BLOCK, 24),
        ("  ignore-regex-patterns:\n    - ok\n    - (?=x)\n", ReasonCode.INVALID_REGEX, 26),
        ("  version-transform:\n    - match: (\n", ReasonCode.INVALID_REGEX, 25),
        ("    tag-filter-prefix: ${{vars.no}}\n", ReasonCode.UNKNOWN_TEMPLATE, 24),
    ],
)
def test_the_update_block_is_strict(extra: str, code: ReasonCode, line: int) -> None:
    """Unknown keys, wrong values and bad patterns are named with their line."""
    reason = _reason(SPEC + extra)
    assert reason.code is code
    assert reason.where == Where("hello.yaml", line)


def test_bad_identifiers_are_named() -> None:
    """A github identifier is owner/name, a release monitor's is a number."""
    assert _reason(SPEC.replace("example/hello\n    s", "hello\n    s")).where == Where(
        "hello.yaml", 22
    )
    head, _, _ = SPEC.partition("  github:")
    assert "number" in _reason(f"{head}  release-monitor:\n    identifier: x\n").detail


HOSTILE = {
    "alias": SPEC + "a: &a [x]\nb: *a\n",
    "anchor": SPEC + "a: &a x\n",
    "tag": SPEC + "a: !!python/object/apply:os.system [id]\n",
    "a harmless tag": SPEC + "a: !!str x\n",
    "duplicate key": SPEC + "package:\n  name: other\n",
    "duplicate version": SPEC.replace("  epoch", '  version: "9"\n  epoch'),
    "merge key": SPEC + "a:\n  <<: {b: c}\n",
    "deep nesting": SPEC + "a: " + "[" * 20_000,
    "deep blocks": SPEC + "a:\n" + "- " * 20_000 + "x\n",
    "deep keys": SPEC + "a:\n" + "".join(" " * n + "a:\n" for n in range(1, 300)),
    "5 MB": SPEC + "a: " + "x" * (5 << 20),
    "1 MiB of two-byte characters": SPEC + "a: " + "é" * (1 << 20),
    "many keys": SPEC + "".join(f"k{n}: v\n" for n in range(20_000)),
    "two documents": SPEC + "---\na: b\n",
    "byte order mark": "\ufeff" + SPEC,
    "not UTF-8": SPEC + "a: \udcff\n",
    "tab": SPEC + "a:\n\tb: c\n",
    "NUL": SPEC + "a: \x00\n",
    "broken": SPEC + "a: [b\n",
    "complex key": SPEC + "? [a, b]\n: c\n",
    "a list": "- a\n",
    "empty": "",
    "scalar": "hello\n",
    "wrong name": SPEC.replace("name: hello", "name: other"),
    "name with a path": SPEC.replace("name: hello", "name: ../hello"),
    "no version": SPEC.replace('  version: "1.2.3"\n', ""),
    "shell in the version": SPEC.replace('"1.2.3"', "1.0$(id)"),
    "epoch": SPEC.replace("epoch: 4", "epoch: four"),
    "a range of many steps": SPEC
    + "data:\n  - name: many\n    items:\n"
    + "".join(f"      k{n}: v\n" for n in range(500))
    + "subpackages:\n"
    + "  - range: many\n    name: x\n    pipeline:\n      - uses: fetch\n" * 9,
    "package is a list": SPEC.replace("package:\n  name: hello", "package:\n  - hello\nx:\n  a: b"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_specs_are_a_reason_with_a_place(kind: str) -> None:
    """Whatever is in the file: a reason, a file, a line, and no exception."""
    reason = _reason(HOSTILE[kind])
    assert reason.code is ReasonCode.BAD_SPEC
    assert reason.where is not None
    assert reason.where.path == "hello.yaml"
    assert reason.where.line >= 1
    assert len(reason.detail) < 500


def test_the_file_must_be_the_package_s() -> None:
    """A spec in another package's file is refused."""
    assert _reason(SPEC, path="other.yaml").code is ReasonCode.BAD_SPEC


def test_windows_line_ends_are_read() -> None:
    """CRLF is unusual and harmless."""
    assert _package(SPEC.replace("\n", "\r\n")).version == "1.2.3"


def test_pins_are_found_everywhere() -> None:
    """Nested pipelines, subpackages, tests and ranges; a pin held in a var is found there."""
    text = f"""\
package:
  name: hello
  version: 1.0
  epoch: 0
vars:
  where: {HELLO}
  commit: {NEW}
data:
  - name: langs
    items:
      de: {OLD}
      fr: {NEW}
pipeline:
  - pipeline:
      - uses: git-checkout
        with:
          repository: ${{{{vars.where}}}}
          tag: ${{{{ package.version }}}}
          expected-commit: ${{{{vars.commit}}}}
  - uses: git-checkout
    with:
      repository: ${{{{targets.destdir}}}}
      expected-commit: {OLD}
subpackages:
  - range: langs
    name: hello-${{{{range.key}}}}
    pipeline:
      - uses: git-checkout
        with:
          repository: https://example.com/${{{{range.key}}}}
          branch: main
          expected-commit: ${{{{range.value}}}}
test:
  pipeline:
    - uses: git-checkout
      with:
        repository: https://example.com/tests
        expected-commit: {OLD}
"""
    assert [(p.repository, p.ref, p.commit, p.line) for p in _package(text).pins] == [
        (HELLO, "refs/tags/1.0", NEW, 7),
        ("https://example.com/de", "refs/heads/main", OLD, 11),
        ("https://example.com/fr", "refs/heads/main", NEW, 12),
        ("https://example.com/tests", "HEAD", OLD, 38),
    ]


def test_vars_cannot_grow_without_end() -> None:
    """Vars that name each other many times over are not evaluated."""
    bomb = "".join(f'  v{n}: "{f"${{{{vars.v{n + 1}}}}}" * 400}"\n' for n in range(5))
    text = SPEC.replace("tag: v${{package.version}}", "tag: ${{vars.v0}}")
    package = _package(f"{text}vars:\n{bomb}  v5: xxxxxxxxxx\n")
    assert package.pins == ()

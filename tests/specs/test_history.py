"""What a recorded bump did, and what it shows of the upstream, from two texts."""

import pytest

from octobot.specs.history.facts import Facts, facts_of
from octobot.specs.history.history import kind_of, side_of
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.sources import Target
from tests.specs.bumping import HELLO, NEW, NEW_256, OLD, OLD_256, OTHER, SPEC

MOVED = SPEC.replace(OLD, NEW)
BUMPED = MOVED.replace('"1.2.3"', '"1.3.0"').replace("epoch: 4", "epoch: 0")
BRANCH = SPEC.replace("tag: v${{package.version}}", "branch: main").replace(
    "1.2.3", "1_git20260101"
)
STEP = """\
  - uses: go/bump
    with:
      deps: |-
        a.example/x@v1.0.0
        b.example/y@v2.0.0
      modroot: {root}

"""
BUILD = "  - uses: go/build"
PICKS = """\
      cherry-picks: |
        main/{one}: a fix
        main/{two}: another
      depth: 100
"""


def _with(text: str, step: str) -> str:
    return text.replace(BUILD, step + BUILD)


def _tree(text: str) -> Map:
    tree = read_tree("hello.yaml", text)
    assert isinstance(tree, Map)
    return tree


def _kind(before: str, after: str) -> str:
    return kind_of(side_of(before, _tree(before)), side_of(after, _tree(after)))


def _facts(before: str, after: str) -> Facts:
    return facts_of(_tree(before), _tree(after))


_DEPS = STEP.format(root=".")
_LESS = _DEPS.replace("        a.example/x@v1.0.0\n", "")
_ONE_LINE = "  - uses: bump\n    with:\n      deps: a.example/x@v1.0.0 b.example/y@v2.0.0\n"
_PICKED = SPEC.replace("      expected", PICKS.format(one=NEW, two=OTHER) + "      expected")

KINDS: dict[str, tuple[str, str, str]] = {
    "a bump": (SPEC, BUMPED, "commit+epoch+version"),
    "from epoch 0": (SPEC.replace("epoch: 4", "epoch: 0"), BUMPED, "commit+version"),
    "the version alone": (SPEC, SPEC.replace('"1.2.3"', '"1.2.4"'), "version"),
    "a moved tag": (SPEC, MOVED, "tag-moved"),
    "a moved branch": (
        BRANCH,
        BRANCH.replace(OLD, NEW).replace("epoch: 4", "epoch: 5"),
        "branch-moved",
    ),
    "an unmoved branch": (BRANCH, BRANCH.replace("20260101", "20260102"), "unmoved"),
    "only the epoch": (SPEC, SPEC.replace("epoch: 4", "epoch: 5"), "epoch-only"),
    "a dropped step": (_with(SPEC, _DEPS), BUMPED, "pruned-deps"),
    "a dropped dependency": (_with(SPEC, _DEPS), _with(BUMPED, _LESS), "pruned-deps"),
    "dropped from one line": (
        _with(SPEC, _ONE_LINE),
        _with(BUMPED, _ONE_LINE.replace("a.example/x@v1.0.0 ", "")),
        "pruned-deps",
    ),
    "dropped picks": (_PICKED, BUMPED, "pruned-picks"),
    "a raised dependency": (
        _with(SPEC, _DEPS),
        _with(BUMPED, _DEPS.replace("1.0.0", "1.0.1")),
        "edited",
    ),
    "other spelling": (_with(SPEC, _ONE_LINE), _with(BUMPED, _DEPS), "edited"),
    "a comment elsewhere": (SPEC, BUMPED.replace("# where it", "# whence it"), "edited"),
    "a comment gone": (SPEC, BUMPED.replace("# where it comes from\n", ""), "edited"),
    "another input": (SPEC, BUMPED.replace("packages: .", "packages: ./cmd"), "edited"),
    "a comment on the line": (
        SPEC,
        BUMPED.replace("GHSA-xxxx-yyyy-zzzz", "new"),
        "commit+epoch+version",
    ),
    "a step without deps gone": (_with(SPEC, "  - uses: bump\n"), BUMPED, "edited"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_has_its_class(kind: str) -> None:
    """By what changed, and by nothing else."""
    before, after, wanted = KINDS[kind]
    assert _kind(before, after) == wanted


def test_commits_and_digests_are_read_in_their_place() -> None:
    """Evaluated repository, ref and address; vars and ranges; the main pipeline's word first."""
    text = f"""\
package:
  name: hello
  version: "2"
  epoch: 0
vars:
  held: {NEW}
data:
  - name: fonts
    items:
      de: {NEW_256}
pipeline:
  - uses: git-checkout
    with:
      repository: {HELLO}
      tag: v${{{{package.version}}}}
      expected-commit: ${{{{vars.held}}}}
  - uses: git-checkout
    with:
      repository: ${{{{targets.unknown}}}}
      expected-commit: {OLD}
subpackages:
  - range: fonts
    name: f
    pipeline:
      - uses: fetch
        with:
          uri: https://example.com/${{{{range.key}}}}-${{{{package.version}}}}
          expected-sha256: ${{{{range.value}}}}
test:
  pipeline:
    - uses: git-checkout
      with:
        repository: {HELLO}
        tag: v${{{{package.version}}}}
        expected-commit: {OLD}
    - uses: fetch
      with:
        uri: https://example.com/left
        expected-sha512: {OLD_256 * 2}
"""
    facts = _facts(text, text)
    assert facts.commits == {Target(HELLO, "refs/tags/v2"): NEW}
    assert facts.digests == {
        ("https://example.com/de-2", "sha256"): NEW_256,
        ("https://example.com/left", "sha512"): OLD_256 * 2,
    }


def test_each_module_has_facts_of_its_own() -> None:
    """What went in one directory was satisfied there, though another one still needs it."""
    before = _with(SPEC, STEP.format(root=".") + STEP.format(root="cli"))
    after = _with(BUMPED, _LESS + STEP.format(root="cli"))
    assert _facts(before, after).gomods == {
        ".": {"a.example/x": "v1.0.0", "b.example/y": "v0.0.0"},
        "cli": {"a.example/x": "v0.0.0", "b.example/y": "v0.0.0"},
    }


def test_dropped_picks_were_contained() -> None:
    """The others were not."""
    kept = BUMPED.replace("      expected", PICKS.format(one=OTHER, two=OTHER) + "      expected")
    assert _facts(_PICKED, BUMPED).contained == frozenset({NEW, OTHER})
    assert _facts(_PICKED, kept).contained == frozenset({NEW})
    assert _facts(SPEC, BUMPED).contained == frozenset()

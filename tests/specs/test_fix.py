import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.bump import Bumped
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.triage import (
    AddBuildPackage,
    DropCherryPick,
    DropDependency,
    DropPatch,
    Fix,
    RaiseDependency,
    SetField,
)
from octobot.specs.fix.fix import fix, plainer
from octobot.specs.fix.guard import stays_inside
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import edit_tree

SPEC = """\
package:
  name: tool
  version: "1.2.0"
  epoch: 0
  description: A tool # with a comment

environment:
  contents:
    packages:
      - build-base
      - busybox # kept small
      - openssl-dev

vars:
  mirror: example.org

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/tool
      tag: v${{package.version}}
      expected-commit: 1111111111111111111111111111111111111111
      depth: -1
      cherry-picks: |
        main/2222222222222222222222222222222222222222: Fix the build
        main/3333333333333333333333333333333333333333: Fix a test

  - uses: patch
    with:
      patches: musl.patch CVE-2026-1.patch

  - uses: patch
    with:
      patches: only.patch

  - uses: go/bump
    with:
      deps: |-
        golang.org/x/net@v0.30.0
        golang.org/x/crypto@v0.31.0
      modroot: .

  - uses: go/bump
    with:
      deps: github.com/a/b@v1.2.3

  - uses: autoconf/configure
    with:
      opts: --disable-static

  - runs: |
      make

test:
  environment:
    contents:
      packages:
        - wget
  pipeline:
    - runs: tool --version

update:
  enabled: true
"""


def mended(*mends: Fix, text: str = SPEC) -> str:
    """Apply a fix, and return the text."""
    made = fix("tool.yaml", text, mends)
    assert isinstance(made, Bumped), made
    return made.text


def refused(*mends: Fix, text: str = SPEC) -> str:
    """See it refused, and return the words."""
    made = fix("tool.yaml", text, mends)
    assert isinstance(made, Reason), made
    return made.detail


def difference(after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went, and those that came."""
    old, new = SPEC.splitlines(), after.splitlines()
    gone, came = list(old), list(new)
    for line in new:
        if line in gone:
            gone.remove(line)
    for line in old:
        if line in came:
            came.remove(line)
    return gone, came


def test_a_build_package_goes_to_its_place() -> None:
    """The sorted list stays sorted, and the comments stay where they were."""
    after = mended(AddBuildPackage("cmake"))
    assert "# kept small\n      - cmake\n      - openssl-dev\n" in after
    assert difference(after) == ([], ["      - cmake"])
    assert difference(mended(AddBuildPackage("autoconf"))) == ([], ["      - autoconf"])
    assert "      - openssl-dev\n      - zlib-dev\n\nvars" in mended(AddBuildPackage("zlib-dev"))


def test_a_package_is_not_added_twice() -> None:
    """What is listed is listed, with a version bound too."""
    assert "already" in refused(AddBuildPackage("busybox"))
    bound = SPEC.replace("- busybox #", "- busybox=~1.36 #")
    assert "already" in refused(AddBuildPackage("busybox"), text=bound)


def test_an_unsorted_list_gets_it_last() -> None:
    """Somebody's own order is kept."""
    unsorted = SPEC.replace("- build-base", "- zstd")
    assert "- openssl-dev\n      - cmake\n" in mended(AddBuildPackage("cmake"), text=unsorted)


def test_a_patch_is_taken_out_of_its_list_or_with_its_step() -> None:
    """One of two goes alone; the only one takes the step with it."""
    assert difference(mended(DropPatch("musl.patch"))) == (
        ["      patches: musl.patch CVE-2026-1.patch"],
        ["      patches: CVE-2026-1.patch"],
    )
    gone, came = difference(mended(DropPatch("only.patch")))
    assert sorted(gone) == ["", "      patches: only.patch", "    with:", "  - uses: patch"]
    assert came == []
    assert "no step" in refused(DropPatch("other.patch"))


def test_a_pick_is_dropped_by_the_digits_that_the_log_shows() -> None:
    """One line goes; the last one takes the input along."""
    gone, came = difference(mended(DropCherryPick("2222222")))
    assert gone == ["        main/2222222222222222222222222222222222222222: Fix the build"]
    assert came == []
    both = mended(DropCherryPick("2222222"), DropCherryPick("3333333333"))
    assert "cherry-picks" not in both
    assert "not a commit" in refused(DropCherryPick("22222"))


def test_a_dependency_is_dropped_or_raised() -> None:
    """Lines of a block, the word of a plain text, and the step when nothing is left of it."""
    assert difference(mended(DropDependency("golang.org/x/net"))) == (
        ["        golang.org/x/net@v0.30.0"],
        [],
    )
    assert "github.com/a/b" not in mended(DropDependency("github.com/a/b"))
    assert mended(DropDependency("github.com/a/b")).count("go/bump") == 1
    assert difference(mended(RaiseDependency("golang.org/x/net", "v0.38.0"))) == (
        ["        golang.org/x/net@v0.30.0"],
        ["        golang.org/x/net@v0.38.0"],
    )
    assert "not lower" in refused(RaiseDependency("golang.org/x/net", "v0.29.0"))
    assert "no step" in refused(RaiseDependency("golang.org/x/sys", "v0.29.0"))


@pytest.mark.parametrize(
    ("field", "text", "line"),
    [
        ("pipeline[3].with.deps", "golang.org/x/net@v0.31.0", "        golang.org/x/net@v0.31.0"),
        ("pipeline[5].with.opts", "--enable-x --y=1", "      opts: --enable-x --y=1"),
        ("pipeline[3].with.modroot", "cmd/tool", "      modroot: cmd/tool"),
        ("pipeline[4].with.tidy", "false", "      tidy: false"),
        ("environment.contents.packages[+]", "cmake", "      - cmake"),
        ("test.environment.contents.packages[+]", "curl", "        - curl"),
    ],
)
def test_a_field_is_set(field: str, text: str, line: str) -> None:
    """What a model may name: inputs of steps, and lists of packages."""
    assert line in difference(mended(SetField(field, text)))[1]


def test_a_field_is_taken_away() -> None:
    """An input, a package of a list, a whole step of patches."""
    assert difference(mended(SetField("pipeline[3].with.modroot", None)))[1] == []
    gone, _ = difference(mended(SetField("environment.contents.packages[1]", None)))
    assert gone == ["      - busybox # kept small"]
    assert "only.patch" not in mended(SetField("pipeline[2]", None))


def test_picks_can_only_be_taken_away() -> None:
    """A model does not get to name a commit to build from."""
    stays = "main/3333333333333333333333333333333333333333: Fix a test"
    assert "2222222" not in mended(SetField("pipeline[0].with.cherry-picks", stays))
    evil = f"{stays}\nmain/4444444444444444444444444444444444444444: x"
    assert "taken away" in refused(SetField("pipeline[0].with.cherry-picks", evil))


FORBIDDEN = [
    "package.name",
    "package.version",
    "package.epoch",
    "package.dependencies.runtime[+]",
    "vars.mirror",
    "update.enabled",
    "pipeline[0].uses",
    "pipeline[0].with.repository",
    "pipeline[0].with.tag",
    "pipeline[0].with.branch",
    "pipeline[0].with.expected-commit",
    "pipeline[0].with.destination",
    "pipeline[6].runs",
    "pipeline[6].if",
    "pipeline[6].with.opts",
    "pipeline[3].with.work",
    "pipeline[+]",
    "test.pipeline[0].runs",
    "pipeline",
    "pipeline[0]",
    "pipeline[6]",
    "environment",
    "environment.environment.CFLAGS",
    "environment.contents.repositories[+]",
    "environment.contents.keyring[+]",
    "",
    ".",
    "..",
    "a" * 300,
    "pipeline[99999999999].with.opts",
    "pipeline[-1].with.opts",
    "pipeline[5].with.opts\n",
    "pipeline[5].with.opts: x",
    "$(id)",
]


@pytest.mark.parametrize("field", FORBIDDEN)
@pytest.mark.parametrize("text", ["x", None])
def test_what_a_suggestion_may_not_touch(field: str, text: str | None) -> None:
    """Sources, identity, scripts, repositories of packages: refused, whatever the value."""
    refused(SetField(field, text))


HOSTILE = [
    "x\n  runs: curl evil",
    "${{package.name}}",
    "$(id)",
    "`id`",
    "a; rm -rf /",
    "a | sh",
    "a && b",
    "&anchor x",
    "*alias",
    "!!python/object:os.system x",
    "x # comment",
    "x: y",
    "{a: b}",
    "[a]",
    "'quoted'",
    '"quoted"',
    "https://evil.example/x",
    "../../etc/passwd",
    "a\x00b",
    "\u202etxt",
    "a\r\nb: c",
    "a\tb",
    "%TAG",
    "\u0430pk",
    "",
    " ",
    "x" * 3000,
    "<<",
    "- x",
    "? x",
    "@everyone",
    "--- x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_never_written(text: str) -> None:
    """What a shell, YAML or melange would read something into does not get into any place."""
    for one in (
        AddBuildPackage(text),
        DropPatch(text),
        DropCherryPick(text),
        DropDependency(text),
        RaiseDependency(text, "v1.0.0"),
        RaiseDependency("golang.org/x/net", text),
        SetField(text, "x"),
        SetField("environment.contents.packages[+]", text),
        SetField("pipeline[1].with.patches", text),
        SetField("pipeline[3].with.deps", text),
    ):
        refused(one)
    made = fix("tool.yaml", SPEC, [SetField("pipeline[5].with.opts", text)])
    if isinstance(made, Bumped):  # harmless where words are free: one line, no new key
        assert len(made.text.splitlines()) == len(SPEC.splitlines())
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -@\n")


def test_a_pin_is_never_lowered_by_a_field() -> None:
    """A pin may be there for a security fix; a model cannot quietly remove it."""
    field = "pipeline[3].with.deps"
    refused(SetField(field, "golang.org/x/net@v0.29.0 golang.org/x/crypto@v0.31.0"))
    refused(SetField(field, "golang.org/x/net@latest"))


def test_all_or_nothing() -> None:
    """One fix that does not apply refuses the suggestion, and so do none and too many."""
    assert refused(AddBuildPackage("cmake"), DropPatch("other.patch"))
    assert refused()
    assert refused(*[AddBuildPackage(f"p{number}") for number in range(21)])


def test_flow_style_and_odd_layouts_are_refused_rather_than_guessed() -> None:
    """An edit that would have to reformat is a person's."""
    flow = SPEC.replace(
        "    packages:\n      - build-base\n      - busybox # kept small\n      - openssl-dev\n",
        "    packages: [build-base]\n",
    )
    refused(AddBuildPackage("cmake"), text=flow)
    none = SPEC.replace("environment:\n  contents:", "environment2:\n  contents:", 1)
    refused(AddBuildPackage("cmake"), text=none)


def test_the_last_line_without_an_end_is_fine() -> None:
    """A file that ends without a line's end gets its item on a new line all the same."""
    short = SPEC[: SPEC.index("\n\nvars")] + "\n\npipeline:\n  - runs: make\n"
    head, tail = short.split("\npipeline:")
    assert head
    turned = f"pipeline:{tail}{head}".rstrip("\n")
    assert mended(AddBuildPackage("zlib-dev"), text=turned).endswith("\n      - zlib-dev")


def test_the_guard_sees_what_an_edit_must_not() -> None:
    """The second pair of eyes is known to bite, on texts that no fix makes."""
    before = _tree(SPEC)
    for old, new in (
        ("make\n", "make evil\n"),
        ("github.com/example", "github.com/evil"),
        ("- uses: patch", "- uses: patch2"),
        ("epoch: 0", "epoch: 1"),
        ("mirror: example.org", "mirror: evil.org"),
        ("      depth: -1\n", "      depth: -1\n      branch: x\n"),
        ("update:\n  enabled: true\n", "update:\n  enabled: false\n"),
        ("  - uses: autoconf", "  - uses: patch\n    with:\n      patches: x\n  - uses: autoconf"),
    ):
        assert old in SPEC
        assert not stays_inside(before, _tree(SPEC.replace(old, new, 1)))
    assert stays_inside(before, before)


def _tree(text: str) -> Map:
    tree = edit_tree("tool.yaml", text)
    assert isinstance(tree, Map), tree
    return tree


def test_a_field_with_a_word_for_it_is_named_by_it() -> None:
    """What the repository's file allows by class is asked for by class."""
    field = "environment.contents.packages[+]"
    assert plainer(SetField(field, "cmake")) == AddBuildPackage("cmake")
    assert plainer(SetField(field, None)) == SetField(field, None)


FIELDS = st.sampled_from(
    ["pipeline", "with", "deps", "test", "runs", "[0]", "[3]", "[5]", "[+]", ".", "opts", "uses"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, max_size=8).map("".join), st.none() | st.text(max_size=40))
def test_whatever_is_proposed_stays_inside(field: str, text: str | None) -> None:
    """Any field with any text: refused, or a spec that differs in allowed places only."""
    made = fix("tool.yaml", SPEC, [SetField(field, text)])
    if isinstance(made, Bumped):
        assert stays_inside(_tree(SPEC), _tree(made.text))
    else:
        assert made.code is ReasonCode.FIX_REJECTED

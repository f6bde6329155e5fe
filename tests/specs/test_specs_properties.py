"""Whatever the spec: only the intended scalars differ, every other byte is the same."""

from dataclasses import dataclass

import pytest
from bumping import NEW, OLD, bumped, candidate, drive, refused, tag
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.bump import Answer, Ask, Bumped
from octobot.model.ids import Version
from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release, Selection
from octobot.specs.bump import bump
from octobot.specs.changes import foreign
from octobot.specs.parsing import edit_tree, read_tree
from octobot.specs.reading import read
from octobot.specs.selection import newest
from octobot.specs.version import compare, order_key, parse

URL = "https://github.com/example/hello"

_TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"
    ),
    max_size=20,
)
_WORD = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_VERSION = st.from_regex(
    r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}[a-z]?(_(alpha|rc)[0-9]?)?(_(git|p)[0-9]{0,8})?", fullmatch=True
)
_QUOTE = st.sampled_from(["", "'", '"'])
_COMMENT = st.one_of(st.just(""), _TEXT.map(lambda text: f" # {text}"))
_EOL = st.sampled_from(["\n", "\r\n"])


@dataclass(frozen=True)
class Pair:
    """A spec before, and what the bump must make of it."""

    before: str
    after: str
    old: str
    new: str
    commits: tuple[str, ...]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def _fillers(draw: st.DrawFn) -> list[str]:
    """Lines of other parts of a spec, of every scalar style."""
    lines: list[str] = []
    for key in draw(st.lists(_WORD, unique=True, max_size=4)):
        kind = draw(st.sampled_from(["quoted", "block", "folded", "flow", "empty", "nested"]))
        text = draw(_TEXT)
        match kind:
            case "quoted":
                lines.append(f"x-{key}: {_quoted(text)}{draw(_COMMENT)}")
            case "block" | "folded":
                mark = "|" if kind == "block" else ">-"
                lines += [f"x-{key}: {mark}", f"  x{text}", "", "    # not a comment: 1.2.3", "  y"]
            case "flow":
                lines.append(f"x-{key}: [a, {{b: {_quoted(text)}}}, {OLD}]")
            case "nested":
                lines += [
                    f"x-{key}:",
                    f"    - a: {_quoted(text)}",
                    "      b:",
                    "      - version: 1",
                ]
            case _:
                lines += [f"x-{key}:", ""]
    return lines


@st.composite
def _pairs(draw: st.DrawFn) -> Pair:
    versions = st.lists(_VERSION, min_size=2, max_size=2, unique_by=order_key)
    old, new = sorted(draw(versions), key=order_key)
    epoch = draw(st.integers(0, 400))
    package = [
        "  name: hello",
        f"  version: \0VERSION\0{draw(_COMMENT)}",
        f"  epoch: \0EPOCH\0{draw(_COMMENT)}",
        f"  description: {_quoted(draw(_TEXT))}",
    ]
    steps: list[str] = []
    count = draw(st.integers(1, 3))
    for number in range(count):
        inputs = [
            f"      repository: {URL}-{number}",
            "      tag: v${{package.version}}",
            f"      expected-commit: \0COMMIT{number}\0{draw(_COMMENT)}",
        ]
        steps += ["  - uses: git-checkout", "    with:", *draw(st.permutations(inputs)), ""]
    lines = ["package:", *draw(st.permutations(package)), *draw(_fillers()), "pipeline:", *steps]
    template = draw(_EOL).join([*lines, f"x-last: {_quoted(draw(_TEXT))}"])
    quotes = [draw(_QUOTE) for _ in range(count)]
    version_quote = draw(st.sampled_from(["'", '"', ""]))
    commits = tuple(f"{number + 2:040x}" for number in range(count))
    before = template.replace("\0VERSION\0", f"{version_quote}{old}{version_quote}")
    after = template.replace("\0VERSION\0", f'"{new}"').replace("\0EPOCH\0", "0")
    before = before.replace("\0EPOCH\0", str(epoch))
    for number, (quote, commit) in enumerate(zip(quotes, commits, strict=True)):
        before = before.replace(f"\0COMMIT{number}\0", f"{quote}{OLD}{quote}")
        after = after.replace(f"\0COMMIT{number}\0", f"{quote}{commit}{quote}")
    return Pair(before, after, old, new, commits)


def _answers(pair: Pair) -> dict[Ask, Answer]:
    answers: dict[Ask, Answer] = {}
    for number, commit in enumerate(pair.commits):
        answers |= tag(f"v{pair.new}", commit, f"{URL}-{number}")
    return answers


@settings(max_examples=150, deadline=None)
@given(_pairs())
def test_a_bump_changes_the_intended_scalars_alone(pair: Pair) -> None:
    """The text after is the one that was written down beforehand, byte for byte."""
    result = bumped(pair.before, pair.new, _answers(pair))
    assert result.text == pair.after
    assert isinstance(read("hello.yaml", result.text), Package)
    assert foreign("hello.yaml", pair.before, result.text) == ()


@settings(max_examples=50, deadline=None)
@given(_pairs())
def test_a_bump_is_idempotent(pair: Pair) -> None:
    """The second time there is nothing to do."""
    reason = refused(pair.after, pair.new, _answers(pair))
    assert reason.code is ReasonCode.EPOCH_ONLY


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a package or a reason; both parsers agree about it."""
    assert isinstance(read("hello.yaml", text), Package | Reason)
    fast, edit = read_tree("hello.yaml", text), edit_tree("hello.yaml", text)
    if isinstance(fast, Reason):
        assert fast.where is not None
    if not isinstance(edit, Reason):
        assert not isinstance(fast, Reason)


@settings(max_examples=120, deadline=None)
@given(_pairs(), st.integers(0, 2000), st.text(min_size=1, max_size=6))
def test_a_damaged_spec_is_refused_or_edited_rightly(pair: Pair, place: int, text: str) -> None:
    """Foreign text anywhere in the spec: a reason, or a bump that touches nothing else."""
    damaged = pair.before[:place] + text + pair.before[place:]
    outcome, _ = drive(bump("hello.yaml", damaged, candidate(pair.new)), _answers(pair))
    if isinstance(outcome, Bumped):
        assert foreign("hello.yaml", damaged, outcome.text) == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=5))
def test_no_name_passes_but_versions(target: str, names: list[str]) -> None:
    """Whatever a tag is called, only apk versions come out of it."""
    package = Package("hello", Version("1"), 0, "hello.yaml", UpdateBlock(), None)
    selection = newest(package, [Release(name) for name in (target, *names)])
    assert isinstance(selection, Selection)
    chosen = [c for c in (selection.newest, *selection.unchosen) if c is not None]
    assert all(c.version.isascii() and parse(c.version) for c in chosen)
    assert len(chosen) + len(selection.dropped) == len(names) + 1


@settings(max_examples=150, deadline=None)
@given(_VERSION, _VERSION, _VERSION)
def test_the_order_is_an_order(a: str, b: str, c: str) -> None:
    """Antisymmetric and transitive."""
    assert compare(a, b) == -compare(b, a)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


@pytest.mark.parametrize("name", ["v1.0$(id)", "v1${{package.name}}", "v1\n", "-x", "v" * 10_000])
def test_hostile_targets_are_refused(name: str) -> None:
    """A candidate that slipped through elsewhere stops here."""
    text = f"package:\n  name: hello\n  version: 0\n  epoch: 0\n  x: {NEW}\n"
    outcome, _ = drive(
        bump("hello.yaml", text, Candidate(Release(name), Version(name.removeprefix("v")))), {}
    )
    assert isinstance(outcome, Reason)
    assert outcome.code is ReasonCode.BAD_VERSION

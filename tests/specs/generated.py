"""Specs made up by hypothesis, each with the text that a bump must make of it."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from octobot.model.bump import Answer, Ask, CommitOf, DigestOf
from octobot.model.version import order_key
from tests.specs.bumping import OLD

URL = "https://github.com/example/hello"
SHA256 = 64
"""Digits of a digest."""

_TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"
    ),
    max_size=20,
)
_WORD = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
VERSIONS = st.from_regex(
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
    answers: dict[Ask, Answer]


@dataclass
class _Draft:
    """A spec in the making: lines with marks where a value will change."""

    draw: st.DrawFn
    lines: list[str] = field(default_factory=list)
    vars: list[str] = field(default_factory=list)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Mark \u2192 how it stands there before and after."""
    answers: dict[Ask, Answer] = field(default_factory=dict)

    def change(self, before: str, after: str, *, quote: str | None = None) -> str:
        """Return a mark for a value that changes; `quote` is that of the new one, else its own."""
        own = self.draw(_QUOTE)
        mark = f"\x00{len(self.values)}\x00"
        new = own if quote is None else quote
        self.values[mark] = (f"{own}{before}{own}", f"{new}{after}{new}")
        return mark + self.draw(_COMMENT)

    def pin(self, name: str, before: str, after: str) -> str:
        """Write a pin: the value itself, or a var that holds it."""
        if not self.draw(st.booleans()):
            return f"      {name}: {self.change(before, after)}"
        var = f"held-{len(self.vars)}"
        self.vars.append(f"  {var}: {self.change(before, after)}")
        return f"      {name}: ${{{{vars.{var}}}}}"

    def fillers(self) -> None:
        """Add lines of other parts of a spec, of every scalar style."""
        for key in self.draw(st.lists(_WORD, unique=True, max_size=4)):
            text = self.draw(_TEXT)
            match self.draw(
                st.sampled_from(["quoted", "block", "folded", "flow", "empty", "nest"])
            ):
                case "quoted":
                    self.lines.append(f"x-{key}: {quoted(text)}{self.draw(_COMMENT)}")
                case "block":
                    self.lines += [f"x-{key}: |", f"  x{text}", "", "    # not a comment: 1", "  y"]
                case "folded":
                    self.lines += [f"x-{key}: >-", f"  x{text}", "", "    # not a comment", "  y"]
                case "flow":
                    self.lines.append(f"x-{key}: [a, {{b: {quoted(text)}}}, {OLD}]")
                case "nest":
                    self.lines += [f"x-{key}:", f"    - a: {quoted(text)}", "      version: 1"]
                case _:
                    self.lines += [f"x-{key}:", ""]

    def checkout(self, number: int, new: str) -> None:
        """Add a checkout of a version's tag."""
        commit = f"{number + 2:040x}"
        inputs = [
            f"      repository: {URL}-{number}",
            "      tag: v${{package.version}}",
            self.pin("expected-commit", OLD, commit),
        ]
        self.answers[CommitOf(f"{URL}-{number}", f"refs/tags/v{new}")] = commit
        self._step("git-checkout", inputs)

    def fetch(self, number: int, new: str) -> None:
        """Add a file whose address has the version, or one that stays."""
        size, name = self.draw(st.sampled_from([(SHA256, "sha256"), (128, "sha512")]))
        old, digest = f"{number + 7:0{size}x}", f"{number + 8:0{size}x}"
        if self.draw(st.booleans()):
            uri, shown = f"{URL}-{number}-{new}.gz", f"{URL}-{number}-${{{{package.version}}}}.gz"
            pin = self.pin(f"expected-{name}", old, digest)
        else:
            uri = shown = f"{URL}-{number}.gz"
            pin, digest = f"      expected-{name}: {old}{self.draw(_COMMENT)}", old
        self.answers[DigestOf(uri, "sha256" if size == SHA256 else "sha512")] = digest
        self._step("fetch", [f"      uri: {shown}", pin])

    def _step(self, uses: str, inputs: list[str]) -> None:
        self.lines += [f"  - uses: {uses}", "    with:", *self.draw(st.permutations(inputs)), ""]


def quoted(text: str) -> str:
    """Write any one line in single quotes."""
    return "'" + text.replace("'", "''") + "'"


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Make a spec with one to four sources, at least one of them of its version."""
    versions = st.lists(VERSIONS, min_size=2, max_size=2, unique_by=order_key)
    old, new = sorted(draw(versions), key=order_key)
    draft = _Draft(draw)
    package = [
        "  name: hello",
        "  version: " + draft.change(old, new, quote='"'),
        "  epoch: " + draft.change(str(draw(st.integers(0, 400))), "0"),
        f"  description: {quoted(draw(_TEXT))}",
    ]
    draft.lines += ["package:", *draw(st.permutations(package))]
    draft.fillers()
    draft.lines.append("pipeline:")
    draft.checkout(0, new)
    for number in range(1, 1 + draw(st.integers(0, 3))):
        add = draw(st.sampled_from([draft.checkout, draft.fetch]))
        add(number, new)
    draft.lines += ["vars:", *draft.vars] if draft.vars else []
    draft.lines.append(f"x-last: {quoted(draw(_TEXT))}")
    before = after = draw(_EOL).join(draft.lines)
    for mark, (was, becomes) in draft.values.items():
        before, after = before.replace(mark, was), after.replace(mark, becomes)
    return Pair(before, after, old, new, draft.answers)

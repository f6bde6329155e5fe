"""Throws texts at the reader and the editor of specs, for a minute.

`python tests/fuzz/fuzz_reader.py [SECONDS]`: guided by coverage where atheris is installed (`pip
install 'octobot[fuzz]'`), else by chance alone.  A text that breaks a promise ends the run and is
left in a file, whose name is printed; `python tests/fuzz/fuzz_reader.py FILE` tries it again.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "specs")]

try:
    import atheris
except ImportError:  # an extra: it has no wheel for every machine
    atheris = None

# Imported by a test there is nothing to guide, so nothing is slowed down either.
with atheris.instrument_imports() if atheris and __name__ == "__main__" else nullcontext():
    from octobot.model.bump import Answer, Ask, Bumped, CommitOf, ContainedIn, DigestOf, GoModOf
    from octobot.model.ids import Version
    from octobot.model.package import Package
    from octobot.model.reasons import Reason
    from octobot.model.release import Candidate, Release
    from octobot.specs.bump.bump import bump
    from octobot.specs.bump.changes import unexpected_changes
    from octobot.specs.read.nodes import Map, leaves
    from octobot.specs.read.package import read
    from octobot.specs.read.parsing import edit_tree, read_tree
    from tests.specs.bumping import SPEC

PATH = "hello.yaml"
TARGET = Candidate(Release("v9999"), Version("9999"))
SECONDS = 60
_PIECES = (
    *(
        "\t",
        "\r\n",
        "\r",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
        "\udcff",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
    ),
    *(
        "&a ",
        "*a",
        "!!str ",
        "!<x> ",
        "<<: ",
        "? ",
        ": ",
        "- ",
        "# ",
        "|-\n",
        ">+2\n",
        "[",
        "]",
        "{",
        "}",
    ),
    *("'", '"', "\\", "${{", "}}", "${{package.version}}", "\n", "\n  ", "\n      ", "@", "`"),
)


Bumper = Callable[[str], "Bumped | Reason"]


class Broken(Exception):  # noqa: N818  (what it is, not what failed)
    """A promise that a text broke."""


def try_text(text: str, *, by: Bumper | None = None) -> None:
    """Read, bump and compare; whatever the text, a value comes out and every promise holds."""
    made = (by or bumped)(text)
    package = read(PATH, text)
    if isinstance(package, Reason) and package.where is None:
        raise Broken(f"a reason without a place: {package}")
    _try_parsers(text)
    if isinstance(made, Reason):
        if made.where is None:
            raise Broken(f"a refusal without a place: {made}")
        return
    if unexpected_changes(PATH, text, made.text):
        raise Broken(f"a bump changed {unexpected_changes(PATH, text, made.text)}")
    if isinstance(package, Package) and not isinstance(read(PATH, made.text), Package):
        raise Broken("a bump cannot be read")
    again = bumped(made.text)
    if isinstance(again, Bumped) and "branch" not in text and "tag" in text:
        _try_again(made, again)


def _try_again(made: Bumped, again: Bumped) -> None:
    """What changes the second time is a branch or no ref at all, never version or tag."""
    if any(change.field == "package.version" for change in again.changes):
        raise Broken(f"bumped twice: {made.changes} {again.changes}")


def _try_parsers(text: str) -> None:
    fast, edit = read_tree(PATH, text), edit_tree(PATH, text)
    if isinstance(edit, Map):
        if not isinstance(fast, Map):
            raise Broken(f"only one parser takes it: {fast}")
        if list(leaves(fast)) != list(leaves(edit)):
            raise Broken("two parsers see two specs")


def bumped(text: str) -> Bumped | Reason:
    """Bump a text, every question answered."""
    conversation = bump(PATH, text, TARGET)
    answer: Answer = None
    while True:
        try:
            answer = _answer(conversation.send(answer))
        except StopIteration as end:
            made: Bumped | Reason = end.value
            return made


def _answer(ask: Ask) -> Answer:
    match ask:
        case CommitOf():
            return "2" * 40
        case DigestOf(algorithm=algorithm):
            return "b" * (64 if algorithm == "sha256" else 128)
        case GoModOf():
            return {"golang.org/x/net": "v0.99.0"}
        case ContainedIn(commits=commits):
            return frozenset(commits[:1])


def seeds() -> list[str]:
    """Return the texts to start from: the sample distro's specs."""
    distro = sorted((ROOT / "fixtures" / "distro").glob("*.yaml"))
    texts = [file.read_text(encoding="utf-8") for file in distro]
    return [SPEC, *(_named(text) for text in texts)]


def _named(text: str) -> str:
    """Let any spec be at home in our file."""
    tree = read_tree(PATH, text)
    package = tree.map("package") if isinstance(tree, Map) else None
    name = package.scalar("name") if package else None
    return text[: name.start] + "hello" + text[name.end :] if name else text


def mutants(dice: random.Random) -> Iterator[str]:
    """Yield texts without end: seeds with pieces put in, taken out, doubled and exchanged."""
    pool = seeds()
    while True:
        text = dice.choice(pool)
        for _ in range(dice.randint(1, 6)):
            text = _mutated(text, dice, pool)
        yield text


def _mutated(text: str, dice: random.Random, pool: list[str]) -> str:
    start = dice.randint(0, len(text))
    end = min(len(text), start + dice.choice((0, 0, 1, 2, 8, 40)))
    other = dice.choice(pool)
    place = dice.randint(0, len(other))
    middle = dice.choice(
        (
            dice.choice(_PIECES),
            "",
            text[start:end] * 2,
            other[place : place + 40],
            chr(dice.randint(0, 0x2FF)),
        )
    )
    return text[:start] + middle + text[end:]


def _by_chance(seconds: float) -> None:
    ends = time.monotonic() + seconds
    count = 0
    for text in mutants(random.Random()):  # noqa: S311  (dice, no secrets)
        if time.monotonic() > ends:
            break
        count += 1
        try:
            try_text(text)
        except Exception:
            with tempfile.NamedTemporaryFile("wb", suffix=".yaml", delete=False) as file:
                file.write(text.encode(errors="surrogatepass"))
            print(f"left in {file.name}", file=sys.stderr)  # noqa: T201  (a command)
            raise
    print(f"{count} texts, every promise kept")  # noqa: T201  (a command)


def _guided(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(seeds()):
            Path(corpus, f"seed-{number}").write_text(text, encoding="utf-8")
        found = Path(tempfile.gettempdir()) / "octobot-fuzz-"
        options = [f"-max_total_time={seconds:.0f}", "-max_len=8192", f"-artifact_prefix={found}"]
        atheris.Setup([sys.argv[0], *options, corpus], _try_bytes)
        atheris.Fuzz()


def _try_bytes(data: bytes) -> None:
    try_text(data.decode("utf-8", "surrogateescape"))


def main() -> None:
    """Fuzz for some seconds, or try the text of one file again."""
    given = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    if not given.isdigit():
        _try_bytes(Path(given).read_bytes())
    elif atheris:
        _guided(float(given))
    else:
        _by_chance(float(given))


if __name__ == "__main__":
    main()

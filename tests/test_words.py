"""The law of words: what octobot says, and what its code says of itself, is plain modern English.

A word of a private dialect is refused wherever a person reads it: in docstrings, comments, texts,
names of functions and classes, the manual.  A reader who knows GitHub Apps and distro packaging
understands each sentence at first sight.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRIVATE = (
    r"tells?|telling|told|untold",
    r"(?:gives?|given?) (?:the|a|an|all|each|every|what|whether|how|none|no|nothing|it|them|its)",
    r"stands?(?! for)|standing",
    r"(?:of )?ours",
    r"anew",
    r"mends?|mended|mending",
    r"c[oa]mes? of",
    r"whom",
    r"let (?:it |them )?be",
    r"is none",
    r"go(?:es)? on|went on",
    r"owns? up",
    r"tak(?:es?|ing) (?:it |them )?back|took (?:it )?back",
    r"as words",
    r"porch|seams?|steer(?:s|ed|ing)?|witness(?:es)?|handover|handed over|hand over",
    r"roads?|booking|disguises?|knobs?",
)
"""Expressions, each between word boundaries, whatever the case."""
DIALECT = re.compile(rf"\b(?:{'|'.join(PRIVATE)})\b", re.IGNORECASE)
EXCEPTIONS: Mapping[str, str] = {
    r"(?:from|into) steering\b": "a table of the database, whose name no person reads",
    r"insert into delivery \(guid, name, told": "a column of the same database",
    r"^mends$": "a cause's field in rows of an older octobot, which are read for ever",
    r"^mended$|^witness$": "a field of pull requests that were saved by an older octobot",
    r"^mend-refused$": "a former reason code, in the table that reads those",
    r"^config-mended$": "the tag by which a posted comment is found again: another would repeat it",
}
"""What else the words are in, as an expression over a line → why it is there."""


def prose_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings, comments, texts and defined names of a file, with their lines."""
    text = path.read_text()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(said)):
                yield from enumerate(said.splitlines(), node.lineno)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, _words(node.name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, _words(name)


def _words(name: str) -> str:
    return name.replace("_", " ").strip()


def breaches(path: Path) -> Iterator[str]:
    """Yield every line of a file that speaks the dialect."""
    lines = enumerate(path.read_text().splitlines(), 1) if path.suffix == ".md" else prose_of(path)
    for number, line in lines:
        found = DIALECT.search(line)
        if found and not any(re.search(each, line) for each in EXCEPTIONS):
            yield f"{path}:{number}: {found[0]!r} in {line.strip()[:80]!r}"


PAGES = [
    ROOT / "README.md",
    *(
        path
        for path in sorted((ROOT / "octobot").rglob("*"))
        if path.suffix in (".py", ".md") and "migrations" not in path.parts
    ),
]


def test_nobody_speaks_the_dialect() -> None:
    """Each sentence is one that GitHub's or Renovate's manual could have."""
    assert not [breach for path in PAGES for breach in breaches(path)]


def test_every_exception_is_needed() -> None:
    """An exception that nothing needs any more goes."""
    lines = [line for path in PAGES if path.suffix == ".py" for _, line in prose_of(path)]
    for each in EXCEPTIONS:
        assert any(re.search(each, line) and DIALECT.search(line) for line in lines), each


@pytest.mark.parametrize(
    "text",
    [
        '"""Give the version."""',
        '"""Tell whether it is newer."""',
        "# it stands in the ledger, as words",
        "said = 'It is proposed anew.'",
        "def told_in(): ...",
        "standing = 1",
        "def read(whom): ...",
    ],
)
def test_a_breach_is_found(text: str, tmp_path: Path) -> None:
    """In docstrings, comments, texts and names alike."""
    file = tmp_path / "said.py"
    file.write_text(text)
    assert len(list(breaches(file))) == 1

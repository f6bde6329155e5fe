"""`octobot backtest` over real git repositories and files of cases."""

import gzip
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from octobot.__main__ import cli
from octobot.model.errors import UserError

ONE, TWO, THREE, FOUR = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
HELLO = "https://github.com/example/hello"
DEPS = """
  - uses: go/bump
    with:
      deps: |-
        example.com/gone@v1.0.0
        example.com/kept@v1.0.0
      modroot: {root}
"""
DAY = 86_400
START = 1_760_000_000 - 1_760_000_000 % DAY


def spec(version: str, epoch: int, commit: str, *, name: str = "hello", deps: str = "") -> str:
    """Write a spec."""
    return (
        f"package:\n  name: {name}\n  version: {version}\n  epoch: {epoch} # why\n"
        f"pipeline:\n  - uses: git-checkout\n    with:\n      repository: {HELLO}\n"
        f"      tag: v${{{{package.version}}}}\n      expected-commit: {commit}\n{deps}"
    )


Step = tuple[str, Mapping[str, str | bytes | None]]
"""A commit's subject, and path \u2192 text, bytes, or None for a file that goes."""


def write(repository: Path, history: Sequence[Step]) -> list[str]:
    """Make a bare repository with one commit a day; give the commits' ids, oldest first."""
    lines: list[bytes] = []
    for number, (subject, files) in enumerate(history, 1):
        said = subject.encode()
        lines.append(b"commit refs/heads/main\nmark :%d\n" % number)
        lines.append(b"committer P <p@example.org> %d +0000\n" % (START + number * DAY))
        lines.append(b"data %d\n%s\n" % (len(said), said))
        for path, text in files.items():
            if text is None:
                lines.append(b"D %s\n" % path.encode())
                continue
            data = text.encode() if isinstance(text, str) else text
            lines.append(b"M 100644 inline %s\ndata %d\n" % (path.encode(), len(data)))
            lines.append(data + b"\n")
    marks = repository.with_suffix(".marks")
    _git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    _git("-C", str(repository), "fast-import", "--quiet", f"--export-marks={marks}", given=lines)
    found = dict(line.split() for line in marks.read_text().splitlines())
    return [found[f":{number}"] for number in range(1, len(history) + 1)]


def _git(*arguments: str, given: Sequence[bytes] = ()) -> None:
    subprocess.run(  # noqa: S603  (our own words)
        ["git", *arguments],  # noqa: S607  (whichever git this machine has)
        input=b"".join(given),
        check=True,
        capture_output=True,
    )


def run(*arguments: str | Path) -> Result:
    """Run the command; only errors that have a remedy come through."""
    result = CliRunner().invoke(cli, ["backtest", *map(str, arguments)])
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def cases(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run the command and give the cases of its JSON."""
    given: list[dict[str, Any]] = json.loads(run(*arguments, "--json").stdout)["cases"]
    return given


HISTORY: list[Step] = [
    ("hello", {"hello.yaml": spec('"1.0"', 3, ONE, deps=DEPS.format(root=".")), "README": "x"}),
    ("words", {"hello.yaml": spec('"1.0"', 4, ONE, deps=DEPS.format(root=".")), "README": "y"}),
    ("hello/1.1 package update", {"hello.yaml": spec('"1.1"', 0, TWO, deps=DEPS.format(root="."))}),
    ("by hand", {"hello.yaml": spec("1.2", 0, THREE, deps=DEPS.format(root="."))}),
    (
        "hello/1.3 package update",
        {
            "hello.yaml": spec(
                '"1.3"',
                0,
                FOUR,
                deps=DEPS.format(root=".").replace("        example.com/gone@v1.0.0\n", ""),
            )
        },
    ),
    ("hello/1.4 package update", {"hello.yaml": spec('"1.4"', 0, ONE)}),
    ("hello/1.4 package update", {"hello.yaml": spec('"1.4"', 1, TWO)}),
    ("hello/1.4 package update", {"hello.yaml": spec('"1.4"', 2, TWO)}),
    ("world", {"world.yaml": spec('"1"', 0, ONE, name="world")}),
    (
        "both",
        {
            "world.yaml": spec('"2"', 0, TWO, name="world"),
            "hello.yaml": spec('"1.5"', 0, THREE),
        },
    ),
    ("world/3 package update", {"world.yaml": spec('"3"', 0, THREE, name="world")}),
    ("below", {"below/hello.yaml": spec('"1"', 0, ONE)}),
    ("below", {"below/hello.yaml": spec('"2"', 0, TWO)}),
    ("too large", {"hello.yaml": spec('"1.6"', 0, FOUR) + "#" * (1 << 20)}),
    ("not UTF-8", {"hello.yaml": spec('"1.7"', 0, ONE).encode() + b"# \xff\n"}),
    ("broken", {"hello.yaml": "package: ["}),
    ("gone", {"hello.yaml": None}),
]


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, list[str]]:
    """Give a distro's repository and the ids of its commits."""
    path = tmp_path / "distro.git"
    return path, write(path, HISTORY)


def test_the_bumps_of_a_repository_are_found(repository: tuple[Path, list[str]]) -> None:
    """One spec changed, its version or a pin: nothing else is a bump; newest first."""
    path, ids = repository
    found = cases(path)
    assert [(c["id"], c["class"], c["from"], c["to"], c["outcome"]) for c in found] == [
        (ids[10][:12], "commit+version", "2", "3", "same bytes"),
        (ids[7][:12], "epoch-only", "1.4", "1.4", "refused"),
        (ids[6][:12], "tag-moved", "1.4", "1.4", "refused"),
        (ids[5][:12], "pruned-deps", "1.3", "1.4", "same bytes"),
        (ids[4][:12], "pruned-deps", "1.2", "1.3", "same bytes"),
        (ids[3][:12], "commit+version", "1.1", "1.2", "different"),
        (ids[2][:12], "commit+epoch+version", "1.0", "1.1", "same bytes"),
    ]
    assert [c["reason"] for c in found[1:3]] == ["epoch-only", "tag-moved"]
    assert found[2]["detail"].startswith("tag-moved: hello.yaml:10: refs/tags/v1.4 of ")
    assert '-  version: 1.2\n+  version: "1.2"' in found[5]["diff"]
    assert [c["as wanted"] for c in found] == [True] * 5 + [False, True]


def test_history_can_be_narrowed(repository: tuple[Path, list[str]], tmp_path: Path) -> None:
    """By date, by package, and by the directory whose specs are meant."""
    path, ids = repository
    day = "2025-10-16"  # the sixth commit's is the day before
    assert [c["id"] for c in cases(path, "--since", day)] == [ids[10][:12], *_short(ids[7:5:-1])]
    assert [c["package"] for c in cases(path, "--package", "world")] == ["world"]
    checkout = tmp_path / "checkout"
    _git("clone", "--quiet", str(path), str(checkout))
    (only,) = cases(checkout / "below")
    assert (only["id"], only["package"], only["to"]) == (ids[12][:12], "hello", "2")
    with pytest.raises(UserError, match="no recorded bump"):
        cases(path, "--package", "nope")


def _short(ids: Sequence[str]) -> list[str]:
    return [each[:12] for each in ids]


def test_a_clone_without_blobs_fetches_nothing(
    repository: tuple[Path, list[str]], tmp_path: Path
) -> None:
    """Reading a history asks nobody for what a partial clone left out."""
    path, _ = repository
    _git("-C", str(path), "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial.git"
    _git("clone", "--quiet", "--bare", "--filter=blob:none", path.as_uri(), str(partial))
    with pytest.raises(UserError, match="partial clone"):
        cases(partial)


def test_what_is_no_repository_is_said(tmp_path: Path) -> None:
    """Git's own words, in one line."""
    with pytest.raises(UserError, match=r"history of .* cannot be read: fatal"):
        cases(tmp_path)


def test_the_report_is_for_people(repository: tuple[Path, list[str]]) -> None:
    """A table by class, the reasons with an example, and a difference."""
    shown = run(repository[0]).stdout
    words = [line.split() for line in shown.splitlines()]
    assert ["pruned-deps", "2", "2", "0", "0", "100.00%"] in words
    assert ["all", "7", "4", "1", "2", "85.71%"] in words
    assert "tag-moved" in shown
    assert '+  version: "1.2"' in shown


def test_results_are_written(repository: tuple[Path, list[str]], tmp_path: Path) -> None:
    """A file for each bump, also for one that differs; none for a refusal."""
    path, ids = repository
    folder = tmp_path / "new" / "folder"
    run(path, "--emit", folder)
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert sorted(written) == sorted(f"{ids[n][:12]}.yaml" for n in (2, 3, 4, 5, 10))
    ours = spec('"1.2"', 0, THREE, deps=DEPS.format(root="."))
    assert written[f"{ids[3][:12]}.yaml"] == ours.encode()


def test_many_bumps_are_made_by_several_processes(tmp_path: Path) -> None:
    """The same results in the same order, however many work on them."""
    path = tmp_path / "long.git"
    history: list[Step] = [
        (f"hello/{n} package update", {"hello.yaml": spec(f'"{n}"', 0, f"{n:040x}")})
        for n in range(1, 150)
    ]
    write(path, history)
    found = cases(path, "--jobs", "2")
    assert [(c["to"], c["outcome"]) for c in found] == [
        (str(n), "same bytes") for n in range(149, 1, -1)
    ]
    assert cases(path, "--jobs", "1") == found


CASE = {
    "id": "abc",
    "path": "hello.yaml",
    "to": "1.1",
    "before": spec("'1.0'", 2, ONE),
    "facts": {"tags": [{"repository": HELLO, "tag": "v1.1", "commit": TWO}], "archives": []},
}


def _file(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n\n" for line in lines))
    return path


def test_a_case_may_lack_its_answer(tmp_path: Path) -> None:
    """Neither class nor text after: the result is written, and its class told from it."""
    refused = CASE | {"id": "no", "facts": {}}
    file = _file(tmp_path / "cases.jsonl", CASE, refused)
    found = cases(file, "--emit", tmp_path / "out")
    assert [(c["class"], c["from"], c["outcome"], c["reason"]) for c in found] == [
        ("commit+epoch+version", "1.0", "written", None),
        ("unknown", "1.0", "refused", "pin-unresolved"),
    ]
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["abc.yaml"]
    assert (tmp_path / "out/abc.yaml").read_text() == spec('"1.1"', 0, TWO)


def test_a_compressed_file_is_read_by_its_bytes(tmp_path: Path) -> None:
    """Whatever it is called; a recorded class and text are used as they are."""
    recorded = CASE | {"class": "mine", "after": spec('"1.1"', 0, TWO), "from": "1.0", "time": 5}
    file = tmp_path / "cases"
    file.write_bytes(gzip.compress(json.dumps(recorded).encode()))
    (only,) = cases(file)
    assert (only["class"], only["outcome"], only["time"]) == ("mine", "same bytes", 5)
    with pytest.raises(UserError, match="no recorded bump"):
        cases(file, "--since", "1970-01-02")


WRONG: dict[str, tuple[object, str]] = {
    "no object": ([1], "line 1: a case is an object"),
    "no id": ({**CASE, "id": None}, "line 1: id is missing"),
    "a number for a text": ({**CASE, "before": 7}, "line 1: before is not a str"),
    "facts of the wrong shape": ({**CASE, "facts": {"tags": ["x"]}}, "tags holds something"),
    "a tag without commit": ({**CASE, "facts": {"tags": [{"repository": "x"}]}}, "commit is"),
    "a table of numbers": ({**CASE, "facts": {"gomod": {"a": 1}}}, "gomod holds something"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_line_is_named(tmp_path: Path, kind: str) -> None:
    """File and line, and what is wrong with it."""
    line, said = WRONG[kind]
    with pytest.raises(UserError, match=said):
        cases(_file(tmp_path / "cases.jsonl", line))


@pytest.mark.parametrize("data", [b"\x00\xff\n", b"\x1f\x8bnot gzip", b"{broken\n"])
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, data: bytes) -> None:
    """Binary, cut off or not JSON."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(data)
    with pytest.raises(UserError, match=r"cases\.jsonl"):
        cases(file)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 200])
def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Such an id is no file name."""
    file = _file(tmp_path / "cases.jsonl", CASE | {"id": name})
    with pytest.raises(UserError, match="cannot be a file's name"):
        cases(file, "--emit", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_hostile_words_stay_inert(tmp_path: Path) -> None:
    """Terminal escapes in names and texts are shown as what they are, or not at all."""
    hostile = CASE | {
        "id": "x\x1b[31m",
        "class": "red\x1b[31m",
        "path": "hello.yaml",
        "after": spec('"1.1"', 0, TWO) + "# \x1b]0;title\x07\n",
        "facts": {"tags": [{"repository": HELLO, "tag": "v1.1", "commit": TWO}]},
    }
    shown = run(_file(tmp_path / "cases.jsonl", hostile)).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "red" in shown

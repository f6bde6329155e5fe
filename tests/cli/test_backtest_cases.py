"""`octobot backtest` over files of cases."""

import gzip
import json
from pathlib import Path

import pytest

from octobot.model.errors import UserError
from tests.cli.backtesting import HELLO, ONE, TWO, cases, run, spec

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
    """Neither class nor text after: the result is written, and its class follows from it."""
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
def test_a_file_of_another_program_is_refused(tmp_path: Path, data: bytes) -> None:
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

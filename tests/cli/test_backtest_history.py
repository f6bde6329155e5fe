"""`octobot backtest` over real git repositories."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from octobot.model.errors import UserError
from tests.cli.backtesting import DEPS, FOUR, ONE, THREE, TWO, Step, cases, git, run, spec, write

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
    """Return a distro's repository and the ids of its commits."""
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
    git("clone", "--quiet", str(path), str(checkout))
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
    git("-C", str(path), "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial.git"
    git("clone", "--quiet", "--bare", "--filter=blob:none", path.as_uri(), str(partial))
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

import json
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from octobot.__main__ import cli
from octobot.cli.rebuild.index import fetched
from octobot.model.errors import UserError
from octobot.settings import read_settings
from octobot.specs.graph.apkindex import BadIndexError, Keys
from tests.specs.graph.apkindexes import NAME, entry, key, packed, signed
from tests.specs.graph.small_distro import builds_with, makes, spec
from tests.upstream.conftest import Hosts

GO = "  annotations: {toolchain: 'true'}\n"
FILES = {
    "go-1.26.yaml": spec("go-1.26", GO, version="1.26.4"),
    "delve.yaml": spec("delve", builds_with("go-1.26", "gone")),
    "cue.yaml": spec("cue", builds_with("delve") + "pipeline: [{uses: mine}]\n"),
    "icu.yaml": spec("icu", makes("icu-dev")),
    "R.yaml": spec("R", builds_with("icu-dev")),
    "pipelines/mine.yaml": "needs: {packages: [go-1.26]}\n",
    ".github/workflows/ci.yaml": "on: push\n",
}


@pytest.fixture
def distro(tmp_path: Path) -> Path:
    """Write the small distro."""
    write(tmp_path, FILES)
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def git(folder: Path, *words: str) -> str:
    """Run git as a person would."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip()


def commit(folder: Path, **specs: str) -> str:
    """Commit specs, and return the commit."""
    write(folder, {f"{name.replace('__', '-')}.yaml": text for name, text in specs.items()})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "specs")
    return git(folder, "rev-parse", "HEAD")


def octobot(*words: str | Path) -> Result:
    """Call the command line."""
    return CliRunner().invoke(cli, ["rebuild", *map(str, words)])


def test_a_plan_is_printed_in_levels_with_reasons(distro: Path) -> None:
    """And the names that nothing provides; that is no failure."""
    done = octobot("plan", distro, "--trigger", "go-1.26")
    assert done.exit_code == 0
    assert done.stdout == (
        "go-1.26: 2 rebuilds in 2 levels\n"
        "\nlevel 1: 1\n  delve  builds with `go-1.26`\n"
        "\nlevel 2: 1\n  cue  builds with `go-1.26` through pipeline `mine`\n"
        "\nnames that nothing provides: 1\n  build: gone\n"
    )


def test_a_plan_is_the_same_from_a_tarball_and_from_a_revision(
    distro: Path, tmp_path: Path
) -> None:
    """Whatever else lies in the tree; the work tree does not count for a revision."""
    wanted = octobot("plan", distro, "--trigger", "go-1.26").stdout
    git(distro, "init", "-q")
    first = commit(distro)
    archive = tmp_path / "distro.tar.gz"
    git(distro, "archive", "--prefix=top-1/", "-o", str(archive), "HEAD")
    assert octobot("plan", archive, "--trigger", "go-1.26").stdout == wanted
    archive.unlink()
    (distro / "cue.yaml").unlink()
    commit(distro)
    assert octobot("plan", distro, "--trigger", "go-1.26", "--revision", first).stdout == wanted
    assert octobot("plan", distro, "--trigger", "go-1.26").stdout != wanted


def test_a_revision_is_never_an_option_of_git(
    distro: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git would write a file or run a program."""
    git(distro, "init", "-q")
    commit(distro)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    for words in (("--revision", "--output=x"), ("--since", "--output=x")):
        refused = octobot("plan", distro, "--trigger", "go-1.26", *words)
        assert "cannot be read" in str(refused.exception)
    refused = octobot("stale", distro, "--revision", "--output=x")
    assert "cannot be read" in str(refused.exception)
    assert sorted(tmp_path.iterdir()) == before


def test_a_plan_for_programs_has_a_version(distro: Path) -> None:
    """All that the text says."""
    write(
        distro,
        {"torn.yaml": "package: {name: torn", "x.yaml": spec("x", "pipeline: [{uses: y}]\n")},
    )
    done = octobot("plan", distro, "--trigger", "icu=77.1..78.1", "--json")
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert printed == {
        "version": 1,
        "trigger": {"kind": "package", "name": "icu", "old": "77.1", "new": "78.1"},
        "count": 1,
        "certain": False,
        "levels": [[{"spec": "R", "why": "builds with `icu-dev`"}]],
        "skipped": [],
        "unresolved": {"build": {"gone": ["delve"]}, "run": {}, "test": {}},
        "unknown_pipelines": {"y": ["x"]},
        "unreadable": {"torn.yaml": printed["unreadable"]["torn.yaml"]},
        "may_be_missing": [],
    }
    assert "torn.yaml:2" in printed["unreadable"]["torn.yaml"]
    assert "unknown pipeline y: what it installs is missing for x\n" in done.stderr


@pytest.mark.parametrize(
    ("extra", "trigger", "said"),
    [
        ({}, "nope", "no spec is named nope"),
        ({"go-1.26.yaml": spec("go-1.26", epoch="r1")}, "go-1.26", "go-1.26.yaml:4"),
        ({"new.yaml": spec("new", builds_with("go-1.26"), epoch="")}, "go-1.26", "new.yaml:4"),
    ],
)
def test_what_cannot_be_read_and_matters_is_status_3(
    distro: Path, extra: Mapping[str, str], trigger: str, said: str
) -> None:
    """The trigger, or a spec that may be on the plan; each with file and line."""
    write(distro, extra)
    done = octobot("plan", distro, "--trigger", trigger)
    assert done.exit_code == 3
    assert said in done.stderr


def test_holds_of_the_repositorys_file_are_respected(distro: Path) -> None:
    """They are skipped with the reason."""
    write(distro, {".github/octobot.yaml": "packages:\n  - match: delve\n    hold: CI is red\n"})
    done = octobot("plan", distro, "--trigger", "go-1.26")
    assert "skipped: 1\n  delve  is on hold: CI is red\n" in done.stdout
    git(distro, "init", "-q")
    held = commit(distro)
    write(distro, {".github/octobot.yaml": "packages: []\n"})
    assert "skipped" not in octobot("plan", distro, "--trigger", "go-1.26").stdout
    done = octobot("plan", distro, "--trigger", "go-1.26", "--revision", held)
    assert "delve  is on hold: CI is red\n" in done.stdout


def test_the_repositorys_file_names_toolchains(distro: Path) -> None:
    """In place of annotations; a file with errors is said, and not respected."""
    file = "rebuild:\n  toolchains:\n    - name: go-1.26\n      packages: [go]\n"
    floating = {
        "go-1.26.yaml": spec("go-1.26", GO + "  dependencies: {provides: [go=1.26.4-r0]}\n"),
        "x.yaml": spec("x", builds_with("go")),
    }
    write(distro, floating)
    assert (
        "x  builds with `go`, which `go-1.26` provides"
        in octobot("plan", distro, "--trigger", "go-1.26").stdout
    )
    write(distro, {".github/octobot.yaml": file})
    done = octobot("plan", distro, "--trigger", "go-1.26")
    assert "level 1: 1\n  x  builds with `go`\n" in done.stdout
    assert "delve" not in done.stdout.partition("names that")[0]
    write(distro, {".github/octobot.yaml": file.replace("[go]", "[]")})
    assert "errors, and is not" in octobot("plan", distro, "--trigger", "go-1.26").stderr


def test_what_was_raised_since_the_trigger_is_skipped(distro: Path) -> None:
    """Whoever did it; another line is no rebuild."""
    git(distro, "init", "-q")
    since = commit(distro)
    commit(distro, delve=spec("delve", builds_with("go-1.26"), epoch="1"))
    commit(distro, cue=FILES["cue.yaml"] + "# a remark\n")
    done = octobot("plan", distro, "--trigger", "go-1.26", "--since", since)
    assert "go-1.26: 1 rebuild in 1 level\n" in done.stdout
    assert "skipped: 1\n  delve  was raised since: in " in done.stdout


def test_an_index_makes_a_plan_exact(distro: Path, tmp_path: Path) -> None:
    """With a key it must be signed, on each architecture."""
    text = "\n".join(
        [entry("icu", p="so:libicuuc.so.78=1"), entry("cue", D="so:libicuuc.so.78"), entry("R")]
    )
    index, bare = tmp_path / "APKINDEX.tar.gz", tmp_path / "bare.tar.gz"
    index.write_bytes(signed(packed(text)))
    bare.write_bytes(packed(text))
    public = tmp_path / NAME
    public.write_bytes(
        key(0).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    call = ("plan", distro, "--trigger", "icu", "--key", public, "--index", index)
    done = octobot(*call)
    assert "level 1: 1\n  cue  `cue` is linked with `libicuuc.so.78`\n" in done.stdout
    assert "may be more" not in done.stdout
    refused = octobot(*call, "--index", bare)
    assert f"{bare}: the index contains 'DESCRIPTION', which is not signed" in str(
        refused.exception
    )
    assert "no public key" in str(octobot(*call, "--key", index).exception)


def test_the_graph_is_printed_for_people_programs_and_graphviz(distro: Path) -> None:
    """A subpackage names its spec."""
    assert "build: 4 edges, 3 levels, cycles of none\n" in octobot("graph", distro).stdout
    one = octobot("graph", distro, "icu-dev").stdout
    assert "icu 1.0-r0\n  packages: icu icu-dev\n" in one
    assert "  build needed by 1: R\n" in one
    drawn = octobot("graph", distro, "R", "--dot").stdout
    assert drawn == 'digraph build {\n  "R" -> "icu";\n}\n'
    printed = json.loads(octobot("graph", distro, "R", "--json").stdout)
    assert printed == {
        "version": 1,
        "specs": {
            "R": {
                "version": "1.0-r0",
                "build": ["icu-dev"],
                "runtime": [],
                "provides": [],
                "subpackages": {},
                "test": [],
            }
        },
    }
    assert "no spec is named nope" in str(octobot("graph", distro, "nope").exception)


def test_forgotten_rebuilds_are_found_in_the_history(distro: Path) -> None:
    """By the order of commits, whatever their dates say."""
    git(distro, "init", "-q")
    commit(distro)
    assert octobot("stale", distro).exit_code == 0
    commit(distro, go__1__26="")
    (distro / "go-1-26.yaml").unlink()
    write(distro, {"go-1.26.yaml": FILES["go-1.26.yaml"].replace("1.26.4", "1.26.5")})
    commit(distro, delve=FILES["delve.yaml"])
    commit(distro, delve=spec("delve", builds_with("go-1.26"), epoch="1"))
    done = octobot("stale", distro)
    assert done.exit_code == 1
    assert done.stdout == (
        "cue  builds with `go-1.26` through pipeline `mine`,"
        " was not raised since it became 1.26.5-r0\n"
    )
    printed = json.loads(octobot("stale", distro, "--json").stdout)
    assert printed["stale"][0]["because"] == "go-1.26"
    commit(distro, cue=FILES["cue.yaml"].replace("epoch: 0", "epoch: 1"))
    assert octobot("stale", distro).exit_code == 0


def test_a_wrong_source_is_said(distro: Path, tmp_path: Path) -> None:
    """One spec, a folder without any, what has no history."""
    assert "is one spec" in str(octobot("graph", distro / "R.yaml").exception)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "there is no spec" in str(octobot("graph", empty).exception)
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(distro / "R.yaml", "R.yaml")
    assert "has no history" in str(octobot("stale", archive).exception)


def test_an_index_that_is_not_there_is_named(distro: Path) -> None:
    """A file that is missing, and an address that the guard refuses before it is asked."""
    for place, because in (
        ("APKINDEX.tar.gz", "no such file; name one, or an https address"),
        ("https://127.0.0.1/x86_64/APKINDEX.tar.gz", "127.0.0.1"),
    ):
        done = octobot("plan", distro, "--trigger", "icu", "--index", place)
        assert isinstance(done.exception, UserError)
        assert str(done.exception).startswith(f"{place}: ")
        assert because in str(done.exception)


async def test_an_index_is_fetched_from_its_address() -> None:
    """Through the guarded client, and its signature counts as that of a file does."""

    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/mirror/packages.example.org/os/x86_64/APKINDEX.tar.gz"
        return web.Response(body=signed(packed(entry("curl"))))

    async with AsyncExitStack() as stack:
        settings = replace(read_settings({}), mirror=await Hosts(stack).serve(answer))
        address = "https://packages.example.org/os/x86_64/APKINDEX.tar.gz"
        found = await fetched(settings, address, Keys({NAME: key(0).public_key()}))
        assert found.origins == {"curl"}
        with pytest.raises(BadIndexError, match="signed by no known key"):
            await fetched(settings, address, Keys({"other": key(0).public_key()}))

import pytest

from octobot.model.reasons import Reason
from octobot.specs.graph.needs import Needs, read_needs
from octobot.specs.graph.pipelines import Pipeline, Pipelines, read_pipeline
from tests.specs.graph.small_distro import builds_with, distro, spec

LADEN = spec(
    "python-3.13",
    """  dependencies:
    runtime:
      - ${{vars.stem}}-base=${{package.full-version}}
    provides:
      - python3=${{package.full-version}}
    provider-priority: ${{vars.rank}}
  annotations:
    toolchain-pkgs: ${{package.name}}-dev
vars:
  stem: python-3.13
  rank: "13"
data:
  - name: flavours
    items:
      tk: "8"
      dev: "9"
environment:
  contents:
    packages:
      - busybox
      - gcc-${{vars.rank}}
pipeline:
  - uses: fetch
    with:
      uri: https://example.com/a.tar.gz
  - if: ${{build.arch}} == 'x86_64'
    uses: go/build
    with:
      go-package: go-1.26
  - if: ${{build.arch}} == 'aarch64'
    uses: cargo/build
  - needs:
      packages:
        - flex
    runs: make
subpackages:
  - range: flavours
    name: ${{package.name}}-${{range.key}}
    dependencies:
      runtime:
        - ${{package.name}}=${{package.full-version}}
        - tk-${{range.value}}
    pipeline:
      - uses: split/debug
    test:
      environment:
        contents:
          packages:
            - gdb
      pipeline:
        - uses: python/import
test:
  pipeline:
    - uses: test/tw/ver-check
update:
  enabled: true
  shared: true
""",
    version="3.13.1",
    epoch="4",
)


def read(text: str, **own: str) -> Needs:
    """Read the needs of a spec that can be read."""
    pipelines = {}
    for name, content in own.items():
        pipeline = read_pipeline(f"pipelines/{name}.yaml", content)
        assert isinstance(pipeline, Pipeline)
        pipelines[name.replace("__", "/")] = pipeline
    name = text.partition("name: ")[2].partition("\n")[0]
    found = read_needs(f"{name}.yaml", text, Pipelines(pipelines))
    assert isinstance(found, Needs), found
    return found


def test_all_that_a_spec_names_is_found_with_templates_replaced() -> None:
    """Environment, pipelines' needs, conditions, ranges, versions: the sets of melange compile."""
    found = read(LADEN, test__tw__ver_check="needs: {packages: [grep]}")
    assert set(found.build) == {
        *("busybox", "gcc-13", "wget", "flex", "binutils", "scanelf"),
        *("go-1.26", "build-base", "ca-certificates-bundle"),
    }
    assert found.packages["python-3.13"].runtime == {"python-3.13-base=3.13.1-r4"}
    assert found.packages["python-3.13"].provides == {"python3=3.13.1-r4"}
    assert found.packages["python-3.13"].priority == 13
    assert list(found.packages) == ["python-3.13", "python-3.13-tk", "python-3.13-dev"]
    assert found.packages["python-3.13-tk"].runtime == {"python-3.13=3.13.1-r4", "tk-8"}
    assert found.test >= {"python-3.13", "python-3.13-tk", "python-3.13-dev", "gdb", "wolfi-base"}
    assert found.annotations == {"toolchain-pkgs": "python-3.13-dev"}
    assert found.shared


def test_why_a_package_is_needed_is_kept() -> None:
    """The environment itself, a step or the pipeline whose needs name it."""
    found = read(LADEN)
    assert found.build["go-1.26"] == ("go/build",)
    assert found.build["busybox"] == ("", "go/build", "split/debug")
    assert found.build["flex"] == ("",)


def test_the_distros_own_pipelines_hide_those_of_melange() -> None:
    """Their inputs reach the pipelines that they use, and defaults fill what is not said."""
    own = """
inputs:
  go: {default: go-1.25}
needs: {packages: ["${{inputs.go}}-asm"]}
pipeline:
  - uses: go/build
    with: {go-package: "${{inputs.go}}"}
  - uses: patch
"""
    hidden = "needs: {packages: [quilt]}"
    said = spec("a", "pipeline:\n  - uses: mine\n    with: {go: go-1.27}\n")
    found = read(said, mine=own, patch=hidden)
    assert {"go-1.27", "go-1.27-asm", "quilt"} <= set(found.build)
    assert "patch" not in found.build
    assert found.pipelines == {"mine", "go/build", "patch"}
    assert "go-1.25" in read(spec("a", "pipeline:\n  - uses: mine\n"), mine=own).build


def test_what_is_not_known_before_the_build_is_said() -> None:
    """Neither a pipeline nor a name is guessed."""
    body = builds_with("${{targets.destdir}}-x") + "pipeline:\n  - uses: nobody/has\n"
    found = read(spec("a", body))
    assert found.unknown_pipelines == {"nobody/has"}
    assert found.unclear == {"${{targets.destdir}}-x"}
    assert not found.build


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("package:\n  name: a\n  version: '1'\n", 2, "'' is not an epoch"),
        ("package:\n  name: a\n  version: '1'\n  epoch: one # 1\n", 4, "'one' is not an epoch"),
        ("package:\n  name: a\n  version: '1'\n  epoch: 0\n  epoch: 1\n", 5, "is there twice"),
        ("package:\n  name: b\n  version: '1'\n  epoch: 0\n", 2, "does not belong in this file"),
        ("package: [\n", 2, ""),
    ],
)
def test_a_spec_that_cannot_be_raised_is_refused_with_its_line(
    text: str, line: int, said: str
) -> None:
    """An epoch that is missing or odd is no zero."""
    refused = read_needs("a.yaml", text, Pipelines({}))
    assert isinstance(refused, Reason)
    assert refused.where is not None
    assert (refused.where.path, refused.where.line) == ("a.yaml", line)
    assert said in refused.detail


def test_pipelines_that_use_each_other_without_end_are_refused() -> None:
    """Neither in a circle nor ten times ten times ten."""
    circle = {"a": "pipeline: [{uses: b}]", "b": "pipeline: [{uses: a}]"}
    found = distro({"x": spec("x", "pipeline: [{uses: a}]\n")}, circle)
    assert "too often" in found.unreadable["x.yaml"].detail
    bomb = {
        f"p{number}": "pipeline:\n" + f"  - uses: p{number + 1}\n" * 10 for number in range(8)
    } | {"p8": "needs: {packages: [z]}"}
    found = distro({"x": spec("x", "pipeline: [{uses: p0}]\n")}, bomb)
    assert "too often" in found.unreadable["x.yaml"].detail


def test_an_unreadable_spec_leaves_the_others_alone() -> None:
    """It is named, and what only it provides is not there; a pipeline is treated the same."""
    found = distro(
        {"a": spec("a", builds_with("b")), "b": "package: {name: b"},
        {"torn": "needs: [", "empty": "name: empty"},
    )
    assert set(found.unreadable) == {"b.yaml", "pipelines/torn.yaml", "pipelines/empty.yaml"}
    assert set(found.graph.specs) == {"a"}
    assert found.graph.unresolved["build"] == {"b": ("a",)}


def test_an_unknown_pipeline_is_named_once_with_its_users() -> None:
    """However often it is used."""
    uses = "pipeline: [{uses: nobody/has}, {uses: nobody/has}]\n"
    found = distro({"b": spec("b", uses), "a": spec("a", uses)})
    assert found.unknown_pipelines == {"nobody/has": ("a", "b")}

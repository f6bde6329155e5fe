import pytest

from octobot.specs.graph.graph import Need, need
from tests.specs.graph.small_distro import builds_with, distro, makes, spec


def provides(name: str, *, priority: int | None = None, full: bool = True) -> str:
    """Write dependencies that provide a name."""
    version = "=${{package.full-version}}" if full else ""
    rank = f"    provider-priority: {priority}\n" if priority is not None else ""
    return f"  dependencies:\n    provides:\n      - {name}{version}\n{rank}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("foo", Need("foo")),
        ("foo=1.2-r3", Need("foo", "=", "1.2-r3")),
        ("libarrow==24.0.0-r1", Need("libarrow", "=", "24.0.0-r1")),
        ("heimdal~=2.1", Need("heimdal", "~", "2.1")),
        ("so:libx.so.1>=2", Need("so:libx.so.1", ">=", "2")),
        ("foo@local", Need("foo")),
        ("!musl", None),
        ("", None),
    ],
)
def test_a_need_is_taken_apart(text: str, wanted: Need | None) -> None:
    """A conflict is no need."""
    assert need(text) == wanted


def test_of_several_providers_apk_installs_one() -> None:
    """The package of that name, then the priority, then the version; 10 is more than 9."""
    graph = distro(
        {
            "go-1.9": spec("go-1.9", provides("go"), version="1.9"),
            "go-1.10": spec("go-1.10", provides("go"), version="1.10"),
            "odd": spec("odd", provides("go", full=False)),
            "nginx-a": spec("nginx-a", provides("nginx", priority=1), version="1"),
            "nginx-b": spec("nginx-b", provides("nginx", priority=0), version="2"),
            "awk": spec("awk"),
            "gawk": spec("gawk", provides("awk", priority=100), version="9"),
        }
    ).graph
    for name, spec_name in (("go", "go-1.10"), ("nginx", "nginx-a"), ("awk", "awk")):
        provider = graph.provider(name)
        assert provider is not None
        assert provider.spec == spec_name


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("go<1.10", "go-1.9"),
        ("go=1.9-r0", "go-1.9"),
        ("go~1.9", "go-1.9"),
        ("go>1.9-r0", "go-1.10"),
        ("go<=1.9-r0", "go-1.9"),
        ("go=1.8-r0", "go-1.10"),
    ],
)
def test_a_version_chooses_among_providers(text: str, provider: str) -> None:
    """One that nobody has any more is still in the built repository: the name counts."""
    graph = distro(
        {f"go-{v}": spec(f"go-{v}", provides("go"), version=v) for v in ("1.9", "1.10")}
    ).graph
    found = graph.provider(text)
    assert found is not None
    assert found.spec == provider


def test_edges_are_apart_by_kind_and_never_to_itself() -> None:
    """A spec that bootstraps, or depends on its own subpackage, is in no circle of one."""
    runs = "  dependencies:\n    runtime:\n      - a-libs\n      - b\n"
    tests = "test:\n  pipeline:\n    - uses: fetch\n"
    graph = distro(
        {
            "a": spec("a", runs + builds_with("a", "c") + makes("a-libs") + tests),
            "b": spec("b", makes("wget")),
            "c": spec("c"),
        }
    ).graph
    edges = [set(each["a"]) for each in (graph.build, graph.run, graph.test)]
    assert edges == [{"c"}, {"b"}, {"b"}]


def test_names_that_nothing_provides_are_listed_by_kind() -> None:
    """With those that need them."""
    runs = "  dependencies:\n    runtime:\n      - gone=1\n"
    graph = distro({"a": spec("a", runs + builds_with("gone", "x")), "b": spec("b")}).graph
    assert graph.unresolved == {"build": {"gone": ("a",), "x": ("a",)}, "run": {"gone": ("a",)}} | {
        "test": {}
    }

"""The law of imports: the rooms by the table `MAY`, the folders of a room downwards.

A breach is a sentence naming file, line and the import.  Each kind of breach is seen red below,
on small made-up houses, so that the law itself is known to bite.
"""

import ast
import typing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from octobot.model.orders import Order

HOUSE = Path(__file__).parent.parent / "octobot"

CORE = ("specs", "policy", "messages", "datasources")
EDGES = ("github", "upstream", "store", "lanes", "triage")

MAY: Mapping[str, tuple[str, ...]] = {
    "model": (),
    **dict.fromkeys(CORE, ("model",)),
    **dict.fromkeys(EDGES, ("model",)),
    "flows": (*CORE, *EDGES, "model"),
    "commands": ("flows", "messages", "model"),
    "web": ("github", "store", "messages", "model"),
    "sandbox": ("model",),
    "variables": (),
    "settings": ("model", "variables"),
    "app": (*CORE, *EDGES, "flows", "commands", "web", "model", "settings"),
    "cli": (
        *(*CORE, *EDGES, "app", "flows", "commands", "web", "sandbox", "model", "settings"),
        "__version__",
    ),
    "__main__": ("cli", "app", "settings", "model", "__version__"),
    "__init__": (),
}

OUTSIDE = frozenset(
    {
        "aiohttp",
        "asyncio",
        "github",
        "gidgethub",
        "http",
        "os",
        "pathlib",
        "psycopg",
        "random",
        "secrets",
        "shutil",
        "socket",
        "structlog",
        "subprocess",
        "sys",
        "tempfile",
        "tenacity",
        "time",
        "urllib.request",
        "uuid",
    }
)
"""What the pure rooms may not import: clock, network, disk, dice, processes."""

IMPURE_CALLS = frozenset({"open", "print", "input", "now", "utcnow", "today"})
"""Names whose call reads a clock or touches the world without any import of the above."""

MAY_CATCH_ALL = ("lanes", "web", "app", "cli", "__main__")

CONTAINS = "flows/lookup/contain.py"
"""The one file of an inner room that may: what one upstream makes us raise costs it alone, and not
the look at all others (a malformed address once ended every pass over 250 packages)."""

SPLITS = "model/addresses.py"
"""The one file that takes foreign addresses apart; the sandbox only has its own."""

LOADS = "cli/group.py"
"""The one file that imports by name: a command, when it is called."""

APPLIES_ORDERS = ("flows/orders.py", "flows/ordered_steps.py")
"""The files of the stories that know the kinds of people's orders; the others see values."""

GATHERS = (
    "flows/reconcile/gather.py",
    "flows/land/confirm.py",
    "flows/land/judge.py",
    "flows/plan/graph.py",
    "flows/watch/record.py",
)
"""The files that gather, and so may have orders applied: nobody who decides or reports does."""

ORDERS = frozenset(
    {"NO_ORDERS", "PackageOrders", *(each.__name__ for each in typing.get_args(Order))}
)

CROWDED = 25
"""Files in a folder; tables of plugins apart, one file each, in which nobody looks for another."""

PLUGINS = frozenset({"commands", "datasources", "store/migrations/versions"})

SLIVER = 40
"""Lines below which a file with a single importer belongs into it."""

MAY_BE_SMALL: Mapping[str, str] = {
    "app/model.py": "with it, the file that wires the bot would be too long",
}
"""Slivers that stay, each with the reason; so do plugins, one file each, with their tables."""

SMALL_PLUGINS = PLUGINS | {"triage/knowledge", "triage/providers"}

NEVER = frozenset({"utils", "helpers", "common", "core", "base", "services"})


Trees = Mapping[Path, ast.Module]
"""Each file below the house, relative to it, with its syntax tree."""


def breaches(house: Path) -> list[str]:
    """Return every breach of the law in the package below `house`."""
    trees = {
        path.relative_to(house): ast.parse(path.read_text()) for path in sorted(house.rglob("*.py"))
    }
    return [
        f"{path}:{line}: {what}"
        for path, tree in trees.items()
        for line, what in _of_file(path, tree)
    ] + [*_crowded(trees), *_cycles(trees), *_folder_cycles(trees), *_slivers(trees)]


def _of_file(path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    room = path.parts[0].removesuffix(".py")
    if room not in MAY:
        yield 1, f"{room} is not a room of the house"
        return
    if path.stem in NEVER:
        yield 1, f"{path.stem} says nothing; name it for what it holds"
    for node in ast.walk(tree):
        yield from _imports(node, room)
        if room not in MAY_CATCH_ALL and not path.match(CONTAINS):
            yield from _too_broad(node)
        if room != "sandbox" and not path.match(SPLITS):
            yield from _splitting(node)
        if room == "flows" and path.as_posix() not in APPLIES_ORDERS:
            yield from _raw_orders(path, node)
        if room in ("model", *CORE) and isinstance(node, ast.Call):
            yield from _impure(node)
    yield from _lazy(tree)
    if not path.match(LOADS):
        yield from _by_name(tree)


def _imports(node: ast.AST, room: str) -> Iterator[tuple[int, str]]:
    for line, module in _modules(node):
        parts = module.split(".")
        if parts[0] == "octobot":
            other = parts[1] if len(parts) > 1 else "__init__"
            if other not in (*MAY[room], room):
                yield line, f"{room} may not import {other}"
            elif (room, other) == ("web", "github") and parts[2:3] != ["webhooks"]:
                yield line, "web may import github.webhooks only"
        elif room in ("model", *CORE) and (parts[0] in OUTSIDE or module in OUTSIDE):
            yield line, f"{room} is pure and may not import {module}"


def _modules(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield node.lineno, alias.name
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            yield node.lineno, "octobot.relative-import"
        module = node.module or ""
        if module == "octobot":
            for alias in node.names:
                yield node.lineno, f"octobot.{alias.name}"
        else:
            yield node.lineno, module


def _splitting(node: ast.AST) -> Iterator[tuple[int, str]]:
    """`urllib.parse` raises on what strangers write; its whole module hides what is used of it."""
    raising = {"urlsplit", "urlparse", "urljoin", "urldefrag"}
    if isinstance(node, ast.ImportFrom) and node.module == "urllib.parse":
        if raising & {alias.name for alias in node.names}:
            yield node.lineno, f"only {SPLITS} takes addresses apart"
    elif isinstance(node, ast.Import) and any(one.name == "urllib.parse" for one in node.names):
        yield node.lineno, f"only {SPLITS} takes addresses apart"


def _too_broad(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        swallows = node.returns is None or ast.unparse(node.returns) != "None"
        if node.name in ("__exit__", "__aexit__") and swallows:
            yield node.lineno, f"only lane, web door and command line swallow in {node.name}"
    if not isinstance(node, ast.ExceptHandler):
        return
    if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
        return  # tidies up and raises on: nothing is swallowed
    caught = ast.unparse(node.type) if node.type else "everything"
    if node.type is None or caught in ("Exception", "BaseException"):
        yield node.lineno, f"only lane, web door and command line catch {caught}"


def _raw_orders(path: Path, node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.ImportFrom(module="octobot.model.orders", names=names):
            if ORDERS & {alias.name for alias in names}:
                yield node.lineno, f"only {APPLIES_ORDERS[0]} looks at raw orders"
        case ast.ImportFrom(module="octobot.flows.orders", names=names):
            applies = any(alias.name.startswith("apply_") for alias in names)
            if applies and path.as_posix() not in GATHERS:
                yield node.lineno, "orders are applied by those who gather"
        case ast.Attribute(value=ast.Attribute(attr="store"), attr="orders"):
            yield node.lineno, f"only {APPLIES_ORDERS[0]} reads orders"
        case _:
            pass


def _impure(node: ast.Call) -> Iterator[tuple[int, str]]:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in IMPURE_CALLS:
            yield node.lineno, f"a pure room calls {name}()"


def _lazy(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for outer in ast.walk(tree):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, f"a lazy import in {outer.name}"


def _by_name(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.alias):
            name = ast.unparse(node).rpartition(".")[2]
            if name in ("import_module", "__import__"):
                yield node.lineno, f"only {LOADS} imports by name"


def _crowded(trees: Trees) -> Iterator[str]:
    for folder, files in Counter(path.parent for path in trees).items():
        if files > CROWDED and folder.as_posix() not in PLUGINS:
            yield f"{folder} holds {files} files, more than {CROWDED}"


def _slivers(trees: Trees) -> Iterator[str]:
    """Find small files that one other of their room imports, and nobody else."""
    importers: dict[str, list[str]] = {}
    for module, imported in _imported(trees).items():
        for one in imported - {module}:
            importers.setdefault(one, []).append(module)
    for path, tree in trees.items():
        small = path.stem != "__init__" and path.parent.as_posix() not in SMALL_PLUGINS
        users = importers.get(_dotted(path), [])
        if not small or _length(tree) >= SLIVER or path.as_posix() in MAY_BE_SMALL:
            continue
        if len(users) == 1 and users[0].split(".")[1] == path.parts[0]:
            yield f"{path} has {_length(tree)} lines and one importer, {users[0]}: fold it in"


def _length(tree: ast.Module) -> int:
    return max((node.end_lineno or 0 for node in tree.body), default=0)


def _imported(trees: Trees) -> dict[str, set[str]]:
    """Return each module's name with those it imports, as far as they are octobot's."""
    names = {_dotted(path) for path in trees}
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        modules = {module for node in ast.walk(tree) for module in _submodules(node)}
        found[_dotted(path)] = modules & names
    return found


def _submodules(node: ast.AST) -> Iterator[str]:
    for _, module in _modules(node):
        yield module
        if isinstance(node, ast.ImportFrom):
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _cycles(trees: Trees) -> list[str]:
    return [f"import cycle: {' → '.join(cycle)}" for cycle in _all_cycles(_imported(trees))]


def _folder_cycles(trees: Trees) -> list[str]:
    """Find folders of one room that import each other, directly or round some corners."""
    folders = {_dotted(path): path.parent.as_posix() for path in trees}
    graph: dict[str, set[str]] = {}
    for module, imported in _imported(trees).items():
        here = folders[module]
        others = {folders[other] for other in imported}
        same_room = {one for one in others if one.split("/")[0] == here.split("/")[0]}
        graph.setdefault(here, set()).update(same_room - {here})
    return [f"folder cycle: {' → '.join(cycle)}" for cycle in _all_cycles(graph)]


def _all_cycles(graph: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    done: set[str] = set()
    return [cycle for node in sorted(graph) for cycle in _walk(graph, node, (), done)]


def _walk(
    graph: Mapping[str, set[str]], node: str, trail: tuple[str, ...], done: set[str]
) -> Iterator[tuple[str, ...]]:
    if node in trail:
        yield (*trail[trail.index(node) :], node)
    elif node not in done:
        for following in sorted(graph.get(node, ())):
            yield from _walk(graph, following, (*trail, node), done)
        done.add(node)


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(("octobot", *(part for part in parts if part != "__init__")))


def test_the_house_keeps_its_law() -> None:
    """No file of octobot imports, calls or catches what its room may not."""
    assert breaches(HOUSE) == []


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("model/a.py", "import octobot.specs.lint", "model may not import specs"),
        ("specs/a.py", "from octobot.policy import x", "specs may not import policy"),
        ("store/a.py", "from octobot import lanes", "store may not import lanes"),
        ("commands/a.py", "from octobot.store.ledger import x", "commands may not import store"),
        ("web/a.py", "import octobot.github.transport.scopes", "github.webhooks only"),
        ("web/a.py", "import octobot.flows", "web may not import flows"),
        ("sandbox/a.py", "import octobot.specs", "sandbox may not import specs"),
        ("flows/a.py", "import octobot.sandbox", "flows may not import sandbox"),
        ("app/a.py", "from octobot import __version__", "app may not import __version__"),
        ("specs/a.py", "import socket", "specs is pure and may not import socket"),
        ("policy/a.py", "from pathlib import Path", "policy is pure and may not import pathlib"),
        ("policy/a.py", "import datetime as d\nd.datetime.now()", "a pure room calls now()"),
        ("messages/a.py", "open('x')", "a pure room calls open()"),
        ("github/a.py", "from . import auth", "github may not import relative-import"),
        ("flows/a.py", "try: ...\nexcept Exception: ...", "catch Exception"),
        ("github/a.py", "try: ...\nexcept: ...", "catch everything"),
        ("flows/a.py", "class A:\n  def __exit__(self, *_) -> bool: ...", "swallow in __exit__"),
        ("flows/a.py", "from urllib.parse import quote, urlsplit", "takes addresses apart"),
        ("specs/a.py", "import urllib.parse", "takes addresses apart"),
        ("flows/a.py", "from octobot.model.orders import Hold", "looks at raw orders"),
        ("flows/a.py", "from octobot.flows.orders import apply_orders", "by those who gather"),
        ("flows/a.py", "ctx.store.orders.order()", "reads orders"),
        ("flows/a.py", "def f():\n  import octobot.model.ids", "a lazy import in f"),
        ("flows/a.py", "from importlib import import_module", "imports by name"),
        ("cli/a.py", "import importlib as i\ndef f(): i.import_module('x')", "imports by name"),
        ("cli/a.py", "def f(): __import__('x')", "imports by name"),
        ("store/utils.py", "", "utils says nothing"),
        ("services/a.py", "", "services is not a room"),
    ],
)
def test_each_kind_of_breach_is_seen(tmp_path: Path, file: str, text: str, said: str) -> None:
    """For a made-up tree with one breach exactly that breach is reported."""
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(text)
    assert any(said in breach for breach in breaches(tmp_path))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {
                "store/a/x.py": "import octobot.store.b.y",
                "store/b/y.py": "import octobot.store.a.z",
            },
            "folder cycle: store/a → store/b → store/a",
        ),
        (
            {"store/x.py": "import octobot.store.b.y", "store/b/y.py": "import octobot.store.z"},
            "folder cycle: store → store/b → store",
        ),
        (
            {
                "store/a/x.py": "from octobot.store.b import y",
                "store/b/y.py": "import octobot.store.c.z",
                "store/c/z.py": "from octobot.store.a import w",
            },
            "folder cycle: store/a → store/b → store/c → store/a",
        ),
        (
            {f"store/x{number}.py": "" for number in range(CROWDED + 1)},
            "files, more than 25",
        ),
    ],
)
def test_each_breach_of_folders_is_seen(
    tmp_path: Path, files: Mapping[str, str], said: str
) -> None:
    """Folders of a room that import each other, in either direction, and a crowd of files."""
    for file in (*files, "store/a/z.py", "store/a/w.py", "store/z.py"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files.get(file, ""))
    assert any(said in breach for breach in breaches(tmp_path))


def test_a_table_of_plugins_may_be_long(tmp_path: Path) -> None:
    """One file for each datasource is no crowd."""
    (tmp_path / "datasources").mkdir()
    for number in range(CROWDED + 1):
        (tmp_path / f"datasources/x{number}.py").touch()
    assert breaches(tmp_path) == []


def test_a_cycle_is_seen(tmp_path: Path) -> None:
    """Two modules of one room that import each other are a breach."""
    (tmp_path / "store").mkdir()
    long = "\n" * SLIVER + "x = 1"
    (tmp_path / "store/a.py").write_text(f"import octobot.store.b{long}")
    (tmp_path / "store/b.py").write_text(f"import octobot.store.a{long}")
    assert breaches(tmp_path) == [
        "import cycle: octobot.store.a → octobot.store.b → octobot.store.a"
    ]


@pytest.mark.parametrize(
    ("small", "importers", "seen"),
    [
        ("store/a.py", ["store/b.py"], True),
        ("store/a.py", ["store/c/b.py"], True),
        ("store/a.py", ["store/b.py", "store/c.py"], False),
        ("store/a.py", ["app/b.py"], False),
        ("store/a.py", [], False),
        ("datasources/a.py", ["datasources/b.py"], False),
    ],
)
def test_a_sliver_is_seen(
    tmp_path: Path, small: str, importers: Sequence[str], *, seen: bool
) -> None:
    """A short file that one other of its room imports; not a plugin, not what two rooms share."""
    module = _dotted(Path(small))
    for file in (small, *importers):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x = 1" if file == small else f"import {module}")
    assert any("fold it in" in breach for breach in breaches(tmp_path)) == seen


@pytest.mark.parametrize(("lines", "seen"), [(SLIVER - 1, True), (SLIVER, False)])
def test_a_longer_file_is_no_sliver(tmp_path: Path, lines: int, *, seen: bool) -> None:
    """It may have one importer."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store/a.py").write_text("x = 1\n" * lines)
    (tmp_path / "store/b.py").write_text("import octobot.store.a")
    assert any("fold it in" in breach for breach in breaches(tmp_path)) == seen

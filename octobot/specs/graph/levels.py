"""The order of builds: levels of a graph that may have cycles.

Cycles are normal: a rolling repository always has the old package to begin with.  Specs that need
each other are one component, and a component is on one level (Tarjan's strongly connected
components; its own order, needed before needing, makes one pass enough).
"""

from collections.abc import Iterable, Iterator, Mapping

Edges = Mapping[str, Iterable[str]]
"""Spec → the specs that it needs."""


def components(edges: Edges) -> list[tuple[str, ...]]:
    """Return the strongly connected components, each after those that it needs.

    Without recursion: the longest chain of a real distro is longer than Python's stack allows.
    """
    search = _Search({name: [each for each in edges[name] if each in edges] for name in edges})
    for name in sorted(edges):
        if name not in search.index:
            search.visit(name)
    return search.found


def levels(edges: Edges) -> list[tuple[str, ...]]:
    """Return the names in levels: each needs only names of levels before it, cycles apart."""
    depth: dict[str, int] = {}
    for component in components(edges):
        # Those of the component itself have no depth yet.
        below = [depth[each] for name in component for each in edges[name] if each in depth]
        depth.update(dict.fromkeys(component, max(below, default=-1) + 1))
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(depth):
        found[depth[name]].append(name)
    return [tuple(level) for level in found]


class _Search:
    """Tarjan's depth-first search, with a stack of its own."""

    def __init__(self, edges: Mapping[str, list[str]]) -> None:
        self.found: list[tuple[str, ...]] = []
        self.index: dict[str, int] = {}
        self._edges = {name: sorted(needed) for name, needed in edges.items()}
        self._lowest: dict[str, int] = {}
        self._path: list[str] = []
        self._on_path: set[str] = set()

    def visit(self, root: str) -> None:
        work = [self._enter(root)]
        while work:
            name, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                self._leave(name, work[-1][0] if work else None)
            elif following not in self.index:
                work.append(self._enter(following))
            elif following in self._on_path:
                self._lowest[name] = min(self._lowest[name], self.index[following])

    def _enter(self, name: str) -> tuple[str, Iterator[str]]:
        self.index[name] = self._lowest[name] = len(self.index)
        self._path.append(name)
        self._on_path.add(name)
        return name, iter(self._edges[name])

    def _leave(self, name: str, parent: str | None) -> None:
        if parent is not None:
            self._lowest[parent] = min(self._lowest[parent], self._lowest[name])
        if self._lowest[name] == self.index[name]:
            position = self._path.index(name)
            component = self._path[position:]
            del self._path[position:]
            self._on_path.difference_update(component)
            self.found.append(tuple(component))

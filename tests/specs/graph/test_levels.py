from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from octobot.specs.graph.levels import components, levels

NAMES = [f"n{number}" for number in range(9)]
EDGES = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from([*NAMES, "outside"])))


def reached(edges: Mapping[str, set[str]], name: str) -> set[str]:
    """Return all that a name needs, directly or not."""
    found, work = set[str](), [name]
    while work:
        for each in edges.get(work.pop(), ()):
            if each in edges and each not in found:
                found.add(each)
                work.append(each)
    return found


@given(EDGES)
def test_levels_keep_the_order_and_components_the_circles(edges: Mapping[str, set[str]]) -> None:
    """What a name needs is on a lower level, or needs it in turn: then both are on one."""
    ordered = levels(edges)
    level = {name: number for number, names in enumerate(ordered) for name in names}
    assert sorted(level) == sorted(edges)
    assert all(ordered)
    together = {name: part for part in map(frozenset, components(edges)) for name in part}
    for name in edges:
        below = reached(edges, name)
        for other in below:
            circle = name in reached(edges, other)
            assert (together[name] == together[other]) == circle or name == other
            assert level[name] == level[other] if circle else level[name] > level[other]
        # No level is empty of reasons: what is above the first needs one right below it.
        others = together[name]
        needed = {each for one in others for each in edges[one] if each in edges} - others
        assert level[name] == max((level[each] + 1 for each in needed), default=0)


def test_a_chain_longer_than_the_stack_is_ordered() -> None:
    """Recursion would end at a thousand."""
    edges = {str(number): [str(number + 1)] for number in range(20_000)} | {"20000": []}
    assert len(levels(edges)) == 20_001
    assert len(components(edges | {"20000": ["0"]})) == 1

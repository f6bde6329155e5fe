"""Find earlier failures that are similar to this one, with the outcome of their suggestions.

Similarity is the share of common templates (weighted Jaccard): a template that many failures have,
such as `make: *** Error #`, counts less than a rare one.  The result of the checks counts more than
votes; suggestions that people or checks found wrong come last.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence

from octobot.model.suggestion import Past

ALIKE = 0.5
"""The least similarity of a failure whose suggestion is tried again."""


def similar(fingerprint: str, templates: Collection[str], past: Sequence[Past]) -> tuple[Past, ...]:
    """Return the suggestions of similar failures, the best first, bad ones (below zero) last."""
    weights = _weights(past)
    likeness = {
        index: 1.0
        if fingerprint and one.fingerprint == fingerprint
        else alike(templates, one.templates, weights)
        for index, one in enumerate(past)
    }
    near = [index for index, share in likeness.items() if share >= ALIKE]
    near.sort(key=lambda index: (-past[index].score, -likeness[index], -past[index].number))
    return tuple(past[index] for index in near)


def alike(
    left: Collection[str], right: Collection[str], weights: Counter[str] | None = None
) -> float:
    """Return the weighted share of common templates, from 0 to 1."""
    one, other = set(left), set(right)
    whole = _sum(one | other, weights)
    return _sum(one & other, weights) / whole if whole else 0.0


def _weights(past: Sequence[Past]) -> Counter[str]:
    return Counter(template for one in past for template in set(one.templates))


def _sum(templates: Collection[str], seen: Counter[str] | None) -> float:
    return sum(1 / (1 + math.log1p(seen[each] if seen else 0)) for each in templates)

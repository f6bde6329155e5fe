"""Which upstream tags a spec would check out at another version.

They are evaluated as a bump evaluates them, so that what a bump could never find is known before.
"""

from octobot.model.ids import Version
from octobot.model.reasons import Reason
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.sources import Target, steps, target_of, tied_to_version
from octobot.specs.read.substitution import scope


class CheckoutTags:
    """The checkouts of one spec that change with its version."""

    def __init__(self, path: str, text: str) -> None:
        """Read the spec; one that cannot be read has no checkout."""
        tree = read_tree(path, text)
        self._spec = Map(0, 1) if isinstance(tree, Reason) else tree
        self._steps = [step for step in steps(self._spec) if step.uses == "git-checkout"]

    def at(self, version: Version) -> tuple[Target, ...]:
        """Return the repository and tag of each checkout at a version, where they are known."""
        known = scope(self._spec, version, "0")
        targets = [
            target_of(step.inputs, here)
            for step in self._steps
            for here, _ in step.scopes(known)
            if tied_to_version(step.inputs, here)
        ]
        return tuple(
            target
            for target in targets
            if isinstance(target, Target) and target.ref.startswith("refs/tags/")
        )

"""The one table of all that is known; the more telling entry of two that fit a line wins.

Of equally telling ones the earlier wins, so the order of the families matters a little.
"""

from octobot.triage.knowledge import (
    compilers,
    machine,
    missing,
    modules,
    packaging,
    patches,
    pins,
    sources,
    testing,
    toolchains,
)
from octobot.triage.knowledge.rule import Rule

TABLE: tuple[Rule, ...] = (
    *machine.RULES,
    *packaging.RULES,
    *sources.RULES,
    *patches.RULES,
    *pins.RULES,
    *toolchains.RULES,
    *missing.RULES,
    *modules.RULES,
    *testing.RULES,
    *compilers.RULES,
)

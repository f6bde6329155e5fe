"""The table of all entries; of two that match a line the one with the higher weight wins.

Of equal weights the earlier entry wins, so the order of the families matters a little.
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

"""What the repository's file may say about slash commands: who may, and what may be waived."""

from collections.abc import Iterable, Mapping
from typing import cast

import yaml

from octobot.model.config import Config
from octobot.model.orders import COMMANDS, FORMER_COMMANDS, LEVELS, WAIVABLE, Level, may
from octobot.model.reasons import Reason
from octobot.policy.config.mappings import Key, Values, record, sequence
from octobot.policy.config.scalars import Faults, bad, count, one_of

NOBODY = "nobody"
_FORMER = {name: former for former, name in FORMER_COMMANDS.items()}
_LEVEL = one_of(*LEVELS[1:], NOBODY)


def _pairs(**values: object) -> tuple[tuple[str, Level | None], ...]:
    return tuple(
        (name.replace("_", "-"), None if level == NOBODY else cast("Level", level))
        for name, level in values.items()
    )


def _some(node: yaml.Node, values: Values) -> Faults | None:
    return None if values else bad(node, "nothing is said here; add a key, or remove this")


def _keys(defaults: Mapping[str, Level | None], meaning: str) -> Iterable[Key]:
    return (
        Key(name, _LEVEL, level or NOBODY, meaning.format(name), former=_FORMER.get(name, ""))
        for name, level in defaults.items()
    )


COMMAND_LEVELS = record(
    tuple(_keys(COMMANDS, "Whom `/octobot {}` needs at least.")), _pairs, check=_some
)
"""Reads the minimum of each command."""

WAIVER_LEVELS = record(
    tuple(_keys(WAIVABLE, "For whom `/octobot merge` waives the rule `{}`.")),
    _pairs,
    check=_some,
)
"""Reads for whom `merge` waives each rule that may be waived."""

BOTS = sequence(count)
"""Reads the numbers of bots that may give commands."""


def level_for(config: Config, command: str) -> Level | None:
    """Give whom a command needs at least; None: nobody may."""
    return dict(config.commands).get(command, COMMANDS[command])


def waived_rules(config: Config | Reason, level: Level) -> tuple[str, ...]:
    """Name the rules that are waived for a person of this level; none while nothing is readable."""
    if isinstance(config, Reason):
        return ()
    return tuple(rule for rule in WAIVABLE if may(level, waivable(config, rule)))


def waivable(config: Config, rule: str) -> Level | None:
    """Give for whom a rule is waived at least; None: for nobody, as for every unknown rule."""
    if rule not in WAIVABLE:
        return None
    return dict(config.waive).get(rule, WAIVABLE[rule])

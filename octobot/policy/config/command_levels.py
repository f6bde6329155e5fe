"""Slash commands in the repository's file: the permission they need, and what may be waived."""

from collections.abc import Iterable, Mapping
from typing import cast

from octobot.model.config import Config
from octobot.model.orders import COMMANDS, FORMER_COMMANDS, LEVELS, WAIVABLE, Level, may
from octobot.model.reasons import Reason
from octobot.policy.config.mappings import Key, record, sequence
from octobot.policy.config.scalars import count, one_of

NOBODY = "nobody"
_FORMER = {name: former for former, name in FORMER_COMMANDS.items()}
_LEVEL = one_of(*LEVELS[1:], NOBODY)


def _pairs(**values: object) -> tuple[tuple[str, Level | None], ...]:
    return tuple(
        (name.replace("_", "-"), None if level == NOBODY else cast("Level", level))
        for name, level in values.items()
    )


def _keys(defaults: Mapping[str, Level | None], meaning: str) -> Iterable[Key]:
    return (
        Key(name, _LEVEL, level or NOBODY, meaning.format(name), former=_FORMER.get(name, ""))
        for name, level in defaults.items()
    )


COMMAND_LEVELS = record(
    tuple(_keys(COMMANDS, "The lowest permission that may use `/octobot {}`.")), _pairs, least=1
)
"""Reads the lowest permission of each command."""

WAIVER_LEVELS = record(
    tuple(_keys(WAIVABLE, "The lowest permission whose `/octobot merge` waives the rule `{}`.")),
    _pairs,
    least=1,
)
"""Reads the lowest permission that waives each rule by `merge`."""

BOTS = sequence(count)
"""Reads the numbers of bots that may give commands."""


def level_for(config: Config, command: str) -> Level | None:
    """Return the lowest permission for a command; None: nobody may use it."""
    return dict(config.commands).get(command, COMMANDS[command])


def waived_rules(config: Config | Reason, level: Level) -> tuple[str, ...]:
    """Return the rules that this permission waives; none while the file is unreadable."""
    if isinstance(config, Reason):
        return ()
    return tuple(rule for rule in WAIVABLE if may(level, waivable(config, rule)))


def waivable(config: Config, rule: str) -> Level | None:
    """Return the lowest permission that waives a rule; None: nobody, as for unknown rules."""
    if rule not in WAIVABLE:
        return None
    return dict(config.waive).get(rule, WAIVABLE[rule])

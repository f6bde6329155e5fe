"""Which settings hold: the organisation's and the repository's files together, or the last good.

A file that cannot be read does not take effect: what it said when it could be read last goes on.
There are two exceptions, both on the careful side.  A file that could never be read leaves no
settings to rely on, so nothing is proposed or merged.  And a broken file that speaks of pausing
pauses: who reaches for the brake must not be told first to mind the spelling.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from octobot.model.config import Config, ConfigFile, Fault
from octobot.model.reasons import Reason
from octobot.policy.config.keys import KEYS
from octobot.policy.config.read import config_of, read_values, reason_of
from octobot.policy.config.scalars import Faults

_BRAKE = re.compile(
    r"""^[ \t{-]*["']?paused?["']?[ \t]*:(?![ \t]*["']?false["']?[ \t]*(?:\#|,|\}|$))""",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that gives `pause` or `paused` any value but false."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that cannot be read, and what holds in its place."""

    file: ConfigFile
    faults: Faults
    last: ConfigFile | None
    """What it was when it could be read last; None: it never could."""
    brakes: bool
    """It speaks of pausing, so octobot pauses."""

    @property
    def reason(self) -> Reason:
        """The first fault, and how many more there are."""
        return reason_of(self.faults, self.file.path)


@dataclass(frozen=True, slots=True)
class Joined:
    """The settings that hold, and what they rest on."""

    config: Config | Reason
    good: tuple[ConfigFile, ...]
    """What can be read now, or could be last, by path: to be remembered."""
    broken: tuple[Broken, ...]


def joined(files: Sequence[ConfigFile], kept: Sequence[ConfigFile]) -> Joined:
    """Join files, the more general first; `kept` is what could be read of them last."""
    last = {file.path: file for file in kept}
    good: list[ConfigFile] = []
    broken: list[Broken] = []
    for file in files:
        values = read_file(file)
        if not isinstance(values, Faults):
            good.append(file)
            continue
        before = last.get(file.path)
        broken.append(Broken(file, values, before, brakes(file.text or "")))
        good += [before] if before else []
    config = _config(good, broken)
    return Joined(config, tuple(sorted(good, key=lambda file: file.path)), tuple(broken))


def read_file(file: ConfigFile) -> Mapping[str, object] | Faults:
    """Read what a file says, by field."""
    if file.text is None:
        says = "this is no text file of less than 1 MB in UTF-8; put one there, or remove it"
        return Faults((Fault(1, 1, says),))
    return read_values(file.text)


def join(layers: Sequence[Mapping[str, object]]) -> Config:
    """Put what several files say together, the more general first."""
    values: dict[str, object] = {}
    for layer in layers:
        for key in KEYS:
            if key.field in layer:
                before, here = values.get(key.field), layer[key.field]
                values[key.field] = _together(key.joining, before, here)
    return config_of(values)


def brakes(text: str) -> bool:
    """Return whether a text that cannot be read speaks of pausing, in any spelling but `false`."""
    return _BRAKE.search(text) is not None


def _config(good: Sequence[ConfigFile], broken: Sequence[Broken]) -> Config | Reason:
    """Join what is good; a file that nobody could ever read leaves nothing to rely on."""
    for each in broken:
        if each.last is None:
            return each.reason
    layers: list[Mapping[str, object]] = []
    for file in good:
        values = read_file(file)
        if isinstance(values, Faults):  # an older octobot could read it, this one cannot
            return reason_of(values)
        layers.append(values)
    config = join(layers)
    paused = config.paused or any(each.brakes for each in broken)
    return replace(config, paused=paused, fault=broken[0].reason if broken else None)


def _together(joining: str, before: object, here: object) -> object:
    match joining, before, here:
        case "append", tuple(), tuple():
            return (*before, *here)
        case "either", bool(), bool():
            return before or here
        case _:
            return here

"""Which settings apply: the organisation's and the repository's files, or their last good text.

A file that cannot be read does not take effect: its last readable text continues to apply.  There
are two exceptions, both careful.  Without any readable text there are no settings to rely on, so
nothing is proposed or merged.  And a broken file with a `paused` line pauses octobot: in an
emergency the pause must work in spite of a typing error.
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
"""A line that sets `pause` or `paused` to anything but false."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that cannot be read, and what applies in its place."""

    file: ConfigFile
    faults: Faults
    last: ConfigFile | None
    """Its last readable text; None: it was never readable."""
    brakes: bool
    """It has a `paused` line, so octobot pauses."""

    @property
    def reason(self) -> Reason:
        """The first fault, and how many more there are."""
        return reason_of(self.faults, self.file.path)


@dataclass(frozen=True, slots=True)
class Joined:
    """The settings that apply, and the files that they come from."""

    config: Config | Reason
    good: tuple[ConfigFile, ...]
    """The readable files and the last readable texts of the others, by path; to be stored."""
    broken: tuple[Broken, ...]


def joined(files: Sequence[ConfigFile], kept: Sequence[ConfigFile]) -> Joined:
    """Join files, the more general first; `kept` are their last readable texts."""
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
    """Join the values of several files, the more general first."""
    values: dict[str, object] = {}
    for layer in layers:
        for key in KEYS:
            if key.field in layer:
                before, here = values.get(key.field), layer[key.field]
                values[key.field] = _together(key.joining, before, here)
    return config_of(values)


def brakes(text: str) -> bool:
    """Return whether an unreadable text has a `paused` line with any value but `false`."""
    return _BRAKE.search(text) is not None


def _config(good: Sequence[ConfigFile], broken: Sequence[Broken]) -> Config | Reason:
    """Join the readable files; a file that was never readable leaves nothing to rely on."""
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

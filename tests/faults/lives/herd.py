"""Real octobots in processes of their own, and the PostgreSQL under them, all made to be killed.

Each process runs what `octobot serve` runs; they are forked from a server that has imported it,
since a machine that starts an interpreter every two seconds would do nothing else.
"""

import asyncio
import atexit
import logging
import multiprocessing
import os
import signal
import socket
import sys
import urllib.request
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, sleep

import structlog

from octobot.app.serve import serve
from octobot.settings import Settings
from octobot.store.engine import embedded
from octobot.store.engine.migrate import migrate

PATIENCE = 120.0
"""Seconds until a killed process is gone, or another answers, on a busy machine."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", "octobot.app.serve"])


def _be_one(settings: Settings, log: Path) -> None:
    """Serve until killed; what is said goes to a file, line by line."""
    with log.open("a", buffering=1) as file:
        sys.stdout = sys.stderr = file
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.PrintLoggerFactory(file),
        )
        asyncio.run(serve(settings))


def reserved() -> socket.socket:
    """Take a port that nobody else is given while it is held, though an octobot may listen on it.

    Between two lives of an octobot its port would otherwise be anybody's.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


@dataclass(slots=True)
class Postgres:
    """A server with one migrated database."""

    home: Path
    url: str = ""
    crashes: int = 0
    _server: embedded.Embedded | None = None

    def start(self) -> None:
        """Start it, or start it again after a crash."""
        self._server = embedded.start(self.home)
        self.url = self._server.url
        migrate(self.url)

    def crash(self) -> None:
        """Kill the postmaster with SIGKILL; its other processes see it and end by themselves."""
        self.crashes += 1
        self._kill()

    def _kill(self) -> None:
        pid = int((self.home / "postgres/postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        ending = monotonic() + PATIENCE
        while Path(f"/proc/{pid}").exists():  # until it is reaped, too
            assert monotonic() < ending, "a killed postmaster is still there"
            sleep(0.02)

    def stop(self) -> None:
        """Stop it for good; nobody wants what is in it, so it need not tidy up."""
        if self._server:
            self._kill()
            atexit.unregister(self._server._cleanup)  # noqa: SLF001  (it would wait for the dead)


@dataclass(slots=True)
class Herd:
    """Several octobots that share a database."""

    settings: Settings
    size: int
    logs: Path
    kills: int = 0
    _held: list[socket.socket] = field(default_factory=list)
    _ports: list[int] = field(default_factory=list)
    _processes: list[BaseProcess] = field(default_factory=list)

    def start(self) -> None:
        """Start them all, each with a door of its own."""
        self._held = [reserved() for _ in range(self.size)]
        self._ports = [one.getsockname()[1] for one in self._held]
        self._processes = [self._make(number) for number in range(self.size)]

    def _make(self, number: int) -> BaseProcess:
        own = replace(self.settings, listen=("127.0.0.1", self._ports[number]))
        made = FORKS.Process(target=_be_one, args=(own, self.logs / f"octobot-{number}.log"))
        made.start()
        return made

    def door(self, number: int) -> str:
        """Return where one of them takes deliveries."""
        return f"http://127.0.0.1:{self._ports[number % self.size]}/deliveries"

    def replace(self, number: int) -> None:
        """Kill one with SIGKILL and start another in its place."""
        self._processes[number].kill()
        self._processes[number].join()
        self._processes[number].close()
        self._processes[number] = self._make(number)
        self.kills += 1

    def serves(self, number: int) -> bool:
        """Return whether one of them works: it is open, knows its installations and takes steps."""
        url = f"http://127.0.0.1:{self._ports[number % self.size]}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                ready: bool = answer.status == HTTPStatus.OK
        except OSError:
            return False
        return ready

    def passes(self) -> list[int]:
        """Count the passes that each has made so far, by its log."""
        return [log.read_bytes().count(b"pass finished") for log in self._logs()]

    def _logs(self) -> list[Path]:
        return [self.logs / f"octobot-{number}.log" for number in range(self.size)]

    def alive(self) -> int:
        """Count those that run; one that ended by itself does not."""
        return sum(process.is_alive() for process in self._processes)

    def stop(self) -> None:
        """Kill them all."""
        for process in self._processes:
            process.kill()
            process.join()
        for held in self._held:
            held.close()

"""The outbox: every change becomes a signed delivery, sent over HTTP and stored for redelivery.

GitHub promises neither order nor retries: a delivery that is not answered in ten seconds is lost
until somebody asks for its redelivery.
"""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from time import monotonic

import aiohttp

from octobot.sandbox.state.nouns_app import DeliveryState
from octobot.sandbox.state.state import State

PATIENCE = aiohttp.ClientTimeout(total=10)


def _nobody(_event: str, _payload: Mapping[str, object]) -> None:
    return None


@dataclass(slots=True)
class DeliveryFaults:
    """What happens to deliveries on their way; by default they all arrive."""

    dropped: float = 0.0
    """The share that never arrives."""
    doubled: float = 0.0
    """The share that arrives twice, under the same GUID."""
    held: bool = False
    """Held until `release_held`, and then sent in random order."""
    dice: Random = field(default_factory=lambda: Random(1))  # noqa: S311  (nothing secret)


class Outbox:
    """Deliveries, and all other work that continues after an answer."""

    def __init__(self, state: State, secret: str) -> None:
        self._state, self.secret = state, secret
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.url: str | None = None
        """Where deliveries go; None: nowhere yet."""
        self.silent = False
        """True: changes cause no deliveries."""
        self.faults = DeliveryFaults()
        self._held: list[DeliveryState] = []
        self.judge: Callable[[str, Mapping[str, object]], None] = _nobody
        """Checks every payload before it is sent."""

    @property
    def listening(self) -> bool:
        """Whether deliveries are sent; when not, no payload needs to be made."""
        return self.url is not None and not self.silent

    def send(
        self,
        event: str,
        payload: Mapping[str, object],
        *,
        installation: int | None,
        repository: int | None,
    ) -> None:
        """Send one delivery, soon."""
        if not self.listening:
            return
        self.judge(event, payload)
        action = payload.get("action")
        delivery = DeliveryState(
            id=self._state.next_id(),
            guid=str(uuid.uuid4()),
            event=event,
            action=action if isinstance(action, str) else None,
            body=json.dumps(payload, separators=(",", ":")).encode(),
            installation=installation,
            repository=repository,
            delivered_at=self._state.now(),
        )
        copies = self._copies()
        if not copies:
            delivery = replace(delivery, status_code=502, answer="failed to connect to host")
        self._state.deliveries.put(delivery)
        for _ in range(copies):
            if self.faults.held:
                self._held.append(delivery)
            else:
                self.spawn(self._post(delivery))

    def _copies(self) -> int:
        if self.faults.dice.random() < self.faults.dropped:
            return 0
        return 2 if self.faults.dice.random() < self.faults.doubled else 1

    def release_held(self) -> None:
        """Send the held deliveries in random order, and hold no more."""
        self.faults.held, waiting = False, self._held
        self._held = []
        self.faults.dice.shuffle(waiting)
        for delivery in waiting:
            self.spawn(self._post(delivery))

    def redeliver(self, delivery: DeliveryState) -> None:
        """Send a delivery again, under the same GUID."""
        attempt = replace(
            delivery,
            id=self._state.next_id(),
            delivered_at=self._state.now(),
            redelivery=True,
            status_code=0,
            answer="",
        )
        self.spawn(self._post(self._state.deliveries.put(attempt)))

    def headers(self, delivery: DeliveryState) -> dict[str, str]:
        """Return the headers of a delivery."""
        digest = hmac.new(self.secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/sandbox",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": f"sha256={digest}",
        }

    async def _post(self, delivery: DeliveryState) -> None:
        if self.url is None:
            return
        self._session = self._session or aiohttp.ClientSession(timeout=PATIENCE)
        started = monotonic()
        try:
            async with self._session.post(
                self.url, data=delivery.body, headers=self.headers(delivery)
            ) as response:
                status, answer = response.status, (await response.text())[:1000]
        except (aiohttp.ClientError, TimeoutError) as failed:
            status, answer = 502, str(failed) or "timed out"
        took = round(monotonic() - started, 3)
        self._state.deliveries.put(
            replace(delivery, status_code=status, answer=answer, duration=took)
        )

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run something after the answer; `settle` waits for it."""
        if self._closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failed := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": "the sandbox failed after its answer", "exception": failed}
            )

    async def settle(self) -> None:
        """Wait until all deliveries are answered and all callbacks for new heads are done."""
        mine = asyncio.current_task()
        while waiting := [task for task in self._tasks if task is not mine]:
            await asyncio.wait(waiting)

    async def close(self) -> None:
        """Stop delivering."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

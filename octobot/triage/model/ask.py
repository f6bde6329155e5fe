"""Ask a model why a check failed, if one is configured, and find what helped in earlier failures.

This is all that a model can do in octobot: redacted text goes to one address, a bounded value comes
back.  It has no token, no tool and no choice of address.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Self

import structlog

from octobot.model.errors import Misconfigured
from octobot.model.lookup import HttpResponse, Unreachable
from octobot.model.suggestion import Past, Question, Unasked
from octobot.model.triage import Cause, Diagnosis
from octobot.triage.learning import similar
from octobot.triage.log.redaction import redact
from octobot.triage.model.answer import read_answer
from octobot.triage.model.client import ModelClient
from octobot.triage.model.prompt import prompt
from octobot.triage.providers.provider import Account, Prompt, Provider, Reply
from octobot.triage.providers.table import TABLE

log = structlog.get_logger()

Live = Callable[[], Collection[str]]


@dataclass(frozen=True, slots=True)
class Model:
    """The model that the operator configured."""

    provider: str
    name: str
    key: str = ""
    url: str = ""
    """Empty: the provider's own."""
    patience: float = 60.0
    """Seconds for one answer."""
    loopback: bool = False
    """True: the address may be of this machine, and then plain http."""


class Adviser:
    """Finds similar failures and, with a model, asks it."""

    def __init__(
        self, live: Live = tuple, asked: "tuple[Provider, Account, ModelClient] | None" = None
    ) -> None:
        self._live, self._asked = live, asked

    @classmethod
    @asynccontextmanager
    async def open(cls, model: Model | None, live: Live = tuple) -> AsyncIterator[Self]:
        """Open the connection to the model; None: rules and memory only."""
        async with AsyncExitStack() as stack:
            if model is None:
                yield cls(live)
                return
            provider = TABLE.get(model.provider)
            if provider is None:
                raise Misconfigured(f"OCTOBOT_MODEL_PROVIDER must be one of {', '.join(TABLE)}")
            account = Account((model.url or provider.url).rstrip("/"), model.name, model.key)
            opening = ModelClient.open(
                account.url, patience=model.patience, loopback=model.loopback
            )
            client = await stack.enter_async_context(opening)
            yield cls(live, (provider, account, client))

    @property
    def asks(self) -> bool:
        """Return whether there is a model to ask."""
        return self._asked is not None

    def similar(self, diagnosis: Diagnosis, past: Sequence[Past]) -> tuple[Past, ...]:
        """Return the suggestions of similar failures, the best first."""
        return similar(diagnosis.fingerprint, diagnosis.templates, past)

    async def suggest(self, question: Question) -> Cause | Unasked:
        """Ask the model once; a failure is a value too."""
        if self._asked is None:
            return Unasked("no model is set")
        provider, account, client = self._asked
        live = {*self._live(), account.key} - {""}
        words = prompt(question, mark=f"=={secrets.token_hex(12)}==", live=live)
        reply = await _converse(provider, account, client, words)
        if isinstance(reply, Unasked):
            log.warning("no suggestion", provider=provider.name, because=reply.because)
            return reply
        shown = {line.number: line.text for line in question.diagnosis.lines}
        cause = read_answer(redact(reply.text, live), shown)
        if isinstance(cause, Unasked):
            log.warning("no suggestion", provider=provider.name, because=cause.because)
            return cause
        log.info("suggestion", provider=provider.name, cause=cause.kind.value, tokens=reply.tokens)
        # A model may write a secret in pieces; each text is checked on its own too.
        return replace(
            cause, title=redact(cause.title, live), explanation=redact(cause.explanation, live)
        )


async def _converse(
    provider: Provider, account: Account, client: ModelClient, words: Prompt
) -> Reply | Unasked:
    """Send a provider's requests, and return its result."""
    converse = provider.converse(account, words)
    try:
        request = next(converse)
        while True:
            answer: HttpResponse | Unreachable = await client.send(request)
            request = converse.send(answer)
    except StopIteration as end:
        reply: Reply | Unasked = end.value
        return reply

"""The one socket: routes requests to REST, GraphQL, git and logs, and records every exchange.

Every answer to the outside goes through here; `intercept` is where one can be delayed, changed or
lost.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from graphql import GraphQLError

from octobot.model.ids import Sha
from octobot.sandbox.changes.refs import refs_were_pushed
from octobot.sandbox.ci.log import log_file
from octobot.sandbox.git.git import with_hooks
from octobot.sandbox.git.http_backend import Visit, install_hooks, is_push, serve
from octobot.sandbox.graphql import door as graphql_door
from octobot.sandbox.graphql.older import unknown
from octobot.sandbox.http.auth import Need, admit, identify
from octobot.sandbox.http.call import Actor, Answer, Call, Refusal
from octobot.sandbox.http.fields import BadField, Fields
from octobot.sandbox.http.limits import Meter, Resource
from octobot.sandbox.oracle.judge import Judge
from octobot.sandbox.oracle.log import Exchange, Log, commits_in
from octobot.sandbox.rest import api
from octobot.sandbox.rest.api import Intercept
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState

API = "/api/v3"
GRAPHQL = "/api/graphql"


class Door:
    """Answers every request."""

    def __init__(
        self,
        hub: Hub,
        key: RSAPublicKey,
        clock: Callable[[], datetime],
        log: Log,
        judge: Judge,
    ) -> None:
        self._hub, self._key, self._log, self._judge = hub, key, log, judge
        self.meter = Meter(clock)
        self.intercept: Intercept | None = None
        """Called for each API call instead of answering it directly."""
        self._hooks = install_hooks(hub.home / "hooks")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, whatever it is for."""
        path = request.rel_url.raw_path
        for prefix, handler in self._hub.mounted.items():
            if path == prefix or path.startswith(prefix.rstrip("/") + "/"):
                return await handler(request)
        if path == GRAPHQL or path.startswith((API + "/", API)):
            return await self._api(request)
        if path.startswith(("/logs/", "/codeload/")):
            return await self._file(request)
        return await self._git(request)

    # ---- REST and GraphQL

    async def _api(self, request: web.Request) -> web.Response:
        body = await request.read()
        path = request.rel_url.raw_path
        resource: Resource = "graphql" if path == GRAPHQL else "core"
        call = Call(
            method=request.method,
            path=path if path == GRAPHQL else path.removeprefix(API) or "/",
            query=dict(request.query),
            body=body,
            accept=request.headers.get("Accept", ""),
            actor=Actor("anonymous"),
            conditional="If-None-Match" in request.headers,
        )
        try:
            actor = identify(
                self._hub.state,
                request.headers.get("Authorization", ""),
                self._hub.app,
                self._key,
            )
            call = replace(call, actor=actor)
            if path != f"{API}/rate_limit":
                self.meter.use(actor, resource)
            answer = await self._answered(call)
        except Refusal as refused:
            answer = refused.answer()
        if not answer.broken:
            self._judge.exchange(call, answer)
        return self._send(request, call, answer, resource)

    async def _answered(self, call: Call) -> Answer:
        if self.intercept is not None:
            return await self.intercept(call, self._dispatch)
        return await self._dispatch(call)

    async def _dispatch(self, call: Call) -> Answer:
        if call.path == GRAPHQL:
            return await self._graphql(call)
        if call.path == "/rate_limit":
            return Answer(self.meter.overview(call.actor))
        return await api.answer(self._hub, call)

    async def _graphql(self, call: Call) -> Answer:
        if call.actor.kind in ("anonymous", "app"):
            raise Refusal(401, "This endpoint requires you to be authenticated.")
        try:
            fields = Fields.parse(call.body)
            text, variables = fields.text("query"), fields.inner("variables").values
        except BadField as wrong:
            raise Refusal(400, str(wrong)) from wrong
        document = graphql_door.read(text)
        if isinstance(document, GraphQLError):
            self._judge.complain(f"graphql: {document.message}")
            return Answer({"errors": [graphql_door.error_json(document)]})
        if lacking := unknown(document, variables, self._hub.state.live.without_fields):
            return Answer({"errors": lacking}, broken=True)
        points = graphql_door.price(document, variables).points
        self.meter.use(call.actor, "graphql", points - 1)
        limits = self.meter.show(call.actor, "graphql")
        done = await graphql_door.run(self._hub, call.actor, document, variables, limits)
        for fault in done.faults:
            self._judge.complain(f"graphql: {fault}")
        return Answer(done.body, headers={"X-Mutations": " ".join(done.mutations)})

    def _send(
        self, request: web.Request, call: Call, answer: Answer, resource: Resource
    ) -> web.Response:
        content = answer.body if isinstance(answer.body, bytes) else _json(answer.body)
        status, etag = answer.status, _etag(content, request.headers.get("Authorization", ""))
        known = call.method in ("GET", "HEAD") and status == 200  # noqa: PLR2004  (OK)
        headers = dict(answer.headers)
        mutations = tuple(headers.pop("X-Mutations", "").split())
        if known:
            headers |= {"ETag": etag, "Cache-Control": "private, max-age=60, s-maxage=60"}
            if etag in request.headers.get("If-None-Match", ""):
                status, content = 304, b""
                self.meter.refund(call.actor, resource)
        self._note(request, call, status, content, mutations)
        return web.Response(
            status=status,
            body=content or None,
            headers={**self._headers(call, resource), **headers}
            | ({"Content-Type": answer.content_type} if content else {}),
        )

    def _headers(self, call: Call, resource: Resource) -> dict[str, str]:
        number = len(self._log)
        return {
            **self.meter.headers(call.actor, resource),
            "Date": format_datetime(self._hub.state.now(), usegmt=True),
            "X-GitHub-Request-Id": f"5A4D:{number:04X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": "2022-11-28",
        }

    def _note(
        self,
        request: web.Request,
        call: Call,
        status: int,
        content: bytes,
        mutations: tuple[str, ...],
    ) -> None:
        query = f"?{request.query_string}" if request.query_string else ""
        self._log.add(
            Exchange(
                at=self._hub.state.now(),
                method=call.method,
                path=call.path + query,
                status=status,
                actor=call.actor.name,
                request_size=len(call.body),
                response_size=len(content),
                body=call.body,
                mutations=mutations,
                commits=commits_in(content) if call.method == "POST" else (),
            )
        )

    # ---- what needs no credential, and git

    async def _file(self, request: web.Request) -> web.Response:
        path = request.path
        if not hmac.compare_digest(request.query.get("token", ""), self._hub.token_for(path)):
            return web.Response(status=404, text="Not Found")
        kind, number, *rest = path.strip("/").split("/", 2)
        if kind == "logs":
            return log_file(self._hub, number)
        repo = self._hub.state.repositories[int(number)]
        git = self._hub.git(repo)
        sha = await git.resolve(rest[0])
        if sha is None:
            return web.Response(status=404, text="Not Found")
        prefix = f"{repo.full_name.replace('/', '-')}-{sha[:7]}"
        return web.Response(body=await git.archive(sha, prefix), content_type="application/x-gzip")

    async def _git(self, request: web.Request) -> web.StreamResponse:
        found = self._git_target(request.path)
        if found is None:
            return web.Response(status=404, text="Not Found")
        repo, path = found
        pushing = is_push(request, path)
        try:
            header = request.headers.get("Authorization", "")
            actor = identify(self._hub.state, header, self._hub.app, self._key)
            needs: tuple[Need, ...] = (("contents", "write" if pushing else "read"),)
            admit(self._hub.state, actor, repo, needs)
        except Refusal as refused:
            return self._refuse_git(request, refused)
        if pushing and request.method == "POST":
            response = await self._push(request, repo, path, actor)
        else:
            response = await serve(request, self._visit(repo, path, actor if pushing else None))
        self._note_git(request, response.status, actor)
        return response

    def _git_target(self, path: str) -> tuple[RepositoryState, str] | None:
        parts = path.strip("/").split("/")
        name = "/".join(parts[:2]).removesuffix(".git")
        repo, rest = self._hub.state.repository(name), "/".join(parts[2:])
        if repo is None or rest not in ("info/refs", "git-upload-pack", "git-receive-pack"):
            return None
        return repo, f"/{rest}"

    def _visit(self, repo: RepositoryState, path: str, actor: Actor | None) -> Visit:
        guarded = {p.branch for p in self._hub.state.protections.of(repo.id)}
        extra = {
            **with_hooks(self._hooks),
            "SANDBOX_PROTECTED": " ".join(f"refs/heads/{name}" for name in sorted(guarded)),
        }
        return Visit(self._hub.git(repo).dir, path, actor.name if actor else None, extra)

    def _refuse_git(self, request: web.Request, refused: Refusal) -> web.Response:
        status = refused.status
        asked = status == 404 and not request.headers.get("Authorization")  # noqa: PLR2004
        headers = {}
        if status == 401 or asked:  # noqa: PLR2004  (git asks for a password then)
            status, headers = 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}
        self._note_git(request, status, Actor("anonymous"))
        return web.Response(status=status, text=refused.message, headers=headers)

    async def _push(
        self, request: web.Request, repo: RepositoryState, path: str, actor: Actor
    ) -> web.StreamResponse:
        lock, served = self._hub.lock(repo), asyncio.Event()
        await lock.acquire()
        before = await self._hub.git(repo).refs()
        # Begun before git hears that it succeeded: who waits for all to settle misses nothing.
        self._hub.outbox.spawn(self._follow_push(repo, before, served, actor))
        try:
            return await serve(request, self._visit(repo, path, actor))
        finally:
            served.set()

    async def _follow_push(
        self, repo: RepositoryState, before: dict[str, Sha], served: asyncio.Event, actor: Actor
    ) -> None:
        try:
            await served.wait()
            after = await self._hub.git(repo).refs()
            by = self._hub.state.who(actor.id)
            await refs_were_pushed(self._hub, repo, before, after, by)
        finally:
            self._hub.lock(repo).release()

    def _note_git(self, request: web.Request, status: int, actor: Actor) -> None:
        self._log.add(
            Exchange(
                at=self._hub.state.now(),
                method=request.method,
                path=request.path_qs,
                status=status,
                actor=actor.name,
                request_size=request.content_length or 0,
                response_size=0,
            )
        )


def _etag(content: bytes, credential: str) -> str:
    """Return the ETag of an answer, which GitHub binds to the token that asked."""
    seen = hashlib.sha256(content)
    seen.update(b"\0" + credential.encode())
    return f'W/"{seen.hexdigest()}"'


def _json(body: object) -> bytes:
    return b"" if body is None else json.dumps(body, separators=(",", ":")).encode()

"""Git over HTTP: GitHub's own `git http-backend`, run as the CGI program it is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from octobot.sandbox.git.git import ENVIRONMENT

_CHUNK = 65536
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a git client to one repository."""

    git_dir: Path
    path: str
    """The path after the repository's address, for example `/info/refs`."""
    user: str | None
    """The login of who may push; None: read only."""
    extra: Mapping[str, str]
    """More environment, for hooks."""


def is_push(request: web.Request, path: str) -> bool:
    """Return whether this request belongs to a push."""
    return path == "/git-receive-pack" or request.query.get("service") == "git-receive-pack"


async def serve(request: web.Request, visit: Visit) -> web.StreamResponse:
    """Answer one request of a git client; request and response are streamed."""
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(request, visit),
    )
    if process.stdin is None or process.stdout is None:
        raise OSError("git http-backend has no pipes")
    feeding = asyncio.ensure_future(_feed(request, process.stdin))
    try:
        return await _relay(request, process.stdout)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        if process.returncode is None and process.stdout.at_eof():
            await process.wait()
        elif process.returncode is None:
            process.kill()
            await process.wait()


def _environment(request: web.Request, visit: Visit) -> dict[str, str]:
    headers = request.headers
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(visit.git_dir.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{visit.git_dir.name}{visit.path}",
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "REMOTE_ADDR": request.remote or "",
        **visit.extra,
    }
    if visit.user is not None:
        environment["REMOTE_USER"] = visit.user
    # aiohttp has unpacked a packed body already; its length is known to nobody then.
    if request.content_length is not None and "Content-Encoding" not in headers:
        environment["CONTENT_LENGTH"] = str(request.content_length)
    return environment


async def _feed(request: web.Request, stdin: asyncio.StreamWriter) -> None:
    try:
        async for chunk in request.content.iter_chunked(_CHUNK):
            stdin.write(chunk)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # git has heard enough
    finally:
        stdin.close()


async def _relay(request: web.Request, stdout: asyncio.StreamReader) -> web.StreamResponse:
    head = await stdout.readuntil(_END)
    status, headers = 200, {}
    for line in head.decode().splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        elif name:
            headers[name] = value.strip()
    response = web.StreamResponse(status=status, headers=headers)
    await response.prepare(request)
    while chunk := await stdout.read(_CHUNK):
        await response.write(chunk)
    await response.write_eof()
    return response


def install_hooks(folder: Path) -> Path:
    """Write the hook that rejects pushes to protected branches; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    hook = folder / "pre-receive"
    hook.write_text(
        "#!/bin/sh\n"
        "while read -r old new ref; do\n"
        '  case " $SANDBOX_PROTECTED " in *" $ref "*)\n'
        '    echo "GH006: Protected branch update failed for $ref." >&2; exit 1;; esac\n'
        '  case "$ref" in refs/heads/*|refs/tags/*) ;; *)\n'
        '    echo "deny updating a hidden ref" >&2; exit 1;; esac\n'
        "done\n"
    )
    hook.chmod(0o755)
    return folder.absolute()

"""Who signs for the App: this process with its private key, or a key service."""

import aiohttp

from octobot.github.app.remote_signer import KeyService
from octobot.github.transport.scopes import PemSigner, Signer
from octobot.settings import AppSettings


def signer_of(app: AppSettings, session: aiohttp.ClientSession) -> Signer:
    """Return the signer that the settings name; the one place where the key is revealed."""
    if app.signer_url:
        return KeyService(session, app.signer_url, app.signer_token.reveal())
    return PemSigner(app.private_key.reveal())

"""The App on accounts and repositories, and where its deliveries go."""

from collections.abc import Mapping
from dataclasses import replace

from octobot.sandbox.changes.announce import installed, ping
from octobot.sandbox.changes.repositories import Repositories
from octobot.sandbox.state.nouns import Level
from octobot.sandbox.state.nouns_app import InstallationState


class Installing(Repositories):
    """What an owner does with the App."""

    async def install_app(
        self, name: str, *, permissions: Mapping[str, Level] | None = None
    ) -> int:
        """Install the App on a repository: one installation per owner; return its id."""
        repo, app, now = self.repository(name), self.hub.app, self._state.now()
        by = self._state.who(repo.owner)
        held = tuple(permissions.items()) if permissions else app.permissions
        for one in self._state.installations.of(app.id):
            if one.account != repo.owner:
                continue
            if repo.id not in one.repositories or (permissions and one.permissions != held):
                grown = tuple(dict.fromkeys((*one.repositories, repo.id)))
                held = held if permissions else one.permissions
                one = self._state.installations.put(  # noqa: PLW2901  (the updated one)
                    replace(one, repositories=grown, permissions=held, updated_at=now)
                )
                installed(self.hub, one, "added", [repo], by)
            return one.id
        made = InstallationState(
            self._state.next_id(), app.id, repo.owner, (repo.id,), held, now, now
        )
        self._state.installations.put(made)
        installed(self.hub, made, "created", [repo], by)
        return made.id

    def suspend(self, installation: int, *, suspended: bool = True) -> None:
        """Suspend or unsuspend an installation."""
        one, now = self._state.installations[installation], self._state.now()
        changed = replace(one, suspended_at=now if suspended else None, updated_at=now)
        self._state.installations.put(changed)
        owner = self._state.who(one.account)
        installed(self.hub, changed, "suspend" if suspended else "unsuspend", [], owner)

    def uninstall(self, name: str) -> None:
        """Remove the App from a repository; removing the last one deletes the installation."""
        repo = self.repository(name)
        one = self._state.installation_of(self.hub.app.id, repo)
        if one is None:
            return
        left = tuple(number for number in one.repositories if number != repo.id)
        owner = self._state.who(repo.owner)
        if left:
            changed = self._state.installations.put(replace(one, repositories=left))
            installed(self.hub, changed, "removed", [repo], owner)
        else:
            self._state.installations.drop(one)
            installed(self.hub, one, "deleted", [repo], owner)

    def deliver_to(self, url: str) -> None:
        """Send deliveries to this address from now on, beginning with a ping."""
        self.hub.outbox.url = url
        ping(self.hub)

    @property
    def silent(self) -> bool:
        """Whether changes happen without deliveries."""
        return self.hub.outbox.silent

    @silent.setter
    def silent(self, value: bool) -> None:
        self.hub.outbox.silent = value

    async def settle(self) -> None:
        """Wait until all deliveries are answered and all callbacks for new heads are done."""
        await self.hub.outbox.settle()

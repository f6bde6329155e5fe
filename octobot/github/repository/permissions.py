"""What a person may do in the repository, asked at the moment when it matters.

`author_association` in a comment is not reliable, and a login can change hands; the permission's
answer names the number of the person it speaks of.
Source: docs.github.com, REST "Get repository permissions for a user".
"""

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, number
from octobot.github.transport.transport import refusal
from octobot.model.steering import LEVELS, Level, Person

_ABSENT = 404


async def level_of(handle: Handle, person: Person) -> Level:
    """Ask for a person's level; one that GitHub does not know here may do nothing.

    A role of the organisation's own making counts as the coarse `permission` it rests on.
    """
    path = handle.path("collaborators", person.login, "permission")
    answer = await handle.road.exchange("GET", path, fresh=True)
    if answer.status == _ABSENT:
        return "none"
    if not answer.fine:
        raise refusal(f"GET {path}", answer)
    if number(answer.data, "user", "id") != person.id:
        return "none"
    role, coarse = at(answer.data, "role_name"), at(answer.data, "permission")
    for said in (role, coarse):
        if said in LEVELS:
            return said
    return "none"

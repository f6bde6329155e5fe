"""One watched repository on GitHub: its nouns, each a class in a file of this folder."""

from dataclasses import dataclass
from typing import Self

from octobot.github.repository.branch_protection import BranchProtection
from octobot.github.repository.branches import Branches
from octobot.github.repository.checks import Checks
from octobot.github.repository.comments import Comments, Issues
from octobot.github.repository.commits import Commits
from octobot.github.repository.config_files import ConfigFiles, Organisation
from octobot.github.repository.default_branch import DefaultBranch
from octobot.github.repository.glances import Glances
from octobot.github.repository.logs import Logs
from octobot.github.repository.merge_queue import MergeQueue
from octobot.github.repository.merge_state import MergeStates
from octobot.github.repository.people_comments import PeopleComments
from octobot.github.repository.pulls import Pulls
from octobot.github.repository.reactions import Reactions
from octobot.github.repository.reviews import Reviews
from octobot.github.repository.snapshot import Snapshots
from octobot.github.repository.trees import Trees
from octobot.github.transport.session import Handle, Session
from octobot.model.ids import BotAccount, Watched


@dataclass(frozen=True, slots=True)
class WatchedRepository:
    """Reads and writes of one repository, all on one session whose token is narrowed to it."""

    branches: Branches
    checks: Checks
    comments: Comments
    commits: Commits
    config_files: ConfigFiles
    default_branch: DefaultBranch
    glances: Glances
    issues: Issues
    logs: Logs
    merge_queue: MergeQueue
    merge_states: MergeStates
    people_comments: PeopleComments
    pulls: Pulls
    reactions: Reactions
    reviews: Reviews
    snapshots: Snapshots
    trees: Trees

    @classmethod
    def open(
        cls, session: Session, watched: Watched, bot: BotAccount, above: Organisation | None = None
    ) -> Self:
        """Put the nouns together; nothing is sent yet."""
        handle = Handle(session, watched, bot)
        branches, checks, comments = Branches(handle), Checks(handle), Comments(handle)
        pulls, reviews, trees = Pulls(handle), Reviews(handle), Trees(handle)
        protection, states = BranchProtection(handle), MergeStates(handle)
        queue, files = MergeQueue(handle), ConfigFiles(handle, above, trees)
        return cls(
            branches=branches,
            checks=checks,
            comments=comments,
            commits=Commits(handle, branches, trees),
            config_files=files,
            default_branch=DefaultBranch(handle, protection, trees, files),
            glances=Glances(handle, protection),
            issues=Issues(handle),
            logs=Logs(handle, checks),
            merge_queue=queue,
            merge_states=states,
            people_comments=PeopleComments(handle),
            pulls=pulls,
            reactions=Reactions(handle, comments),
            reviews=reviews,
            snapshots=Snapshots(handle, pulls, checks, protection, reviews, states, queue, trees),
            trees=trees,
        )

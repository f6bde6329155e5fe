"""What may still become a merge is found without reading the whole ledger."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Index the proposals that stand."""
    op.execute(
        "create index proposal_standing on proposal (repository, package)"
        " where state in ('intended', 'open')"
    )

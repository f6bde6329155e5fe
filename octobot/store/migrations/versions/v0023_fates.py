"""What became of merged specs on the default branch: reverted by people, or removed."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the fates of a proposal's files, path by path; null: none has any."""
    op.execute("alter table proposal add column fates jsonb")

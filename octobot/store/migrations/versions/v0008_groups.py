"""Proposals of groups: several files in one row of the ledger."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let a proposal have files of its own, and find it by each of them."""
    op.execute("""
        alter table proposal
            -- Path to blob id; null: the package's own file alone, as `blob`.
            add column files jsonb""")
    op.execute("create index proposal_files on proposal using gin (files) where files is not null")

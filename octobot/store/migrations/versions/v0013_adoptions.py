"""Heads that entered the ledger because octobot made them again, and those that it did not."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table of where such heads come from."""
    op.execute("""
        create table adoption (
            repository bigint not null,
            head text not null,
            branch text not null,
            number int not null,
            -- Why it stays with people; null: re-verified, and entered into the ledger.
            refused text,
            at timestamptz not null default now(),
            primary key (repository, head)
        )""")

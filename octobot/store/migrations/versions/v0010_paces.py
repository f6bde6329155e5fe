"""What is spent of GitHub's limits, for all processes together."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of what each installation has spent."""
    op.execute("""
        create table pace (
            -- 0: the App itself.
            installation bigint primary key,
            -- Gates and bookings, by this server's clock; `octobot.store.rate_limits` knows more.
            spent jsonb not null
        )""")

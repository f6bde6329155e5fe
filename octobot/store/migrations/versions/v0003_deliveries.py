"""Deliveries, kept from before they are answered until GitHub cannot redeliver them any more."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of deliveries."""
    op.execute("""
        create table delivery (
            guid text primary key,
            name text not null,
            -- SHA-256 of the body: shows a replay under another GUID.
            digest text not null,
            -- The typed event; null when octobot has no use for the delivery.
            event jsonb,
            received timestamptz not null default now(),
            -- When a process took it up; another one may after a while.
            taken timestamptz,
            done timestamptz
        )""")
    op.execute("create index delivery_pending on delivery (received) where done is null")
    op.execute("create index delivery_received on delivery (received)")

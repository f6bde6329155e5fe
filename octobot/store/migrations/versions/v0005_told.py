"""What a delivery tells of counts once, under whichever GUID it comes."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Know deliveries by what they tell of; those from before are known by their GUID alone."""
    op.execute("""
        alter table delivery
            -- SHA-256 of the object and its state, without who was told: equal for every copy.
            add column told text unique,
            drop column digest""")

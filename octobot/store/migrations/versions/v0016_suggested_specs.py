"""Further specs of a group that a suggestion edits in the same way."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add them; null: it edits one spec, as most do."""
    # A list of [path, before, after]: the texts in base 64, since JSON cannot have every byte.
    op.execute("alter table suggestion add column others jsonb")

"""Which head a proposal takes the place of, in the same pull request."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the head that is renewed; null: the proposal was never made anew."""
    op.execute("alter table proposal add column renews text")

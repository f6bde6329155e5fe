"""The names of reason codes and of one order, as they are called now."""

import sqlalchemy as sa
from alembic import op

from octobot.model.reasons import FORMER_CODES

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Rename them where queries compare them; elsewhere a former name is read as the new one."""
    for former, code in FORMER_CODES.items():
        op.execute(
            sa.text(
                "update package set reason = reason || jsonb_build_object('code', :code ::text)"
                " where reason ->> 'code' = :former"
            ).bindparams(code=code.value, former=former)
        )
    op.execute("update steering set kind = 'Recreate' where kind = 'Anew'")

"""The lanes' tables: procrastinate's own, by its own migrations in order up to a fixed one.

The fixed bound makes this file mean the same under every procrastinate: `schema.sql` would not.
"""

from importlib import resources

from alembic import op

revision = "0002"
down_revision = "0001"

LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    """Apply procrastinate's migrations up to `LAST`."""
    folder = resources.files("procrastinate.sql") / "migrations"
    # Without parameters psycopg sends the file as it is: several statements, bare percent signs.
    as_it_is = {"no_parameters": True}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql") and file.name <= LAST:
            sql = file.read_text(encoding="utf-8")
            op.get_bind().exec_driver_sql(sql, execution_options=as_it_is)

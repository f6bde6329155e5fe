"""Runs the migrations on the connection that `octobot.store.engine.migrate` opened and locked.

Only here is SQLAlchemy used: alembic's runner needs it, our SQL does not.
"""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

connection = context.config.attributes["connection"]
engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)

with engine.connect() as bound:
    context.configure(connection=bound, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()

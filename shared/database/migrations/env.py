"""Runs one chain of migrations on the connection it is given, with bounded waits for locks."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
chain = context.config.attributes["chain"]
# A migration that waits for a lock blocks everybody behind it: give up early and let the operator retry.
connection.execute(text("SET lock_timeout = '4s'"))
connection.execute(text("SET statement_timeout = '10min'"))
context.configure(connection=connection, version_table=f"{chain}_revision", version_table_schema=chain)
with context.begin_transaction():
    context.run_migrations()

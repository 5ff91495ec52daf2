"""Runs migrations on the database handed over in the configuration's attributes."""

from alembic import context
from sqlalchemy import text

from ledger_node.store.database import METADATA, Database

database: Database = context.config.attributes["database"]

with database.engine.connect().execution_options(tidemark_write=True) as connection:
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_lock(7041002)"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=METADATA[database.name],
        render_as_batch=database.is_sqlite,
        version_table=f"{database.name}_version",
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_unlock(7041002)"))
        connection.commit()

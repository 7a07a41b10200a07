"""Alembic environment: applies the migrations on the connection in the config's attributes."""

from alembic import context

from index.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction covers all migrations
    render_as_batch=True,
)
context.run_migrations()

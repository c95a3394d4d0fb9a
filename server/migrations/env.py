"""Run by Alembic: hands it the connection of `upgrade()` and the models to compare with."""

from importlib import import_module
from typing import Any, Literal

from alembic import context

from server.app import DOMAINS
from server.core.db import Base, Utc

for domain in DOMAINS:
    import_module(f"server.{domain}.models")


def plain_types(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones beneath: a migration must not change with our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, Utc) else False


context.configure(
    render_item=plain_types,
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

"""Check the migrations: one head, named in `current-head`, and the models say what the schema is."""

import sys
import tempfile

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from server.core.db import Base, prepare_engine
from server.migrations import HERE, current_head, upgrade


def main() -> int:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    heads = ScriptDirectory.from_config(config).get_heads()
    problems = []
    if heads != [current_head()]:
        problems.append(f"current-head says {current_head()}, the migrations end at {', '.join(heads)}")
    problems += [f"models and migrations differ: {one}" for one in differences()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def differences() -> list[object]:
    from importlib import import_module

    from server.app import DOMAINS

    for domain in DOMAINS:
        import_module(f"server.{domain}.models")
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/check.sqlite3")
        prepare_engine(engine)
        upgrade(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            return list(compare_metadata(context, Base.metadata))


if __name__ == "__main__":
    sys.exit(main())

"""Write the next numbered migration from the difference between models and schema: `make migration m="…"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import create_engine

from server.core.db import prepare_engine
from server.migrations import HERE, upgrade

VERSIONS = HERE / "versions"


def new_migration(message: str) -> Path:
    """Build the schema by migrating, compare it with the models, and write what differs."""
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/new.sqlite3")
        prepare_engine(engine)
        if number != "0001":
            upgrade(engine)
        config = AlembicConfig()
        config.set_main_option("script_location", str(HERE))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.set_main_option("path_separator", "os")
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()
    (HERE / "current-head").write_text(number + "\n")
    return next(VERSIONS.glob(f"{number}_*.py"))


if __name__ == "__main__":
    print(new_migration(" ".join(sys.argv[1:]) or "change"))

"""What `formloom db check` looks at beside the version: are all tables there, and are there too many for the database."""

import sqlalchemy as sa

from formloom.platform import database
from formloom.platform.database import Database

MOST_TABLES = {"sqlite": 500, "postgresql": 5_000}
"""Projections up to which an installation is tested; `pg_dump` fails at 15,000 on default settings."""


def check(of: Database) -> list[str]:
    """Sentences about what should be seen to; none when all is well."""
    inspector = sa.inspect(of.engine)
    there = set(inspector.get_table_names())
    missing = sorted(table.name for table in database.tables() if table.name not in there)
    projections = sum(name.startswith("p_") for name in there)
    most = MOST_TABLES["sqlite" if of.sqlite else "postgresql"]
    found = [f"Tables are missing: {', '.join(missing)}. Restore a backup."] if missing else []
    if projections > most:
        found.append(f"There are {projections} tables of forms; this database is tested with up to {most}.")
    return found

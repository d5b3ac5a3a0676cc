"""The yardstick: the least that a Flask and SQLAlchemy endpoint can do, one JSON row inserted and committed."""

import os

from flask import Flask, request
from sqlalchemy import JSON, Column, Integer, MetaData, Table, create_engine, event, insert

url = os.environ["BARE_DATABASE"]
engine = create_engine(url, pool_size=8)
table = Table("bare", MetaData(), Column("id", Integer, primary_key=True), Column("document", JSON))

if url.startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def _set_up(connection, _record) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=10000")


table.metadata.create_all(engine)
engine.dispose()  # each process of the server has connections of its own
app = Flask(__name__)


@app.post("/rows")
def add() -> tuple[dict[str, int], int]:
    with engine.begin() as connection:
        key = connection.execute(insert(table).values(document=request.get_json())).inserted_primary_key[0]
    return {"id": key}, 201

"""The embedded broker: Celery messages as files of a folder, for one machine without RabbitMQ or Redis.

Kombu's filesystem transport lets a reader take a file that its writer has opened but not yet filled, which ends the
reader. Here a message gets its name only when it is whole, and one that can't be read is passed over: messages are
nudges, and what they nudge about stands in the database.
"""

import os
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Reads and writes whole files only."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:
        name = f"{time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        half = folder / f".{name}.half"
        half.write_text(dumps(payload))
        half.replace(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        ending = f".{queue}.msg"
        with os.scandir(self.data_folder_in) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(ending) and entry.name[0] != ".")
        for name in names:
            file = Path(self.data_folder_in) / name
            taken = file.with_name(f".{name}.{os.getpid()}.taken")
            try:
                file.rename(taken)
                payload = loads(taken.read_text())
            except FileNotFoundError:
                continue  # another worker was faster
            except ValueError:
                payload = None
            taken.unlink(missing_ok=True)
            if payload is not None:
                return payload
        raise Empty


class Transport(filesystem.Transport):
    """`broker_transport` of the embedded default."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Wait for a message, no longer than one look: only between two waits does a worker see that it is to stop."""
        super().drain_events(connection, timeout=self.polling_interval)

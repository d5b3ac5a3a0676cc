"""How much of anything one document may hold. A limit that is reached is said in a sentence, never by a slow answer.

The application may set these at its start (from its own settings); the engine only reads them.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Limits:
    """Sizes in bytes of UTF-8, everything else in pieces."""

    document_bytes: int = 1_000_000
    record_depth: int = 32
    definition_depth: int = 64
    fields: int = 500
    rows: int = 1_000
    pattern_characters: int = 500
    resolved_nodes: int = 20_000
    steps: int = 200
    step_depth: int = 8
    open_tasks: int = 500


LIMITS = Limits()

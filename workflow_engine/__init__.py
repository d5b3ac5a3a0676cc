"""Workflows: what happens next, who does it, and what can be proven of it. Pure: no web, no database, no clock."""

from pathlib import Path

from formloom.form_engine.messages import add_locales

add_locales(Path(__file__).parent / "locales")

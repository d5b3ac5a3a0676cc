"""Workflows: what happens next, who does it, and what can be proven of it. Pure: no web, no database, no clock."""

"""What every change of a record goes through, whoever makes it: a page, the API, a task, an action, an import.

These functions work inside the caller's transaction and check no permission; services/records.py and
services/processes.py do, and call them.
"""

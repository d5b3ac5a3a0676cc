"""Questions to the database that are worth a module: each gives typed rows, and none runs in a loop."""

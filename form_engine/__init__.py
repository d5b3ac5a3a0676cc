"""Forms: what a definition means, what a record must be. Pure: no web, no database, no clock.

Other parts import `definition`, `record` and `logic` (and `importers`); everything else here is private to the engine.
"""

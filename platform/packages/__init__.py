"""App packages: a folder or a zip with everything that an app is (formats.md section 3).

`files` reads and writes the bytes, `package` is the value they mean, `check` says everything that is wrong with one.
None of it knows a database; services/apps.py installs and exports.
"""

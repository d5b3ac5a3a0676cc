"""The typed tables beside the documents: one a form, one a sub-table, with a column for each field.

A record's document is the truth; every filter, sort, count and sum runs on its projection, which can be made anew from
the documents at any time. `layout` says where a field stands, `tables` makes tables and columns, `rows` writes a record.
"""

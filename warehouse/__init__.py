"""Remembers: records become tables, tables become the published knowledge base, and search runs over it."""

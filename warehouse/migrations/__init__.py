"""Numbered SQL migrations of the DuckDB warehouse."""

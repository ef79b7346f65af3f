"""Runs everything in order: settings, sources, the Prefect flow and the command line."""

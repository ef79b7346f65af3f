"""Reads reports: bytes become a `Document`, a `Document` becomes `Statement`s. No network, no clock, no database."""

"""Readers of file formats: bytes become a `Document`, one module per format."""

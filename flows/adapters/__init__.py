"""The ways to find the documents of a source: one module each, whose class `Adapter` is its settings and its work."""

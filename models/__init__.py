"""Represents text: vectors, tokens and labels. Models never see records."""

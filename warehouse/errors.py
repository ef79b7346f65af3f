"""Errors of the warehouse, by what the caller does next.

Message form: *subject: what was found, against what was expected; what to do*.
"""

from __future__ import annotations


class WarehouseMismatch(Exception):
    """The warehouse file is not what this program can use. Stop before anything is written."""


class WarehouseMissing(WarehouseMismatch):
    """There is no warehouse file to read yet. Stop, and tell the operator to ingest first."""


class WarehouseLocked(Exception):
    """Another process is using the warehouse. Try again when it is done."""


class WarehouseUnwritable(Exception):
    """The disk is full, or the folder or file does not allow writing. Stop; what was saved before is safe."""


class WrongDimension(Exception):
    """Vectors have another length than the earlier ones of their model. Stop before anything is written."""


class DeliveryUnreadable(Exception):
    """A file that another machine wrote is cut off, or of another version. Remove it and let it be made again."""


class InvalidThemes(Exception):
    """The file of themes is malformed. Stop before anything is written; the message names the theme and the key."""


class PublicationFailed(Exception):
    """The new site could not be built. Report it; the old site stays as it was."""

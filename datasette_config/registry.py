"""Which service belongs to which instance of Datasette: the hooks are only given the instance.

Datasette loads its plugins while it is itself being imported, so this and `plugin.py` import nothing of it at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from datasette.app import Datasette

    from datasette_config.service import SearchService

PLUGIN: Final = "rodedraad"
"""The name of our configuration in Datasette: it is set for an instance that shows our site, and for no other.

Some hooks are called while the instance is being made, before it can have a service."""

_services: WeakKeyDictionary[Any, SearchService] = WeakKeyDictionary()


def set_service(datasette: Datasette, service: SearchService) -> None:
    """Let the plugin's hooks find `service` by its `datasette`."""
    _services[datasette] = service


def find_service(datasette: Datasette) -> SearchService | None:
    """Return the service of `datasette`; None for an instance that shows something else than our site."""
    return _services.get(datasette)


def get_service(datasette: Datasette) -> SearchService:
    """Return the service of `datasette`. Raises `LookupError` for an instance that `make_app` did not make."""
    service = find_service(datasette)
    if service is None:
        raise LookupError("datasette: found no site of ours; expected an instance that make_app returned")
    return service

"""The description of the API is held against the running server by schemathesis."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from running_servers import running
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from datasette_config.answers import SearchBody
from datasette_config.api_search import read_filters
from warehouse.search_records import FILTERS, SearchRequest

pytestmark = pytest.mark.system

_EXAMPLES = 8


@pytest.fixture(scope="module")
def address(site_dir: Path) -> Iterator[str]:
    """Return the address of a server over the site of two reports."""
    with running(site_dir) as base:
        yield base


OPERATIONS = (
    "GET /api/search", "POST /api/search", "GET /api/search.csv", "GET /api/search.xlsx", "GET /api/feed",
    "GET /api/statements/{statement_id}", "GET /api/statements/{statement_id}/similar", "GET /api/reports",
    "GET /api/reports/{report_id}", "GET /api/reports/{report_id}/pages", "GET /api/reports/{report_id}/pages/{page}",
    "GET /api/parties", "GET /api/parties/{party_id}", "GET /api/themes", "GET /api/themes/{theme_id}",
    "GET /api/downloads", "GET /api/downloads/{name}", "GET /api/health", "GET /api/sources",
)  # fmt: skip


@pytest.fixture(scope="module")
def described(address: str) -> BaseSchema:
    """Return what the server says of itself."""
    return schemathesis.openapi.from_url(f"{address}/api/openapi.json")


def test_every_filter_of_search_can_be_given_everywhere() -> None:
    """In an address and in a body; what search takes beside them is no filter."""
    assert set(inspect.signature(read_filters).parameters) == set(FILTERS)
    assert set(FILTERS) <= SearchBody.model_fields.keys()
    plain = {"query", "mode", "sort", "fold", "limit", "offset"}
    assert {field.name for field in dataclasses.fields(SearchRequest)} == {*FILTERS, *plain}


def test_every_operation_is_held_to_its_description(described: BaseSchema) -> None:
    """The list above leaves none out."""
    found = {operation.ok().label for operation in described.get_all_operations()}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(described: BaseSchema, label: str, mode: GenerationMode) -> None:
    """Right and wrong requests to every path: no server error, and status, type and form as OpenAPI promises."""
    method, path = label.split()
    operation = described[path][method]
    try:
        cases = operation.as_strategy(generation_mode=mode)
        _hold_to_description(cases)
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE and "{" not in path  # nothing can be sent that is wrong


def _hold_to_description(cases: SearchStrategy[schemathesis.Case]) -> None:
    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=_CHECKS, timeout=30)

    ask()


_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

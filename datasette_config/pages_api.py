"""The description of the API for people, made from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.registry import get_service


async def docs_page(datasette: Datasette, request: Any) -> Response:
    """Show the description of the API, made from its OpenAPI document; needs nothing from the internet."""
    service = get_service(datasette)
    document = service.api.openapi() if service.api else {}
    schemas = document.get("components", {}).get("schemas", {})
    context = {
        "document": document,
        "operations": list(_describe_operations(document)),
        "schemas": {name: _describe_schema(schema) for name, schema in schemas.items() if _is_ours(name)},
        "host": request.host,
        "scheme": request.scheme,
    }
    return Response.html(await datasette.render_template("api_docs.html", context, request=request, view_name="docs"))


def _describe_operations(document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            yield {
                "method": method.upper(),
                "path": path,
                "summary": operation.get("summary", ""),
                "description": operation.get("description", ""),
                "parameters": [_describe_parameter(parameter) for parameter in operation.get("parameters", [])],
                "body": _name_type(body) if body else None,
                "answers": [
                    {
                        "status": status,
                        "description": answer.get("description", ""),
                        "types": [_name_type(kind.get("schema", {})) for kind in answer.get("content", {}).values()],
                    }
                    for status, answer in operation.get("responses", {}).items()
                ],
            }


def _describe_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    return {
        "name": parameter["name"],
        "is_required": parameter.get("required", False),
        "place": parameter["in"],
        "type": _name_type(schema),
        "choices": ["true", "false"] if schema.get("type") == "boolean" else schema.get("enum", []),
        "default": str(default).lower() if isinstance(default := schema.get("default"), bool) else default,
        "least": schema.get("minimum"),
        "most": schema.get("maximum"),
        "description": parameter.get("description") or schema.get("description", ""),
        "example": next(iter(schema.get("examples", [])), ""),
    }


def _describe_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = [
        {"name": name, "type": _name_type(field), "description": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]
    return {"description": schema.get("description", ""), "fields": fields}


def _name_type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_name_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_name_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _is_ours(name: str) -> bool:
    return name not in ("HTTPValidationError", "ValidationError")

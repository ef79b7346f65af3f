"""Ruled tables: drawn lines from PDFium, cells by pdfplumber's table machinery.

pdfplumber parses a page with pdfminer before it can find a table, which costs ten times as much as reading the page.
Its functions from edges to cells need the edges only, and those PDFium gives quickly.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from extractors.readers.pdf_characters import Word

MAX_OBJECTS = 4000
"""A page with more drawn objects is a chart or a map; its lines are not searched for tables."""

MAX_EDGES = 600
MIN_LENGTH = 8.0
THIN = 2.5

Bounds = tuple[float, float, float, float]


@dataclass(slots=True)
class Table:
    """A ruled table: its bounds, and the words of its cells row by row."""

    bounds: Bounds
    rows: list[list[list[Word]]]


def find_tables(page: Any, words: list[Word], *, height: float) -> list[Table]:
    """Return the ruled tables of an unrotated page whose cells hold text; an empty list without ruling lines.

    A table has two rows and two columns at least, and text in half of its cells; a single cell is a box.
    """
    edges = _read_edges(page, height)
    if len(edges) < 6 or len(edges) > MAX_EDGES:
        return []
    merged = merge_edges(edges, 3, 3, 3, 3)
    cells = intersections_to_cells(edges_to_intersections(merged, 3, 3))
    tables = []
    for group in cells_to_tables(cells):
        table = _fill(group, words)
        if table is not None:
            tables.append(table)
    return tables


def _fill(cells: list[Bounds], words: list[Word]) -> Table | None:
    bounds = (min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells))
    tops = sorted({round(c[1]) for c in cells})
    lefts = sorted({round(c[0]) for c in cells})
    if len(tops) < 2 or len(lefts) < 2:
        return None
    inside = [w for w in words if _holds(bounds, w)]
    rows: list[list[list[Word]]] = []
    for top in tops:
        row_cells = sorted(c for c in cells if round(c[1]) == top)
        reach = max(c[3] for c in row_cells)
        nearby = [w for w in inside if top - 1 <= (w.top + w.bottom) / 2 <= reach]
        rows.append([[w for w in nearby if _holds(cell, w)] for cell in row_cells])
    filled = [bool(cell) for row in rows for cell in row]
    wide = [row for row in rows if sum(bool(cell) for cell in row) >= 2]
    if sum(filled) * 2 < len(filled) or len(wide) < 2:
        return None
    return Table(bounds, [row for row in rows if any(row)])


def _holds(bounds: Bounds, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]


def _read_edges(page: Any, height: float) -> list[dict[str, Any]]:
    count = pdfium.FPDFPage_CountObjects(page)
    if count <= 0 or count > MAX_OBJECTS:
        return []
    edges: list[dict[str, Any]] = []
    matrix = pdfium.FS_MATRIX()
    for i in range(count):
        handle = pdfium.FPDFPage_GetObject(page, i)
        if pdfium.FPDFPageObj_GetType(handle) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
        edges += _path_edges(handle, matrix, height)
        if len(edges) > 3 * MAX_EDGES:
            return []
    return edges


def _path_edges(handle: Any, matrix: Any, height: float) -> list[dict[str, Any]]:
    segments = pdfium.FPDFPath_CountSegments(handle)
    if segments < 2 or segments > 400:
        return []
    x, y = ctypes.c_float(), ctypes.c_float()
    edges: list[dict[str, Any]] = []
    first: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    for i in range(segments):
        segment = pdfium.FPDFPath_GetPathSegment(handle, i)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            height - (matrix.b * x.value + matrix.d * y.value + matrix.f),
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            edges += _edge(last, point)
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and first is not None:
            edges += _edge(point, first)
    return edges


def _edge(a: tuple[float, float], b: tuple[float, float]) -> list[dict[str, Any]]:
    x0, x1 = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    if bottom - top <= THIN and x1 - x0 >= MIN_LENGTH:
        return [{"x0": x0, "x1": x1, "top": top, "bottom": top, "width": x1 - x0, "height": 0, "orientation": "h"}]
    if x1 - x0 <= THIN and bottom - top >= MIN_LENGTH:
        return [
            {"x0": x0, "x1": x0, "top": top, "bottom": bottom, "width": 0, "height": bottom - top, "orientation": "v"}
        ]
    return []

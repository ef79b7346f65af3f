"""What is drawn on a PDF page: ruling lines, the edges of boxes, and small shapes that may be bullets."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from extractors.readers.pdf_characters import fast
from extractors.readers.pdf_frame import Frame
from extractors.readers.pdf_lines import Bounds

MAX_PATHS = 4000
"""A page with more drawn paths is a chart or a map; its lines are not searched for tables."""

MAX_SEGMENTS = 400
MIN_LENGTH = 8.0
"""A ruling line is so long at least, in points, and not thicker than `THIN`."""

THIN = 2.5
WHITE = 250
"""Red, green and blue of so much are white."""

BULLET_SIZES = (1.2, 9.0)
"""A drawn bullet is so wide and high, in points."""

_GET_OBJECT = fast(pdfium.FPDFPage_GetObject, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
_GET_FORM_OBJECT = fast(pdfium.FPDFFormObj_GetObject, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_ulong)
_GET_TYPE = fast(pdfium.FPDFPageObj_GetType, ctypes.c_int, ctypes.c_void_p)
_GET_BOUNDS = fast(pdfium.FPDFPageObj_GetBounds, ctypes.c_int, ctypes.c_void_p, *[ctypes.c_void_p] * 4)
_COUNT_SEGMENTS = fast(pdfium.FPDFPath_CountSegments, ctypes.c_int, ctypes.c_void_p)
_GET_SEGMENT = fast(pdfium.FPDFPath_GetPathSegment, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
_GET_POINT = fast(pdfium.FPDFPathSegment_GetPoint, ctypes.c_int, *[ctypes.c_void_p] * 3)
_GET_SEGMENT_TYPE = fast(pdfium.FPDFPathSegment_GetType, ctypes.c_int, ctypes.c_void_p)
_GET_CLOSE = fast(pdfium.FPDFPathSegment_GetClose, ctypes.c_int, ctypes.c_void_p)
_GET_DRAW_MODE = fast(pdfium.FPDFPath_GetDrawMode, ctypes.c_int, *[ctypes.c_void_p] * 3)
_GET_FILL_COLOR = fast(pdfium.FPDFPageObj_GetFillColor, ctypes.c_int, *[ctypes.c_void_p] * 5)
_GET_OBJECT_MATRIX = fast(pdfium.FPDFPageObj_GetMatrix, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class Drawing:
    """What is drawn on a page, in the frame of its text: lines across and down, edges of boxes, and small shapes."""

    rules: list[Bounds] = field(default_factory=list)
    posts: list[Bounds] = field(default_factory=list)
    edges: list[Bounds] = field(default_factory=list)
    bullets: list[Bounds] = field(default_factory=list)


def read_drawing(page: Any, frame: Frame) -> Drawing:
    """Return what is drawn on a raw PDFium page; nothing for a page of too many paths."""
    address = ctypes.cast(page, ctypes.c_void_p).value
    count = pdfium.FPDFPage_CountObjects(page)
    handles = list(map(_GET_OBJECT, repeat(address), range(max(count, 0))))
    paths, images = _sort_objects(handles, _SAME)
    drawing = Drawing()
    if len(paths) > MAX_PATHS:
        return drawing
    boxes: list[Bounds] = []
    lines: list[Bounds] = []
    edges: list[Bounds] = []
    for handle, matrix in paths:
        bounds = _bounds(handle, matrix)
        width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
        if width > THIN and height > THIN and (width >= MIN_LENGTH or height >= MIN_LENGTH):
            if not _is_white(handle):
                (edges if _COUNT_SEGMENTS(handle) <= 6 else lines).extend(_path_lines(handle, matrix, bounds))
        elif width >= MIN_LENGTH or height >= MIN_LENGTH:
            lines.append(bounds)
        else:
            boxes.append(bounds)
    boxes += [_bounds(handle, matrix) for handle, matrix in images]
    drawing.edges = list(_place(edges, frame))
    for x0, top, x1, bottom in _place(lines, frame):
        if bottom - top <= THIN:
            drawing.rules.append((x0, (top + bottom) / 2, x1, (top + bottom) / 2))
        else:
            drawing.posts.append(((x0 + x1) / 2, top, (x0 + x1) / 2, bottom))
    least, most = BULLET_SIZES
    for x0, top, x1, bottom in _place(boxes, frame):
        width, height = x1 - x0, bottom - top
        if least <= width <= most and least <= height <= most and 0.4 < width / height < 2.5:
            drawing.bullets.append((x0, top, x1, bottom))
    return drawing


def _place(boxes: list[Bounds], frame: Frame) -> Iterator[Bounds]:
    if boxes:
        yield from map(tuple, frame.place(np.array(boxes)).tolist())


def _sort_objects(
    handles: Iterable[int], matrix: _Matrix, depth: int = 0
) -> tuple[list[tuple[int, _Matrix]], list[tuple[int, _Matrix]]]:
    """Return the paths and the images, each with the matrix of the form that holds it."""
    paths: list[tuple[int, _Matrix]] = []
    images: list[tuple[int, _Matrix]] = []
    for handle in handles:
        kind = _GET_TYPE(handle)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            paths.append((handle, matrix))
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append((handle, matrix))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 3:
            count = pdfium.FPDFFormObj_CountObjects(ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT))
            inner = _sort_objects(
                map(_GET_FORM_OBJECT, repeat(handle), range(max(count, 0))),
                _product(_object_matrix(handle), matrix),
                depth + 1,
            )
            paths += inner[0]
            images += inner[1]
    return paths, images


def _object_matrix(handle: int) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    _GET_OBJECT_MATRIX(handle, ctypes.addressof(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _product(first: _Matrix, second: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


_EDGES = (ctypes.c_float * 4)()
_AT = [ctypes.addressof(_EDGES) + 4 * i for i in range(4)]


def _bounds(handle: int, matrix: _Matrix) -> Bounds:
    """Return the box of an object in user space: left, bottom, right, top."""
    if not _GET_BOUNDS(handle, *_AT):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = _EDGES
    if matrix is _SAME:
        return left, bottom, right, top
    (x0, y0), (x1, y1) = _apply(matrix, left, bottom), _apply(matrix, right, top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _is_white(handle: int) -> bool:
    """Whether a path is filled in white without an outline: the ground of text, which nobody sees."""
    if not _GET_DRAW_MODE(handle, _AT[0], _AT[1]):
        return False
    _, is_stroked = ctypes.c_int.from_buffer(_EDGES, 0).value, ctypes.c_int.from_buffer(_EDGES, 4).value
    if is_stroked or not _GET_FILL_COLOR(handle, *_AT):
        return False
    return all(ctypes.c_uint.from_buffer(_EDGES, 4 * i).value >= WHITE for i in range(3))


def _path_lines(handle: int, form: _Matrix, bounds: Bounds) -> list[Bounds]:
    """Return the straight lines of a path along the axes, in user space: the edges of a box, the lines of a grid."""
    count = _COUNT_SEGMENTS(handle)
    if count < 4 or count > MAX_SEGMENTS:
        return []
    matrix = _product(_object_matrix(handle), form)
    x, y = _AT[0], _AT[1]
    lines: list[Bounds] = []
    first = last = (0.0, 0.0)
    for i in range(count):
        segment = _GET_SEGMENT(handle, i)
        _GET_POINT(segment, x, y)
        point = _apply(matrix, _EDGES[0], _EDGES[1])
        kind = _GET_SEGMENT_TYPE(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            lines += _line(last, point)
        last = point
        if _GET_CLOSE(segment):
            lines += _line(point, first)
    if count <= 6 and len(lines) >= 4:
        # A bar as thin as a rule is drawn as a box around it.
        return [bounds] if min(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= THIN else lines
    return lines


def _line(a: tuple[float, float], b: tuple[float, float]) -> list[Bounds]:
    x0, x1 = sorted((a[0], b[0]))
    y0, y1 = sorted((a[1], b[1]))
    if (y1 - y0 <= THIN and x1 - x0 >= MIN_LENGTH) or (x1 - x0 <= THIN and y1 - y0 >= MIN_LENGTH):
        return [(x0, y0, x1, y1)]
    return []

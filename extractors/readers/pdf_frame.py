"""The frame of a PDF page: where its top left corner is, and which way up its text is read.

Coordinates are converted here, once: from PDF user space (origin bottom left, before rotation) to points from the top
left corner. A page whose text runs sideways is laid out as its reader turns it; `unturn` gives the places back as the
page is shown.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """The edges of a page in user space, and the quarter turns clockwise that set its text upright."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    turn: int = 0
    """Quarter turns of `rotation` that the file does not ask for: its text runs sideways on the page as shown."""

    @staticmethod
    def of(page: Any, size: tuple[float, float]) -> Frame:
        """Return the frame of a raw PDFium page that is shown at `size`, by its crop box or else its media box."""
        edges = [ctypes.c_float() for _ in range(4)]
        references = [ctypes.byref(edge) for edge in edges]
        rotation = pdfium.FPDFPage_GetRotation(page)
        if not pdfium.FPDFPage_GetCropBox(page, *references) and not pdfium.FPDFPage_GetMediaBox(page, *references):
            width, height = size if rotation % 2 == 0 else (size[1], size[0])
            return Frame(0.0, 0.0, width, height, rotation)
        left, bottom, right, top = (edge.value for edge in edges)
        return Frame(left, bottom, right, top, rotation)

    def turned(self, turn: int) -> Frame:
        """Return the frame of the same page, turned by so many quarters more than the file asks for."""
        return Frame(self.left, self.bottom, self.right, self.top, (self.rotation + turn) % 4, turn % 4)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page with its text upright, in points."""
        width, height = self.right - self.left, self.top - self.bottom
        return (width, height) if self.rotation % 2 == 0 else (height, width)

    def place(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return boxes of user space (columns left, bottom, right, top) as x0, top, x1, bottom from the top left."""
        x0, y0, x1, y1 = boxes.T
        if self.rotation == 1:
            placed = (y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left)
        elif self.rotation == 2:
            placed = (self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom)
        elif self.rotation == 3:
            placed = (self.top - y1, self.right - x1, self.top - y0, self.right - x0)
        else:
            placed = (x0 - self.left, self.top - y1, x1 - self.left, self.top - y0)
        return np.stack(placed, axis=1)

    def unturn(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return placed boxes (columns x0, top, x1, bottom) where they stand on the page as it is shown."""
        width, height = self.size
        x0, y0, x1, y1 = boxes.T
        if self.turn == 1:
            shown = (y0, width - x1, y1, width - x0)
        elif self.turn == 2:
            shown = (width - x1, height - y1, width - x0, height - y0)
        elif self.turn == 3:
            shown = (height - y1, x0, height - y0, x1)
        else:
            return boxes
        return np.stack(shown, axis=1)

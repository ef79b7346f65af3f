"""Renders single pages of PDFs as pictures, by PDFium.

``python -m extractors.readers.page_images FILE PAGE`` writes the picture to standard output. A server calls it so: what
a damaged file does to PDFium happens in a process of its own, with a limit on memory and time.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium2

from extractors.errors import EXIT_UNREADABLE, UnreadableDocument

WIDEST: Final = 1_240
"""Pixels: 150 dots per inch on A4, readable on screens of two pixels per point."""
_HIGHEST: Final = 3_000
_QUALITY: Final = 80
_MEMORY: Final = 2_000_000_000
_SECONDS: Final = 30


def render_page(path: Path, page: int) -> bytes:
    """Return a page (from 1) of the PDF at `path` as it is shown, in WebP, at most 1240 × 3000 pixels.

    Raises `UnreadableDocument` when the file is no PDF, is locked, or has no such page.
    """
    try:
        document = pdfium2.PdfDocument(path)
    except OSError as error:
        raise UnreadableDocument(
            f"file {path.name}: cannot be read ({error.strerror}), against a file that may be; mend its permissions",
            reason="unreadable",
        ) from error
    except pdfium2.PdfiumError as error:
        raise UnreadableDocument(
            f"file {path.name}: PDFium cannot open it ({error}), against an open PDF; look at the original",
            reason="damaged",
        ) from error
    try:
        if not 1 <= page <= len(document):
            raise UnreadableDocument(
                f"file {path.name}: found {len(document)} pages, against page {page} that was asked for; name another",
                reason="no_such_page",
            )
        width, height = document[page - 1].get_size()
        scale = min(WIDEST / max(width, 1.0), _HIGHEST / max(height, 1.0))
        picture = document[page - 1].render(scale=scale).to_pil().convert("RGB")
    except pdfium2.PdfiumError as error:
        raise UnreadableDocument(
            f"file {path.name}: page {page} cannot be drawn ({error}), against one that can; look at the original",
            reason="damaged",
        ) from error
    finally:
        document.close()
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=_QUALITY, method=2)
    return content.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Write the picture of one page to standard output; `EXIT_UNREADABLE` and a line of what is wrong otherwise."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    path, page = arguments
    try:
        content = render_page(Path(path), int(page))
    except UnreadableDocument as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNREADABLE
    except MemoryError:
        sys.stderr.write(f"found a page that needs more than {_MEMORY // 10**9} GB to draw; read its text instead\n")
        return EXIT_UNREADABLE
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

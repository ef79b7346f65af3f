"""A scan: pages of a PDF as slightly crooked, speckled black-and-white images, without a text layer."""

from __future__ import annotations

import io
import time

import numpy as np
import pypdfium2
from PIL import Image
from report_markup import Source

DOTS_PER_INCH = 200
_TILTS = (0.5, -0.35)  # degrees, one page after the other


def make_scan(pdf: bytes, source: Source) -> bytes:
    """Return a PDF of page images (1 bit, fax compression) made from `pdf`."""
    generator = np.random.default_rng(2011)
    images: list[Image.Image] = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        page = document[number].render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
        page = page.rotate(_TILTS[number % 2], resample=Image.Resampling.BILINEAR, fillcolor=255)
        shades = np.asarray(page).copy()
        dust = generator.integers(0, shades.size, size=shades.size // 9000)
        shades.reshape(-1)[dust] = 0
        images.append(Image.fromarray(np.where(shades < 150, 0, 255).astype(np.uint8)).convert("1"))
    document.close()
    moment = time.strptime(source.facts["created"], "%Y-%m-%d")
    written = io.BytesIO()
    images[0].save(
        written,
        "PDF",
        save_all=True,
        append_images=images[1:],
        resolution=DOTS_PER_INCH,
        title=source.facts["title"],
        author=source.facts["publisher"],
        subject=source.mark,
        keywords=source.mark,
        creator="Rode Draad examples",
        producer="Rode Draad examples",
        creationDate=moment,
        modDate=moment,
    )
    return written.getvalue()

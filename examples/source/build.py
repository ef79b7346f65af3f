"""Build the bundled examples: ``.venv/bin/python examples/source/build.py [--out DIR] [--with-text-layer]``.

The same sources give the same bytes: dates are fixed, nothing is compressed by a library that may differ between
machines, and the noise on the scan comes from a seeded generator.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from report_markup import Source, read_source
from report_pages import make_html, make_markdown, make_text
from report_pdf import make_pdf
from report_scan import make_scan

HERE = Path(__file__).resolve().parent


def make_example(source: Source, *, with_text_layer: bool = False) -> bytes:
    """Return the bytes of one example, in the format that the suffix of its file name asks for."""
    suffix = Path(source.facts["file"]).suffix
    if suffix == ".html":
        return make_html(source)
    if suffix == ".md":
        return make_markdown(source)
    if suffix == ".txt":
        return make_text(source)
    pdf = make_pdf(source)
    return make_scan(pdf, source) if source.facts.get("scan") and not with_text_layer else pdf


def main() -> None:
    """Build every ``.report`` beside this script."""
    parser = argparse.ArgumentParser(description="Build the bundled examples.")
    parser.add_argument("--out", type=Path, default=HERE.parent / "reports", help="folder to write to")
    parser.add_argument(
        "--with-text-layer", action="store_true", help="leave the scan as the PDF with text that it is made from"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(HERE.glob("*.report")):
        source = read_source(path)
        content = make_example(source, with_text_layer=options.with_text_layer)
        target = options.out / source.facts["file"]
        target.write_bytes(content)
        print(f"{target} {len(content):,} bytes")


if __name__ == "__main__":
    main()

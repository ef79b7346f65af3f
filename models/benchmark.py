"""Which precision is fast on this machine: measured in one run against plain sentence-transformers.

python -m models.benchmark --texts examples/reports --write docs/embeddings.md
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.embedding import DEFAULT_MODEL, Precision, SentenceEmbedder, choose_precision, load_embedder

BEGIN, END = "<!-- precision:begin -->", "<!-- precision:end -->"
MAX_TEXTS = 300
QUERIES = 30


@dataclass(frozen=True, slots=True)
class PrecisionFigures:
    """One setting: sentences per second, that as a ratio to plain, cosine to plain, median milliseconds per query."""

    setting: str
    per_second: float
    ratio: float
    least_cosine: float
    mean_cosine: float
    query_ms: float


def measure_precisions(
    texts: Sequence[str], *, cache_dir: Path, precisions: Sequence[Precision] = ("fp32", "bf16")
) -> list[PrecisionFigures]:
    """Measure plain `SentenceTransformer.encode` in fp32 with its defaults, then our embedder in each precision.

    Raises:
        ValueError: when there are fewer than two texts.
    """
    if len(texts) < 2:
        raise ValueError(f"benchmark: found {len(texts)} sentences, expected some hundred; give a folder with reports")
    plain = load_embedder(DEFAULT_MODEL, cache_dir=cache_dir, precision="fp32")
    assert isinstance(plain, SentenceEmbedder)
    prompted = [plain.passage_prompt + text for text in texts]
    plain.model.encode(prompted[:4], show_progress_bar=False)
    started = time.perf_counter()
    reference = np.asarray(plain.model.encode(prompted, show_progress_bar=False), np.float32)
    seconds = time.perf_counter() - started
    figures = [PrecisionFigures("plain fp32", len(texts) / seconds, 1.0, 1.0, 1.0, _query_ms(plain, texts))]
    for precision in precisions:
        embedder = load_embedder(DEFAULT_MODEL, cache_dir=cache_dir, precision=precision)
        embedder.encode_passages(texts[:4])
        started = time.perf_counter()
        rows = embedder.encode_passages(texts)
        own = time.perf_counter() - started
        cosine = (rows * reference).sum(axis=1)
        name = f"{precision}, batches by length"
        figures.append(
            PrecisionFigures(
                name,
                len(texts) / own,
                seconds / own,
                float(cosine.min()),
                float(cosine.mean()),
                _query_ms(embedder, texts),
            )
        )
    return figures


def _query_ms(embedder: object, texts: Sequence[str]) -> float:
    assert isinstance(embedder, SentenceEmbedder)
    times = []
    for text in texts[:QUERIES]:
        started = time.perf_counter()
        embedder.encode_queries([text[:60]])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def format_table(figures: Sequence[PrecisionFigures], count: int) -> str:
    """Return the figures as a Markdown table with a line on how they came about."""
    lines = [
        f"Measured on {count} sentences in one run; `auto` takes **{choose_precision()}** on this machine.",
        "",
        "| setting | sentences/s | against plain fp32 | least cosine to it | mean cosine | one query, median ms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {f.setting} | {f.per_second:.0f} | {f.ratio:.2f} | {f.least_cosine:.5f} | {f.mean_cosine:.5f} "
        f"| {f.query_ms:.0f} |"
        for f in figures
    ]
    return "\n".join(lines)


def read_sentences(folder: Path) -> list[str]:
    """Return sentences from the text, Markdown and HTML files of a folder, at most `MAX_TEXTS`, in a fixed order."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".md", ".txt", ".html"}:
            continue
        text = re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8", errors="replace"))
        sentences = re.split(r"(?<=[.!?])\s+", re.sub(r"\s+", " ", text))
        found += [s for s in sentences if 5 <= len(s.split()) <= 80]
    return found[:MAX_TEXTS]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it between its markers when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--texts", type=Path, default=Path("examples/reports"))
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "rodedraad")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    texts = read_sentences(options.texts)
    table = format_table(measure_precisions(texts, cache_dir=options.cache), len(texts))
    sys.stdout.write(table + "\n")
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        options.write.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

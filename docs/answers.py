"""Writes the answers that the README and docs/api.md show, as the program gives them over the invented examples.

python docs/answers.py
"""

from __future__ import annotations

import json
import sys
from typing import Any

from served_examples import ROOT, fetch_json, serve_examples

QUESTION = "/api/search?q=one+permanent+contact+person&kind=recommendation&limit=1"
BEGIN, END = "<!-- answer:begin -->", "<!-- answer:end -->"
SHORT = ("statement_id", "kind", "text", "page", "score", "matched_by", "addressees", "report")
"""What the README shows of a result; docs/api.md shows all."""


def main() -> int:
    """Ask the one question, and write its answer whole and in short."""
    with serve_examples() as address:
        answer = fetch_json(f"{address}{QUESTION}")
    write_answer("docs/api.md", answer)
    first = answer["results"][0]
    short = {name: first[name] for name in SHORT} | {"links": {"page": first["links"]["page"]}}
    write_answer("README.md", {"query": answer["query"], "total": answer["total"], "results": [short]})
    return 0


def write_answer(page: str, answer: dict[str, Any]) -> None:
    """Write an answer between the markers of a page."""
    path = ROOT / page
    shown = json.dumps(answer, ensure_ascii=False, indent=1)
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n```json\n{shown}\n```\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""The error browser: each error once, with its place and what is near, and nothing of a document runs as a program."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flows.error_counts import format_error_counts
from flows.error_page import find_mistakes, write_error_page
from flows.evaluation import Evaluated
from flows.scoring import score_document

ATTACK = "the board should <script>alert('boo')</script> & replace the ropes \"every\" second year"
FERRY = "the council should let the ferry sail on sundays and tell the islanders when it does not"
BELL = "the bell should be tuned by somebody who can hear it"
TEXT = f"Zo begint het. {FERRY} Zo eindigt het. {BELL} En dan nog dit."


def statement(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": text[:9], "type": kind, "label": None, "page": 1, "text": text, "addressees": [], "also": [], **more}


def evaluated(gold: list[dict[str, Any]], found: list[dict[str, Any]], **more: Any) -> Evaluated:
    wanted = {"language": "nl", "statements": gold}
    predicted = {"statements": found, **more}
    return Evaluated("invented <b>report</b>", wanted, predicted, TEXT, score_document(wanted, predicted, name="x"))


def found(kind: str, text: str, **more: Any) -> dict[str, Any]:
    start = max(0, TEXT.find(text))
    return statement(kind, text, rule="cue", confidence=0.625, start=start, end=start + len(text), **more)


def test_each_error_is_told_once_by_its_sort() -> None:
    """What is missed, false, and of the wrong kind is told apart; a right statement is no error."""
    document = evaluated(
        [
            statement("finding", FERRY, page=2),
            statement("conclusion", ATTACK),
            statement("lesson", "all went well here"),
        ],
        [
            found("recommendation", FERRY),
            found("finding", BELL, label="Bevinding 3"),
            found("lesson", "all went well here"),
        ],
    )
    mistakes = find_mistakes(document)
    assert [(m.sort, m.kind, m.gold_kind) for m in mistakes] == [
        ("missed", "conclusion", None),
        ("false", "finding", None),
        ("wrong kind", "recommendation", "finding"),
    ]
    missed, false, wrong = mistakes
    assert missed.confidence is None
    assert (false.label, false.rule, false.confidence) == ("Bevinding 3", "cue", 0.625)
    assert (false.before, false.after) == (f"Zo begint het. {FERRY} Zo eindigt het.", "En dan nog dit.")
    assert wrong.near is not None
    assert (wrong.near.side, wrong.near.kind, wrong.near.page, wrong.near.similarity) == ("gold", "finding", 2, 1.0)


def test_what_is_missed_names_what_is_near_also_in_the_review_list() -> None:
    """A missed statement that waits in the review list says so, with its confidence and reason, and its context."""
    document = evaluated(
        [statement("recommendation", FERRY)],
        [found("recommendation", "the bell should sail")],
        review=[found("recommendation", FERRY, why="unsure")],
    )
    missed = next(m for m in find_mistakes(document) if m.sort == "missed")
    assert missed.near is not None
    assert (missed.near.side, missed.near.confidence, missed.near.why) == ("review", 0.625, "unsure")
    assert missed.before == "Zo begint het."
    assert missed.after.startswith("Zo eindigt het.")


def test_kinds_that_the_gold_leaves_out_are_no_errors() -> None:
    """A document that was annotated for recommendations only has no false findings."""
    wanted = {"language": "nl", "annotated_types": ["recommendation"], "statements": []}
    predicted = {"statements": [found("finding", FERRY)]}
    document = Evaluated("x", wanted, predicted, TEXT, score_document(wanted, predicted, name="x"))
    assert find_mistakes(document) == []


class Reader(HTMLParser):
    """Counts the elements of a page and where it points."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_page_escapes_what_it_quotes_and_needs_no_other_file(tmp_path: Path) -> None:
    """Markup in a report or its name is shown, not run; nothing is loaded from elsewhere."""
    page = tmp_path / "errors.html"
    unread = Evaluated(
        "scan", {"statements": []}, {"problem": "no <text>"}, "", score_document({"statements": []}, {}, name="scan")
    )
    write_error_page(page, [evaluated([statement("conclusion", ATTACK)], [found("finding", BELL)]), unread])
    html = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(" in html
    assert "invented &lt;b&gt;report&lt;/b&gt;" in html
    assert "no &lt;text&gt;" in html
    reader = Reader()
    reader.feed(html)
    assert reader.tags.count("script") == 1
    assert "b" in reader.tags
    assert reader.tags.count("article") == 2
    assert all(address.startswith("#") for address in reader.addresses)


def test_errors_are_counted_by_what_lies_behind_them() -> None:
    """Each error has one cause, and false alarms are counted by the rule that found them."""
    document = evaluated(
        [
            statement("finding", "the ferry sails too seldom in winter and nobody who lives there is ever told"),
            statement("conclusion", ATTACK),
            statement("recommendation", FERRY),
        ],
        [
            found("finding", "the ferry sails too seldom"),
            found("lesson", "something that nobody marked at all"),
            found("conclusion", FERRY),
        ],
        review=[found("conclusion", ATTACK, why="rules_only")],
    )
    lines = format_error_counts([document]).splitlines()
    assert "| missed: found with other limits | 0 | 0 | 1 | 0 |" in lines
    assert "| false: a statement with other limits | 0 | 0 | 1 | 0 |" in lines
    assert "| missed: waits in the review list | 0 | 1 | 0 | 0 |" in lines
    assert "| false: no statement for careful readers | 0 | 0 | 0 | 1 |" in lines
    assert "| found, but taken for another kind | 1 | 0 | 0 | 0 |" in lines
    assert lines[-1] == "| cue | 0 | 1 | 1 | 1 |"

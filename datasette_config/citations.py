"""Ready citations of a statement: as text and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from datasette_config.messages import Messages

_SPECIAL: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_IN_ADDRESSES: Final = "%/:=&?~#+!$,;'@()*[]"
"""Signs that stay as they are in an address; others, such as braces, would end the field."""
_SPECIAL_SIGN: Final = re.compile("|".join(re.escape(sign) for sign in _SPECIAL))


def cite_as_text(statement: Mapping[str, Any], *, address: str, t: Messages) -> str:
    """Return one sentence that names publisher, title, date, number and page, quotes the statement, and has `address`.

    `statement` has its ``report``; what the publisher does not say is left out.
    """
    report = statement["report"]
    number = report.get("report_number")
    parts = [
        report.get("publisher"),
        f"{report.get('title') or t('report.untitled')}{f' ({number})' if number else ''}",
        t.date(report.get("published_date")) if report.get("published_date") else None,
        f"{t('statement.page_short')} {statement['page']}" if _has_pages(statement) else None,
    ]
    return f"{', '.join(str(part) for part in parts if part)}: “{_one_line(statement['text'])}” {address}"


def cite_as_bibtex(statement: Mapping[str, Any], *, address: str, t: Messages) -> str:
    """Return a BibTeX entry of the type ``techreport``, which reference managers read."""
    report = statement["report"]
    year, _, rest = (report.get("published_date") or "").partition("-")
    # The origin of a local file is a bare name: the address of the statement is the one to follow then.
    origin = str(report.get("origin") or "")
    fields = {
        "title": report.get("title") or str(t("report.untitled")),
        "author": f"{{{_escape(report['publisher'])}}}" if report.get("publisher") else None,
        "institution": report.get("publisher"),
        "year": year or None,
        "month": rest.split("-")[0] or None,
        "number": report.get("report_number"),
        "pages": str(statement["page"]) if _has_pages(statement) else None,
        "url": quote(origin if origin.startswith(("http://", "https://")) else address, safe=_IN_ADDRESSES),
        "annote": f"{_one_line(statement['text'])} — {address}",
        "language": report.get("language"),
    }
    raw = {"author", "url"}
    lines = [
        f"  {name} = {{{value if name in raw else _escape(str(value))}}}," for name, value in fields.items() if value
    ]
    return "\n".join([f"@techreport{{rodedraad-{statement['statement_id']},", *lines, "}"]) + "\n"


def _has_pages(statement: Mapping[str, Any]) -> bool:
    return bool(statement.get("boxes")) or int(statement["page"]) > 1


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    return _SPECIAL_SIGN.sub(_special, text)


def _special(found: re.Match[str]) -> str:
    return _SPECIAL[found.group()]

"""The words of our own pages, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from datasette.app import Datasette

from datasette_config.messages import LANGUAGES, Text, choose_language, load_messages

TEMPLATES = Path(__file__).resolve().parents[2] / "datasette_config" / "templates"
ENGLISH, DUTCH = (load_messages(language) for language in ("en", "nl"))


def names_in(text: Text) -> set[str | None]:
    """Return the names of the values that a text takes."""
    forms = [text] if isinstance(text, str) else list(text.values())
    return {name for form in forms for _, name, _, _ in Formatter().parse(form)} - {None}


def test_both_catalogues_have_the_same_keys() -> None:
    """Every key is there in every language, takes the same values, and has forms for one and many where it counts."""
    assert LANGUAGES == ("en", "nl")
    assert ENGLISH.texts.keys() == DUTCH.texts.keys()
    for key, text in ENGLISH.texts.items():
        other = DUTCH.texts[key]
        assert isinstance(text, str) == isinstance(other, str), key
        assert names_in(text) == names_in(other), key
        for form in (text, other):
            assert isinstance(form, str) or form.keys() == {"one", "other"}, key


def test_every_text_that_a_template_wants_is_there() -> None:
    """`t("a.b")` names a key; `t("a.b_" + code)` the beginning of some."""
    wanted = 0
    for template in TEMPLATES.rglob("*.html"):
        for key, is_prefix in re.findall(r"""\bt\(["']([a-z_.]+)["']( \+)?""", template.read_text("utf-8")):
            wanted += 1
            found = [known for known in ENGLISH.texts if (known.startswith(key) if is_prefix else known == key)]
            assert found, f"{template.name}: {key}"
    assert wanted > 100


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("nl", "nl"), ("nl-BE,nl;q=0.9,en;q=0.8", "nl"), ("en-GB,en;q=0.9,nl;q=0.8", "en"),
     ("de,nl;q=0.5", "nl"), ("fr", "en"), ("NL", "nl"), ("en;q=0.2, nl;q=0.7", "nl"), ("nl;q=0", "en"),
     ("nl;q=x,en", "en"), (",;;q=,*", "en"), ("nl;q=0.5,en;q=0.5", "nl")],
)  # fmt: skip
def test_the_browser_chooses_the_language(accepted: str, language: str) -> None:
    """The preferred one of ours, English where it asks for neither; nonsense is ignored."""
    assert choose_language(accepted) == language


def test_values_are_escaped_and_written_as_the_language_writes_them() -> None:
    """Numbers get their separators, dates their months, and HTML in a value is shown as text."""
    assert ENGLISH("search.found", count=1234) == "<strong>1,234</strong> results"
    assert DUTCH("search.found", count=1234) == "<strong>1.234</strong> resultaten"
    assert DUTCH("search.found", count=1) == "<strong>Eén</strong> resultaat"
    assert ENGLISH("statement.in_section", section="<b>&") == "in “&lt;b&gt;&amp;”"
    assert [DUTCH.date(date) for date in ("2024-02-05", "2024-02", "2024", "", None, "ooit")] == [
        "5 februari 2024", "februari 2024", "2024", "", "", "ooit",
    ]  # fmt: skip
    assert (DUTCH.number(0.5, 2), ENGLISH.number(0.5, 2), DUTCH.percent(0.81)) == ("0,50", "0.50", "81%")
    assert DUTCH.name("kind", "lesson", 2) == "lessen" and DUTCH.name("kind", "unknown") == "unknown"
    assert DUTCH.time("2024-03-01T12:00:00+00:00") == "1 maart 2024, 12:00 UTC"


async def test_pages_come_in_the_language_of_the_reader(served: Datasette) -> None:
    """By the browser's header, by the switch, and by the choice that the switch leaves behind."""
    dutch = await served.client.get("/", headers={"Accept-Language": "nl"})
    assert '<html lang="nl">' in dutch.text and "Nieuwste rapporten" in dutch.text
    assert "accept-language" in dutch.headers["vary"].lower()
    assert "set-cookie" not in dutch.headers
    switched = await served.client.get("/search?q=dike&lang=nl")
    assert "Zoek in bevindingen" in switched.text
    chosen = switched.headers["set-cookie"].split(";")[0]
    kept = await served.client.get("/search", headers={"Cookie": chosen, "Accept-Language": "en"})
    assert "Zoek in bevindingen" in kept.text
    assert 'href="/search?q=dike&amp;lang=en"' in switched.text
    wrong = await served.client.get("/?lang=xx")
    assert '<html lang="en">' in wrong.text and "set-cookie" not in wrong.headers
    missing = await served.client.get("/kb/statements/s0000", headers={"Accept-Language": "nl"})
    assert missing.status_code == 404 and "Hier is niets" in missing.text

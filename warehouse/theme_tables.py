"""The tables of themes, and of the statements that have them."""

from __future__ import annotations

from typing import Final

from warehouse.columns import FACTS, Column, Table

THEMES: Final = Table(
    "themes",
    "The themes by which statements can be filtered, from warehouse/themes.toml.",
    (
        Column("theme_id", "VARCHAR", "Short name of the theme; it never changes.", "id", is_required=True),
        Column("position", "INTEGER", "Place in the order of the themes, from 0.", "number", is_required=True),
        Column("collection", "VARCHAR", "recovery: the nine recommendations of the comparative investigation of ten "
               "recovery operations (2023); policy: broad fields of policy.", "code", is_required=True,
               is_indexed=True),
        Column("name", "VARCHAR", "Name in Dutch.", "name", is_required=True),
        Column("name_en", "VARCHAR", "Name in English.", "name", is_required=True),
        Column("description", "VARCHAR", "What belongs to it, in Dutch.", "text", is_required=True),
        Column("description_en", "VARCHAR", "What belongs to it, in English.", "text", is_required=True),
        Column("threshold", "DOUBLE", "Least score of a statement that gets the theme, 0 to 1.", "score",
               is_required=True),
    ),
    key=("theme_id",),
    licence=FACTS,
    order="position",
)  # fmt: skip

STATEMENT_THEMES: Final = Table(
    "statement_themes",
    "Which statement is about which theme: assigned by meaning, never by hand, and only where the program is sure "
    "enough. A statement may have several themes, or none. How often this is right stands in the table quality.",
    (
        Column("statement_id", "VARCHAR", "The statement.", "id", "statements.statement_id", is_required=True),
        Column("theme_id", "VARCHAR", "The theme that it is about.", "id", "themes.theme_id", is_required=True,
               is_indexed=True),
        Column("score", "DOUBLE", "How likely it is that the statement is about the theme, 0 to 1.", "score",
               is_required=True),
    ),
    key=("statement_id", "theme_id"),
    licence=FACTS,
)  # fmt: skip

THEMED: Final = Table(
    "themed",
    "Which statements were compared with the themes, and with which version of themes and model: those that were not "
    "are compared at the next run.",
    (
        Column("statement_id", "VARCHAR", "The statement.", "id", is_required=True),
        Column("themes_version", "VARCHAR", "Hash of the themes, the model and the way of scoring.", "hash",
               is_required=True),
    ),
    key=("statement_id",),
    licence=FACTS,
    is_published=False,
)  # fmt: skip

"""README and docs are held to the program: commands, options, settings, paths, tables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from datasette_config.answers import SearchAnswer, StatementAnswer
from flows.adapter import find_adapters
from flows.cli import app
from flows.settings import Settings
from flows.sources import Source, load_presets
from warehouse.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands() -> dict[str, Any]:
    """Every command by its words; those of a group as "group command"."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for part, inner in getattr(command, "commands", {"": command}).items():
            found[f"{name} {part}".strip()] = inner
    return found


COMMANDS = _commands()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_in_the_readme(name: str) -> None:
    """Each command has a row, and each of its options is named."""
    assert f"`rodedraad {name}" in README
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option.startswith("--") and option not in ("--help", "--publish"):
                assert f"`{option}`" in README, f"{name} {option}"


def test_the_readme_names_no_command_that_is_not_there() -> None:
    """Every `rodedraad x` in README and docs is a command."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for word in re.findall(r"`rodedraad ([a-z]+)", path.read_text(encoding="utf-8")):
            assert word in {name.split()[0] for name in COMMANDS}, f"{path.name}: {word}"


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme_with_its_default_and_description(field: str) -> None:
    """Each setting has a row with its default and the sentence that the code has for it."""
    info = Settings.model_fields[field]
    row = next(line for line in README.splitlines() if line.startswith(f"| `RODEDRAAD_{field.upper()}`"))
    assert str(info.description) in row
    if field != "example_source" and info.default not in ("", None):
        assert f"`{info.default}`" in row


def test_every_setting_in_the_readme_exists() -> None:
    """No row and no sentence names a setting that the program has not."""
    named = {name.lower() for name in re.findall(r"RODEDRAAD_([A-Z_]+)", README)}
    assert named <= set(Settings.model_fields)


def test_every_path_in_the_readme_exists() -> None:
    """Links and folders that the README names are there."""
    for target in re.findall(r"\]\(([\w./-]+)\)", README) + re.findall(r"\| `([a-z_]+/)` \|", README):
        assert (ROOT / target).exists(), target


def test_every_make_target_in_the_docs_exists() -> None:
    """README and CONTRIBUTING name no make target that the Makefile has not."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for words in re.findall(r"`make ([a-z ]+)", path.read_text(encoding="utf-8")):
            assert set(words.split()) <= targets, f"{path.name}: {words}"


def test_every_published_table_and_column_is_described() -> None:
    """docs/tables.md has each table and each column."""
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert table.name in page
        for column in table.columns:
            assert f"`{column.name}`" in page, f"{table.name}.{column.name}"


def test_every_setting_of_sources_and_adapters_is_described() -> None:
    """docs/sources.md names each setting of a source, each adapter, and each setting of these."""
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    own = {name for name in Source.model_fields if name not in ("source_id", "adapter_name", "adapter", "folder")}
    settings = {name for adapter in find_adapters().values() for name in adapter.model_fields}
    for name in own | settings | set(find_adapters()):
        assert f"`{name}`" in page, name
    for preset in load_presets():
        assert preset.verified


def test_every_reason_of_a_failed_fetch_is_described() -> None:
    """docs/sources.md has each reason code that fetching and finding documents give."""
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    files = [*(ROOT / "flows").glob("*.py"), *(ROOT / "flows" / "adapters").glob("*.py")]
    own = {"vanished", "unreadable", "not_a_file", "internal_error"}  # of files, not of fetching
    own |= {"too_slow", "too_much_memory", "worker_ended"}  # of reading
    for path in files:
        for reason in re.findall(r'reason="([a-z_]+)"', path.read_text(encoding="utf-8")):
            assert f"`{reason}`" in page or reason in own, f"{path.name}: {reason}"


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_the_answer_shown_has_the_form_of_the_api(page: str) -> None:
    """The answer of `make answers` names only what the API answers; docs/api.md shows all of it."""
    block = re.search(r"<!-- answer:begin -->\n```json\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    answer = json.loads(block[1])
    (result,) = answer["results"]
    assert set(answer) <= set(SearchAnswer.model_fields)
    assert set(result) <= set(StatementAnswer.model_fields)
    if page == "docs/api.md":
        assert set(answer) == set(SearchAnswer.model_fields)
        assert set(result) == set(StatementAnswer.model_fields)

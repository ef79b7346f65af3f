"""The files of parties are data, checked when they are loaded; the gazetteer finds their names."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from extractors.errors import InvalidLexicon
from extractors.gazetteer import Gazetteer, load_gazetteer
from extractors.lexicon import lexicons_hash
from extractors.parties import KINDS, make_slug, read_parties

NAMED = [
    # Ministries, by their present and former names, their ministers and their abbreviations.
    ("de minister van Financiën", "nl", "nl-ministry-fin"),
    ("De Staatssecretaris van Financiën", "nl", "nl-ministry-fin"),
    ("minister van Veiligheid en Justitie", "nl", "nl-ministry-jenv"),
    ("het ministerie van Justitie", "nl", "nl-ministry-jenv"),
    ("minister van Verkeer en Waterstaat", "nl", "nl-ministry-ienw"),
    ("de minister van VROM", "nl", "nl-ministry-vrom"),
    ("de minister van EL&I", "nl", "nl-ministry-ezk"),
    ("minister van Landbouw, Natuur en Voedselkwaliteit", "nl", "nl-ministry-lvvn"),
    ("de minister voor Klimaat en Groene Groei", "nl", "nl-ministry-kgg"),
    ("AenM", "nl", "nl-ministry-asiel"),
    ("Minister of Health, Welfare and Sport", "nl", "nl-ministry-vws"),
    # Agencies, inspectorates and watchdogs.
    ("het UWV", "nl", "nl-uwv"),
    ("Belastingdienst/Toeslagen", "nl", "nl-toeslagen"),
    ("Inspectie SZW", "nl", "nl-nla"),
    ("het College bescherming persoonsgegevens", "nl", "nl-ap"),
    ("Koninklijke Marechaussee", "nl", "nl-kmar"),
    ("de GGD’en", "nl", "nl-ggd"),
    ("Raad voor de Kinderbescherming", "nl", "nl-rvdk"),
    # Bodies of regions: known ones, merged ones and ones that no list knows.
    ("gemeente 's-Gravenhage", "nl", "nl-municipality-den-haag"),
    ("het college van B&W van Hof van Twente", "nl", "nl-municipality-hof-van-twente"),
    ("de gemeenteraad van Súdwest-Fryslân", "nl", "nl-municipality-sudwest-fryslan"),
    ("gemeente Boxmeer", "nl", "nl-municipality-boxmeer"),
    ("gemeente Nieuw Verzonnendam aan de Rijn", "nl", "nl-municipality-nieuw-verzonnendam-aan-de-rijn"),
    ("gedeputeerde staten van Friesland", "nl", "nl-province-fryslan"),
    ("hoogheemraadschap van Delfland", "nl", "nl-water-board-delfland"),
    ("waterschap Hunze en Aa’s", "nl", "nl-water-board-hunze-en-aa-s"),
    ("Veiligheidsregio Zuid-Limburg", "nl", "nl-safety-region-zuid-limburg"),
    ("politie-eenheid Oost-Brabant", "nl", "nl-police-unit-oost-brabant"),
    ("het bestuurscollege van Bonaire", "nl", "nl-public-body-bonaire"),
    # Other countries and international bodies.
    ("Department of Health", "uk", "uk-dhsc"),
    ("Department for Communities and Local Government", "uk", "uk-mhclg"),
    ("NHS England", "uk", "uk-nhs-england"),
    ("Kent County Council", "uk", "uk-council-kent"),
    ("South Wessex NHS Foundation Trust", "uk", "uk-nhs-trust-south-wessex"),
    ("Chief Constable of Devon and Cornwall", "uk", "uk-police-devon-and-cornwall"),
    ("Secretary of Homeland Security", "us", "us-dhs"),
    ("the Maritime Safety Authority", "nz", "nz-maritime"),
    ("Minister of Transport", "ca", "ca-transport-canada"),
    ("the Victorian Government", "au", "au-state-victoria"),
    ("Organization of African Unity", "un", "int-african-union"),
    ("Government of Malta", None, "state-government-malta"),
    ("DG SANTE", "eu", "eu-dg-sante"),
    # Collectives, in both languages.
    ("overheidsinstanties", "nl", "nl-public-bodies"),
    ("werkgevers", "nl", "any-employers"),
    ("employers", "uk", "any-employers"),
    ("lidstaten", "nl", "eu-member-states"),
    # What several countries have is told apart by the country of the report, and is nobody without one.
    ("CAA", "nz", "nz-caa"),
    ("CAA", "uk", "uk-caa"),
    ("CAA", None, None),
    ("Department of Education", "ie", "ie-education"),
    ("Minister for Social Affairs", None, None),
    # Short names count only where they are all that is printed, abbreviations only with their capitals.
    ("de Kamer", "nl", "nl-parliament"),
    ("een ruime kamer met raad van deskundigen", "nl", None),
    ("het OM", "nl", "nl-om"),
    ("een verzoek om hulp", "nl", None),
    ("AANBEVELING OM DE PONT TE LATEN VAREN", "nl", None),
    ("de buurman", "nl", None),
]


@pytest.mark.parametrize(("printed", "region", "party_id"), NAMED)
def test_parties_are_recognised_by_every_name(printed: str, region: str | None, party_id: str | None) -> None:
    """A party is found by its name, its abbreviation, its offices and its former names; an unknown body is None."""
    party = load_gazetteer().recognise(printed, region=region)
    assert (party.party_id if party else None) == party_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "de gemeenten Urk, Den Haag en Verzonnendam varen",
            {
                "gemeenten Urk": "nl-municipality-urk",
                "Den Haag": "nl-municipality-den-haag",
                "Verzonnendam": "nl-municipality-verzonnendam",
            },
        ),
        ("de ministers van VWS en van SZW", {"ministers van VWS": "nl-ministry-vws", "SZW": "nl-ministry-szw"}),
        ("ligt de Sociale Verzekeringsbank (SVB) dwars", {"Sociale Verzekeringsbank (SVB)": "nl-svb"}),
        ("De gemeente vaart. Den Haag ook.", {"gemeente": "nl-municipalities"}),
    ],
)
def test_names_are_found_in_running_text(text: str, expected: dict[str, str]) -> None:
    """A list behind one word names several parties, and an abbreviation in brackets belongs to its name."""
    gazetteer = load_gazetteer()
    found = {text[n.start : n.end]: gazetteer.choose(n, "nl") for n in gazetteer.find(text, region="nl")}
    assert {name: party.party_id if party else None for name, party in found.items()} == expected


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("The City of Toronto should inspect every bridge.", "ca"),
        ("The City of York Council agreed.", "uk"),
        ("The City of Chicago agreed.", "us"),
        ("the municipality of Melbourne", "au"),
        ("The City of Auckland agreed.", "nz"),
        ("the city of Cork", "ie"),
        ("the city of Oldmere", None),
        ("the province of Alberta", "ca"),
        ("the safety region Westmere", None),
    ],
)
def test_a_city_anywhere_is_no_dutch_municipality(text: str, region: str | None) -> None:
    """Behind forms in English only the names of the list are Dutch; an open family takes no others."""
    gazetteer = load_gazetteer()
    named = [party for naming in gazetteer.find(text, region=region) for party in (*naming.parties, *naming.shared)]

    families = tuple(f"{family.family_id}-" for family in gazetteer.families if family.family_id.startswith("nl-"))
    assert not [party.party_id for party in named if party.party_id.startswith(families)]


def test_a_listed_city_is_dutch_in_english_too() -> None:
    found = load_gazetteer().recognise("the City of Rotterdam", region="nl")

    assert found is not None
    assert found.party_id == "nl-municipality-rotterdam"


def test_a_report_is_at_home_where_most_of_its_parties_are() -> None:
    """The names that only one country has tell where a report is from; its language decides where it names nobody."""
    gazetteer = load_gazetteer()
    assert gazetteer.find_home("The CAA wrote to KiwiRail and to Maritime New Zealand.", language="en") == "nz"
    assert gazetteer.find_home("De pont vaart niet.", language="nl") == "nl"
    assert gazetteer.find_home("The ferry does not sail.", language="en") is None


def test_the_gazetteer_covers_what_it_promises() -> None:
    """All municipalities, water boards, safety regions and provinces are there, and every kind is used."""
    gazetteer = load_gazetteer()
    families = {family.family_id: family for family in gazetteer.families}
    present = {
        key: sum(party.until is None for party in {p.party_id: p for p in family.members.values()}.values())
        for key, family in families.items()
    }
    assert present["nl-municipality"] == 341
    assert present["nl-water-board"] == 21
    assert present["nl-safety-region"] == 25
    assert present["nl-province"] == 12
    counted = Counter(party.kind for party in gazetteer.parties)
    assert set(counted) == set(KINDS)


def test_successive_names_are_kept_with_their_years() -> None:
    """A party that ended has its last year and the party that took over, which the gazetteer knows."""
    gazetteer = load_gazetteer()
    vrom = gazetteer.recognise("ministerie van VROM", region="nl")
    boxmeer = gazetteer.recognise("gemeente Boxmeer", region="nl")
    assert vrom is not None
    assert (vrom.since, vrom.until, vrom.successor) == (1982, 2010, "nl-ministry-ienw")
    assert boxmeer is not None
    assert (boxmeer.until, boxmeer.successor) == (2022, "nl-municipality-land-van-cuijk")


def test_an_id_depends_on_the_letters_of_the_name_only() -> None:
    """Accents, apostrophes and capitals make no other party."""
    assert make_slug("Súdwest-Fryslân") == make_slug("sudwest fryslan") == "sudwest-fryslan"


def test_names_are_found_in_few_steps() -> None:
    """The work per word stays small with thousands of names, and grows with the text only as the text does."""
    gazetteer = load_gazetteer()
    sentence = "De gemeente Verzonnendam en het waterschap Delfland laten de pont om de dag varen. "
    steps = []
    for times in (10, 40):
        count = 0

        def count_step(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(count_step)
        found = gazetteer.find(sentence * times, region="nl")
        sys.setprofile(None)
        assert len(found) == 2 * times
        steps.append(count / (times * len(sentence.split())))
    assert steps[0] < 60
    assert steps[1] < 1.1 * steps[0]


def test_the_hash_of_the_lexicons_covers_the_parties(tmp_path: Path) -> None:
    """Files in the folder of parties change the version of the extraction as lexicons do."""
    (tmp_path / "parties").mkdir()
    before = lexicons_hash(tmp_path)
    (tmp_path / "parties" / "xx.toml").write_text("", encoding="utf-8")
    assert lexicons_hash(tmp_path) != before


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[xx-a]\nname = "A body"\nkind = "castle"\n', "castle"),
        ('[xx-a]\nkind = "other"\n', "xx-a.name"),
        ('[xx-a]\nname = "Same body"\nkind = "other"\n[xx-b]\nname = "same body"\nkind = "other"\n', "stands for"),
        ('[xx-a]\nname = "!"\nkind = "other"\n', "no word"),
        ('[body]\nname = "A body"\nkind = "other"\n', "region first"),
        ('[xx-a]\nname = "A"\nkind = "other"\nsuccessor = "xx-b"\n', "is no party"),
        ('[xx-a]\nname = "A"\nkind = "other"\nfamily = "xx-town"\n', "no family"),
        ('[xx-a]\nname = "A"\nkind = "other"\nsurprise = 1\n', "surprise"),
        ('[family.xx-town]\nname = "town {}"\nkind = "municipality"\nforms = ["town"]\n', "such as"),
        ("[xx-a\n", "TOML"),
    ],
)
def test_a_malformed_file_of_parties_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    """What is wrong is named with its place: kinds, names, ids, successors, families, forms and keys."""
    path = tmp_path / "xx.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(InvalidLexicon, match=message):
        Gazetteer(read_parties([path]))


def test_an_id_in_two_files_is_refused(tmp_path: Path) -> None:
    """The same party is not written twice."""
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text('[xx-a]\nname = "A"\nkind = "other"\n', encoding="utf-8")
    with pytest.raises(InvalidLexicon, match="stands in"):
        read_parties(sorted(tmp_path.glob("*.toml")))

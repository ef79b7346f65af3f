"""Who must act, in invented sentences, headings, lead-ins and table rows."""

from __future__ import annotations

import pytest

from extractors.addressees import AddresseeFinder
from extractors.extraction import lexicon_for
from extractors.gazetteer import load_gazetteer
from extractors.records import Addressee

Named = list[tuple[str, str | None]]

DUTCH: list[tuple[str, Named]] = [
    (
        "De gemeente Verzonnendam moet de pont elke dag laten varen.",
        [("De gemeente Verzonnendam", "nl-municipality-verzonnendam")],
    ),
    (
        "Wij bevelen de minister van Financiën aan om de kade te herstellen.",
        [("de minister van Financiën", "nl-ministry-fin")],
    ),
    (
        "De Nationale ombudsman beveelt het college van burgemeester en wethouders van Verzonnendam aan om de wachtkamer te verwarmen.",
        [("het college van burgemeester en wethouders van Verzonnendam", "nl-municipality-verzonnendam")],
    ),
    (
        "De ombudsman geeft de Belastingdienst in overweging om de brief te herschrijven.",
        [("de Belastingdienst", "nl-belastingdienst")],
    ),
    (
        "De ombudsman geeft de minister van Infrastructuur en Waterstaat in overweging de veerpont te onderzoeken.",
        [("de minister van Infrastructuur en Waterstaat", "nl-ministry-ienw")],
    ),
    ("De Rekenkamer verzoekt het UWV om de termijn te verkorten.", [("het UWV", "nl-uwv")]),
    (
        "Wij adviseren de ministers van VWS en van SZW om één loket te openen.",
        [("de ministers van VWS", "nl-ministry-vws"), ("SZW", "nl-ministry-szw")],
    ),
    (
        "De kosten moeten worden gedragen door de provincie Noorderdelta.",
        [("de provincie Noorderdelta", "nl-province-noorderdelta")],
    ),
    (
        "In overleg met de gemeente moet het waterschap Hollandse Delta de kade herstellen.",
        [("het waterschap Hollandse Delta", "nl-water-board-hollandse-delta")],
    ),
    ("Stel samen met de gemeente een dienstregeling vast.", []),
    ("Gemeenten wordt geadviseerd om de pont te verzekeren.", [("Gemeenten", "nl-municipalities")]),
    (
        "Aan de minister van OCW wordt aanbevolen om scholen aan het water te helpen.",
        [("de minister van OCW", "nl-ministry-ocw")],
    ),
    ("Het is van belang dat DUO de brief vooraf laat lezen.", [("DUO", "nl-duo")]),
    ("Het ligt in de rede dat de provincies de steigers tellen.", [("de provincies", "nl-provinces")]),
    (
        "De minister van VWS en de GGD’en dienen de wachtlijst te bespreken.",
        [("De minister van VWS", "nl-ministry-vws"), ("de GGD’en", "nl-ggd")],
    ),
    (
        "Het Rijk, gemeenten en provincies zouden samen één register moeten bijhouden.",
        [("Het Rijk", "nl-government"), ("gemeenten", "nl-municipalities"), ("provincies", "nl-provinces")],
    ),
    ("Daarom moet de korpschef de steigers laten bewaken.", [("de korpschef", "nl-police")]),
    (
        "Om herhaling te voorkomen zou het Openbaar Ministerie (OM) de dossiers moeten delen.",
        [("het Openbaar Ministerie (OM)", "nl-om")],
    ),
    ("Het OM moet de dossiers delen.", [("Het OM", "nl-om")]),
    ("Het verzoek om hulp moet binnen een dag worden beantwoord.", []),
    ("De gemeente moet beter bij het overleg over de pont worden betrokken.", []),
    (
        "De gemeente moet door de minister van IenW beter worden betrokken.",
        [("de minister van IenW", "nl-ministry-ienw")],
    ),
    (
        "De gemeenten Verzonnendam, Urk en Den Haag moeten hun steigers keuren.",
        [
            ("De gemeenten Verzonnendam", "nl-municipality-verzonnendam"),
            ("Urk", "nl-municipality-urk"),
            ("Den Haag", "nl-municipality-den-haag"),
        ],
    ),
    ("Zorg dat de gemeente de pont kan betalen.", []),
    ("Laat de touwen keuren. (Actiehouder: Rijkswaterstaat)", [("Rijkswaterstaat", "nl-rws")]),
    ("Laat de touwen keuren (RWS, ILT).", [("RWS", "nl-rws"), ("ILT", "nl-ilt")]),
    ("Wij vinden dat de Tweede Kamer de wet moet behandelen.", [("de Tweede Kamer", "nl-parliament")]),
    ("De Kamer moet de wet behandelen.", [("De Kamer", "nl-parliament")]),
    ("De commissie stelt dat reizigers elk uur moeten kunnen varen.", []),
    (
        "Gedeputeerde staten van Zeeland moeten de pont betalen.",
        [("Gedeputeerde staten van Zeeland", "nl-province-zeeland")],
    ),
    (
        "De staatssecretaris Toeslagen en Douane zou de ouders moeten bellen.",
        [("De staatssecretaris Toeslagen en Douane", "nl-ministry-fin")],
    ),
    (
        "De minister voor Rechtsbescherming dient de Raad voor de Kinderbescherming te versterken.",
        [("De minister voor Rechtsbescherming", "nl-ministry-jenv")],
    ),
    (
        "Zorgverzekeraars en zorgaanbieders moeten één tarief afspreken.",
        [("Zorgverzekeraars", "any-health-insurers"), ("zorgaanbieders", "any-care-providers")],
    ),
    ("Werkgevers dienen hun veerlieden op te leiden.", [("Werkgevers", "any-employers")]),
    ("Wij roepen de wetgever op de Pontenwet te herzien.", [("de wetgever", "any-legislators")]),
    (
        "Het bestuurscollege van Saba moet de haven verlichten.",
        [("Het bestuurscollege van Saba", "nl-public-body-saba")],
    ),
    (
        "De politie-eenheid Oost-Nederland zou haar meldkamer moeten uitbreiden.",
        [("De politie-eenheid Oost-Nederland", "nl-police-unit-oost-nederland")],
    ),
    ("Aanbevolen wordt om de touwen te keuren.", []),
    ("De Onderzoekers bevelen aan dat ProRail de spoorbrug sluit.", [("ProRail", "nl-prorail")]),
    ("Gemeente Verzonnendam: herstel de kade.", [("Gemeente Verzonnendam", "nl-municipality-verzonnendam")]),
    (
        "Wij doen de Inspectie Leefomgeving en Transport de aanbeveling om de pont te keuren.",
        [("de Inspectie Leefomgeving en Transport", "nl-ilt")],
    ),
    (
        "De inspectie verwacht van de zorgaanbieders dat zij de loopplank verbreden.",
        [("de zorgaanbieders", "any-care-providers")],
    ),
    ("Het verdient aanbeveling dat Rijkswaterstaat de vaargeul meet.", [("Rijkswaterstaat", "nl-rws")]),
    ("De inspectie moet de minister adviseren om de pont stil te leggen.", [("De inspectie", "any-inspectorates")]),
    (
        "Het is aan de gemeenteraad van Verzonnendam om hierover te besluiten.",
        [("de gemeenteraad van Verzonnendam", "nl-municipality-verzonnendam")],
    ),
    ("De SVB en het CAK zouden hun brieven moeten samenvoegen.", [("De SVB", "nl-svb"), ("het CAK", "nl-cak")]),
    (
        "Bij de pont moet de Koninklijke Marechaussee (KMar) toezicht houden.",
        [("de Koninklijke Marechaussee (KMar)", "nl-kmar")],
    ),
    (
        "In dit rapport bevelen we de minister van IenW aan om inzicht in de steigers te krijgen.",
        [("de minister van IenW", "nl-ministry-ienw")],
    ),
    (
        "Het zou goed zijn als de politie samenwerkt met de douane.",
        [("de politie", "nl-police")],
    ),
    ("Werkgevers die moeten terugbetalen, hebben een schuld bij de pont.", []),
    (
        "De minister van Financiën raden wij aan een register in te stellen.",
        [("De minister van Financiën", "nl-ministry-fin")],
    ),
]

ENGLISH: list[tuple[str, Named]] = [
    ("We expect the Department for Transport to publish the list.", [("the Department for Transport", "uk-dft")]),
    ("It is for Transport Canada to decide.", [("Transport Canada", "ca-transport-canada")]),
    ("The Department of Ferries should publish its timetable.", [("The Department of Ferries", None)]),
    (
        "We recommend that the Ferry Board, in consultation with the council, repair the stage.",
        [("the Ferry Board", None)],
    ),
    (
        "We advise that, before the ferry sails again, the Home Office publish the list.",
        [("the Home Office", "uk-home-office")],
    ),
    ("New ropes should be bought by the harbour authority.", [("the harbour authority", None)]),
    ("Provide support to the council in repairing the stage.", []),
    (
        "The Cabinet Office and HM Treasury should agree on the ferry grant.",
        [("The Cabinet Office", "uk-cabinet-office"), ("HM Treasury", "uk-treasury")],
    ),
    (
        "DHSC, in partnership with NHS England and the Care Quality Commission (CQC), should count the beds on the ferry.",
        [("DHSC", "uk-dhsc"), ("NHS England", "uk-nhs-england"), ("the Care Quality Commission (CQC)", "uk-cqc")],
    ),
    ("The Inquiry recommends that the Secretary of State for Transport be given powers to stop a ferry.", []),
    ("It is essential that local authorities know who owns a jetty.", [("local authorities", "uk-local-authorities")]),
    ("The commission states that timetables must be readable.", []),
    ("If the Ministry of Defence keeps the pier, it should paint it.", [("the Ministry of Defence", "uk-mod")]),
    (
        "The governments of Scotland, Wales and Northern Ireland should share one register.",
        [("The governments of Scotland", "uk-scotland"), ("Wales", "uk-wales"), ("Northern Ireland", "uk-ni")],
    ),
    (
        "Providers should count the ropes. NHS England should publish the count.",
        [("Providers", "any-care-providers"), ("NHS England", "uk-nhs-england")],
    ),
    (
        "The Secretary of Transportation should direct the Federal Aviation Administration to inspect floatplanes.",
        [("The Secretary of Transportation", "us-transportation")],
    ),
    ("Member States are urged to ratify the Ferry Convention.", [("Member States", "eu-member-states")]),
    ("We urge the European Commission to fund the bridge.", [("the European Commission", "eu-commission")]),
    ("Chief constables must record every stolen boat.", [("Chief constables", "uk-chief-constables")]),
    (
        "Employers and trade unions should agree on shifts.",
        [("Employers", "any-employers"), ("trade unions", "any-trade-unions")],
    ),
    ("NHS trusts to report lost boats by May 2031.", [("NHS trusts", "uk-trusts")]),
    ("Publish the register. Action: Environment Agency", [("Environment Agency", "uk-environment-agency")]),
    ("The Board should urge the Treasury to pay for the ropes.", [("The Board", None)]),
    ("Kent County Council should paint its pier.", [("Kent County Council", "uk-council-kent")]),
    (
        "The Chief Constable of Kent Police should paint the boats.",
        [("The Chief Constable of Kent Police", "uk-police-kent")],
    ),
    (
        "The UN High Commissioner for Refugees and the World Food Programme should share one boat.",
        [("The UN High Commissioner for Refugees", "un-hcr"), ("the World Food Programme", "un-wfp")],
    ),
    (
        "The State Secretary for Social Affairs and Employment should open one counter.",
        [("The State Secretary for Social Affairs and Employment", "nl-ministry-szw")],
    ),
    ("Passengers should be able to see the timetable.", []),
]

IN_CONTEXT: list[tuple[str, dict[str, str], str, Named]] = [
    (
        "nl",
        {"address": "Aan de minister van Financiën:"},
        "Herstel de kade.",
        [("de minister van Financiën", "nl-ministry-fin")],
    ),
    (
        "nl",
        {"address": "Aan de minister van Sociale Zaken en Werkgelegenheid en aan gemeenten"},
        "Open één loket.",
        [("de minister van Sociale Zaken en Werkgelegenheid", "nl-ministry-szw"), ("gemeenten", "nl-municipalities")],
    ),
    (
        "nl",
        {"heading": "Voor de gemeenteraad"},
        "Vraag het college om een jaarlijks verslag over de pont.",
        [("de gemeenteraad", "nl-municipalities")],
    ),
    (
        "nl",
        {"heading": "Aanbevelingen aan het college van B en W van Nieuw Verzonnendam"},
        "Verwarm de wachtkamer.",
        [("het college van B en W van Nieuw Verzonnendam", "nl-municipality-nieuw-verzonnendam")],
    ),
    (
        "nl",
        {"heading": "Aanbevelingen voor de politie"},
        "Houd het steigerregister bij.",
        [("de politie", "nl-police")],
    ),
    ("nl", {"heading": "UWV"}, "Verkort de termijn.", [("UWV", "nl-uwv")]),
    ("nl", {"heading": "Ruimte voor de pont"}, "Verkort de termijn.", []),
    (
        "nl",
        {"lead_in": "De Nationale ombudsman doet de volgende aanbevelingen aan de Sociale Verzekeringsbank:"},
        "Stuur één brief.",
        [("de Sociale Verzekeringsbank", "nl-svb")],
    ),
    (
        "nl",
        {"lead_in": "Wij bevelen overheidsinstanties het volgende aan:"},
        "leer van de vorige pont.",
        [("overheidsinstanties", "nl-public-bodies")],
    ),
    (
        "nl",
        {"lead_in": "Gemeente Verzonnendam | uiterlijk 2031"},
        "Vervang de touwen van de pont.",
        [("Gemeente Verzonnendam", "nl-municipality-verzonnendam")],
    ),
    (
        "nl",
        {"lead_in": "Hoog | Veiligheidsregio Haaglanden | Q3"},
        "Oefen met de reddingsboot.",
        [("Veiligheidsregio Haaglanden", "nl-safety-region-haaglanden")],
    ),
    (
        "en",
        {"heading": "To the Secretary of State for Transport"},
        "Publish the list.",
        [("the Secretary of State for Transport", "uk-dft")],
    ),
    ("en", {"heading": "For NHS England:"}, "Publish the list.", [("NHS England", "uk-nhs-england")]),
    (
        "en",
        {"heading": "Recommendations for the Welsh Government"},
        "Publish the list.",
        [("the Welsh Government", "uk-wales")],
    ),
    ("en", {"heading": "2.1 Key recommendations to Ofsted"}, "Publish the list.", [("Ofsted", "uk-ofsted")]),
    (
        "en",
        {"lead_in": "High | Network Rail and Transport Scotland | 2031"},
        "Close the swing bridge.",
        [("Network Rail", "uk-network-rail"), ("Transport Scotland", "uk-transport-scotland")],
    ),
    (
        "en",
        {"lead_in": "The Commission recommends that KiwiRail:"},
        "closes the swing bridge;",
        [("KiwiRail", "nz-kiwirail")],
    ),
    (
        "en",
        {"address": "To the Ferry Board, Donors and to Member States"},
        "Provide support to the council.",
        [("the Ferry Board", None), ("Donors", "any-donors"), ("Member States", "eu-member-states")],
    ),
]


def find(text: str, language: str, *, before: tuple[Addressee, ...] = (), **context: str) -> Named:
    """Return who is addressed in a Dutch or British report, as printed and by the id of the party."""
    region = {"nl": "nl", "en": "uk"}[language]
    finder = AddresseeFinder(lexicon_for(language), load_gazetteer(), region=region)
    return [(a.text, a.party_id) for a in finder.find(text, before=before, **context)]


@pytest.mark.parametrize(("text", "expected"), DUTCH)
def test_who_acts_in_dutch(text: str, expected: Named) -> None:
    """The subject of the call, its agent or whom the authors tell to act; nobody who is only consulted or concerned."""
    assert find(text, "nl") == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_who_acts_in_english(text: str, expected: Named) -> None:
    """The subject of the call, its agent or whom the authors tell to act; nobody who is only consulted or concerned."""
    assert find(text, "en") == expected


@pytest.mark.parametrize(("language", "context", "text", "expected"), IN_CONTEXT)
def test_who_acts_by_what_stands_above_or_beside(
    language: str, context: dict[str, str], text: str, expected: Named
) -> None:
    """Lines that address, headings, lead-ins and cells of the row tell who acts where the sentence does not."""
    assert find(text, language, **context) == expected


def test_the_line_above_goes_before_what_the_sentence_names() -> None:
    """What the authors say of it themselves goes first."""
    found = find("Provide support to the council.", "en", address="To the Ferry Board, Donors and to Member States")
    assert [name for name, _ in found] == ["the Ferry Board", "Donors", "Member States"]


def test_the_heading_goes_behind_what_the_sentence_names() -> None:
    """A heading tells who acts only where the statement does not."""
    assert find("De provincie moet betalen.", "nl", heading="Aan de gemeente") == [("De provincie", "nl-provinces")]


def test_a_heading_further_above_counts_when_it_addresses() -> None:
    """A heading "To X" holds for the sections below it, a mere name only for its own."""
    headings = "Aanbevelingen aan de SVB\nBetere brieven"
    assert find("Schrijf korter.", "nl", heading=headings) == [("de SVB", "nl-svb")]
    assert find("Schrijf korter.", "nl", heading="SVB\nBetere brieven") == []


def test_a_pronoun_means_who_was_addressed_before() -> None:
    """A statement that begins with "They should" goes to whom the one before it goes."""
    before = (Addressee("de provincie", "nl-provinces", "provincies"),)
    assert find("Zij zou bovendien de steigers moeten tellen.", "nl", before=before) == [
        ("de provincie", "nl-provinces")
    ]


def test_a_bare_title_means_the_last_full_name_before_it() -> None:
    """Behind "de minister" stands the one that the report named in full before."""
    text = "De minister van Financiën betaalt de pont. De minister van Defensie vaart mee. De minister moet zwijgen."
    finder = AddresseeFinder(lexicon_for("nl"), load_gazetteer(), region="nl", text=text)
    [addressee] = finder.find("De minister moet zwijgen.", at=text.index("De minister moet"))
    assert (addressee.text, addressee.party_id) == ("De minister", "nl-ministry-defensie")


def test_the_publisher_is_not_its_own_addressee() -> None:
    """The body that publishes the report recommends to others."""
    finder = AddresseeFinder(lexicon_for("en"), load_gazetteer(), publisher="Ferry Accident Commission")
    assert finder.find("The Commission should be heard, and the Commission must say so.") == ()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nobody_is_named(language: str) -> None:
    """An empty statement addresses nobody."""
    assert find("", language) == []

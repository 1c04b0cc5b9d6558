"""The part of the corpus that is put together: tables of partners, written in many ways."""

# ruff: noqa: E501, S311, SIM905 - long rows and lists of words read best as they are

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from tests.data.sniff.corpus_case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = list[str]
Table = tuple[Row, list[Row]]

GERMAN = "Müller Schäfer Groß Weiß Köhler Schröder König Jäger Böhm Kraus Vogel Huber".split()
FRENCH = "Lefèvre Dupré Hélène Gérard Noël François Béranger Châtelain Moreau Petit".split()
SPANISH = "Muñoz Ibáñez Peña Núñez García Martínez Jiménez Álvarez Ruiz Gómez".split()
POLISH = "Kowalczyk Wiśniewski Wójcik Zając Król Łukasiewicz Dąbrowski Szymański Żak Bąk".split()
CZECH = "Dvořák Černý Procházka Kučera Veselý Růžička Němec Šťastný Pospíšil Beneš".split()
ENGLISH = "Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright".split()
GERMAN_TOWNS = "München Köln Düsseldorf Nürnberg Lübeck Osnabrück Berlin Göttingen Würzburg".split()
START = date(2024, 1, 3)


def _decimal(value: float, comma: bool = False) -> str:
    text = f"{value:.2f}"
    return text.replace(".", ",") if comma else text


def _day(rng: random.Random, pattern: str = "%Y-%m-%d") -> str:
    return (START + timedelta(days=rng.randrange(400))).strftime(pattern)


def orders(rng: random.Random) -> Table:
    """Orders of a shop, in English."""
    head = [
        "order_id",
        "order_date",
        "customer",
        "country",
        "sku",
        "quantity",
        "unit_price",
        "note",
    ]
    notes = ["", "", "call before delivery", "gift, wrapped", 'says "urgent"', "back door"]
    rows = [
        [str(10250 + n), _day(rng), rng.choice(ENGLISH), rng.choice(["DE", "FR", "US", "GB"]),
         f"SKU-{rng.randrange(9999):04d}", str(rng.randrange(1, 40)),
         _decimal(rng.uniform(1, 900)), rng.choice(notes)]
        for n in range(rng.randrange(8, 60))
    ]  # fmt: skip
    return head, rows


def german_invoices(rng: random.Random) -> Table:
    """An ERP export in German, with decimal commas."""
    head = [
        "Belegnummer",
        "Belegdatum",
        "Kundennr.",
        "Name",
        "Ort",
        "Nettobetrag",
        "MwSt %",
        "Währung",
    ]
    rows = [
        [f"RE{20240000 + n}", _day(rng, "%d.%m.%Y"), str(rng.randrange(10000, 99999)),
         f"{rng.choice(GERMAN)} GmbH", rng.choice(GERMAN_TOWNS),
         _decimal(rng.uniform(5, 9000), comma=True), rng.choice(["19", "7"]), "EUR"]
        for n in range(rng.randrange(6, 50))
    ]  # fmt: skip
    return head, rows


def bank(rng: random.Random) -> Table:
    """A statement of a German account."""
    head = [
        "Buchungstag",
        "Valuta",
        "Auftraggeber/Empfänger",
        "Verwendungszweck",
        "Betrag",
        "Saldo",
    ]
    saldo, rows = 2500.0, []
    for _ in range(rng.randrange(6, 30)):
        amount = rng.uniform(-400, 500)
        saldo += amount
        day = _day(rng, "%d.%m.%y")
        why = rng.choice(
            ["Miete, Juni", "Rechnung 4711 vom 3.4.", "Gehalt", "SEPA Lastschrift", ""]
        )
        who = f"{rng.choice(GERMAN)}, {rng.choice(['Jörg', 'Eva', 'Uwe'])}"
        rows.append([day, day, who, why, _decimal(amount, comma=True), _decimal(saldo, comma=True)])
    return head, rows


def french_sales(rng: random.Random) -> Table:
    """Sales of a French shop."""
    head = ["Date", "Libellé", "Client", "Quantité", "Montant HT", "Réglé"]
    rows = [
        [_day(rng, "%d/%m/%Y"), rng.choice(["Café moulu", "Thé vert", "Crème brûlée", "Pâté"]),
         rng.choice(FRENCH), str(rng.randrange(1, 9)), _decimal(rng.uniform(2, 80), comma=True),
         rng.choice(["oui", "non"])]
        for _ in range(rng.randrange(6, 40))
    ]  # fmt: skip
    return head, rows


def people(names: list[str], head: Row) -> Callable[[random.Random], Table]:
    """People of a country."""

    def table(rng: random.Random) -> Table:
        rows = [
            [str(n), rng.choice(names), f"p{rng.randrange(999)}@example.org", _day(rng),
             rng.choice(["A", "B", "C"])]
            for n in range(1, rng.randrange(8, 40))
        ]  # fmt: skip
        return head, rows

    return table


def sensors(rng: random.Random) -> Table:
    """Readings of a machine."""
    head = ["timestamp", "sensor", "temperature", "humidity", "ok"]
    at = datetime(2024, 5, 1, 6, 0)  # noqa: DTZ001 - local, as such files have it
    rows = []
    for _ in range(rng.randrange(10, 80)):
        at += timedelta(seconds=rng.randrange(5, 90))
        rows.append([at.isoformat(" "), f"S{rng.randrange(4)}", f"{rng.gauss(21, 2):.3f}",
                     f"{rng.uniform(30, 60):.1f}", rng.choice(["true", "true", "false"])])  # fmt: skip
    return head, rows


def stock(rng: random.Random) -> Table:
    """What lies in a warehouse; many empty cells."""
    head = ["EAN", "Bezeichnung", "Bestand", "Lagerort", "EK", "VK", "Bemerkung"]
    rows = [
        [f"40{rng.randrange(10**11):011d}", rng.choice(["Schraube M4x20", "Dübel 8 mm", "Mutter", "Öl 5l"]),
         rng.choice(["", str(rng.randrange(500))]), f"{rng.choice('ABC')}-{rng.randrange(40):02d}",
         rng.choice(["", _decimal(rng.uniform(1, 9), comma=True)]), _decimal(rng.uniform(9, 99), comma=True),
         rng.choice(["", "", "", "läuft aus"])]
        for _ in range(rng.randrange(8, 40))
    ]  # fmt: skip
    return head, rows


def addresses(rng: random.Random) -> Table:
    """Addresses, one of them on two lines each time."""
    head = ["id", "company", "address", "phone", "website"]
    rows = [
        [f"C{rng.randrange(10**5):05d}", f"{rng.choice(ENGLISH)} & Sons, Ltd.",
         rng.choice(["12 High Street\nLeeds", "Unit 4, Dock Road", "PO Box 77"]),
         f"+44 {rng.randrange(1000, 9999)} {rng.randrange(10**6):06d}", "https://www.example.org/a?b=c"]
        for _ in range(rng.randrange(6, 25))
    ]  # fmt: skip
    return head, rows


def measures(rng: random.Random) -> Table:
    """Nothing but numbers."""
    head = ["x", "y", "z", "weight"]
    rows = [[f"{rng.gauss(0, 1):.5f}" for _ in range(4)] for _ in range(rng.randrange(10, 60))]
    return head, rows


def codes(rng: random.Random) -> Table:
    """Two columns of codes."""
    head = ["code", "label"]
    rows = [[f"{a}{n:02d}", rng.choice(["Red", "Green", "Blue", "Light blue"])]
            for a in "AB" for n in range(1, rng.randrange(6, 20))]  # fmt: skip
    return head, rows


def quote_none(cell: str, delimiter: str, quote: str) -> str:
    """Quote a cell where it must be."""
    if any(mark in cell for mark in (delimiter, quote, "\n")):
        return quote_all(cell, delimiter, quote)
    return cell


def quote_all(cell: str, _delimiter: str, quote: str) -> str:
    """Quote any cell."""
    return quote + cell.replace(quote, quote * 2) + quote


def quote_text(cell: str, delimiter: str, quote: str) -> str:
    """Quote a cell that is no number."""
    bare = cell.replace(".", "").replace("-", "")
    return cell if bare.isdigit() else quote_all(cell, delimiter, quote)


def write(
    table: Table, delimiter: str, quote: str, style: Callable[[str, str, str], str], *, header: bool
) -> str:
    """Return the text of a table."""
    head, rows = table
    return "".join(
        delimiter.join(style(cell, delimiter, quote) for cell in row) + "\n"
        for row in ([head] if header else []) + rows
    )


POLES = people(POLISH, ["Lp", "Nazwisko", "Adres e-mail", "Data", "Grupa"])
CZECHS = people(CZECH, ["Č.", "Příjmení", "E-mail", "Datum", "Skupina"])
SPANIARDS = people(SPANISH, ["Nº", "Apellido", "Correo", "Fecha", "Grupo"])
GERMANS = people(GERMAN, ["Nr", "Nachname", "E-Mail", "Eintritt", "Gruppe"])
FRENCHMEN = people(FRENCH, ["N°", "Nom", "Courriel", "Entrée", "Catégorie"])
CONTROL, UNIT = "\x01", "\x1f"

# name, table, delimiter, quote, style, encoding, line end, header
Style: TypeAlias = "Callable[[str, str, str], str]"
PLANS: list[tuple[str, Callable[[random.Random], Table], str, str, Style, str, str, bool]] = [
    ("orders-comma.csv", orders, ",", '"', quote_none, "utf-8", "\n", True),
    ("orders-comma-all-quoted.csv", orders, ",", '"', quote_all, "utf-8", "\r\n", True),
    ("orders-comma-text-quoted.csv", orders, ",", '"', quote_text, "utf-8", "\n", True),
    ("orders-semicolon.csv", orders, ";", '"', quote_none, "utf-8", "\r\n", True),
    ("orders-tab.txt", orders, "\t", '"', quote_none, "utf-8", "\n", True),
    ("orders-tab-all-quoted.txt", orders, "\t", '"', quote_all, "utf-8", "\n", True),
    ("orders-pipe.txt", orders, "|", '"', quote_none, "utf-8", "\r\n", True),
    ("orders-caret.txt", orders, "^", '"', quote_none, "utf-8", "\n", True),
    ("orders-tilde.txt", orders, "~", '"', quote_none, "utf-8", "\n", True),
    ("orders-ctrl-a.txt", orders, CONTROL, '"', quote_none, "utf-8", "\n", True),
    ("orders-unit-separator.txt", orders, UNIT, '"', quote_none, "utf-8", "\n", True),
    ("orders-broken-bar.txt", orders, "¦", '"', quote_none, "utf-8", "\n", True),
    ("orders-section-cp1252.txt", orders, "§", '"', quote_none, "cp1252", "\n", True),
    ("orders-bom.csv", orders, ",", '"', quote_none, "utf-8-sig", "\r\n", True),
    ("orders-utf16le.csv", orders, ",", '"', quote_none, "utf-16-le", "\r\n", True),
    ("orders-utf16be-tab.txt", orders, "\t", '"', quote_none, "utf-16-be", "\r\n", True),
    ("orders-utf32.csv", orders, ",", '"', quote_none, "utf-32-le", "\n", True),
    ("orders-cr.csv", orders, ",", '"', quote_none, "utf-8", "\r", True),
    ("orders-no-header.csv", orders, ",", '"', quote_none, "utf-8", "\n", False),
    ("orders-no-header-quoted.csv", orders, ",", '"', quote_all, "utf-8", "\n", False),
    ("orders-single-quotes.csv", orders, ",", "'", quote_all, "utf-8", "\n", True),
    ("orders-single-quoted-text.csv", orders, ",", "'", quote_text, "utf-8", "\n", True),
    ("orders-single-quotes-semicolon.csv", orders, ";", "'", quote_text, "utf-8", "\n", True),
    ("invoices-excel-de.csv", german_invoices, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("invoices-excel-de-utf8.csv", german_invoices, ";", '"', quote_none, "utf-8-sig", "\r\n", True),
    ("invoices-quoted.csv", german_invoices, ";", '"', quote_all, "cp1252", "\r\n", True),
    ("invoices-comma.csv", german_invoices, ",", '"', quote_none, "utf-8", "\n", True),
    ("invoices-tab-utf16.txt", german_invoices, "\t", '"', quote_none, "utf-16-le", "\r\n", True),
    ("invoices-pipe-latin1.txt", german_invoices, "|", '"', quote_none, "latin-1", "\n", True),
    ("invoices-dos-cp850.csv", german_invoices, ";", '"', quote_none, "cp850", "\r\n", True),
    ("invoices-mac.csv", german_invoices, ";", '"', quote_none, "mac-roman", "\r", True),
    ("invoices-no-header.csv", german_invoices, ";", '"', quote_none, "cp1252", "\r\n", False),
    ("invoices-caret.txt", german_invoices, "^", '"', quote_none, "utf-8", "\n", True),
    ("bank-semicolon-cp1252.csv", bank, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("bank-quoted-cp1252.csv", bank, ";", '"', quote_all, "cp1252", "\r\n", True),
    ("bank-quoted-utf8.csv", bank, ";", '"', quote_all, "utf-8", "\n", True),
    ("bank-comma-quoted.csv", bank, ",", '"', quote_all, "utf-8", "\n", True),
    ("bank-tab.txt", bank, "\t", '"', quote_none, "utf-8", "\n", True),
    ("bank-no-header.csv", bank, ";", '"', quote_none, "utf-8", "\n", False),
    ("bank-utf16.txt", bank, "\t", '"', quote_none, "utf-16-le", "\r\n", True),
    ("ventes-excel-fr.csv", french_sales, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("ventes-utf8.csv", french_sales, ";", '"', quote_none, "utf-8", "\n", True),
    ("ventes-bom-quoted.csv", french_sales, ";", '"', quote_all, "utf-8-sig", "\r\n", True),
    ("ventes-mac.csv", french_sales, ";", '"', quote_none, "mac-roman", "\r", True),
    ("ventes-comma.csv", french_sales, ",", '"', quote_none, "utf-8", "\n", True),
    ("ventes-tab-latin1.tsv", french_sales, "\t", '"', quote_none, "latin-1", "\n", True),
    ("ventes-no-header.csv", french_sales, ";", '"', quote_none, "utf-8", "\n", False),
    ("osoby-cp1250.csv", POLES, ";", '"', quote_none, "cp1250", "\r\n", True),
    ("osoby-iso8859-2.csv", POLES, ",", '"', quote_none, "iso8859-2", "\n", True),
    ("osoby-utf8.csv", POLES, ",", '"', quote_none, "utf-8", "\n", True),
    ("osoby-tab-utf16.txt", POLES, "\t", '"', quote_none, "utf-16-le", "\r\n", True),
    ("lide-cp1250.csv", CZECHS, ";", '"', quote_none, "cp1250", "\r\n", True),
    ("lide-utf8-bom.csv", CZECHS, ";", '"', quote_none, "utf-8-sig", "\r\n", True),
    ("personas-cp1252.csv", SPANIARDS, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("personas-utf8.csv", SPANIARDS, ",", '"', quote_none, "utf-8", "\n", True),
    ("leute-latin1.csv", GERMANS, ",", '"', quote_none, "latin-1", "\n", True),
    ("leute-no-header.csv", GERMANS, ";", '"', quote_none, "cp1252", "\r\n", False),
    ("leute-pipe.txt", GERMANS, "|", '"', quote_none, "utf-8", "\n", True),
    ("gens-cp1252.csv", FRENCHMEN, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("gens-cp850.csv", FRENCHMEN, ";", '"', quote_none, "cp850", "\r\n", True),
    ("sensors-comma.csv", sensors, ",", '"', quote_none, "utf-8", "\n", True),
    ("sensors-semicolon.csv", sensors, ";", '"', quote_none, "utf-8", "\n", True),
    ("sensors-tab.tsv", sensors, "\t", '"', quote_none, "utf-8", "\n", True),
    ("sensors-pipe-no-header.txt", sensors, "|", '"', quote_none, "utf-8", "\n", False),
    ("sensors-no-header.csv", sensors, ",", '"', quote_none, "utf-8", "\n", False),
    ("sensors-cr.csv", sensors, ",", '"', quote_none, "utf-8", "\r", True),
    ("sensors-text-quoted.csv", sensors, ",", '"', quote_text, "utf-8", "\n", True),
    ("stock-semicolon.csv", stock, ";", '"', quote_none, "cp1252", "\r\n", True),
    ("stock-utf8.csv", stock, ";", '"', quote_none, "utf-8", "\n", True),
    ("stock-tab.txt", stock, "\t", '"', quote_none, "cp1252", "\r\n", True),
    ("stock-comma-quoted.csv", stock, ",", '"', quote_none, "utf-8", "\n", True),
    ("stock-no-header.csv", stock, ";", '"', quote_none, "utf-8", "\n", False),
    ("addresses-newlines.csv", addresses, ",", '"', quote_none, "utf-8", "\n", True),
    ("addresses-newlines-semicolon.csv", addresses, ";", '"', quote_all, "utf-8", "\r\n", True),
    ("addresses-newlines-tab.txt", addresses, "\t", '"', quote_none, "utf-8", "\n", True),
    ("addresses-newlines-single.csv", addresses, ",", "'", quote_all, "utf-8", "\n", True),
    ("addresses-no-header.csv", addresses, ",", '"', quote_all, "utf-8", "\n", False),
    ("addresses-utf16.csv", addresses, ",", '"', quote_none, "utf-16-le", "\r\n", True),
    ("measures-comma.csv", measures, ",", '"', quote_none, "utf-8", "\n", True),
    ("measures-no-header.csv", measures, ",", '"', quote_none, "utf-8", "\n", False),
    ("measures-space.dat", measures, " ", '"', quote_none, "utf-8", "\n", True),
    ("measures-space-no-header.dat", measures, " ", '"', quote_none, "utf-8", "\n", False),
    ("measures-tab.tsv", measures, "\t", '"', quote_none, "utf-8", "\n", True),
    ("measures-colon.txt", measures, ":", '"', quote_none, "utf-8", "\n", True),
    ("codes-comma.csv", codes, ",", '"', quote_none, "utf-8", "\n", True),
    ("codes-semicolon.csv", codes, ";", '"', quote_none, "utf-8", "\n", True),
    ("codes-tab.tsv", codes, "\t", '"', quote_none, "utf-8", "\n", True),
    ("codes-pipe-no-header.txt", codes, "|", '"', quote_none, "utf-8", "\n", False),
    ("codes-all-quoted.csv", codes, ",", '"', quote_all, "utf-8", "\n", True),
    ("codes-colon.txt", codes, ":", '"', quote_none, "utf-8", "\n", True),
]  # fmt: skip


def made_tables() -> Iterator[Case]:
    """Give the files, always the same."""
    for name, make, delimiter, quote, style, encoding, end, header in PLANS:
        rng = random.Random(name)
        text = write(make(rng), delimiter, quote, style, header=header)
        used = '"' if quote not in text else quote
        yield Case(name, text, delimiter, header, used, encoding, end=end)

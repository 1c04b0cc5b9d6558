"""Words that name columns, in the languages of the files that partners send."""

from __future__ import annotations

from typing import Final

NAMES: Final = frozenset(
    """
    aantal abfahrt abteilung account acct active addr address adresse afdeling age amount ankunft
    anrede antal anzahl arrival article artikel artikelnr artikelnummer asin auftrag balance bank
    bankleitzahl barcode batch bedrag begin belopp beløp bemerkung beschreibung bestand
    bestelldatum bestellnummer bestelnummer betrag betreff bezeichnung bezirk bic birthday bis blz
    bookingdate brand brutto buchung buchungstag buchungstext by cantidad carrier cashier categoria
    category causale cena charge checksum cidade city ciudad class client cliente close closing
    code codice cognome color colour comment commentaire company compte contact cost count country
    created credit currency cust customer customerid data date dato datum debit debito debitor
    deleted delivery department dept desc descripcion description descrizione descrição descuento
    destination device devise discount dob donor duedate duration dátum ean einheit einzelpreis
    email empfänger employee enabled end endpoint event expiry factura faktura fattura fecha fechas
    fee file filename firma firstname forename format from gehalt gemeinde gender gesamt geschlecht
    gläubiger grade group gtin haben habitants height high hire hired host hostname hour iban
    ibanauftraggeber id identifier ilość imię importe importo in index indirizzo ingredient instock
    invoice ip item ja jahr jméno job kanton kategorie kennzeichen key klant kod kommune konto
    kontoinhaber kontonummer kreditor kst kunde kundennr kundennummer kundenr kundnr kurs kwota
    label lager lagerort land language last lastname lat latitude level libelle libellé lieferant
    lieferdatum line location log lon longitude lot low mail mandatsreferenz market material
    matricola max mean measure memo menge menu merchant message method miasto middle min množství
    mobil mobile modell modified monat montant month mwst město naam nachname name navn nazione
    nazwa nazwisko net netto nettobetrag nom nombre nome note notes nr num number numero nummer
    numéro název név obs offer omschrijving open operator opis order ordernumber ordnungsnummer org
    ort out owner paese pagamento page parent partner passenger path payment pays percent
    personalnummer phone pickup plaats place plz point population position postcode posting preis
    prenom prezzo preço price prijs priority pris prix product produit produkt produto profit
    project proveedor provider provincia prozent prénom purpose příjmení qty quantidade quantite
    quantity quantité quelle race rank rate reason rechnungsnummer ref reference referencia
    referenz region rekening remark remarks request response result role room route row rue salary
    saldo sale sales sample score sector sek sensor serial server session severity sex shipment
    shop short sign site size sku solde soll sort source species speed sprache start state station
    status steuersatz stock store straat strasse straße street student stück stückzahl sub subject
    sum summe supplier surname symbol tag tank tax team telefon telephone temperatur temperature
    temperatuur test text then time timestamp titel title to total totale transaction trip typ type
    uhrzeit uid unit unitprice units updated url usage user username uuid valeur valor value valuta
    vendor verkauf version verwendung verwendungszweck ville vin volt volume von vorname város
    waehrung warehouse website weight wert wind wkn währung x y year z zahl zeit ziel zip zipcode
    zone ár összeg částka город дата имя кол название описание сумма цена
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

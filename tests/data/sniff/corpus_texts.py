"""The part of the corpus that is written by hand: the quirks of one sender each."""

# ruff: noqa: E501, RUF001, S105 - lines, letters and names are as the senders write them

from __future__ import annotations

from tests.data.sniff.corpus_case import Case

GIRO = """\
Sparkasse Musterstadt
Kontoauszug;DE02 1203 0000 0000 2020 51
Zeitraum:;01.05.2024 - 31.05.2024

Buchungstag;Wertstellung;Empfänger;Zweck;Betrag;Währung
02.05.2024;02.05.2024;Stadtwerke;Abschlag Mai;-86,00;EUR
03.05.2024;03.05.2024;Bäckerei Groß;Kartenzahlung;-4,75;EUR
06.05.2024;06.05.2024;Arbeitgeber AG;Gehalt;2.415,33;EUR
07.05.2024;07.05.2024;Möbelhaus;Rechnung 8812, Rate 2;-120,00;EUR
"""
DATEV = """\
"EXTF";700;21;"Buchungsstapel";9;20240131120000000;;"RE";"";"";1001;456;20240101;4;20240101;20240131
Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;WKZ Basis-Umsatz;Konto;Gegenkonto;BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;Postensperre;Diverse
119,00;"S";"EUR";;;"";10000;8400;"";0301;"RE-1001";"";;"Müller, Wartung";0;""
238,50;"S";"EUR";;;"";10001;8400;"";0501;"RE-1002";"";;"Schäfer, Teile";0;""
59,90;"H";"EUR";;;"";10002;8400;"";0801;"GS-0007";"";;"Gutschrift";0;""
"""
REPORT_COMMA = """\
Report of open orders
Created on 2024-06-01 by the export job

order,customer,date,total
1001,Miller,2024-05-02,18.50
1002,Evans,2024-05-04,220.00
1003,Wright,2024-05-09,7.95
1004,Jones,2024-05-11,64.10
"""
ANALYTICS = """\
# ----------------------------------------
# All Web Site Data
# Pages
# 20240501-20240531
# ----------------------------------------
Page,Pageviews,Unique Pageviews,Avg. Time on Page,Bounce Rate
/home,"12,034","9,871",00:01:12,43.21%
/products,"8,201","6,004",00:02:03,31.90%
/contact,912,870,00:00:48,61.00%
"""
EXCEL_PADDED = """\
Umsatzliste;;;;;
Stand:;31.12.2023;;;;
;;;;;
Filiale;Artikel;Menge;Einzelpreis;Umsatz;Anteil
Nord;4711;12;3,50;42,00;10 %
Nord;4712;3;12,00;36,00;8,6 %
Süd;4711;40;3,50;140,00;33,4 %
Süd;4713;1;200,00;200,00;48 %
Summe;;56;;418,00;100 %
"""
SAP_LIST = """\
-------------------------------------------------
|Material  |Plant|Stock   |Unit|Last movement|
-------------------------------------------------
|100-100   |1000 |   12,00|ST  |02.05.2024   |
|100-200   |1000 |    0,00|ST  |17.04.2024   |
|100-300   |1100 |1.250,50|KG  |30.05.2024   |
|100-400   |1100 |    7,00|ST  |28.05.2024   |
-------------------------------------------------
"""
PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
anna:x:1000:1000:Anna Berg,,,:/home/anna:/bin/bash
"""
ACCESS_LOG = """\
127.0.0.1 - - [10/Oct/2024:13:55:36 +0200] "GET /index.html HTTP/1.1" 200 2326
10.0.0.7 - anna [10/Oct/2024:13:55:39 +0200] "POST /login HTTP/1.1" 302 0
10.0.0.7 - anna [10/Oct/2024:13:55:40 +0200] "GET /home HTTP/1.1" 200 18221
192.168.1.4 - - [10/Oct/2024:13:56:01 +0200] "GET /favicon.ico HTTP/1.1" 404 209
10.0.0.9 - - [10/Oct/2024:13:56:13 +0200] "GET /a?b=1 HTTP/1.1" 200 512
"""
APP_LOG = """\
Server started on port 8080
Loading configuration from /etc/app.conf
Connection to database established
Warning: certificate expires in 12 days
User anna logged in from 10.0.0.7
Job nightly-import finished with 3 warnings
Shutting down
"""
SENTENCES = """\
The shipment arrived on Monday, but two boxes were damaged.
Customer asked for a refund; we offered a replacement.
No answer so far.
Called again, left a message, will try tomorrow.
Closed.
Reopened by Mr. Brown, see the mail of May 3.
"""
NAMES = """\
Name
Anna
Bernd
Christine
Dörte
Emil
"""
NUMBERS = "17\n4\n22\n9\n130\n58\n1\n77\n"
EMAILS = "email\nanna@example.org\nbob.smith@example.com\ninfo@example.net\nsales@example.de\n"
TIMES = "".join(f"2024-05-{day:02d} {hour:02d}:15:00\n" for day in range(1, 9) for hour in (6, 18))
URLS = """\
https://www.example.org/a/b?x=1&y=2
https://www.example.org/c
http://example.com/path/to/page.html
https://shop.example.net/item/4711?ref=mail
"""
FIXED_WIDTH = """\
ID    NAME           CITY        AMOUNT
1     Anna Berg      Hamburg      12.50
2     Bob Smith      Leeds       120.00
13    Chen Li        Shanghai      7.95
204   Dora Weiss     Wien       1044.10
"""
RAGGED = """\
id,name,phone,mobile,fax
1,Anna,0401234,0171555,0401235
2,Bob,020777
3,Chen
4,Dora,0431222,0664333,0431223
5,Emil,030111,0170222
6,Fritz,089333,0151444,089334
"""
RAGGED_LONG = """\
id;name;remark
1;Anna;fine
2;Bob;late; called twice
3;Chen;fine
4;Dora;
5;Emil;wrong; item; returned
6;Fritz;fine
7;Gina;fine
"""
TRAILER = """\
H|20240531|ACME|ORDERS
D|1001|4711|12|18.50
D|1002|4712|1|220.00
D|1003|4711|3|7.95
D|1004|4715|9|64.10
T|4|310.55
"""
TRAILING_DELIMITER = """\
id,name,amount,
1,Anna,12.50,
2,Bob,7.00,
3,Chen,130.00,
"""
SPACED = """\
id, name, city, amount
1, Anna, Hamburg, 12.50
2, Bob, Leeds, 7.00
3, Chen, Shanghai, 130.00
"""
SPACED_QUOTES = """\
"id", "name", "city"
"1", "Berg, Anna", "Hamburg"
"2", "Smith, Bob", "Leeds"
"3", "Li, Chen", "Shanghai"
"""
INCHES = """\
article;size;price
Pipe;3";12,50
Pipe;4 1/2";18,90
Screen 24" wide;24";199,00
Screen;27";249,00
"""
APOSTROPHES = """\
id,name,town
1,O'Brien,L'Aquila
2,D'Angelo,Martha's Vineyard
3,'t Hooft,Utrecht
4,Smith,King's Lynn
"""
SQL_VALUES = """\
1,'Anna','2024-05-01',NULL
2,'O''Brien','2024-05-02','x'
3,'Li, Chen','2024-05-03',''
4,'Dora','2024-05-04',NULL
"""
JSON_CELLS = """\
id,payload,created
1,"{""a"": 1, ""b"": [1, 2]}",2024-05-01T10:00:00Z
2,"{""a"": 2, ""b"": []}",2024-05-01T10:05:00Z
3,"{}",2024-05-01T10:07:30Z
"""
BACKSLASH = """\
id,text,n
1,"he said \\"no\\", twice",4
2,"plain",5
3,"a, b",6
4,"x",7
"""
HTML_CELLS = """\
sku;title;description;price
A1;Lamp;"<p>Bright; 40 W</p><br/>";19,90
A2;Chair;"<ul><li>oak</li><li>80 cm</li></ul>";89,00
A3;Desk;"<p class=""big"">Big</p>";249,00
"""
STOCKS = """\
Date,Open,High,Low,Close,Adj Close,Volume
2024-05-01,169.58,172.71,169.11,169.30,168.61,50383100
2024-05-02,172.51,173.42,170.89,173.03,172.32,94214900
2024-05-03,186.65,187.00,182.66,183.38,182.63,163224100
"""
YEARS = """\
Country,2019,2020,2021,2022
Austria,8858775,8901064,8932664,8978929
Belgium,11455519,11522440,11554767,11617623
Cyprus,875899,888005,896007,904705
"""
POPULATION = """\
1;Hamburg;1.892.122;53,55;10,00
2;München;1.512.491;48,14;11,58
3;Köln;1.084.831;50,94;6,96
4;Dresden;563.311;51,05;13,74
"""
THOUSANDS = """\
region;budget;spent;rest
North;"1,200,000";"800,500";"399,500"
South;"950,000";"951,000";"-1,000"
West;"75,000";"12,250";"62,750"
"""
PAYPAL = """\
"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net"
"01/05/2024","08:11:02","CEST","Anna Berg","Express Checkout Payment","Completed","EUR","49,90","-1,60","48,30"
"02/05/2024","19:40:51","CEST","Bob's Shop","Refund","Completed","EUR","-10,00","0,35","-9,65"
"03/05/2024","07:05:12","CEST","","General Withdrawal","Pending","EUR","-300,00","0,00","-300,00"
"""
RUSSIAN = """\
Номер;Дата;Покупатель;Сумма
1;01.05.2024;Иванов;1200,50
2;02.05.2024;Петрова;87,00
3;03.05.2024;Сидоров и сыновья;15400,00
4;06.05.2024;Кузнецова;310,25
"""
GREEK = """\
Κωδικός,Όνομα,Πόλη
1,Γιώργος,Αθήνα
2,Μαρία,Θεσσαλονίκη
3,Νίκος,Πάτρα
"""
CHINESE = """\
编号,名称,数量,单价
1,螺丝,1200,0.35
2,螺母,800,0.20
3,垫圈,15000,0.05
"""
JAPANESE = """\
番号,氏名,フリガナ,都道府県
1,山田太郎,ヤマダタロウ,東京都
2,佐藤花子,サトウハナコ,大阪府
3,鈴木一郎,スズキイチロウ,北海道
"""
TURKISH = """\
No;Adı;Soyadı;Şehir;Tutar
1;Ayşe;Yılmaz;İstanbul;120,50
2;Çağrı;Öztürk;Muğla;75,00
3;Gökçe;Şahin;Eskişehir;310,90
"""
DANISH = """\
Nr;Navn;By;Beløb
1;Søren Ørsted;København;120,00
2;Åse Kjær;Århus;75,50
3;Mogens Hæstrup;Næstved;88,25
"""
HUNGARIAN = """\
Sorszám;Név;Város;Összeg
1;Kovács Zsófia;Győr;12500
2;Tóth Ernő;Székesfehérvár;8900
3;Szűcs Bálint;Kőszeg;45000
"""
ROOMS = """\
room|capacity|projector
A 1.01|12|yes
A 1.02|30|no
B 2.11|8|yes
"""
ALL_TEXT = """\
first,last,city,hobby
Anna,Berg,Hamburg,chess
Bob,Smith,Leeds,rowing
Chen,Li,Shanghai,chess
Dora,Weiss,Vienna,music
Emil,Roth,Hamburg,rowing
"""
TEXT_NO_HEADER = """\
Anna,Hamburg,chess,red
Bob,Leeds,rowing,blue
Chen,Shanghai,chess,red
Dora,Vienna,music,green
Anna,Leeds,rowing,red
Bob,Hamburg,music,blue
"""
FRUIT = """\
apple;red
pear;green
plum;blue
grape;green
"""
NAMES_COMMA = """\
Berg, Anna
Smith, Bob
Li, Chen
Weiss, Dora
"""
DECIMALS = "12,50\n7,00\n130,25\n8,75\n99,90\n"
BOTH = "1,2;3,4\n5,6;7,8\n9,1;2,3\n4,5;6,7\n"
BOTH_TEXT = "a,b;c\nd,e;f\ng,h;i\n"
GERMAN_ADDRESSES = """\
Anrede;Name;Straße;PLZ;Ort;Land
Frau;Jäger, Käthe;Mühlenstraße 4;04109;Leipzig;D
Herr;Weiß, Götz;Am Rößle 12;70173;Stuttgart;D
Firma;Öl & Söhne;Hafenstr. 1, Tor 3;20457;Hamburg;D
"""
TWO_TABLES = """\
Customers
id,name,city
1,Anna,Hamburg
2,Bob,Leeds

Orders
id,customer,total
10,1,18.50
11,2,7.95
12,1,120.00
13,2,64.10
"""
SHORT_SEMICOLON = "id;name\n1;Anna\n"
PHONE = """\
caller;callee;start;seconds;cost
+49 40 1234567;+44 20 7946 0000;2024-05-01 08:00:12;63;0,12
+49 40 1234568;+49 30 5550123;2024-05-01 08:02:40;410;0,00
+49 40 1234567;0800 1110222;2024-05-01 09:15:01;12;0,00
"""
COORDINATES = """\
place;position;height
Zugspitze;47.4210, 10.9863;2962
Brocken;51.7991, 10.6156;1141
Feldberg;47.8739, 8.0040;1493
"""
LISTS = """\
id;tags;owner
1;red,green,blue;anna
2;red,black,white;bob
3;blue,green,red;chen
4;white,red,black;dora
"""
PIPE_LISTS = """\
id,tags,owner,n
1,red|green|blue,anna,3
2,red|black|white,bob,5
3,blue|green|red,chen,1
4,white|red|black,dora,9
"""
KEY_VALUE = """\
[server]
host=db1.example.org
port=5432
user=app
timeout=30
[client]
retries=3
"""
MARKS_TAB = """\
Schüler\tDeutsch\tMathe\tSport
Anna B.\t2\t1-\t2+
Ben C.\t3\t2\t1
Cem D.\t1\t4\t2-
"""
HIVE = "1\x01anna\x012024-05-01\x0112.5\n2\x01bob\x01\\N\x017.25\n3\x01chen\x012024-05-03\x01\\N\n"
CONCORDANCE = "DOCID\x14DATE\x14AUTHOR\nD0001\x142024-05-01\x14Berg\nD0002\x142024-05-02\x14Smith\n"
PERCENT = "part%share%n\na%10.5%3\nb%20.25%4\nc%69.25%9\n"
HASH = "code#qty#price\nA17#3#9.95\nB22#12#0.50\nC03#1#120.00\n"
EQUALS = "2024-05-01=anna=17\n2024-05-02=bob=4\n2024-05-03=chen=22\n2024-05-04=dora=8\n"
SPACES_QUOTED = """\
name age city
"Anna Berg" 41 Hamburg
"Bob Smith" 33 Leeds
"Chen Li" 29 Shanghai
"Dora Weiss" 55 Vienna
"""
GERMAN_LONG = """\
Ticket-Nr.;Betreff;Beschreibung;Angelegt am;Status
T-1;"Drucker geht nicht";"Der Drucker im 2. OG druckt nicht; Toner ist voll.
Bitte um Rückruf, danke!";02.05.2024 08:14;offen
T-2;"Passwort";"Zurücksetzen, bitte";02.05.2024 09:30;erledigt
T-3;"Bildschirm ""flackert"" stark";"Seit gestern.

Gruß
Jörg";03.05.2024 11:02;offen
"""
MANY_BLANKS = "\n\nid,name,n\n\n1,Anna,4\n\n2,Bob,5\n\n3,Chen,6\n\n"
COMMENTED = """\
# generated by station 12
# units: C, %, hPa
time,temp,hum,press
06:00,11.2,81,1013.2
06:10,11.3,80,1013.2
06:20,11.6,79,1013.1
"""
WIDE = (
    ";".join(f"F{n:03d}" for n in range(120)) + "\n"
    + "".join(";".join(str((n * k) % 97) for n in range(120)) + "\n" for k in range(3, 12))
)  # fmt: skip
LONG_TEXT = "id\ttext\n" + "".join(
    f"{n}\t{'The quick, brown fox; jumps over: the lazy dog. ' * (n % 7 + 1)}\n"
    for n in range(1, 25)
)
DUPLICATE_HEADER = "name;amount;amount;date\nAnna;12,5;3;01.05.2024\nBob;7,0;9;02.05.2024\n"
MISSING_CORNER = ",Q1,Q2,Q3\nNorth,120.5,99.0,143.2\nSouth,88.1,91.4,70.0\nWest,45.9,60.2,59.9\n"
UPPER_NAMES = "KUNNR|NAME1|ORT01|LAND1\n0000100001|ACME AG|HAMBURG|DE\n0000100002|BETA KG|WIEN|AT\n0000100003|GAMMA SA|LYON|FR\n"
CODE_MATRIX = "AA,BB,CC\nDD,EE,FF\nGG,HH,II\nJJ,KK,LL\n"
ONE_LINE_DATA = "1001,Anna,2024-05-01,12.50\n"
HEADER_ONLY = "Kundennummer;Name;Ort;Betrag\n"
HEADER_ONLY_COMMA = "order_id,customer,created_at,total\n"
NO_END = "id,name,n\n1,Anna,4\n2,Bob,5\n3,Chen,6"
MIXED_ENDS = "id;name;n\r\n1;Anna;4\n2;Bob;5\r\n3;Chen;6\n"
EURO = "Artikel;Preis\nHörgerät;1.299,00 €\nBügeleisen;49,90 €\nKühlbox;89,00 €\n"
SMART = (
    "id,quote,by\n1,“All’s well that ends well” – play,Shakespeare\n2,“Être…”,Sartre\n3,“No”,Anon\n"
)
EMOJI = "id,reaction,count\n1,👍,12\n2,🎉,3\n3,❤️,40\n"
TINY_CP1252 = "id;ort\n1;Köln\n2;Bonn\n"
CAFE = "id,name\n1,Café Anna\n2,Bar\n"
CZECH_OR_ITALIAN = "id;name\n1;P\xe8ve\n2;Nov\xe8\n"


def sep(char: str, text: str) -> str:
    """Return the text behind the line with which Excel says its delimiter."""
    return f"sep={char}\n{text}"


CRLF = "\r\n"
TEXTS: list[Case] = [
    Case("giro-preamble.csv", GIRO, ";", True, encoding="cp1252", end=CRLF),
    Case("giro-preamble-utf8.csv", GIRO, ";", True, encoding="utf-8-sig", end=CRLF),
    Case("datev-extf.csv", DATEV, ";", True, encoding="cp1252", end=CRLF),
    Case("report-preamble.csv", REPORT_COMMA, ",", True),
    Case("report-preamble-tab.txt", REPORT_COMMA.replace(",", "\t"), "\t", True, end=CRLF),
    Case("analytics.csv", ANALYTICS, ",", True),
    Case("excel-padded-preamble.csv", EXCEL_PADDED, ";", True, encoding="cp1252", end=CRLF),
    Case("sap-list.txt", SAP_LIST, "|", True),
    Case("passwd.txt", PASSWD, ":", False),
    Case("access.log", ACCESS_LOG, " ", False),
    Case("application.log", APP_LOG, None, False, unsure=("header",)),
    Case("sentences.txt", SENTENCES, None, False, unsure=("header",)),
    Case("one-column-names.csv", NAMES, None, True),
    Case("one-column-names-cp1252.csv", NAMES, None, True, encoding="cp1252", end=CRLF),
    Case("one-column-numbers.csv", NUMBERS, None, False),
    Case("one-column-numbers-header.csv", "amount\n" + NUMBERS, None, True),
    Case("one-column-emails.csv", EMAILS, None, True),
    Case("one-column-emails-no-header.csv", EMAILS.split("\n", 1)[1], None, False),
    Case("one-column-times.csv", "timestamp\n" + TIMES, None, True),
    Case("one-column-times-no-header.csv", TIMES, None, False),
    Case("one-column-urls.txt", URLS, None, False),
    Case("one-column-quoted.csv", 'name\n"Berg, Anna"\n"Smith, Bob"\n"Li, Chen"\n', None, True),
    Case("one-column-decimals-header.csv", "Betrag\n" + DECIMALS, None, True),
    Case("fixed-width.txt", FIXED_WIDTH, None, True),
    Case("ragged.csv", RAGGED, ",", True),
    Case("ragged-too-long.csv", RAGGED_LONG, ";", True),
    Case("record-types-trailer.txt", TRAILER, "|", False, unsure=("header",)),
    Case("trailing-delimiter.csv", TRAILING_DELIMITER, ",", True),
    Case("trailing-delimiter-semicolon.csv", TRAILING_DELIMITER.replace(",", ";"), ";", True),
    Case("blank-behind-comma.csv", SPACED, ",", True),
    Case("blank-before-quotes.csv", SPACED_QUOTES, ",", True),
    Case("inches.csv", INCHES, ";", True),
    Case("inches-comma.csv", INCHES.replace(",", ".").replace(";", ","), ",", True),
    Case("apostrophes.csv", APOSTROPHES, ",", True),
    Case("sql-values.csv", SQL_VALUES, ",", False, "'"),
    Case("sql-values-header.csv", "id,name,day,flag\n" + SQL_VALUES, ",", True, "'"),
    Case("json-cells.csv", JSON_CELLS, ",", True),
    Case("json-cells.tsv", 'id\tpayload\n1\t{"a": 1, "b": 2}\n2\t{"a": 2, "b": 3}\n', "\t", True),
    Case("backslash-escapes.csv", BACKSLASH, ",", True),
    Case("html-cells.csv", HTML_CELLS, ";", True),
    Case("stocks.csv", STOCKS, ",", True),
    Case("stocks-no-header.csv", STOCKS.split("\n", 1)[1], ",", False),
    Case("years-as-names.csv", YEARS, ",", True),
    Case("population-no-header.csv", POPULATION, ";", False, encoding="cp1252", end=CRLF),
    Case("thousands-quoted.csv", THOUSANDS, ";", True),
    Case("paypal.csv", PAYPAL, ",", True, encoding="utf-8-sig", end=CRLF),
    Case("russian-cp1251.csv", RUSSIAN, ";", True, encoding="cp1251", end=CRLF),
    Case("russian-utf8.csv", RUSSIAN, ";", True),
    Case("russian-utf16.csv", RUSSIAN, ";", True, encoding="utf-16-le", end=CRLF),
    Case("greek-utf8.csv", GREEK, ",", True),
    Case("chinese-utf8.csv", CHINESE, ",", True),
    Case("chinese-gb18030.csv", CHINESE, ",", True, encoding="gb18030", unsure=("encoding",)),
    Case("japanese-utf8.csv", JAPANESE, ",", True, encoding="utf-8-sig"),
    Case(
        "japanese-cp932.csv", JAPANESE, ",", True, encoding="cp932", end=CRLF, unsure=("encoding",)
    ),
    Case("turkish-cp1254.csv", TURKISH, ";", True, encoding="cp1254", end=CRLF),
    Case("danish-cp1252.csv", DANISH, ";", True, encoding="cp1252", end=CRLF),
    Case("danish-utf8.csv", DANISH, ";", True),
    Case("hungarian-cp1250.csv", HUNGARIAN, ";", True, encoding="cp1250", end=CRLF),
    Case("rooms-pipe.txt", ROOMS, "|", True),
    Case("all-text.csv", ALL_TEXT, ",", True),
    Case("all-text-no-header.csv", TEXT_NO_HEADER, ",", False),
    Case("fruit.csv", FRUIT, ";", False, unsure=("header",)),
    Case("names-with-comma.txt", NAMES_COMMA, None, False, unsure=("delimiter", "header")),
    Case("decimals-or-two-columns.csv", DECIMALS, None, False, unsure=("delimiter",)),
    Case("comma-and-semicolon.csv", BOTH, ";", False, unsure=("delimiter",)),
    Case("comma-and-semicolon-text.csv", BOTH_TEXT, ",", False, unsure=("delimiter", "header")),
    Case("code-matrix.csv", CODE_MATRIX, ",", False, unsure=("header",)),
    Case("adressen.csv", GERMAN_ADDRESSES, ";", True, encoding="cp1252", end=CRLF),
    Case("adressen-mac.csv", GERMAN_ADDRESSES, ";", True, encoding="mac-roman", end="\r"),
    Case(
        "adressen-utf16-no-bom.csv",
        GERMAN_ADDRESSES,
        ";",
        True,
        encoding="utf-16-le",
        has_bom=False,
    ),
    Case(
        "adressen-utf16be-no-bom.csv",
        GERMAN_ADDRESSES,
        ";",
        True,
        encoding="utf-16-be",
        has_bom=False,
    ),
    Case("two-tables.csv", TWO_TABLES, ",", True),
    Case("two-lines.csv", SHORT_SEMICOLON, ";", True),
    Case("phone-calls.csv", PHONE, ";", True),
    Case("coordinates.csv", COORDINATES, ";", True),
    Case("lists-in-cells.csv", LISTS, ";", True),
    Case("pipe-lists-in-cells.csv", PIPE_LISTS, ",", True),
    Case("settings.ini", KEY_VALUE, None, False, unsure=("header",)),
    Case("noten.tsv", MARKS_TAB, "\t", True, encoding="cp1252", end=CRLF),
    Case("hive-ctrl-a.txt", HIVE, "\x01", False),
    Case("concordance.dat", CONCORDANCE, "\x14", True),
    Case("percent.txt", PERCENT, "%", True),
    Case("hash.txt", HASH, "#", True),
    Case("equals.txt", EQUALS, "=", False),
    Case("spaces-quoted.txt", SPACES_QUOTED, " ", True),
    Case("tickets-newlines.csv", GERMAN_LONG, ";", True, encoding="cp1252", end=CRLF),
    Case("tickets-newlines-utf8.csv", GERMAN_LONG, ";", True),
    Case("many-blank-lines.csv", MANY_BLANKS, ",", True),
    Case("commented.csv", COMMENTED, ",", True),
    Case("wide.csv", WIDE, ";", True),
    Case("long-text.tsv", LONG_TEXT, "\t", True),
    Case("duplicate-header.csv", DUPLICATE_HEADER, ";", True),
    Case("missing-corner.csv", MISSING_CORNER, ",", True),
    Case("sap-upper.txt", UPPER_NAMES, "|", True),
    Case("one-line-data.csv", ONE_LINE_DATA, ",", False),
    Case("header-only.csv", HEADER_ONLY, ";", True),
    Case("header-only-comma.csv", HEADER_ONLY_COMMA, ",", True),
    Case("header-only-no-end.csv", HEADER_ONLY.rstrip(), ";", True),
    Case("empty.csv", "", None, False, unsure=("delimiter", "header")),
    Case("blank-lines-only.csv", "\n\n\n", None, False, unsure=("delimiter", "header")),
    Case("bom-only.csv", "", None, False, encoding="utf-8-sig", unsure=("delimiter", "header")),
    Case("no-final-line-end.csv", NO_END, ",", True),
    Case("mixed-line-ends.csv", MIXED_ENDS, ";", True),
    Case("euro-cp1252.csv", EURO, ";", True, encoding="cp1252", end=CRLF),
    Case("smart-quotes.csv", SMART, ",", True),
    Case("smart-quotes-cp1252.csv", SMART, ",", True, encoding="cp1252", end=CRLF),
    Case("emoji.csv", EMOJI, ",", True),
    Case("one-umlaut.csv", TINY_CP1252, ";", True, encoding="cp1252"),
    Case("one-accent.csv", CAFE, ",", True, encoding="latin-1"),
    Case(
        "czech-or-italian.csv", CZECH_OR_ITALIAN, ";", True, encoding="cp1252", unsure=("encoding",)
    ),
    Case("sep-semicolon.csv", sep(";", PHONE), ";", True, end=CRLF),
    Case("sep-semicolon-bom.csv", sep(";", EURO), ";", True, encoding="utf-8-sig", end=CRLF),
    Case("sep-comma.csv", sep(",", STOCKS), ",", True, end=CRLF),
    Case("sep-tab.csv", sep("\t", MARKS_TAB), "\t", True, encoding="utf-8-sig", end=CRLF),
    Case("sep-pipe-one-row.csv", sep("|", "1|Anna\n"), "|", False),
    Case("sep-semicolon-commas-in-text.csv", sep(";", LISTS), ";", True, end=CRLF),
]

CREATE TABLE partner (name TEXT, country TEXT, active INTEGER);
INSERT INTO partner VALUES ('Ana Berg', 'DE', 1);
INSERT INTO partner VALUES ('Bo Lind', 'SE', 1);
INSERT INTO partner VALUES ('Cy Roux', 'FR', 0);

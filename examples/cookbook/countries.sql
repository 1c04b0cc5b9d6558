CREATE TABLE country (code TEXT, name TEXT);
INSERT INTO country VALUES ('DE', 'Germany'), ('FR', 'France'), ('NO', 'Norway');

"""How a text is written, told from how it looks: encoding, delimiter, quotes, header."""

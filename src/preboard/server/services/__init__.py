"""What requests ask for, as plain functions: the routes of both versions are shapes over them."""

"""Reads what the user gives and says which posts it designates; it opens no file and no connection."""

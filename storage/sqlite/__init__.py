"""The corpus in one SQLite file. SQL is written in this package alone."""

"""Bytes that somebody calls a table → a typed table. Pure: no network, no database but DuckDB."""

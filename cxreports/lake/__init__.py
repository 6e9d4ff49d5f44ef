"""Parquet with commits: the only place where data is written and read back."""

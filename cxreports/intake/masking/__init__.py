"""Masking of personal data in words: one module per kind of data, `mask` for their order, `first_pass` for what is looked at."""

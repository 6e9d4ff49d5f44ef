"""Measurements → report.json → HTML and PDF."""

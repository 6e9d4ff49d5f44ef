"""Dagster on top of cxreports: assets, checks, schedules and a sensor, made from settings and catalogue.

Bodies call `cxreports.pipeline` and say what came of it; nothing is computed here, and nothing in cxreports imports this.
"""

"""What another system's totals may be held against: names that stand in cxreports.toml, no computing."""

from typing import Literal

Quantity = Literal[
    "legs", "inbound_legs", "answered_legs", "wait_s", "talk_s", "hold_s", "acw_s",
    "cases", "solved_cases", "case_events", "survey_responses", "answered_surveys", "survey_score", "turns", "events",
    "evaluations", "recordings", "recording_bytes", "synthetic_runs", "knowledge_searches",
]  # fmt: skip

"""The usual breakdowns: what every metric whose units belong to an interaction can be broken down by. `analysis` joins them."""

from collections.abc import Mapping

USUAL: Mapping[str, str] = {
    "channel": "voice, chat, messaging, sms, email, task",
    "queue": "the first queue",
    "intent": "what the customer wanted",
    "journey": "the designed journey it belongs to",
    "region": "the customer's region",
    "language": "language",
    "device": "device or client",
    "segment": "customer segment",
    "handler": "ai_only, ai_then_human, human_only or none: who handled it",
    "ai_agent": "the AI agent",
    "ai_agent_version": "its version",
    "agent_id": "the last person",
    "team": "the last person's team or site",
    "hour": "local hour of its start",
    "new_or_repeat": "repeat: the same customer had come for the same reason within the 7 days before; new: had not; forward:"
    " passed on within minutes or only thanks, a part of the interaction before; unknown: the customer is not identified, or"
    " the history before is too short",
}

# The interaction to which a unit belongs, by the metric's grain; a grain that is not here belongs to none.
INTERACTION_OF: Mapping[str, str] = {
    "interaction": "select interaction_id as unit_id, interaction_id from core_interactions",
    "handoff": "select handoff_id as unit_id, interaction_id from out_handoffs",
    "episode": "select interaction_id as unit_id, interaction_id from core_interactions",  # its first one
    "leg": "select leg_id as unit_id, coalesce(root_id, leg_id) as interaction_id from core_legs",
    "survey response": "select response_id as unit_id, interaction_id from out_surveys",
    "judgement": "select distinct e.leg_id || ':' || coalesce(e.form, '') || ':' || a.question as unit_id,"
    " coalesce(l.root_id, l.leg_id) as interaction_id from core_evaluation_answers as a join core_evaluations as e"
    " on e.evaluation_id = a.evaluation_id and e.source = a.source join core_legs as l on l.leg_id = e.leg_id",
    "case": "select case_id as unit_id, interaction_id from out_cases",
    "journey run": "select run_id as unit_id, interaction_id from out_journey_runs",
    "journey step": "select step_id as unit_id, interaction_id from out_journey_steps",
}

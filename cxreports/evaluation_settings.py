"""Which questions of evaluation forms stand for which figure, and what answer fulfils them. Never guessed from their words."""

import json
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Measured = Literal[
    "intent_match", "answer_accuracy", "unsafe_reply",  # of an AI
    "policy_adherence", "tone", "note_quality", "handoff_judgement", "discovery",  # of people
]  # fmt: skip


class EvaluationItemSettings(BaseModel):
    """One question of a form. A score of at least `pass_at` fulfils it, or one of `answers`; `reversed`: the others do.

    For unsafe_reply, fulfilled means unsafe.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    measures: Measured
    question: str = Field(min_length=1)  # its id, as evaluation_answers.question has it
    form: str | None = None  # title of the form; without it, of every form
    pass_at: float = Field(default=1.0, ge=0, le=1)  # share of the question's points
    answers: tuple[str, ...] = ()  # texts of answers, in place of a score; case does not count
    reversed: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.answers and "pass_at" in self.model_fields_set:
            raise ValueError("needs either pass_at or answers")
        if any("|" in a or not a.strip() for a in self.answers):
            raise ValueError("an answer is empty, or has a | in it")
        return self


def items_json(items: Mapping[str, EvaluationItemSettings]) -> str:
    """All items as the metrics read them, in the order of their names."""
    return json.dumps([_item(items[name]) for name in sorted(items)], ensure_ascii=False)


def _item(item: EvaluationItemSettings) -> dict[str, str | None]:
    listed = "|".join(a.strip().lower() for a in item.answers)
    return {
        "measures": item.measures,
        "question": item.question,
        "form": item.form,
        "pass_at": f"{item.pass_at:.4f}",
        "answers": f"|{listed}|" if listed else None,
        "reversed": "true" if item.reversed else "false",
    }

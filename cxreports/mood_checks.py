"""Labels that people gave against scores: how often a scorer errs, kept in the project, and a model trained on labelled turns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cxreports.errors import InputError, QuestionError
from cxreports.intake.privacy import mask
from cxreports.lake.engine import create, rows
from cxreports.lake.view import View
from cxreports.pipeline import Project, open_view
from cxreports.sentiment.checks import Checks, keep_checks, replace_file
from cxreports.sentiment.labels import Label, read_labels
from cxreports.sentiment.model import ModelFile
from cxreports.sentiment.scorer import MOODS, Confusion, Found, Scorer, found_of, no_confusion
from cxreports.sentiment.train import Labelled, train


@dataclass(frozen=True)
class Checked:
    """How each scorer did. `judged`: interaction_id, turn_id or text; only of interactions are the counts kept."""

    judged: str
    by_scorer: Checks
    kept_in: Path | None


def check(project: Project, labels: Path, as_of: datetime | None = None) -> Checked:
    """Count the labels by what scorers made of the same interactions (kept for figures) or turns (told only)."""
    judged, found = read_labels(labels)
    if judged == "interaction_id":
        by_scorer = _ends(open_view(project, as_of), found, labels.name)
        path = project.folder / project.settings.sentiment.checked
        keep_checks(path, by_scorer)
        return Checked(judged, by_scorer, path)
    if project.scorer is None:
        raise QuestionError(
            "turns are checked against the project's own scorer, and [sentiment] names none; label interactions to check others"
        )
    turns = _turns(project, judged, found, labels.name, as_of)
    return Checked(judged, {project.scorer.name: _confusion(project.scorer, turns)}, None)


def train_model(project: Project, labels: Path, target: Path, as_of: datetime | None = None) -> ModelFile:
    """Train on labelled turns and write the model; the file is replaced in one step."""
    judged, found = read_labels(labels)
    if judged == "interaction_id":
        raise InputError(f"{labels}: a model is trained on turns: give turn_id or text, and how the customer felt in that turn")
    made = train([(turn, label) for turn, label in _turns(project, judged, found, labels.name, as_of)])
    replace_file(target, made.text())
    return made


def _ends(view: View, found: Sequence[Label], name: str) -> Checks:
    """By scorer; interactions without a score count for no scorer, since no figure counts them either."""
    labels = _unique(found, name)
    _load(view, labels)
    ends = rows(
        view.con,
        """select l.value, i.scorer, i.end_sentiment, i.interaction_id is not null as is_known
            from labelled as l left join core_interactions as i on i.interaction_id = l.value order by l.line""",
    )
    if unknown := [f"{name}, line {labels[r['value']].line}: no such interaction was loaded" for r in ends if not r["is_known"]]:
        raise InputError(unknown)
    by_scorer: Checks = {}
    for r in ends:
        if r["scorer"] is not None:
            by_scorer.setdefault(str(r["scorer"]), no_confusion())[labels[r["value"]].mood][_found(r["end_sentiment"])] += 1
    if not by_scorer:
        raise InputError(f"{name}: none of these interactions has a score; there is nothing to check")
    return by_scorer


def _found(mood: str) -> Found:
    return next(m for m in MOODS if m == mood)


def _turns(project: Project, judged: str, found: Sequence[Label], name: str, as_of: datetime | None) -> list[Labelled]:
    """Masked text and label of each."""
    if judged == "text":
        rules = project.settings.privacy
        return [(mask(label.value, rules.phone_region, rules.national_ids), label.mood) for label in found]
    view, labels = open_view(project, as_of), _unique(found, name)
    _load(view, labels)
    said = rows(
        view.con,
        """select l.value, count(t.content) as n, min(t.content) as content
            from labelled as l
            left join core_turns as t on t.turn_id = l.value and t.speaker = 'customer'
            group by l.value, l.line order by l.line""",
    )
    words = {0: "no such turn of a customer was loaded", 2: "several turns have that id; give their text instead"}
    if faults := [f"{name}, line {labels[r['value']].line}: {words[min(r['n'], 2)]}" for r in said if r["n"] != 1]:
        raise InputError(faults)
    return [(str(r["content"]), labels[r["value"]].mood) for r in said]


def _unique(found: Sequence[Label], name: str) -> dict[str, Label]:
    seen = Counter(label.value for label in found)
    if faults := [f"{name}, line {label.line}: was judged twice; settle it first" for label in found if seen[label.value] > 1]:
        raise InputError(faults)
    return {label.value: label for label in found}


def _load(view: View, labels: dict[str, Label]) -> None:
    create(view.con, "labelled", "select null::varchar as value, null::bigint as line limit 0")
    view.con.executemany("insert into labelled values (?, ?)", [[label.value, label.line] for label in labels.values()])


def _confusion(scorer: Scorer, turns: Sequence[Labelled]) -> Confusion:
    table = no_confusion()
    for text, mood in turns:
        table[mood][found_of(scorer.score(text, None))] += 1
    return table

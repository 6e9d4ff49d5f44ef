"""Moods: a scorer's errors, and a model of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from cxreports.options import HERE, AsOf, ProjectDir, instant_of
from cxreports.printing import visible

app = typer.Typer()
sentiment = typer.Typer(no_args_is_help=True, help="How well moods are scored, and a model trained on your own labels.")
app.add_typer(sentiment, name="sentiment")
Labels = Annotated[
    Path, typer.Argument(help="CSV with a column 'label' (negative, neutral, positive) and one that says of what.")
]


@sentiment.command()
def check(labels: Labels, project: ProjectDir = HERE, as_of: AsOf = "") -> None:
    """How often each scorer agrees with people: of interactions (interaction_id; figures are corrected by it), or of turns."""
    from cxreports import pipeline
    from cxreports.mood_checks import check as check_labels
    from cxreports.printing.moods import print_confusion

    opened = pipeline.open_project(project)
    done = check_labels(opened, labels, instant_of(as_of, opened))
    for scorer, table in sorted(done.by_scorer.items()):
        print_confusion(f"{scorer}, by {'interactions' if done.kept_in else 'turns'} that people judged", table)
    if done.kept_in:
        print(f"kept in {visible(done.kept_in.name)}: figures of these scorers are corrected by it from now on")
    else:
        print("turns tell how good a scorer is; to correct figures, label how interactions ended (interaction_id, label)")


@sentiment.command()
def train(
    labels: Labels, project: ProjectDir = HERE, as_of: AsOf = "",
    out: Annotated[str, typer.Option("--out", help="The model's file, within the project.")] = "sentiment-model.json",
) -> None:  # fmt: skip
    """Train a model on labelled turns (turn_id or text), and measure it on turns that it has not seen."""
    from cxreports import pipeline
    from cxreports.mood_checks import train_model
    from cxreports.printing.moods import print_confusion

    opened = pipeline.open_project(project)
    made = train_model(opened, labels, project / out, instant_of(as_of, opened))
    print_confusion(f"of {made.n_labels:,} labelled turns, each scored by a model that had not seen it", made.measured)
    print(f'written to {visible(out)}; to score with it: [sentiment] scorer = "model", model = "{visible(out)}"')

"""The glossary: every metric for people who read reports, from the headers of the definitions."""

from collections.abc import Mapping, Sequence

from cxreports.definitions.breakdowns import INTERACTION_OF, USUAL
from cxreports.definitions.catalogue import Catalogue, Metric
from cxreports.definitions.definition import MetricHeader, Scalar
from cxreports.definitions.markdown import GENERATED, listed, prose, setting, slug, table
from cxreports.definitions.needs import needs_of
from cxreports.errors import QuestionError, did_you_mean

# What a reader of figures must know before the first of them: grains, then how figures are counted, then states.
TERMS = (
    ("turn", "One utterance of one speaker: customer, AI or person."),
    ("leg", "One handler's part in an interaction. A transfer begins a new leg; so does a supervisor who listens in."),
    (
        "interaction",
        "One unbroken exchange of a customer on one channel, transfers included. It counts on the local date on which it began.",
    ),
    (
        "handoff",
        "An AI hands a customer over to a person, or the customer asks for one. An interaction has several if an AI takes over"
        " again in between.",
    ),
    ("episode", "All interactions of one customer about one reason, until nothing more was heard for the quiet period."),
    ("judgement", "One question of one evaluation form, answered about one leg by a person or a machine."),
    ("survey response", "One survey sent, answered or not."),
    ("case", "One ticket or conversation of a help desk, from opened to solved; it may be opened again."),
    ("period count", "What another system counted over a day: sessions of a bot of which no records are kept, for example."),
    (
        "customer",
        "Whoever the best identifier names: the account, else what the e-mail address, the telephone number or the cookie stands"
        " for. Withheld and widely shared numbers name nobody. Names and numbers are replaced before anything is stored.",
    ),
    (
        "journey run",
        "One attempt of one customer at one designed goal, such as moving home, on whichever channels. It ends with the goal, or"
        " when nothing of it has happened for a while. The settings say what begins a journey, what its goal and its steps are.",
    ),
    ("journey step", "One step of one journey run: passed, failed, not applicable, not evaluated (nobody knows), or error."),
    ("session", "A visit to an app or a website. It is no contact, but a part of the customer's journeys."),
    (
        "repeat contact",
        "The same customer comes back within the window. It is charged to the earlier interaction, which caused it.",
    ),
    (
        "escalation",
        "The AI hands over to a person, or leaves a ticket or a callback. A person who passes a customer on transfers.",
    ),
    (
        "contained",
        "No person took part, and the customer left neither a ticket nor a callback nor a queue. That alone does not say that"
        " anything was solved.",
    ),
    (
        "window",
        "How long we wait before we say that nobody came back. An interaction whose window has not passed is not counted yet.",
    ),
    (
        "left out",
        "Units that a figure does not count, such as tests or unknown customers. They are counted beside it, by reason.",
    ),
    (
        "interval",
        "The range in which the true figure lies in 95 of 100 such cases. Several contacts of one customer are one voice, not"
        " many. A change whose interval includes zero is no clear change.",
    ),
    ("as of", "What was known at that instant. A report made again as of the same instant shows the same figures."),
    ("final", "The window has passed and no late data is expected."),
    (
        "provisional",
        "The window has not passed for all, or late data is expected: the figure will still move. It is no headline.",
    ),
    (
        "insufficient",
        "Too few units to judge by: fewer than the smallest number that the figure asks for. Below 10 it is not shown."
        " Where groups stand side by side, another one may be hidden with it, so that nobody can work it out.",
    ),
    ("not computable", "No source says what the figure needs. It is never shown as zero."),
)
BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "neither by itself; read it beside others"}
UNITS = {"count": "a number", "percent": "per cent", "seconds": "seconds", "score": "points of the scale"}
KINDS = {
    "count": "a count",
    "proportion": "a share",
    "mean": "a mean",
    "percentile": "a value that was observed, not an average",
    "composition": "shares that add up to the whole",
    "nowcast": "a share as it is expected to become",
    "time_percentile": "from a Kaplan-Meier curve; who gave up counts until then",
    "time_share": "a share from a Kaplan-Meier curve; who gave up counts until then",
}


# The order in which a reader comes to them; what a project adds under other names follows.
SUBJECTS = (
    "Outcomes",
    "Contact handling",
    "AI handling",
    "Handoff to people",
    "Journeys",
    "Effort",
    "Satisfaction and mood",
    "Cases",
    "Scorecards",
    "Vendors' figures",
    "Counts of other systems",
)
KNOWN = {"live": "at once", "lagging": "when its window is over"}


def glossary(catalogue: Catalogue) -> str:
    """Every metric for people who read reports, by subject and title."""
    metrics = by_subject(catalogue)
    parts = [
        GENERATED,
        "# Glossary",
        "What each figure in the reports means, how it is counted, and one small case worked through. The worked cases are run"
        " by the tests, so they cannot fall behind the program.",
        "## Words",
        table(("Word", "Meaning"), ((f"**{word}**", meaning) for word, meaning in TERMS)),
        "## Figures",
        "What is known at once is a live figure; what waits until a window is over is a lagging one.",
        *(part for subject, found in metrics.items() for part in (f"**{subject}**", _contents(found))),
        "**Usual breakdowns**",
        "What a figure can be broken down by (`--by`) beside its own: by what is known of the interaction that a unit belongs to;"
        " of an episode, of its first one. What the source does not say is the group 'not given'.",
        table(("Breakdown", "Meaning"), ((f"`{name}`", meaning) for name, meaning in USUAL.items())),
        "Numbers in formulas are the defaults; a project's settings may change them. In the worked cases `num` and `den` are what"
        " a unit adds above and below the line, times are in milliseconds, and `excluded` says why a unit is left out.",
        *(part for subject, found in metrics.items() for part in (f"## {subject}", *(_metric(m) for m in found))),
    ]
    return "\n\n".join(parts) + "\n"


def by_subject(catalogue: Catalogue) -> dict[str, list[Metric]]:
    """Metrics under their subjects, each sorted by title."""
    named = sorted({m.header.subject for m in catalogue.metrics.values()} - set(SUBJECTS))
    metrics = sorted(catalogue.metrics.values(), key=lambda m: (m.header.title, m.name))
    found = {subject: [m for m in metrics if m.header.subject == subject] for subject in (*SUBJECTS, *named)}
    return {subject: those for subject, those in found.items() if those}


def chosen(catalogue: Catalogue, known: str = "", subject: str = "") -> dict[str, MetricHeader]:
    """Metrics by name, in the glossary's order: those known so (`live`, `lagging`) and of that subject, all where it is empty."""
    subjects = by_subject(catalogue)
    faults = [f"--known '{known}' is neither 'live' nor 'lagging'"] if known and known not in KNOWN else []
    if subject and subject not in subjects:
        faults.append(f"--subject '{subject}' is none; {did_you_mean(subject, list(subjects))}")
    if faults:
        raise QuestionError(faults)
    found = [m for s, those in subjects.items() if subject in ("", s) for m in those if known in ("", m.header.known)]
    return {m.name: m.header for m in found}


def _contents(metrics: Sequence[Metric]) -> str:
    rows = (
        (f"[{m.header.title}](#{slug(m.header.title)})", m.header.question, KNOWN[m.header.known], _direction(m)) for m in metrics
    )
    return table(("Figure", "Question", "Known", "Direction"), rows)


def _direction(metric: Metric) -> str:
    return BETTER[metric.header.better].partition(";")[0]


def _metric(metric: Metric) -> str:
    h = metric.header
    facts = [
        ("Formula", h.formula.format_map(_Values(h.params))),
        ("Direction", BETTER[h.better]),
        ("Unit", f"{UNITS[h.unit]}; {KINDS[h.kind]}"),
        ("One unit counted", f"one {h.grain}"),
        ("Judged from", f"{h.min_n} {h.grain}s on" if h.kind != "count" else "any number"),
        ("Window", _window(h.window, h.params) if h.window else ""),
        ("Waits for", h.awaits),
        ("As vendors count", listed([f"`{name}`" for name in h.vendor]) if h.vendor else ""),
        ("Owner", h.owner),
        ("Broken down by", _breakdowns(h)),
        ("Not computable when", _needed(h.needs)),
        ("Partial when", _needed(h.for_full)),
        ("Derived when", _needed(h.derived)),
        ("Parameters", ", ".join(setting(name, value) for name, value in h.params.items())),
        ("Name and version", f"`{metric.name}`, version {h.version}"),
    ]
    parts = [f"### {h.title}", f"*{h.question}*", h.definition, prose(h.notes)]
    parts += [table(("", ""), ((f"**{name}**", text) for name, text in facts if text)), _variants(metric), _example(metric)]
    return "\n\n".join(p for p in parts if p)


def _needed(needs: Mapping[str, str]) -> str:
    """no source says who the customer is (`legs.account_key` or `legs.phone_key`)"""
    told = []
    for need in needs_of(needs):
        when = f"; only when {need.when[0]} = {need.when[1]}" if need.when else ""
        told.append(f"{need.words} ({' or '.join(f'`{c}`' for c in need.columns)}{when})")
    return "; ".join(told)


def _window(name: str, params: Mapping[str, Scalar]) -> str:
    count, unit = params[name], name.rpartition("_")[2]
    days = f" ({count // 24} days)" if unit == "hours" and isinstance(count, int) and count % 24 == 0 else ""
    return f"{count} {unit}{days} must have passed before a unit counts (`{name}`)"


def _variants(metric: Metric) -> str:
    variants = metric.header.variants
    if not variants:
        return ""
    rows = [
        (str(v.get("title", "")), f"`{name}`", ", ".join(setting(k, x) for k, x in v.items() if k != "title"))
        for name, v in variants.items()
    ]
    return "The same, counted otherwise:\n\n" + table(("Variant", "Name", "What differs"), rows)


def _example(metric: Metric) -> str:
    example = metric.header.example
    given = [f"`{table}`\n\n{_text_table(text)}" for table, text in example.given.items()]
    told = f", with {', '.join(setting(k, v) for k, v in example.params.items())}," if example.params else ""
    return "\n\n".join(p for p in ("**Worked case.** From", *given, f"comes out{told}", _text_table(example.expect)) if p)


def _breakdowns(h: MetricHeader) -> str:
    own = [f"`{b}`" for b in h.by if b not in USUAL or h.grain not in INTERACTION_OF]
    return listed([*own, "the usual breakdowns"] if h.grain in INTERACTION_OF else own)


def _text_table(text: str) -> str:
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return table(head, (row + [""] * (len(head) - len(row)) for row in rows))


class _Values(dict[str, Scalar]):
    """Parameters of a formula; a name without a value stays as it is."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"

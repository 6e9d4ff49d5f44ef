"""A metric's rows of one period, summed per group, and the figure of one group. Which figure can be believed, `measure` says."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cxreports.analysis import clusters, estimate
from cxreports.analysis.buckets import key_sql
from cxreports.analysis.correction import LabelledSample
from cxreports.analysis.labelled import sample_of
from cxreports.analysis.time_to_goal import Followed, percentile, share_within
from cxreports.definitions.catalogue import Metric
from cxreports.lake.engine import rows
from cxreports.lake.view import View

Group = tuple[str, ...]
NO_SAMPLE = LabelledSample(0, 0, 0, 0)
NOTHING = estimate.Sums(0, 0, 0, 0, 0, 0, 0)
_IMMATURE = "immature"  # the part of a composition whose units still wait for their window


@dataclass(frozen=True)
class Question:
    """One call of `measure`, resolved."""

    name: str
    metric: Metric
    by: tuple[str, ...]
    start: date
    end: date
    params: Mapping[str, Any]

    @property
    def window(self) -> str:
        """The metric's window in words."""
        name = self.metric.header.window
        if not name:
            return "time limit"  # of the unit's own, as of a journey
        days = self.params.get(name, 0) / (24 if name.endswith("_hours") else 1)
        return f"{days:g}-day window" if days >= 1 else f"{days * 24:g}-hour window"

    @property
    def part_at(self) -> int | None:
        """Where in a group the part of a composition stands."""
        part = self.metric.header.part
        return self.by.index(part) if part and part in self.by else None

    def without_part(self, group: Group) -> Group:
        """The group that the parts of one whole share."""
        return group if self.part_at is None else group[: self.part_at] + group[self.part_at + 1 :]


@dataclass(frozen=True)
class Groups:
    """Rows of one question, summed per group."""

    sums: dict[Group, estimate.Sums]
    values: dict[Group, list[int]]
    excluded: dict[Group, dict[str, int]]
    wholes: dict[Group, int]
    """For a composition broken down by its part: the denominators of all parts together, by the group without its part."""
    details: dict[Group, float] = field(default_factory=dict)
    """For parts of a whole and for percentiles: how many independent units those of the group are worth. For means: skewness."""
    followed: dict[Group, Followed] = field(default_factory=dict)
    """For metrics of how long something takes: how long each unit was followed."""

    by_machine: dict[Group, int] = field(default_factory=dict)
    """For labelled metrics: how many of the counted units a machine judged."""
    scorers: dict[Group, list[str]] = field(default_factory=dict)
    """For metrics of moods: who scored the counted units."""
    sample: LabelledSample = NO_SAMPLE
    """For labelled metrics: how often people agreed with the machine."""

    @property
    def occurring(self) -> set[Group]:
        """Groups with any unit, counted or not."""
        return {*self.sums, *self.excluded}

    def whole(self, group: Group, q: Question) -> int | None:
        """For a composition: the denominators of all its parts together."""
        return self.wholes.get(q.without_part(group), 0) if q.part_at is not None else None

    def immature(self, group: Group, q: Question) -> int:
        """For a composition: units of the whole that still wait for their window."""
        if q.part_at is None:
            return 0
        found = self.sums.get((*group[: q.part_at], _IMMATURE, *group[q.part_at + 1 :]))
        return found.n if found else 0


_PER_GROUP = """
with
picked as (
    select {keys}coalesce(cluster_id, unit_id) as cluster_id, num, den, excluded
    from {units}
    where occurred_on >= $start and occurred_on < $end
),
clusters as (
    select {group}cluster_id, count(*) as n, sum(num)::hugeint as num, sum(den)::hugeint as den
    from picked
    where excluded is null
    group by all
)
select
    {group}sum(n)::bigint as n, sum(num) as num, sum(den) as den, count(*) as clusters,
    sum(num * num) as num2, sum(num * den) as cross_sum, sum(den * den) as den2
from clusters
group by all
"""
_LEFT_OUT = """
select {keys}excluded, count(*) as n
from {units}
where occurred_on >= $start and occurred_on < $end and excluded is not null
group by all
"""
_VALUES = """
select {keys}list(num order by num) as ordered
from {units}
where occurred_on >= $start and occurred_on < $end and excluded is null
group by all
"""

_FOLLOWED = """
select
    {keys}list(followed order by followed) as everyone,
    coalesce(list(followed order by followed) filter (where num = 1), []) as reached
from {units}
where occurred_on >= $start and occurred_on < $end and excluded is null
group by all
"""
OF_TIME = ("time_percentile", "time_share")  # kinds whose units are followed, each for `followed`, until their goal (num = 1)


_BY_MACHINE = """
select {keys}count(*) filter (where is_machine) as n
from {units}
where occurred_on >= $start and occurred_on < $end and excluded is null
group by all
"""


_SCORERS = """
select {keys}list_sort(list(distinct of_scorer)) as names
from (from {units}) as u
join (select interaction_id as scored_id, scorer as of_scorer from core_interactions where scorer is not null) as s
    on s.scored_id = u.unit_id
where occurred_on >= $start and occurred_on < $end and excluded is null
group by all
"""


def group_rows(view: View, units: str, q: Question) -> Groups:
    """Sum the rows of the period per group; NULL in a breakdown is the group 'not given'."""
    names = [f"g{i}" for i in range(len(q.by))]
    keys = "".join(f"{key_sql(b)} as {n}, " for b, n in zip(q.by, names, strict=True))
    group = "".join(f"{n}, " for n in names)
    given = {"start": q.start, "end": q.end, "quantile": q.params.get("quantile"), "coarse": q.metric.header.scale}

    def ask(sql: str) -> list[tuple[Group, dict[str, Any]]]:
        found = rows(view.con, sql.format(keys=keys, group=group, units=units), given)
        return [(tuple(str(r[n]) for n in names), r) for r in found]

    header = q.metric.header
    sums = {g: _summed(r) for g, r in ask(_PER_GROUP) if r["n"]}
    if header.grain == "period count" and header.kind == "proportion":
        sums = {g: estimate.single(s.num, s.den) for g, s in sums.items() if s.den}
    excluded: dict[Group, dict[str, int]] = defaultdict(dict)
    for g, r in ask(_LEFT_OUT):
        excluded[g][r["excluded"]] = int(r["n"])
    values = {g: r["ordered"] for g, r in ask(_VALUES)} if header.kind == "percentile" else {}
    wholes: dict[Group, int] = defaultdict(int)
    for group_key, s in sums.items():
        wholes[q.without_part(group_key)] += s.den
    followed: dict[Group, Followed] = {}
    if header.kind in OF_TIME:
        followed = {g: Followed(r["everyone"], r["reached"], sums[g]) for g, r in ask(_FOLLOWED)}
    by_machine = {g: int(r["n"]) for g, r in ask(_BY_MACHINE)} if header.labelled else {}
    sample = sample_of(view.con, units) if header.labelled else NO_SAMPLE
    scorers = {g: list(r["names"]) for g, r in ask(_SCORERS) if r["names"]} if header.moods else {}
    return Groups(sums, values, excluded, wholes, _details(ask, q, names), followed, by_machine, scorers, sample)


def _details(ask: Callable[[str], list[tuple[Group, dict[str, Any]]]], q: Question, names: Sequence[str]) -> dict[Group, float]:
    """What an interval needs to know of the group's customers beyond the sums, as `Groups.details` says."""
    kind = q.metric.header.kind
    if kind == "mean":
        cubes = ("num3", "num2den", "numden2", "den3")
        found = ((g, estimate.Cubes(_summed(r), *(int(r[c]) for c in cubes))) for g, r in ask(clusters.CUBES) if r["den"])
        return {g: estimate.lean_of_mean(c) for g, c in found}
    if kind != "percentile" and q.part_at is None:
        return {}
    sql = clusters.below_the_cut(names) if q.part_at is None else clusters.parts_of_wholes(names, q.part_at)
    return {g: estimate.effective_n(_summed(r)) for g, r in ask(sql) if r["n"]}


def _summed(r: Mapping[str, Any]) -> estimate.Sums:
    return estimate.Sums(*(int(r[c]) for c in ("n", "num", "den", "clusters", "num2", "cross_sum", "den2")))


def figure(
    q: Question, s: estimate.Sums, values: Sequence[int], whole: int | None, detail: float | None = None
) -> estimate.Estimate:
    """The value of one group with its interval, by the metric's kind; `detail` as in `Groups.details`."""
    scale = float(q.metric.header.scale)
    match q.metric.header.kind:
        case "count":
            return estimate.count(s.num)
        case "mean":
            return estimate.mean(s, scale, detail or 0.0)
        case "percentile":
            return estimate.quantile(values, float(q.params["quantile"]), scale, detail)
        case "composition" if whole:
            return estimate.Estimate(s.num / whole, *estimate.wilson(s.num / whole, detail or whole))
        case _:
            return estimate.proportion(s)


def time_figure(q: Question, f: Followed) -> estimate.Estimate:
    """The value of one group of a metric of how long something takes, with its interval."""
    if q.metric.header.kind == "time_share":
        return share_within(f, int(q.params["at"]))
    return percentile(f, float(q.params["quantile"]), 1000.0)

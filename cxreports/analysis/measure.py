"""A metric over a period by some groups: run its SQL, group its rows, estimate, and say how far the figure can be believed.

The one place where metrics are aggregated. A metric's SQL returns one row per unit; nothing here knows what it counts.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from cxreports.analysis import estimate
from cxreports.analysis.breakdowns import with_usual
from cxreports.analysis.buckets import BUCKETS, bucket, check_period, level_at, level_periods
from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.following import COLUMNS as FOLLOWED
from cxreports.analysis.following import nowcasts
from cxreports.analysis.groups import NOTHING, OF_TIME, Groups, Question, figure, group_rows, time_figure
from cxreports.analysis.labelled import COLUMNS as LABELLED
from cxreports.analysis.labelled import as_corrected
from cxreports.analysis.measurability import CANNOT, Arrivals, Measurability
from cxreports.analysis.measurement import NOT_ELAPSED, TOO_YOUNG, Measurement, State
from cxreports.analysis.moods import Samples, as_scored, samples_of
from cxreports.definitions.breakdowns import INTERACTION_OF
from cxreports.definitions.catalogue import Catalogue, Metric
from cxreports.definitions.definition import MetricHeader, Scalar
from cxreports.errors import DefinitionError, QuestionError, did_you_mean
from cxreports.evaluation_settings import items_json
from cxreports.lake.engine import columns_of, create, one, rows
from cxreports.lake.view import View
from cxreports.settings import Settings
from cxreports.zones import midnight

NOT_MEASURABLE = "not measurable from "  # begins the reason why a unit of such a source is left out
LONGEST_WINDOW_H = 30 * 24  # sql/outcomes/out_repeats.sql looks no further ahead
_SUMMED = ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT")  # fractions would be rounded customer by customer


@dataclass(frozen=True)
class Measurer:
    """Answers questions about one view of the lake. Rows of a metric are computed once per view and kept in it."""

    view: View
    catalogue: Catalogue
    settings: Settings
    params: Mapping[str, Scalar]

    def measure(self, name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        """The metric (or variant) over start <= day < end, one measurement per group that occurs, ordered by group.

        `by` names breakdowns of the metric, or `day` or `week` for one measurement per bucket of time. A composition is
        always broken down by its part.
        """
        metric, _ = self.catalogue.metric(name, self.settings.variants)
        if metric.header.part and metric.header.part not in by:
            by = [*by, metric.header.part]
        _check_breakdowns(metric, by)
        check_period(start, end)
        if reason := self.missing(name):
            return [self._not_computable(name, metric, start, end, reason)]
        if reason := self._unseen(end):
            return [] if by else [self._not_computable(name, metric, start, end, reason)]
        last = end - timedelta(days=1)
        if metric.header.is_level and any(b in BUCKETS for b in by):
            inner = [b for b in by if b not in BUCKETS]
            return [f for first, after in level_periods(by, start, end) for f in self.measure(name, inner, first, after)]
        question = Question(name, metric, tuple(by), start, end, self.params_of(name, last))
        if metric.header.kind == "nowcast":
            return self._expected(question)
        groups = group_rows(self.view, self.units(name, by, last), question)
        wanted = sorted(groups.occurring) or ([()] if not by else [])
        return [self._estimate(question, group, groups) for group in wanted]

    def units(self, name: str, by: Sequence[str] = (), last: date | None = None) -> str:
        """What to select the metric's rows from, all days: unit_id, occurred_on, cluster_id, num, den, excluded, its own
        breakdowns, and those of `by` that are usual ones. A level has only the units of the end of the day `last`."""
        metric, _ = self.catalogue.metric(name, self.settings.variants)
        params = self.params_of(name, last)
        text = repr((metric.digest, sorted((k, str(v)) for k, v in params.items())))
        table = f"units_{metric.name}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        known = one(self.view.con, "select count(*) from duckdb_tables() where table_name = $t", {"t": table})
        if known == (0,):
            create(self.view.con, table, metric.sql, params)
            try:
                _check_columns(metric, columns_of(self.view.con, table))
                self._leave_out(name, metric, table)
                _check_rows(self.view, metric, table)
            except DefinitionError:
                self.view.con.execute(f"drop table {table}")
                raise
        return with_usual(self.view.con, table, metric.header.grain, by)

    def params_of(self, name: str, last: date | None = None) -> dict[str, Any]:
        """Parameters of the metric's SQL: its own, the project's, the variant's, and how far the data reaches; of a level the
        day, by default the last one that the data reaches."""
        metric, changed = self.catalogue.metric(name, self.settings.variants)
        own = metric.header.params
        project = {k: v for k, v in self.params.items() if k in own or k == "timezone"}
        reach = {"observed_until": self.observed_until, "as_of": self.view.as_of}
        faults = [
            f"'{name}': {p} of {metric.name} is the same for the whole project; set it there, a variant cannot change it"
            for p in sorted(changed)
            if p not in (*metric.parameters, "quantile")
        ]
        found: dict[str, Any] = {**own, **project, **changed, **reach}
        if metric.header.is_level:
            zone = self.settings.project.zone
            found |= level_at(last or self.observed_until.astimezone(zone).date(), zone)
        if "items" in own:
            found["items"] = items_json(self.settings.evaluations)
        if (hours := found.get("window_hours")) and float(str(hours)) > LONGEST_WINDOW_H:
            faults.append(f"'{name}': window_hours = {hours} is too long; returns are kept for 30 days (720)")
        if faults:
            raise QuestionError(faults)
        return found

    @property
    def observed_until(self) -> datetime:
        """How far all sources of interactions reach, those left out that the settings say have ended."""
        return min(self.reaches.values(), default=self.view.observed_until)

    @property
    def reaches(self) -> dict[str, datetime]:
        """How far each source of interactions reaches, those left out that the settings say have ended."""
        today = self.view.as_of.astimezone(self.settings.project.zone).date()
        ends = {name: s.ended for name, s in self.settings.sources.items() if s.ended}
        return {name: at for name, at in self.view.reaches.items() if name not in ends or today <= ends[name]}

    def _unseen(self, end: date) -> str:
        """Why nothing can be said about days before `end`; empty if the data begins before it."""
        if self.view.observed_from is None:  # the exports had no record: that is none, and known
            return ""
        began = self.view.observed_from.astimezone(self.settings.project.zone).date()
        return f"data begins only on {began:%-d %b %Y}" if began >= end else ""

    def missing(self, name: str) -> str:
        """Why the metric cannot be computed from what was loaded; empty if it can."""
        return self.arrivals.why_none(self.header_of(name))

    @cached_property
    def checked_scorers(self) -> Samples:
        """Scorers of moods whose errors people measured."""
        return samples_of(str(self.params.get("checked_scorers", "")))

    @cached_property
    def arrivals(self) -> Arrivals:
        """What arrived, by source."""
        return Arrivals(self.view, self.catalogue, self.settings)

    def header_of(self, name: str) -> MetricHeader:
        """The metric's or variant's header with the parameters that it is measured with here."""
        header, used = self.catalogue.header(name, self.settings.variants), self.params_of(name)
        return header.model_copy(update={"params": {k: used[k] for k in header.params}})

    def labels(self, name: str, sources: Sequence[str] | None = None) -> list[Measurability]:
        """Whether the metric can be measured for each source (default: those that have units of it), in order."""
        header = self.header_of(name)
        return [self.arrivals.label(name, header, s) for s in (self.arrivals.sources(header) if sources is None else sources)]

    def _leave_out(self, name: str, metric: Metric, table: str) -> None:
        """Units of sources that do not say what the metric needs are never counted as 0; they are counted apart."""
        cannot = [m.source for m in self.labels(name) if m.label in CANNOT]
        if not cannot or metric.header.grain not in INTERACTION_OF:
            return
        self.view.con.execute(
            f"""update {table} set excluded = $words || s.source
                from (
                    select o.unit_id, i.source
                    from ({INTERACTION_OF[metric.header.grain]}) as o
                    join core_interactions as i on i.interaction_id = o.interaction_id
                ) as s
                where s.unit_id = {table}.unit_id and list_contains($cannot, s.source)""",
            {"words": NOT_MEASURABLE, "cannot": cannot},
        )

    def _not_computable(self, name: str, metric: Metric, start: date, end: date, reason: str) -> Measurement:
        version, as_of, nothing = metric.header.version, self.view.as_of, (None,) * 5
        return Measurement(name, version, start, end, as_of, {}, 0, *nothing, "not_computable", reason)

    def _estimate(self, q: Question, group: tuple[str, ...], g: Groups) -> Measurement:
        label = dict(zip(q.by, group, strict=True))
        start, end = bucket(label, q.start, q.end)
        header, sums, excluded = q.metric.header, g.sums.get(group, NOTHING), dict(sorted(g.excluded[group].items()))
        whole = g.whole(group, q)
        base = whole if whole is not None else sums.n
        waiting = excluded.get(NOT_ELAPSED, 0) + g.immature(group, q)
        state, reason = self._state(q, base, (start, end), waiting, excluded.get(TOO_YOUNG, 0))
        reason = "; ".join(words for words in (reason, self._without(q, excluded)) if words)
        if header.kind != "count" and base < HIDDEN_BELOW:
            num, den, e = None, None, estimate.Estimate(None)
        else:
            num, den = sums.num, whole or sums.den
            if header.kind in OF_TIME:
                e = time_figure(q, g.followed[group])
            else:
                e = figure(q, sums, g.values.get(group, []), whole, g.details.get(group))
            if e.value is None and state != "insufficient":
                state, reason = "not_computable", _never(q, sums)
            elif header.labelled:
                e, words = as_corrected(e, sums, g.by_machine.get(group, 0), g.sample)
                reason = "; ".join(part for part in (reason, words) if part)
            elif header.moods:
                own, is_mended = str(self.params.get("scorer", "")), header.moods == "corrected"
                e, words = as_scored(e, sums, g.scorers.get(group, []), own, self.checked_scorers if is_mended else {})
                reason = "; ".join(part for part in (reason, words) if part)
        return Measurement(
            q.name, header.version, start, end, self.view.as_of, label, sums.n, num, den, e.value, e.low, e.high, state, reason,
            excluded,
        )  # fmt: skip

    def _expected(self, q: Question) -> list[Measurement]:
        """For a metric of kind `nowcast`: what each group's figure is expected to be. Nothing is summed, so `num` is empty."""
        out = []
        for g in nowcasts(self, q.name, q.by, q.start, q.end):
            found, period = g.nowcast, (g.period_start, g.period_end)
            state, reason = self._state(q, found.n, period, found.waiting)
            if found.value is None and state != "insufficient":
                state, reason = "not_computable", found.reason
            ends = (found.value, found.low, found.high)
            known = (q.name, q.metric.header.version, *period, self.view.as_of, g.by, found.n)
            out.append(Measurement(*known, None, found.n, *ends, state, reason))
        if out or q.by:
            return out
        return [self._estimate(q, (), Groups({}, {}, defaultdict(dict), {}))]

    def _state(self, q: Question, n: int, period: tuple[date, date], waiting: int, young: int = 0) -> tuple[State, str]:
        """How far a figure of n counted units, `waiting` for their window, can be believed at the view's as-of instant.

        `young` units are left out because their window reaches back behind the first data.
        """
        (start, end), grain = period, f"{q.metric.header.grain}s"
        if not n and young:
            return "not_computable", f"the data does not reach back over the window of any of {young:,} {grain}"
        if n < q.metric.header.min_n and q.metric.header.kind != "count":
            if not n and waiting:
                return "provisional", f"none of {waiting:,} {grain} has its {q.window} behind it{self._holding()}"
            return "insufficient", f"fewer than {HIDDEN_BELOW if n < HIDDEN_BELOW else q.metric.header.min_n} {grain}"
        if waiting:
            return "provisional", f"the {q.window} of {waiting:,} {grain} has not elapsed{self._holding()}"
        zone = self.settings.project.zone
        settled = end + timedelta(days=self.settings.project.settle_days)
        if self.view.as_of < midnight(settled, zone) - timedelta(seconds=1):
            return "provisional", f"late data is expected until {settled:%-d %b %Y}"
        reach = self.observed_until.astimezone(zone)
        if reach.date() < end - timedelta(days=1):
            return "provisional", f"data reaches only to {reach:%-d %b %Y %H:%M}{self._holding()}"
        began = self.view.observed_from
        if q.metric.header.kind == "count" and began and began.astimezone(zone).date() > start:
            return "provisional", f"data begins only on {began.astimezone(zone):%-d %b %Y}"
        return "final", ""

    def _without(self, q: Question, excluded: Mapping[str, int]) -> str:
        """The sources whose units are left out because they do not say what the metric needs, in words."""
        silent = {e.removeprefix(NOT_MEASURABLE): n for e, n in excluded.items() if e.startswith(NOT_MEASURABLE)}
        grain = q.metric.header.grain
        return "; ".join(
            f"without {n:,} {grain}{'' if n == 1 else 's'} of {m.source} ({m.reason})"
            for m in self.labels(q.name, sorted(silent))
            if (n := silent[m.source])
        )

    def _holding(self) -> str:
        """The source that has been silent for longer than late data explains, in words; empty if none has."""
        patience = timedelta(days=self.settings.project.settle_days + 1)
        silent = [(at, name) for name, at in self.reaches.items() if self.view.as_of - at > patience]
        if not silent:
            return ""
        at, name = min(silent)
        return f"; {name} has sent no interaction since {at.astimezone(self.settings.project.zone):%-d %b %Y}"


def _never(q: Question, s: estimate.Sums) -> str:
    """Why a percentile of how long something takes has no value."""
    return (
        f"{s.num:,} of {s.n:,} {q.metric.header.grain}s reached the goal; the others ended before {q.params['quantile']:.0%} had"
    )


def _check_breakdowns(metric: Metric, by: Sequence[str]) -> None:
    offered = [*metric.header.breakdowns, *BUCKETS]
    if faults := [f"{metric.name} cannot be broken down by '{b}'; {did_you_mean(b, offered)}" for b in by if b not in offered]:
        raise QuestionError(faults)


def _check_columns(metric: Metric, columns: Mapping[str, str]) -> None:
    wanted = ["unit_id", "occurred_on", "cluster_id", *metric.header.by, "num", "den", "excluded"]
    wanted += FOLLOWED if metric.header.awaits else ()
    wanted += ["followed"] if metric.header.kind in OF_TIME else []
    wanted += LABELLED if metric.header.labelled else ()
    if faults := [f"{metric.where}: the body does not return the column '{c}'" for c in wanted if c not in columns]:
        raise DefinitionError(faults)
    number = [c for c in ("num", "den", "followed") if columns.get(c) not in (None, *_SUMMED)]
    if number:
        raise DefinitionError(
            f"{metric.where}: {' and '.join(number)} must be whole numbers (milliseconds, cents), so that sums are exact"
        )


def _check_rows(view: View, metric: Metric, table: str) -> None:
    """One row per unit, and no share above one: what a wrong join in a metric's SQL breaks."""
    is_share = metric.header.kind in ("proportion", "composition", *OF_TIME)
    outside = "num < 0 or num > den" if is_share else "false"
    found = rows(
        view.con,
        f"""select count(*) - count(distinct unit_id) as doubled,
                   count(*) filter (where excluded is null and (num is null or den is null)) as nameless,
                   count(*) filter (where excluded is null and ({outside})) as outside
            from {table}""",
    )[0]
    words = {
        "doubled": "rows more than units: each unit_id must stand in one row",
        "nameless": "counted rows without num or den",
        "outside": "counted rows whose num is not between 0 and den",
    }
    if faults := [f"{metric.where}: the body returns {found[k]:,} {words[k]}" for k in words if found[k]]:
        raise DefinitionError(faults)

"""Whether a metric can be measured for a source: from what actually arrived, not from what its platform could send.

A row speaks for the source of the interaction to which it belongs: sentiments of one export make the mood of another's calls
known. Labels are words for people; `Measurer` leaves out the units of sources that are not measurable, and counts them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cxreports.definitions.breakdowns import INTERACTION_OF
from cxreports.definitions.catalogue import Catalogue
from cxreports.definitions.definition import MetricHeader, SourceHeader
from cxreports.definitions.model import LANDED
from cxreports.definitions.needs import Need, needs_of, same_landed
from cxreports.lake.engine import create, one, rows
from cxreports.lake.view import View
from cxreports.settings import Settings

Label = Literal["measured", "derived", "partial", "only if configured", "not measurable"]
CANNOT: tuple[Label, ...] = ("only if configured", "not measurable")
WHOLE = 0.95  # a column that is there in fewer of the rows that ought to have it makes the figure partial
NOBODY = ""  # rows of interactions that were never loaded
_Item = tuple[str, tuple[str, ...]]  # a table and those of its columns of which one is enough


@dataclass(frozen=True)
class Measurability:
    """One metric over the interactions of one source. `reason` says why it is not simply measured; empty if it is."""

    metric: str
    source: str
    label: Label
    reason: str = ""


@dataclass(frozen=True)
class Share:
    """Rows with a value, and of `n_expected` rows that ought to have one those that do (None: an empty cell may be right)."""

    n: int
    n_there: int
    n_expected: int | None

    @property
    def rate(self) -> float:
        """How far the column is there, 0 to 1."""
        if self.n_expected is None:
            return 1.0 if self.n else 0.0
        return self.n_there / self.n_expected if self.n_expected else 1.0


_NONE = Share(0, 0, None)


@dataclass(frozen=True)
class Arrivals:
    """What arrived, as one view of the lake knows it, and the definitions that say what it means."""

    view: View
    catalogue: Catalogue
    settings: Settings

    def label(self, name: str, header: MetricHeader, source: str) -> Measurability:
        """The metric with the parameters of `header` over what arrived for that source."""
        needs = [n for n in needs_of(header.needs) if n.holds(header.params)]
        if (label := self._lacking(header, source, needs)) is not None:
            return Measurability(name, source, *label)
        if unmapped := self._unmapped(header):
            return Measurability(name, source, "only if configured", unmapped)
        if gaps := self._gaps(header, source, needs):
            return Measurability(name, source, "partial", "; ".join(gaps))
        if stand_ins := self._derived(header, source, needs):
            return Measurability(name, source, "derived", "; ".join(stand_ins))
        return Measurability(name, source, "measured")

    def sources(self, header: MetricHeader) -> list[str]:
        """Sources for which anything of the metric can have arrived: those of its interactions, else of its columns."""
        if header.grain in INTERACTION_OF:
            return sorted(self.interactions)
        items = {item for need in needs_of(header.needs) for item in need.items}
        return sorted({s for s, item in self._shares if item in items and s != NOBODY})

    def why_none(self, header: MetricHeader) -> str:
        """Why no source at all can measure it, in the metric's words; empty if one can."""
        needs = [n for n in needs_of(header.needs) if n.holds(header.params)]
        sources = self.sources(header)
        for need in needs:
            if not any(self._arrived(need, s) for s in sources):
                is_lost = self._arrived(need, NOBODY)
                return f"{_empty(need)} in all that belongs to a loaded interaction" if is_lost else need.words
        if unmapped := self._unmapped(header):
            return unmapped
        found = [self.label("", header, s) for s in sources]
        if not needs or not found or any(m.label not in CANNOT for m in found):
            return ""
        return "no source says all that it needs: " + "; ".join(f"{m.source}: {m.reason}" for m in found)

    @cached_property
    def interactions(self) -> dict[str, int]:
        """Customer interactions by source."""
        sql = "select source, count(*) as n from core_interactions where excluded_as is null group by source order by source"
        return {r["source"]: r["n"] for r in rows(self.view.con, sql)}

    def _unmapped(self, header: MetricHeader) -> str:
        """That no question of an evaluation form stands for what the metric measures; empty if one does, or none is needed."""
        wanted = header.params.get("measures")
        if wanted is None or any(item.measures == wanted for item in self.settings.evaluations.values()):
            return ""
        return f"[evaluations] of cxreports.toml has no question with measures = '{wanted}'"

    def _lacking(self, header: MetricHeader, source: str, needs: Sequence[Need]) -> tuple[Label, str] | None:
        if header.grain in INTERACTION_OF and source not in self.interactions:
            return "not measurable", "gives no customer interactions of its own"
        missing = [n for n in needs if not self._arrived(n, source)]
        if not missing:
            return None
        hints = [self._configurable(n, source) for n in missing]
        words = [hint or f"{_empty(n)}: {self._meaning(n)}" for n, hint in zip(missing, hints, strict=True)]
        return ("only if configured" if all(hints) else "not measurable"), "; ".join(words)

    def _gaps(self, header: MetricHeader, source: str, needs: Sequence[Need]) -> list[str]:
        fuller = [n for n in needs_of(header.for_full) if n.holds(header.params)]
        gaps = [n.words for n in fuller if not self._arrived(n, source)]
        for need in [*needs, *(n for n in fuller if self._arrived(n, source))]:
            table, share = max(((t, self.share(source, (t, c))) for t, c in need.items), key=lambda found: found[1].rate)
            if share.rate < WHOLE:
                known = f"{share.n_there:,} of {share.n_expected:,} ({100 * share.rate:.0f} %)"
                gaps.append(f"{' or '.join(need.columns)} only in {known} {self._things(table)}")
        return gaps

    def _derived(self, header: MetricHeader, source: str, needs: Sequence[Need]) -> list[str]:
        own = [
            n.words for n in needs_of(header.derived) if n.holds(header.params) and not self._arrived(n, source)
        ]  # fmt: skip
        used = [same_landed(c) for n in [*needs, *needs_of(header.for_full)] for c in n.columns]
        if header.grain in INTERACTION_OF:
            used = ["legs.started_at", *used]
        stand_ins = {c: h.derived[c] for h in self._headers(source) for c in used if c in h.derived}
        return [*own, *(f"{column}: {words}" for column, words in stand_ins.items())]

    def _headers(self, source: str) -> list[SourceHeader]:
        kind = self.settings.sources[source].kind if source in self.settings.sources else ""
        return [self.catalogue.sources[kind].header] if kind in self.catalogue.sources else []

    def _configurable(self, need: Need, source: str) -> str:
        """The parameters of the source that name where the need could be found; empty if there are none."""
        wanted = {same_landed(c) for c in need.columns}
        for header in self._headers(source):
            given = {**header.params, **self.settings.sources[source].params}
            names = [p for p, filled in header.configured.items() if wanted & set(filled)]
            if names:
                told = " or ".join(f"{p} (now '{given[p]}')" for p in names)
                return f"{_empty(need)}: no record has what is named by {told}"
        return ""

    def _meaning(self, need: Need) -> str:
        """What the columns mean, in the words of the data dictionary."""
        found = []
        for column in need.columns:
            table, _, name = column.partition(".")
            landed = LANDED[table].column(name) if table in LANDED else None
            meaning = landed.meaning if landed else self.catalogue.tables[table].header.columns[name].meaning
            found.append(meaning.partition(";")[0])
        return " or ".join(dict.fromkeys(found))

    def _things(self, table: str) -> str:
        """What a row of the table is called in a sentence."""
        return (LANDED[table].title if table in LANDED else self.catalogue.tables[table].header.title).lower()

    def _arrived(self, need: Need, source: str) -> bool:
        return any(self.share(source, item).n for item in need.items)

    def share(self, source: str, item: _Item) -> Share:
        """How far those columns arrived for the interactions of that source."""
        return self._shares.get((source, item), _NONE)

    @cached_property
    def _shares(self) -> Mapping[tuple[str, _Item], Share]:
        """One pass per table over all columns that any metric names; kept in the view, however many measurements follow."""
        found: dict[tuple[str, _Item], Share] = {}
        for table, items in self._items.items():
            for r in rows(self.view.con, f"from {self._counted(table, items)}"):
                for i, columns in enumerate(items):
                    found[(r["source"], (table, columns))] = Share(r[f"n{i}"], r[f"there{i}"], r[f"expected{i}"])
        return found

    @cached_property
    def _items(self) -> dict[str, list[tuple[str, ...]]]:
        """Table → combinations of its columns that some metric needs."""
        headers = [m.header for m in self.catalogue.metrics.values()]
        every = [n for h in headers for field in (h.needs, h.for_full, h.derived) for n in needs_of(field)]
        found: dict[str, dict[tuple[str, ...], None]] = {}
        for need in every:
            for table, columns in need.items:
                found.setdefault(table, {})[columns] = None
        return {table: sorted(found[table]) for table in sorted(found)}

    def _counted(self, table: str, items: Sequence[tuple[str, ...]]) -> str:
        """Name of a temp table: per source of interactions, how many rows have any of each combination of columns."""
        name = f"arrived_{table}"
        if one(self.view.con, "select 1 from duckdb_tables() where table_name = $t", {"t": name}):
            return name
        counts = ", ".join(self._counts(table, i, columns) for i, columns in enumerate(items))
        source, found_in = self._origin(table)
        sql = f"select coalesce({source}, '{NOBODY}') as source, {counts} from {found_in} group by 1 order by 1"
        create(self.view.con, name, sql)
        return name

    def _counts(self, table: str, i: int, columns: Sequence[str]) -> str:
        there = " or ".join(f"t.{c} is not null" for c in columns)
        known = self.catalogue.tables[table].header.columns if table in self.catalogue.tables else {}
        ought = [known[c].expected for c in columns if c in known and known[c].expected]
        expected = " or ".join(f"({condition})" for condition in ought) if len(ought) == len(columns) else ""
        return (
            f"count(*) filter (where {there}) as n{i}, "
            + f"count(*) filter (where ({there}){f' and ({expected})' if expected else ''}) as there{i}, "
            + (f"count(*) filter (where {expected}) as expected{i}" if expected else f"null::bigint as expected{i}")
        )

    def _origin(self, table: str) -> tuple[str, str]:
        """The source for which a row speaks, and the tables to join to know it."""
        if table == "core_interactions":
            return "t.source", "core_interactions as t where t.excluded_as is null"
        if table in self.catalogue.tables:
            return "i.source", f"{table} as t left join core_interactions as i on i.interaction_id = t.interaction_id"
        landed = LANDED[table]
        if table == "legs":
            return (
                "coalesce(i.source, t.source)", "core_legs as t left join core_interactions as i on i.interaction_id = t.root_id"
            )  # fmt: skip
        if landed.column("case_id") and table != "cases":
            return "i.source", (
                f"core_{table} as t left join out_cases as c on c.case_id = t.case_id"
                " left join core_interactions as i on i.interaction_id = c.interaction_id"
            )
        if table == "evaluation_answers":
            return "coalesce(i.source, t.source)", (
                "core_evaluation_answers as t left join core_evaluations as e on e.evaluation_id = t.evaluation_id"
                " and e.source = t.source left join core_legs as l on l.leg_id = e.leg_id"
                " left join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)"
            )
        if landed.column("leg_id"):
            return "i.source", (
                f"core_{table} as t left join core_legs as l on l.leg_id = t.leg_id"
                " left join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)"
            )
        return "t.source", f"core_{table} as t"


def _empty(need: Need) -> str:
    """legs.a and legs.b are empty"""
    return f"{' and '.join(need.columns)} {'is' if len(need.columns) == 1 else 'are'} empty"

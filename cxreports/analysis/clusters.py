"""SQL that sums a group's units per customer where a plain sum per group does not tell it: parts of a whole, percentiles, means.

Each returns for every group: n, num, den, clusters, num2, cross_sum, den2, as `estimate.Sums` takes them. To be filled with
`{keys}`, `{group}` and `{units}` as the others of `groups`.
"""

from collections.abc import Sequence

_PARTS = """
with
picked as (
    select {{keys}}coalesce(cluster_id, unit_id) as cluster_id, num, den
    from {{units}}
    where occurred_on >= $start and occurred_on < $end and excluded is null
),
parts as (select {{group}}cluster_id, sum(num)::hugeint as num from picked group by all),
clusters as (select {whole}cluster_id, sum(den)::hugeint as den from picked group by all),
wholes as (select {whole}sum(den) as den, count(*) as clusters, sum(den * den) as den2 from clusters group by all)
select
    {group}w.den as n, w.den, w.clusters, w.den2, sum(p.num) as num, sum(p.num * p.num) as num2,
    sum(p.num * c.den) as cross_sum
from parts as p
join clusters as c on c.cluster_id = p.cluster_id{same_c}
join wholes as w on true{same_w}
group by all
"""
_CUT = """
with
picked as (
    select {{keys}}coalesce(cluster_id, unit_id) as cluster_id, num
    from {{units}}
    where occurred_on >= $start and occurred_on < $end and excluded is null
),
cuts as (select {{group}}quantile_disc(num, $quantile) as cut from picked group by all),
clusters as (
    select {group}p.cluster_id, count(*)::hugeint as den, (count(*) filter (where p.num <= w.cut))::hugeint as num
    from picked as p
    join cuts as w on true{same_w}
    group by all
)
select
    {{group}}sum(den) as n, sum(den) as den, sum(num) as num, count(*) as clusters, sum(num * num) as num2,
    sum(num * den) as cross_sum, sum(den * den) as den2
from clusters
group by all
"""


# Third moments of means, of durations in whole seconds: cubes of milliseconds would not fit into 128 bits.
CUBES = """
with
clusters as (
    select
        {keys}coalesce(cluster_id, unit_id) as cluster_id, count(*) as n, (sum(num) // $coarse)::hugeint as num,
        sum(den)::hugeint as den
    from {units}
    where occurred_on >= $start and occurred_on < $end and excluded is null
    group by all
)
select
    {group}sum(n)::bigint as n, sum(num) as num, sum(den) as den, count(*) as clusters, sum(num * num) as num2,
    sum(num * den) as cross_sum, sum(den * den) as den2, sum(num * num * num) as num3, sum(num * num * den) as num2den,
    sum(num * den * den) as numden2, sum(den * den * den) as den3
from clusters
group by all
"""


def parts_of_wholes(names: Sequence[str], part_at: int) -> str:
    """Each part against the whole that it shares with others: num of the part, den of the whole, both per customer."""
    whole = [n for i, n in enumerate(names) if i != part_at]
    return _PARTS.format(
        whole="".join(f"{n}, " for n in whole), group=_listed("p", names), same_c=_same("c", whole), same_w=_same("w", whole)
    )


def below_the_cut(names: Sequence[str]) -> str:
    """How many units of each customer do not exceed the group's quantile."""
    return _CUT.format(group=_listed("p", names), same_w=_same("w", names))


def _listed(table: str, names: Sequence[str]) -> str:
    return "".join(f"{table}.{n}, " for n in names)


def _same(table: str, names: Sequence[str]) -> str:
    return "".join(f" and {table}.{n} = p.{n}" for n in names)

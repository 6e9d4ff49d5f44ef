"""Every file of sql/ says the same in Spark: it translates, and where pyspark is at hand it gives the same cells.

pyspark is no dependency of the project. To run the comparison: `pip install pyspark` beside it, with Java 17, then
`pytest tests/test_spark_sql.py`.
"""

import random
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.definition import Definition, MetricHeader, SourceHeader, TableHeader, parameters
from cxreports.definitions.resources import resource_dir
from cxreports.lake.engine import MACROS, Connection, columns_of, connect, create
from cxreports.lake.examples import run_example, text_table
from cxreports.lake.spark import TWINS, to_spark
from cxreports.sentiment.lexicon import Lexicon
from tests.worlds import PARAMS, START, Lake, at, deliver, leg, look

CATALOGUE = read_catalogue()
EVERY_RUN = {"timezone": "Europe/London", "observed_until": "2025-12-31 00:00:00+00"}
DEFINITIONS: dict[str, Definition[Any]] = {**CATALOGUE.sources, **CATALOGUE.tables, **CATALOGUE.metrics}
FILES = sorted(p.relative_to(resource_dir("sql")).as_posix() for p in resource_dir("sql").rglob("*.sql"))

# What sqlglot alone would leave as it is, or translate into something that counts differently; each has its twin.
NEEDS_A_TWIN = [
    ("local_date(x, $timezone)", "CAST(FROM_UTC_TIMESTAMP(x, :timezone) AS DATE)"),  # our macro
    ("local_clock(x, $timezone)", "FROM_UTC_TIMESTAMP(x, :timezone)"),  # our macro
    ("local_hour(x, $timezone)", "DATE_FORMAT(FROM_UTC_TIMESTAMP(x, :timezone), 'HH')"),  # our macro
    (
        "in_sequence(x)",  # our macro
        "AGGREGATE(x, ARRAY(CAST(0 AS BIGINT)), (taken, list) -> CONCAT(taken, ARRAY(COALESCE("
        "ARRAY_MIN(FILTER(list, x -> x > ARRAY_MAX(taken))), CAST(-1 AS BIGINT)))))",
    ),
    ("x + to_days($n)", "x + MAKE_DT_INTERVAL(:n)"),  # no function of that name in Spark
    ("x + to_hours($n)", "x + MAKE_DT_INTERVAL(0, :n)"),
    ("x + to_minutes($n)", "x + MAKE_DT_INTERVAL(0, 0, :n)"),
    ("min_by(x, y)", "MIN_BY(x, y) FILTER(WHERE NOT x IS NULL)"),  # Spark's takes the row with the NULL
    ("max_by(x, y) filter (where z)", "MAX_BY(x, y) FILTER(WHERE z AND NOT x IS NULL)"),
    ("epoch_ms(x)", "UNIX_MILLIS(x)"),  # sqlglot: TIMESTAMP_MILLIS, the way back
    ("to_timestamp(x)", "TIMESTAMP_SECONDS(x)"),
    ("timezone($zone, x)", "TO_UTC_TIMESTAMP(CAST(x AS TIMESTAMP), :zone)"),
    ("f(x)[1]", "GET(F(x), 0)"),  # Spark's [0] fails on an empty list
    ("array_length(x)", "ARRAY_SIZE(x)"),  # of NULL it is NULL; SIZE says -1 in some settings
    ("list_transform(x, lambda t, i: y[i])", "TRANSFORM(x, (t, i) -> GET(y, (i + 1) - 1))"),  # sqlglot counts numbers only from 0
    ("list_last(x)", "TRY_ELEMENT_AT(x, -1)"),
    ("coalesce(x -> '$.A', y)", "COALESCE(GET_JSON_OBJECT(x, '$.A'), y)"),  # sqlglot: a lambda
    ("make_timestamptz(x * 1000)", "TIMESTAMP_MICROS(x * 1000)"),
    ("json_valid(x)", "NOT GET_JSON_OBJECT(x, '$') IS NULL"),
    ("list_transform(x, lambda t, i: t + i)", "TRANSFORM(x, (t, i) -> t + (i + 1))"),  # Spark counts from 0
    ("json_extract(x, '$.A[*]')", "COALESCE(FROM_JSON(GET_JSON_OBJECT(x, '$.A'), 'array<string>'), ARRAY())"),
    ("""x ->> ('$."' || $key || '"')""", r"GET_JSON_OBJECT(x, ('$[\'' || :key || '\']'))"),
    ("x ->> ['$.A', '$.\"b:c\".D']", r"ARRAY(GET_JSON_OBJECT(x, '$.A'), GET_JSON_OBJECT(x, '$[\'b:c\'].D'))"),
    ("x -> ['$.A', '$.\"' || $key || '\"']", r"ARRAY(GET_JSON_OBJECT(x, '$.A'), GET_JSON_OBJECT(x, '$[\'' || :key || '\']'))"),
    (
        "json_type(x, '$.A')",
        "CASE WHEN NOT JSON_ARRAY_LENGTH(GET_JSON_OBJECT(x, '$.A')) IS NULL THEN 'ARRAY'"
        " WHEN NOT GET_JSON_OBJECT(x, '$.A') IS NULL THEN 'OTHER' END",
    ),
]


def test_every_definition_is_translated() -> None:
    assert {Path(f).stem for f in FILES} >= set(DEFINITIONS)


@pytest.mark.parametrize("file", FILES)
def test_a_file_translates_to_spark_and_the_translation_parses(file: str, caplog: pytest.LogCaptureFixture) -> None:
    sql = (resource_dir("sql") / file).read_text(encoding="utf-8")
    tree = sqlglot.parse_one(to_spark(sql), read="spark")
    assert caplog.records == []  # sqlglot warns where it does not understand, and hands on what it read
    assert {p.name for p in tree.find_all(exp.Placeholder)} == set(parameters(sql))


# What only DuckDB can say, and sqlglot hands on: `len` of a list becomes the length of a text (array_length is both engines'
# word), a list of pairs has no twin, a text cast to JSON is one in Spark already, and Spark makes rows of a list only where
# nothing stands around it.
ONLY_DUCKDB = re.compile(r"\blen\(|\blist_count\(|\blist_zip\(|::json\b|cast\(unnest\(")


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_nothing_that_only_duckdb_can_say(file: str) -> None:
    assert ONLY_DUCKDB.findall((resource_dir("sql") / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("duck", "spark"), NEEDS_A_TWIN)
def test_what_the_engines_count_differently_has_a_twin(duck: str, spark: str) -> None:
    assert "".join(to_spark(f"select {duck}").split()) == "".join(f"SELECT {spark}".split())


def test_every_macro_of_duckdb_has_a_twin() -> None:
    names = {sql.split(" macro ")[1].split("(")[0] for sql in MACROS}
    assert names <= set(TWINS)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark of two threads on this machine; it opens no page and listens on loopback only."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed; it is no dependency, see the top of this file")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17, and there is no java here")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    scorer = Lexicon()  # the one with which `run_example` scores
    session.udf.register("turn_score", lambda text, language: None if text is None else scorer.score(text, language), "double")
    yield session
    session.stop()


@pytest.mark.parametrize("name", [*CATALOGUE.tables, *CATALOGUE.metrics])
def test_a_worked_example_comes_out_of_spark_cell_by_cell(name: str, spark: Any) -> None:
    definition: Definition[TableHeader] | Definition[MetricHeader] = CATALOGUE.tables.get(name) or CATALOGUE.metrics[name]
    con = connect()
    got, wanted = run_example(con, definition, CATALOGUE, EVERY_RUN)
    _same_on_spark(spark, con, definition, {**EVERY_RUN, **definition.header.params, **definition.header.example.params})
    head = ", ".join(f"cast({c} as varchar)" for c in text_table(definition.header.example.expect)[0])
    assert con.execute(f"select {head} from spark_result").fetchall() == got == wanted


@pytest.mark.parametrize("name", CATALOGUE.sources)
def test_the_records_of_a_sources_example_are_read_by_spark_as_by_duckdb(name: str, spark: Any) -> None:
    definition: Definition[SourceHeader] = CATALOGUE.sources[name]
    con = connect()
    _load_records(con, definition.header.example.given["records"])
    given = {**EVERY_RUN, **definition.header.params, **definition.header.example.params}
    create(con, "duck_result", definition.sql, given)
    _run_on_spark(spark, con, definition.sql, ["records"], given)
    plain = [c for c, t in columns_of(con, "duck_result").items() if not t.endswith("[]")]
    assert _cells(con, "spark_result", plain) == _cells(con, "duck_result", plain)
    for table in definition.header.fills:
        assert _unnested(con, "spark_result", table) == _unnested(con, "duck_result", table)


def test_a_world_full_of_gaps_gives_the_same_cells_on_both(tmp_path: Path, spark: Any) -> None:
    """Chains whose first leg lacks what a later one has, ties, open legs, shared numbers: where engines differ over NULL."""
    lake = Lake(tmp_path)
    deliver(lake, 0, _gappy_legs(300))
    view = look(lake, at(24 * 400))
    params = {**PARAMS, "observed_from": START.isoformat(), "observed_until": at(24 * 20).isoformat()}
    for table in (t for t in CATALOGUE.tables.values() if not t.header.day):  # those that are not stored
        create(view.con, table.name, table.sql, {**table.header.params, **PARAMS})
    for definition in (*CATALOGUE.tables.values(), *CATALOGUE.metrics.values()):
        given = {**definition.header.params, **params}
        create(view.con, "example_result", definition.sql, given)
        _same_on_spark(spark, view.con, definition, given)


def _gappy_legs(count: int) -> list[dict[str, Any]]:
    dice = random.Random(20250303)

    def some(*values: Any) -> Any:
        return dice.choice([None, *values])

    legs = []
    for n in range(count):
        root = some(None, f"l{dice.randrange(count)}")
        hours = dice.choice([0, 0.1, 0.25, 1, 24, 167.9, 168, 168.1, 300]) + dice.randrange(3) * 24
        legs.append(
            leg(
                f"l{n}", hours, root_id=root, previous_id=root and some(root), channel=some("voice", "chat"),
                direction=some("inbound", "outbound"), initiation=some("customer", "transfer", "queue_transfer", "monitor"),
                enqueued_at=some(at(hours)), answered_at=some(at(hours)), wait_ms=some(0, 4999, 5000, 60000),
                talk_ms=some(0, 1000), hold_ms=some(5), queue=some("cards", "loans"), agent_id=some("ann", "bob"),
                is_abandoned=some(True, False), is_callback_requested=some(True, False), ai_agent=some("bot"),
                ai_replies=some(0, 2), is_goal_completed=some(True, False), is_confirmed=some(True, False),
                is_ai_failed=some(True, False), is_claimed_resolved=some(True, False), intent=some("billing", "outage"),
                account_key=some("k_1", "k_2", "k_3"), phone_key=some("t_1", "t_2"), end_score=some("-0.5", "-0.2", "0.4"),
                is_test=dice.random() < 0.02, excluded_as=dice.choice([None] * 30 + ["spam"]),
            )
        )  # fmt: skip
        if dice.random() < 0.1:
            legs[-1]["ended_at"] = None
        elif dice.random() < 0.3:
            legs[-1]["ended_at"] += timedelta(hours=1)
    return legs


def _same_on_spark(spark: Any, con: Connection, definition: Definition[Any], params: Mapping[str, Any]) -> None:
    """Run the definition on Spark over the tables of `con`; every column, type and cell as in DuckDB's `example_result`."""
    tables = {*definition.header.reads, *definition.header.example.given}
    _run_on_spark(spark, con, definition.sql, tables, params)
    columns = columns_of(con, "example_result")
    assert columns_of(con, "spark_result") == columns, definition.where
    assert _cells(con, "spark_result", columns) == _cells(con, "example_result", columns), definition.where


def _run_on_spark(spark: Any, con: Connection, sql: str, tables: Iterable[str], params: Mapping[str, Any]) -> None:
    for table in tables:
        spark.createDataFrame(_arrow(con, table)).createOrReplaceTempView(table)
    result = spark.sql(to_spark(sql), args={name: params[name] for name in parameters(sql)}).toArrow()
    con.register("spark_result", result)


def _arrow(con: Connection, table: str) -> pa.Table:
    return con.sql(f"from {table}").to_arrow_table()


def _cells(con: Connection, table: str, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    return con.execute(f"select {', '.join(f'cast({c} as varchar)' for c in columns)} from {table}").fetchall()


def _load_records(con: Connection, text: str) -> None:
    head, lines = text_table(text)
    types = {"file_id": "varchar", "position": "bigint", "member": "varchar", "record": "varchar"}
    con.execute(f"create table records ({', '.join(f'{n} {t}' for n, t in types.items())})")
    for line in lines:
        con.execute(f"insert into records ({', '.join(head)}) values ({', '.join('?' for _ in head)})", line)


def _unnested(con: Connection, result: str, table: str) -> list[tuple[Any, ...]]:
    """The rows of a landed table that a source's statement gives, as text; scores as the four digits that are stored."""
    con.execute(
        f"create or replace temp table rows as select unnest(r, recursive := true) "
        f"from (select unnest({table}) as r from {result} where fault is null)"
    )
    names = columns_of(con, "rows")
    stored = {"score": "cast(score as decimal(9, 4))"}
    return con.execute(f"select {', '.join(f'cast({stored.get(c, c)} as varchar)' for c in names)} from rows").fetchall()

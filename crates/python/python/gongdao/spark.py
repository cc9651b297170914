"""Verdicts on Spark's tables. Every executor needs this package and pyarrow; packs travel with the tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence

import pyarrow as pa

from gongdao._errors import refused
from gongdao._gongdao import NativeState, Session
from gongdao._pack import Pack
from gongdao._state import Sees, Value, _value
from gongdao._tables import AnyTable, reader
from gongdao._verdicts import OUTPUTS, Output

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

__all__ = ["schema", "verdicts", "verdicts_with_state"]

_GROUP = "group"
_EVENT_COLUMNS = ("key", "at", "seq", "fact", "op", "value", "known_at")


def schema(pack: Pack, *, output: Output = "long") -> "StructType":
    """The columns of verdicts as Spark has them: those of `gongdao.verdicts`, with `decision_id` as text.

    Wide verdicts have the columns of all rule versions, whether they spoke or not: a cluster must know the columns first.
    """
    from pyspark.sql import types

    kinds = {pa.string(): types.StringType(), pa.bool_(): types.BooleanType(), pa.date32(): types.DateType()}
    columns = _session(pack, None, output, False).schema(
        pa.schema([("decision_id", pa.string()), ("at", pa.int64()), ("action", pa.string())])
    )
    return types.StructType([types.StructField(column.name, kinds[column.type], True) for column in columns])


def verdicts(df: "DataFrame", pack: Pack, *, output: Output = "long", not_applicable: bool = False) -> "DataFrame":
    """Judge every decision of a table that has all its facts, partition by partition (`mapInArrow`).

    Columns as `gongdao.verdicts` takes them; `at` is a TIMESTAMP (not TIMESTAMP_NTZ), a BIGINT of milliseconds or text.
    Columns that are missing, unknown or of a wrong type raise GongdaoError here; what is wrong in a row fails the task.
    """
    decisions = _decisions(df)
    _check(_session(pack, None, output, not_applicable), decisions)

    names = decisions.columns

    def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        session = _session(pack, None, output, not_applicable)
        for batch in batches:
            yield from session.judge(batch.rename_columns(names))

    return _numbered(decisions).mapInArrow(judge, schema(pack, output=output))


def verdicts_with_state(
    decisions: "DataFrame",
    events: "DataFrame",
    pack: Pack,
    *,
    initial: Optional[Mapping[str, Value]] = None,
    algorithm_events: Optional[AnyTable] = None,
    sees: Sees = "happened",
    output: Output = "long",
    not_applicable: bool = False,
    groups: int = 256,
) -> "DataFrame":
    """Judge decisions with the state of their persons as of each decision's instant (cogrouped `applyInArrow`).

    `decisions` as in `verdicts`, with `person`; `events` are those of persons, as `gongdao.State` takes them, with `seq`:
    a cluster keeps no order of rows that could stand in for it. Persons are divided into `groups` by a hash, so that a
    task handles many at once; the decisions and events of one group must fit into the memory of one task.

    `algorithm_events` are few, so they are no Spark table: pyarrow, pandas, Polars or DuckDB. They go to every task.
    `initial`, `sees` as in `gongdao.State`. Events that cannot be read make their fact unknown, those without a key for
    everybody; nobody is told which they are: build a `gongdao.State` of a sample to see.
    """
    from pyspark.sql import functions as F

    judged = _decisions(decisions)
    table = _events(events)
    algorithms = None if algorithm_events is None else reader(algorithm_events).read_all()
    values = {name: _value(value) for name, value in (initial or {}).items()}
    lost = _lost(table, pack, values, algorithms, sees)
    names, event_names = judged.columns, table.columns

    def state(own: pa.Table) -> NativeState:
        others = None if algorithms is None else algorithms.to_reader()
        return NativeState(pack._native, _lose(own, lost).to_reader(), others, values, sees)

    _check(_session(pack, state(_arrow_schema(table).empty_table()), output, not_applicable), judged)

    def judge(left: pa.Table, right: pa.Table) -> pa.Table:
        # The group's number stands last.
        left = left.select(range(len(names))).rename_columns(names)
        right = right.select(range(len(event_names))).rename_columns(event_names)
        session = _session(pack, state(right), output, not_applicable)
        found = [judged for batch in left.to_batches() for judged in session.judge(batch)]
        return pa.Table.from_batches(found, session.schema(left.schema))

    def grouped(frame: "DataFrame", key: str) -> Any:
        group = F.pmod(F.xxhash64(F.col(f"c{frame.columns.index(key)}").cast("string")), F.lit(groups))
        return _numbered(frame).withColumn(_GROUP, group).groupBy(_GROUP)

    left, right = grouped(judged, "person"), grouped(table, "key")
    found: "DataFrame" = left.cogroup(right).applyInArrow(judge, schema(pack, output=output))
    return found


def _session(pack: Pack, state: Optional[NativeState], output: str, not_applicable: bool) -> Session:
    if output not in OUTPUTS:
        raise ValueError(f"output is `{output}`; it is `wide` or `long`")
    return Session(pack._native, state, output == "long", not_applicable, True)


def _decisions(df: "DataFrame") -> "DataFrame":
    """The decisions with text for identifiers: the columns of the result are known beforehand."""
    from pyspark.sql import functions as F

    names = [name for name in df.columns if name != "decision_id"]
    if len(names) + 1 != len(df.columns):
        what = "stands twice" if len(names) + 1 < len(df.columns) else "is missing"
        raise refused("data", f"column `decision_id` {what}", "give each decision one identifier")
    return df.select(F.col("decision_id").cast("string"), *(F.col(_quoted(name)) for name in names))


def _numbered(df: "DataFrame") -> "DataFrame":
    """The columns by their positions: Spark takes the dot in a fact's path for a field of a structure."""
    return df.toDF(*(f"c{position}" for position in range(len(df.columns))))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _events(events: "DataFrame") -> "DataFrame":
    if "seq" not in events.columns:
        raise refused(
            "events of resource",
            "there is no column `seq`",
            "number the events of one key: on a cluster nothing else says which of two at one instant came later",
        )
    return events.select(*(name for name in events.columns if name not in ("_file", "_row")))


def _arrow_schema(df: "DataFrame") -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(df.schema, timezone="UTC")


def _check(session: Session, df: "DataFrame") -> None:
    """Raise here what the columns alone show."""
    session.schema(_arrow_schema(df))


def _lost(
    events: "DataFrame",
    pack: Pack,
    initial: Dict[str, Any],
    algorithms: Optional[pa.Table],
    sees: str,
) -> List[str]:
    """The facts of events without a key: every group must know of them, and none of them has such an event but one.

    The names of all facts are checked on the way, so that a slip is told here and not in some task.
    """
    from pyspark.sql import functions as F

    key = F.col("key").cast("string")
    nobody = key.isNull() | key.rlike(r"(?U)^\s*$")
    rows = events.select("fact", nobody.alias("nobody")).distinct().collect()
    named = _lose(_arrow_schema(events).empty_table(), [row["fact"] for row in rows])
    others = None if algorithms is None else algorithms.to_reader()
    NativeState(pack._native, named.to_reader(), others, initial, sees)
    return sorted({row["fact"] for row in rows if row["nobody"]})


def _lose(events: pa.Table, facts: Sequence[Optional[str]]) -> pa.Table:
    """The events in an order that does not depend on the cluster, with one event of nobody for each of these facts."""
    order = [(name, "ascending") for name in _EVENT_COLUMNS if name in events.column_names]
    events = events.sort_by(order)
    if not facts:
        return events
    kinds = events.schema
    nobody = {
        kind.name: pa.array(facts, kind.type) if kind.name == "fact" else pa.nulls(len(facts), kind.type)
        for kind in kinds
    }
    return pa.concat_tables([events, pa.table(nobody, schema=kinds)])

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, List, Literal, Optional, overload

import pyarrow as pa

from gongdao._errors import refused
from gongdao._gongdao import Session
from gongdao._pack import Pack
from gongdao._state import State
from gongdao._tables import AnyTable, back, reader

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl

    from gongdao._tables import ArrowTable

Output = Literal["wide", "long"]
OUTPUTS = ("wide", "long")


@overload
def verdicts(
    data: "pl.DataFrame | pl.LazyFrame", pack: Pack, state: Optional[State] = ..., *, output: Output = ..., not_applicable: bool = ...
) -> "pl.DataFrame": ...
@overload
def verdicts(
    data: "duckdb.DuckDBPyRelation", pack: Pack, state: Optional[State] = ..., *, output: Output = ..., not_applicable: bool = ...
) -> "pa.Table": ...
@overload
def verdicts(
    data: "pd.DataFrame", pack: Pack, state: Optional[State] = ..., *, output: Output = ..., not_applicable: bool = ...
) -> "pd.DataFrame": ...
@overload
def verdicts(
    data: "ArrowTable", pack: Pack, state: Optional[State] = ..., *, output: Output = ..., not_applicable: bool = ...
) -> "pa.Table": ...
def verdicts(
    data: AnyTable,
    pack: Pack,
    state: Optional[State] = None,
    *,
    output: Output = "wide",
    not_applicable: bool = False,
) -> Any:
    """Judge every decision of a table.

    `data` has one row a decision: `decision_id` (text or integers), `at` (timestamps with a time zone, milliseconds since
    the epoch, or RFC 3339 text), `action`, optionally `place` (GB/T 2260), `algorithm`, `person`, and one column a fact,
    named by its path (`context.priceFen`; `Pack.facts` lists them): Booleans, integers, text, or lists of text for sets.
    A fact without a column, or null, is missing. pyarrow's tables, batches and readers, pandas, Polars (a LazyFrame is
    collected), DuckDB's relations and whatever speaks Arrow's C stream are read.

    `state` gives facts of persons and algorithms as each decision could see them; its keys are `person` and `algorithm`.

    `output`: `wide` is one row a decision, in the order of `data`: `decision_id`, `effect`, `violated`, `provisional_only`,
    `disputed`, `undetermined`, `silent`, then for each rule version that spoke about any decision its outcome, and where it
    was undetermined for some, `cause KEY`. `long` is one row a decision and rule version that applies: `decision_id`,
    `rule`, `reading`, `in_force_from`, `provision`, `outcome`, `cause`, `effect`, `standing`, `provisional`, `disputed`;
    with `not_applicable` also those that do not apply. docs/formats/results.md says what the columns mean.

    Returns a table of the family of `data`; for a DuckDB relation a `pyarrow.Table`, which DuckDB queries by name.
    Other Python threads run meanwhile. Nobody looks for identifiers that stand twice.

    Raises GongdaoError where a column is missing, unknown, or of a wrong type, and where a decision has no identifier, no
    possible instant, or an action or place that is none; nothing is judged then.
    """
    if output not in OUTPUTS:
        raise ValueError(f"output is `{output}`; it is `wide` or `long`")
    batches = reader(data)
    session = Session(pack._native, None if state is None else state._native, output == "long", not_applicable, False)
    schema = session.schema(batches.schema)
    judged: List[pa.RecordBatch] = []
    for batch in _batches(batches):
        judged.extend(session.judge(batch))
    # Batches have dictionaries of their own.
    table = pa.Table.from_batches(judged, schema).unify_dictionaries()
    return back(_spoken(table) if output == "wide" else table, data)


def _batches(batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            yield batches.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise refused("data", f"the table cannot be read to its end: {error}") from error


def _spoken(table: pa.Table) -> pa.Table:
    """Without the columns of versions that said nothing about any decision."""
    silent = [name for name in table.column_names if _is_of_version(name) and table[name].null_count == len(table)]
    return table.drop_columns(silent) if silent else table


def _is_of_version(name: str) -> bool:
    return "@" in name

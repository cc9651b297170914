"""Tables of whatever kind into Arrow and back. Other libraries are imported only where somebody brings their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import pyarrow as pa

from gongdao._errors import refused

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl

    ArrowTable = Union[pa.Table, pa.RecordBatch, pa.RecordBatchReader]
    AnyTable = Union[ArrowTable, pd.DataFrame, pl.DataFrame, pl.LazyFrame, duckdb.DuckDBPyRelation]
else:
    ArrowTable = Any
    AnyTable = Any


def family(data: object) -> str:
    """`arrow`, `pandas`, `polars` or `duckdb`, without importing any of them."""
    kind = type(data)
    names = {f"{base.__module__.partition('.')[0].lstrip('_')}.{base.__name__}" for base in kind.__mro__}
    if names & {"pyarrow.Table", "pyarrow.RecordBatch", "pyarrow.RecordBatchReader"}:
        return "arrow"
    if "pandas.DataFrame" in names:
        return "pandas"
    if names & {"polars.DataFrame", "polars.LazyFrame"}:
        return "polars"
    if names & {"duckdb.DuckDBPyRelation"}:
        return "duckdb"
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return "arrow"
    raise refused(
        "data",
        f"`{kind.__module__}.{kind.__qualname__}` is no table that can be read",
        "give a table of pyarrow, pandas, Polars or DuckDB; for Spark there is `gongdao.spark`",
    )


def reader(data: Any) -> pa.RecordBatchReader:
    """The table's batches, one after another where it can."""
    kind = family(data)
    if isinstance(data, pa.RecordBatchReader):
        return data
    if kind == "pandas":
        return _from_pandas(data).to_reader()
    if kind == "polars":
        frame = data.collect() if hasattr(data, "collect") else data
        return frame.to_arrow().to_reader()
    if kind == "duckdb":
        return _from_duckdb(data)
    if isinstance(data, pa.Table):
        return data.to_reader()
    if isinstance(data, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(data.schema, [data])
    if hasattr(data, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(data)
    batch = pa.record_batch(data)
    return pa.RecordBatchReader.from_batches(batch.schema, [batch])


def _from_pandas(frame: Any) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        # pyarrow's words name the column at their end.
        raise refused("data", f"a column has values of several types: {error}", "give each column one type") from error


def _from_duckdb(relation: Any) -> pa.RecordBatchReader:
    for name in ("to_arrow_reader", "fetch_arrow_reader", "fetch_record_batch"):
        method = getattr(relation, name, None)
        if method is not None:
            found = method()
            return found if isinstance(found, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(found)
    return pa.RecordBatchReader.from_stream(relation)


def back(table: pa.Table, data: Any) -> Any:
    """The table in the family of `data`; pandas keeps the index of a table of as many rows."""
    kind = family(data)
    if kind == "pandas":
        frame = table.to_pandas()
        if len(frame) == len(data) and "rule" not in frame.columns:
            frame.index = data.index
        return frame
    if kind == "polars":
        import polars

        return polars.from_arrow(table)
    return table

from __future__ import annotations

import warnings
from typing import Iterable, List, Literal, Mapping, Optional, Tuple, Union

import pyarrow as pa

from gongdao._errors import Problem
from gongdao._gongdao import NativeState
from gongdao._pack import Pack
from gongdao._tables import AnyTable, family, reader

Sees = Literal["happened", "known"]
Value = Union[bool, int, str, Iterable[str]]
"""Value of a fact: truth, whole number, word, or words."""


class State:
    """What was so of persons and algorithms at any instant, from tables of events.

    A table of events (pyarrow, pandas, Polars, DuckDB) has `key`, `at`, `fact`, `op` (`set`, and for sets `add`, `remove`)
    and `value` (text; words of a set joined with `|`), and may have `seq` (order among events of one instant) and
    `known_at` (when it was recorded; null is at once). Bad events are never dropped: they make their fact unknown, as
    docs/formats/adapter.md has it; `bad_events` counts them, `problems` says what is wrong, and a warning points there.
    """

    __slots__ = ("_native",)

    def __init__(
        self,
        pack: Pack,
        resource: Optional[AnyTable] = None,
        principal: Optional[AnyTable] = None,
        *,
        initial: Optional[Mapping[str, Value]] = None,
        sees: Sees = "happened",
    ) -> None:
        """`resource` are the events of persons (matched with the decisions' `person`), `principal` those of algorithms
        (matched with `algorithm`).

        `initial`: what a fact is before its first event, by `resource.profilingOff`, `principal.filed`, or `profilingOff`
        for a person's; only where the log is complete from the beginning. Without it the fact is unknown until then.

        `sees`: `happened` is all that had happened up to and including the decision's instant (was it lawful?), `known`
        what had also been recorded by then (could the operator know?).

        Raises GongdaoError where a column is missing, unknown or of a wrong type, an event names no fact, or an initial
        value does not fit.
        """
        values = {name: _value(value) for name, value in (initial or {}).items()}
        tables = [table if table is None else _events(table) for table in (resource, principal)]
        self._native = NativeState(pack._native, tables[0], tables[1], values, sees)
        if self.bad_events:
            count = self.bad_events
            warnings.warn(
                f"{count} event{'s' if count > 1 else ''} could not be read; their facts count as unknown: "
                f"see `State.problems`, first {self.problems[0]}",
                stacklevel=2,
            )

    @property
    def bad_events(self) -> int:
        """How many events could not be read in full."""
        return self._native.bad_events

    @property
    def problems(self) -> List[Problem]:
        """What is wrong with the first hundred of them; `line` is the row of the table, from 1."""
        return [Problem(*row) for row in self._native.problems()]

    @property
    def facts(self) -> List[str]:
        """The facts that decisions get from here, by path."""
        return self._native.facts()

    def __reduce__(self) -> Tuple[object, ...]:
        raise TypeError(
            "a state stays in its process; on Spark give the events to `gongdao.spark.verdicts_with_state`, "
            "which sends each part of them to where its decisions are"
        )


def _events(table: AnyTable) -> pa.RecordBatchReader:
    # A connection of DuckDB has one open result at a time, and both tables may come from one.
    batches = reader(table)
    return batches.read_all().to_reader() if family(table) == "duckdb" else batches


def _value(value: Value) -> Union[bool, int, str, List[str]]:
    return value if isinstance(value, (bool, int, str)) else sorted(value)

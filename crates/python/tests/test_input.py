"""Tables in every layout are read alike; tables that are none are refused by name."""

import unittest
from datetime import datetime, timezone

import city
import gongdao
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from test_city import nullable, plain

ROWS = 600


def part() -> pa.Table:
    """Decisions from all over the city, some facts of each kind missing."""
    table = city.joined().take(list(range(0, len(city.joined()), len(city.joined()) // ROWS))[:ROWS])
    every = pa.array([number % 7 == 3 for number in range(ROWS)])
    for name in table.column_names:
        if name.startswith("context.") and "parameters" not in name:
            index = table.column_names.index(name)
            nothing = pa.scalar(None, table[name].type)
            kept = [value for value in table[name].to_pylist()]
            kept = [None if lost else value for lost, value in zip(every.to_pylist(), kept)]
            table = table.set_column(index, name, pa.array(kept, nothing.type))
    return table


def recast(table: pa.Table, kinds) -> pa.Table:
    """The table with the columns of each type as another type."""
    columns = {}
    for field in table.schema:
        wanted = kinds(field)
        columns[field.name] = table[field.name] if wanted is None else table[field.name].cast(wanted)
    return pa.table(columns)


def is_set(field: pa.Field) -> bool:
    return pa.types.is_list(field.type)


class Layouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.table = part()
        cls.wanted = plain(gongdao.verdicts(cls.table, city.pack(), output="long"))
        # A test of nothing would pass too.
        outcomes = set(cls.wanted["outcome"].to_pylist())
        assert {"satisfied", "violated", "undetermined", "established"} <= outcomes, outcomes

    def check(self, data, **settings) -> None:
        found = gongdao.verdicts(data, city.pack(), output="long", **settings)
        found = found if isinstance(found, pa.Table) else found.to_arrow()
        self.assertEqual(plain(found).to_pylist(), self.wanted.to_pylist())

    def test_texts(self):
        for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.uint32(), pa.large_string())):
            def texts(field, kind=kind):
                wide = pa.types.is_dictionary(kind) and kind.index_type == pa.int8()
                if pa.types.is_string(field.type) and not (wide and field.name in ("decision_id", "person")):
                    return kind
                return None

            with self.subTest(kind):
                self.check(recast(self.table, texts))

    def test_sets(self):
        for kind in (
            pa.large_list(pa.string()),
            pa.list_(pa.large_string()),
            pa.list_(pa.string_view()),
            pa.large_list(pa.string_view()),
            pa.list_(pa.dictionary(pa.int32(), pa.string())),
            pa.list_view(pa.string()),
        ):
            with self.subTest(kind):
                self.check(recast_sets(self.table, kind))

    def test_numbers(self):
        for kind in (pa.int32(), pa.uint32(), pa.uint64(), pa.decimal128(38, 0)):
            with self.subTest(kind):
                self.check(recast(self.table, lambda field, kind=kind: kind if pa.types.is_int64(field.type) else None))

    def test_instants(self):
        at = self.table["at"]
        index = self.table.column_names.index("at")
        millis = at.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
        text = pa.array([moment.isoformat() for moment in at.to_pylist()])
        forms = [millis, text, text.dictionary_encode()]
        forms += [at.cast(pa.timestamp(unit, "UTC")) for unit in ("us", "ns")]
        for form in forms:
            with self.subTest(form.type):
                self.check(self.table.set_column(index, "at", form))

    def test_chunks_and_streams(self):
        pieces = pa.concat_tables([self.table.slice(begin, 97) for begin in range(0, ROWS, 97)])
        self.assertGreater(pieces["at"].num_chunks, 5)
        self.check(pieces)
        self.check(self.table.to_reader(max_chunksize=11))

        class Stream:
            """Whatever speaks Arrow's C stream."""

            def __init__(self, table):
                self.__arrow_c_stream__ = table.__arrow_c_stream__

        self.check(Stream(self.table))

    def test_columns_in_any_order_and_columns_of_nothing(self):
        self.check(self.table.select(sorted(self.table.column_names)))
        without = [name for name in self.table.column_names if not name.startswith("context.p")]
        nothing = self.table.select(without)
        wanted = gongdao.verdicts(nothing, city.pack(), output="long")
        for name in set(self.table.column_names) - set(without):
            nothing = nothing.append_column(name, pa.nulls(ROWS))
        found = gongdao.verdicts(nothing, city.pack(), output="long")
        self.assertEqual(plain(found).to_pylist(), plain(wanted).to_pylist())
        self.assertNotEqual(plain(wanted).to_pylist(), self.wanted.to_pylist())

    def test_pandas_and_polars(self):
        frame = nullable(self.table.to_pandas())
        found = gongdao.verdicts(frame, city.pack(), output="long")
        self.assertEqual(plain(pa.Table.from_pandas(found, preserve_index=False)).to_pylist(), self.wanted.to_pylist())
        polars = pl.from_arrow(self.table)
        self.check(polars)
        self.check(polars.with_columns(pl.col("action").cast(pl.Categorical), pl.col("algorithm").cast(pl.Categorical)))

    def test_numbers_for_identifiers(self):
        numbers = pa.array(range(ROWS), pa.int32())
        index = self.table.column_names.index("decision_id")
        table = self.table.set_column(index, "decision_id", numbers)
        found = gongdao.verdicts(table, city.pack())
        self.assertEqual(found.schema.field("decision_id").type, pa.int32())
        self.assertEqual(found["decision_id"].to_pylist(), list(range(ROWS)))

    def test_not_applicable_too(self):
        full = gongdao.verdicts(self.table, city.pack(), output="long", not_applicable=True)
        wide = gongdao.verdicts(self.table, city.pack())
        keys = [name for name in wide.column_names if "@" in name and not name.startswith("cause ")]
        said = sum(len(wide) - wide[key].null_count for key in keys)
        self.assertEqual(len(full), said)
        kept = full.filter(pc.not_equal(full["outcome"].cast(pa.string()), "not-applicable"))
        self.assertEqual(plain(kept).to_pylist(), self.wanted.to_pylist())

    def test_no_rows(self):
        for empty in (self.table.slice(0, 0), self.table.schema.empty_table()):
            long = gongdao.verdicts(empty, city.pack(), output="long")
            self.assertEqual((len(long), long.column_names), (0, self.wanted.column_names))
            wide = gongdao.verdicts(empty, city.pack())
            self.assertEqual(wide.column_names[:3], ["decision_id", "effect", "violated"])
        self.assertEqual(len(gongdao.verdicts(pl.from_arrow(self.table).head(0), city.pack())), 0)
        self.assertEqual(len(gongdao.verdicts(nullable(self.table.to_pandas()).head(0), city.pack())), 0)
        batches = [self.table.slice(0, 0).to_batches()[0:0], self.table.to_batches()]
        stream = pa.RecordBatchReader.from_batches(self.table.schema, [batch for part in batches for batch in part])
        self.check(stream)


def recast_sets(table: pa.Table, kind: pa.DataType) -> pa.Table:
    columns = {}
    for field in table.schema:
        column = table[field.name]
        columns[field.name] = pa.chunked_array([pa.array(column.to_pylist(), kind)]) if is_set(field) else column
    return pa.table(columns)


AT = datetime(2025, 10, 13, 12, 0, tzinfo=timezone.utc)


def decision(**columns) -> pa.Table:
    """One dispatch of two rows."""
    given = {"decision_id": ["a", "b"], "at": pa.array([AT, AT], pa.timestamp("ms", "UTC")), "action": ["dispatch"] * 2}
    given |= columns
    return pa.table({name.replace("__", "."): column for name, column in given.items() if column is not None})


class Refused(unittest.TestCase):
    def check(self, data, *lines: str, state=None) -> gongdao.GongdaoError:
        with self.assertRaises(gongdao.GongdaoError) as raised:
            gongdao.verdicts(data, city.pack(), state)
        found = [str(problem).splitlines()[0] for problem in raised.exception.problems]
        self.assertEqual(found, list(lines))
        for problem in raised.exception.problems:
            self.assertTrue(problem.hint, problem)
        return raised.exception

    def test_it_is_not_refused_without_reason(self):
        self.assertEqual(gongdao.verdicts(decision(), city.pack())["decision_id"].to_pylist(), ["a", "b"])

    def test_columns(self):
        self.check(decision(at=None, action=None), "data: there is no column `at`", "data: there is no column `action`")
        self.check(decision(decision_id=None), "data: there is no column `decision_id`")
        error = self.check(decision(priceFen=[1, 2]), "data: column `priceFen` is no fact of the vocabulary")
        self.assertEqual(error.problems[0].hint, "do you mean `context.priceFen`?")
        self.check(decision(shoes=[1, 2]), "data: column `shoes` is no fact of the vocabulary")
        twice = pa.table([["a"], ["dispatch"], [0], ["rank"]], ["decision_id", "action", "at", "action"])
        self.check(twice, "data: column `action` stands twice")

    def test_types(self):
        numbers = pa.array([1.0, 2.0])
        self.check(
            decision(context__priceFen=numbers, context__personalised=["true", "false"], context__tagsUsed=["a|b", ""]),
            "data: column `context.priceFen` is `Float64`, not whole numbers",
            "data: column `context.personalised` is `Utf8`, not truth values",
            "data: column `context.tagsUsed` is `Utf8`, not lists of texts",
        )
        self.check(decision(context__tagsUsed=[[1], [2]]), "data: column `context.tagsUsed` is `List(Int64)`, not lists of texts")
        self.check(decision(context__purpose=[1, 2]), "data: column `context.purpose` is `Int64`, not text")
        self.check(decision(action=[1, 2]), "data: column `action` is `Int64`, not text")
        self.check(decision(person=numbers), "data: column `person` is `Float64`, not text or integers")
        self.check(decision(at=numbers), "data: column `at` is `Float64`, not instants")
        naive = pa.array([datetime(2025, 10, 13), datetime(2025, 10, 14)], pa.timestamp("ms"))
        self.check(decision(at=naive), "data: column `at` holds timestamps without a time zone")
        with self.assertRaises(gongdao.GongdaoError) as raised:
            gongdao.verdicts(decision(context__priceFen=pa.array([1, 2**63], pa.uint64())), city.pack())
        self.assertIn("column `context.priceFen`", str(raised.exception))

    def test_rows(self):
        self.check(decision(action=["dispatch", None]), "data:2: decision `b`: the decision has no action")
        self.check(decision(action=["dispatch", "dance"]), "data:2: decision `b`: `dance` is not an action")
        self.check(decision(action=pa.nulls(2)), "data:1: decision `a`: the decision has no action")
        self.check(decision(place=["000000", "China"]), "data:2: decision `b`: `China` is not a place")
        self.check(decision(decision_id=["a", None]), "data:2: the decision has no identifier")
        self.check(decision(at=pa.array([AT, None], pa.timestamp("ms", "UTC"))), "data:2: the decision has no instant")
        seconds = pa.array([1_760_000_000_000, 1_760_000_000])
        self.check(decision(at=seconds), "data:2: time `1760000000` ms lies outside the years 1990 to 2099")
        self.check(decision(at=["2025-10-13T12:00:00Z", "noon"]), "data:2: `noon` is not a moment")

    def test_rows_are_counted_over_batches(self):
        good, bad = decision(), decision(action=["dispatch", "dance"])
        stream = pa.RecordBatchReader.from_batches(good.schema, good.to_batches() * 3 + bad.to_batches())
        self.check(stream, "data:8: decision `b`: `dance` is not an action")

    def test_a_word_that_the_fact_cannot_have_is_unknown(self):
        facts = {row["path"]: row for row in city.pack().facts.to_pylist()}
        closed = next(path for path, row in facts.items() if row["words"] and row["type"] == "String" and path.startswith("context."))
        slip = {closed.replace(".", "__"): ["no such word"] * 2}
        none = {closed.replace(".", "__"): pa.nulls(2, pa.string())}
        self.assertEqual(
            gongdao.verdicts(decision(**slip), city.pack()).to_pylist(),
            gongdao.verdicts(decision(**none), city.pack()).to_pylist(),
        )

    def test_tables_that_are_none(self):
        for data in (None, 7, "decisions.csv", [{"decision_id": "a"}], {"decision_id": ["a"]}):
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.verdicts(data, city.pack())
            self.assertIn("is no table that can be read", str(raised.exception))
        mixed = pd.DataFrame({"decision_id": ["a", 1], "at": [0, 0], "action": ["dispatch"] * 2})
        with self.assertRaises(gongdao.GongdaoError) as raised:
            gongdao.verdicts(mixed, city.pack())
        self.assertIn("decision_id", str(raised.exception))
        with self.assertRaisesRegex(ValueError, "`tall`"):
            gongdao.verdicts(decision(), city.pack(), output="tall")

    def test_a_stream_that_breaks(self):
        def batches():
            yield decision().to_batches()[0]
            raise OSError("the disk went away")

        stream = pa.RecordBatchReader.from_batches(decision().schema, batches())
        with self.assertRaises(gongdao.GongdaoError) as raised:
            gongdao.verdicts(stream, city.pack())
        self.assertIn("the disk went away", str(raised.exception))

    def test_state_and_data(self):
        events = city.person_events().slice(0, 50)
        state = gongdao.State(city.pack(), events, city.algorithm_events())
        self.check(decision(person=["p", "q"]), "data: there is no column `algorithm`", state=state)
        self.check(decision(), "data: there is no column `person`", "data: there is no column `algorithm`", state=state)
        fact = state.facts[0]
        kind = {"Bool": pa.bool_(), "Long": pa.int64(), "String": pa.string()}.get(city.fact_types()[fact], pa.list_(pa.string()))
        twice = decision(person=["p", "q"], algorithm=["x", "y"]).append_column(fact, pa.nulls(2, kind))
        self.check(twice, f"data: `{fact}` is given by the data and by the state", state=state)


if __name__ == "__main__":
    unittest.main()

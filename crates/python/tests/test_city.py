"""One city, judged through every kind of table: the planted violations to the row, and the audit's verdicts to the cell."""

import unittest
from functools import cache

import city
import duckdb
import gongdao
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def plain(table: pa.Table) -> pa.Table:
    """Dictionaries and views as text, so that tables of all families compare."""
    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        fields.append(pa.field(field.name, pa.string() if is_text else kind))
    return pa.table([table[field.name].cast(field.type) for field in fields], schema=pa.schema(fields))


@cache
def expected_long() -> list[dict]:
    """The long form read off the audit's wide one and its findings."""
    audit = pq.read_table(city.AUDIT / "verdicts.parquet")
    found = pq.read_table(city.AUDIT / "findings.parquet").to_pylist()
    disputed = {(row["decision_id"], row["rule"], row["reading"], row["in_force_from"]): row["disputed"] for row in found}
    versions = [version for version in city.pack().rules.to_pylist() if version["key"] in audit.column_names]
    outcomes = [audit[version["key"]].to_pylist() for version in versions]
    nothing = [None] * len(audit)
    names = [f"cause {version['key']}" for version in versions]
    causes = [audit[name].to_pylist() if name in audit.column_names else nothing for name in names]
    rows = []
    for row, decision in enumerate(audit["decision_id"].to_pylist()):
        for version, outcome, cause in zip(versions, outcomes, causes):
            if outcome[row] in (None, "not-applicable"):
                continue
            rows.append(
                {
                    "decision_id": decision,
                    "rule": version["rule"],
                    "reading": version["reading"],
                    "in_force_from": version["from"],
                    "provision": version["provision"],
                    "outcome": outcome[row],
                    "cause": cause[row],
                    "effect": version["effect"],
                    "standing": version["standing"],
                    "provisional": version["standing"] != "verified",
                    # The audit says it of what is violated alone.
                    "disputed": disputed.get((decision, version["rule"], version["reading"], str(version["from"]))),
                }
            )
    return rows


class Compared(unittest.TestCase):
    """Verdicts of any make against the city's truth and the audit of it."""

    maxDiff = 2_000

    def check(self, long: pa.Table) -> None:
        self.assertEqual(city.findings(long), sorted(city.truth(), key=str))
        rows = plain(long).to_pylist()
        self.assertEqual(len(rows), len(expected_long()))
        for row, wanted in zip(rows, expected_long()):
            if wanted["disputed"] is None:
                wanted = {**wanted, "disputed": row["disputed"]}
            self.assertEqual(row, wanted)


class City(Compared):
    def test_pyarrow_wide_is_the_audit_to_the_cell(self):
        audit = pq.read_table(city.AUDIT / "verdicts.parquet")
        wide = gongdao.verdicts(city.decisions(), city.pack(), city.state())
        identity = ["at", "action", "place", "algorithm", "algorithm_version", "person", "file", "row"]
        expected = plain(audit.drop_columns(identity))
        self.assertEqual(wide.column_names, expected.column_names)
        for name in expected.column_names:
            self.assertEqual(plain(wide)[name].to_pylist(), expected[name].to_pylist(), name)

    def test_pyarrow_long(self):
        self.check(gongdao.verdicts(city.decisions(), city.pack(), city.state(), output="long"))

    def test_facts_joined_beforehand_give_the_same(self):
        with_state = gongdao.verdicts(city.decisions(), city.pack(), city.state(), output="long")
        joined = gongdao.verdicts(city.joined(), city.pack(), output="long")
        self.assertEqual(plain(joined), plain(with_state))

    def test_batches_and_readers_and_slices(self):
        whole = gongdao.verdicts(city.decisions(), city.pack(), city.state())
        for rows in (1_000, 7_777):
            batches = city.decisions().to_batches(max_chunksize=rows)
            stream = pa.RecordBatchReader.from_batches(city.decisions().schema, iter(batches))
            self.assertEqual(plain(gongdao.verdicts(stream, city.pack(), city.state())), plain(whole))
        (batch,) = city.decisions().combine_chunks().to_batches()
        # A slice does not begin where its memory does.
        for begin, length in ((0, 5), (3, 1_001), (20_000, 500)):
            part = gongdao.verdicts(batch.slice(begin, length), city.pack(), city.state(), output="long")
            ids = batch.slice(begin, length)["decision_id"].to_pylist()
            wanted = [row for row in expected_long() if row["decision_id"] in set(ids)]
            self.assertEqual([row["rule"] for row in plain(part).to_pylist()], [row["rule"] for row in wanted])

    def test_pandas(self):
        frame = city.decisions().to_pandas()
        events = city.person_events().to_pandas()
        algorithms = city.algorithm_events().to_pandas()
        state = gongdao.State(city.pack(), events, algorithms, initial=city.initial())
        long = gongdao.verdicts(nullable(frame), city.pack(), state, output="long")
        self.assertIsInstance(long, pd.DataFrame)
        self.check(pa.Table.from_pandas(long, preserve_index=False))
        indexed = nullable(frame).set_index(pd.Index(range(7, 7 + len(frame))))
        wide = gongdao.verdicts(indexed, city.pack(), state)
        self.assertTrue(wide.index.equals(indexed.index))
        audit = pq.read_table(city.AUDIT / "verdicts.parquet").to_pandas()
        self.assertEqual(wide["effect"].tolist(), audit["effect"].tolist())

    def test_polars(self):
        frame = pl.from_arrow(city.decisions())
        state = gongdao.State(
            city.pack(),
            pl.from_arrow(city.person_events()),
            pl.from_arrow(city.algorithm_events()).lazy(),
            initial=city.initial(),
        )
        for data in (frame, frame.lazy()):
            long = gongdao.verdicts(data, city.pack(), state, output="long")
            self.assertIsInstance(long, pl.DataFrame)
            self.check(long.to_arrow())
        wide = gongdao.verdicts(frame, city.pack(), state)
        self.assertEqual(wide["violated"].sum(), gongdao.verdicts(city.decisions(), city.pack(), city.state())["violated"].to_pylist().count(True))

    def test_duckdb(self):
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in {
            "decisions": city.decisions(),
            "person_events": city.person_events(),
            "algorithm_events": city.algorithm_events(),
        }.items():
            connection.register(f"{name}_arrow", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_arrow")
        persons, algorithms = connection.table("person_events"), connection.table("algorithm_events")
        state = gongdao.State(city.pack(), persons, algorithms, initial=city.initial())
        relation = connection.sql("SELECT * FROM decisions ORDER BY decision_id")
        long = gongdao.verdicts(relation, city.pack(), state, output="long")
        self.check(long)
        counted = connection.sql("SELECT count(DISTINCT decision_id) FROM long WHERE outcome = 'violated'").fetchall()
        self.assertEqual(counted, [(len({row[0] for row in city.truth() if row[3] == "violated"}),)])


def nullable(frame: pd.DataFrame) -> pd.DataFrame:
    """Integers with gaps as pandas' own integers: its floats are not exact."""
    kinds = city.fact_types()
    return frame.astype({name: "Int64" for name in frame.columns if kinds.get(name) == "Long"})


if __name__ == "__main__":
    unittest.main()

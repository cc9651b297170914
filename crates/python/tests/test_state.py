"""States from tables of events: as of each instant, and unknown where an event cannot be read."""

import unittest
import warnings

import city
import gongdao
import pandas as pd
import pyarrow as pa

NOON = 1_760_328_000_000  # 2025-10-13T12:00:00+08:00


def events(*rows: tuple) -> pa.Table:
    """Key, hours after noon (or a text), fact, op, value."""
    at = [row[1] if isinstance(row[1], str) or row[1] is None else moment(row[1]) for row in rows]
    columns = {"key": [row[0] for row in rows], "at": at}
    columns |= {name: [row[index] for row in rows] for index, name in enumerate(("fact", "op", "value"), start=2)}
    return pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})


def moment(hours: int) -> str:
    return f"2025-10-13T{12 + hours:02}:00:00+08:00"


def decisions(*rows: tuple) -> pa.Table:
    """Recommendations to a person at so many hours after noon."""
    return pa.table(
        {
            "decision_id": [f"{number}" for number in range(len(rows))],
            "at": pa.array([NOON + 3_600_000 * hours for _, hours in rows]),
            "action": ["recommend"] * len(rows),
            "person": pa.array([person for person, _ in rows], pa.string()),
            "context.personalised": [True] * len(rows),
            "context.purpose": ["service"] * len(rows),
        }
    )


def stop_on_opt_out(table: pa.Table, state: gongdao.State) -> list[str]:
    """What the rule says by which the personal part of a recommendation stops when the person has switched it off."""
    long = gongdao.verdicts(table, city.pack(), state, output="long", not_applicable=True)
    rows = [row for row in long.to_pylist() if (row["rule"], row["reading"]) == RULE]
    assert len(rows) == len(table), len(rows)
    return [row["outcome"] for row in rows]


FACT = "recommendationOff"
RULE = ("cn.iisarmp/17/1#stop-on-switch-off", "personalised-part")


class AsOf(unittest.TestCase):
    def test_a_decision_sees_the_events_up_to_its_instant(self):
        log = events(("p", 1, FACT, "set", "true"), ("p", 3, FACT, "set", "false"))
        state = gongdao.State(city.pack(), log, initial={FACT: False})
        rows = [("p", hours) for hours in range(5)] + [("q", 2), (None, 2)]
        found = stop_on_opt_out(decisions(*rows), state)
        off, on = "violated", "not-applicable"
        self.assertEqual(found, [on, off, off, on, on, on, "undetermined"])

    def test_without_an_initial_value_nothing_is_known_before_the_first_event(self):
        state = gongdao.State(city.pack(), events(("p", 1, FACT, "set", "true")))
        self.assertEqual(stop_on_opt_out(decisions(("p", 0), ("p", 1), ("q", 1)), state), ["undetermined", "violated", "undetermined"])

    def test_what_was_known_and_what_was_so(self):
        log = events(("p", 1, FACT, "set", "true")).append_column("known_at", pa.array([moment(3)]))
        for sees, at_two in (("happened", "violated"), ("known", "not-applicable")):
            state = gongdao.State(city.pack(), log, initial={FACT: False}, sees=sees)
            self.assertEqual(stop_on_opt_out(decisions(("p", 2), ("p", 3)), state), [at_two, "violated"], sees)
        with self.assertRaisesRegex(ValueError, "`guessed`"):
            gongdao.State(city.pack(), log, sees="guessed")


class BadEvents(unittest.TestCase):
    def build(self, log, count: int, **settings) -> gongdao.State:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            state = gongdao.State(city.pack(), log, initial={FACT: False}, **settings)
        self.assertEqual(len(caught), 1 if count else 0)
        self.assertEqual(state.bad_events, count)
        self.assertEqual(len(state.problems), min(count, 100))
        return state

    def test_they_make_their_fact_unknown(self):
        rows = [("p", 0), ("p", 2), ("q", 2)]
        unknown = "undetermined"
        kept = "not-applicable"
        good = self.build(events(("q", 9, FACT, "set", "true")), 0)
        self.assertEqual(stop_on_opt_out(decisions(*rows), good), [kept] * 3)
        cases = [
            ((None, 1, FACT, "set", "true"), [unknown] * 3, "events of resource:2: the event has no key"),
            ((" ", 1, FACT, "set", "true"), [unknown] * 3, "events of resource:2: the event has no key"),
            (("p", "noon", FACT, "set", "true"), [unknown, unknown, kept], "events of resource:2: `at`: `noon` is not a moment"),
            (("p", None, FACT, "set", "true"), [unknown, unknown, kept], "events of resource:2: `at` is missing"),
            (("p", 1, FACT, "set", "maybe"), [kept, unknown, kept], "events of resource:2: the event `set maybe` does not fit"),
            (("p", 1, FACT, "unset", None), [kept, unknown, kept], "events of resource:2: the event `unset` does not fit"),
        ]
        for row, expected, message in cases:
            with self.subTest(row):
                state = self.build(events(("q", 9, FACT, "set", "true"), row), 1)
                self.assertEqual(stop_on_opt_out(decisions(*rows), state), expected)
                self.assertTrue(str(state.problems[0]).startswith(message), state.problems)

    def test_all_are_counted_and_some_are_shown(self):
        state = self.build(events(*([("p", 1, FACT, "set", "?")] * 250)), 250)
        self.assertEqual(state.problems[99].line, 100)

    def test_tables_that_are_no_events(self):
        log = events(("p", 1, FACT, "set", "true"))
        floats = pd.DataFrame({"key": [1.0, None], "at": [NOON, NOON], "fact": [FACT] * 2, "op": ["set"] * 2, "value": ["true"] * 2})
        naive = log.set_column(1, "at", pa.array([NOON]).cast(pa.timestamp("ms")))
        cases = [
            (log.drop_columns("key"), "events of resource: the events have no column `key`"),
            (log.drop_columns("value"), "events of resource: the events have no column `value`"),
            (log.append_column("who", [["x"]]), "events of resource: the events have an unknown column `who`"),
            (floats, "events of resource: column `key` is `Float64`, not text"),
            (naive, "events of resource: column `at` holds timestamps without a time zone"),
            (events(("p", 1, "shoeSize", "set", "41")), "events of resource:1: `shoeSize` is no fact of `resource`"),
            (events(("p", 1, "principal.filed", "set", "true")), "events of resource:1: `principal.filed` is no fact"),
            (events(("p", 1, None, "set", "true")), "events of resource:1: `` is no fact of `resource`"),
        ]
        for table, message in cases:
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.State(city.pack(), table)
            self.assertTrue(str(raised.exception).startswith(message), str(raised.exception))

    def test_initial_values(self):
        log = events(("p", 1, FACT, "set", "true"))
        cases = [
            ({FACT: "no"}, f"initial: the initial value of `resource.{FACT}` is `String`, not `Bool`"),
            ({FACT: 0}, f"initial: the initial value of `resource.{FACT}` is `Long`, not `Bool`"),
            ({"shoeSize": 41}, "initial: `shoeSize` is no fact of `resource`"),
            ({"principal.filed": True}, "initial: the initial value of `principal.filed` comes without the events"),
        ]
        for initial, message in cases:
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.State(city.pack(), log, initial=initial)
            self.assertTrue(str(raised.exception).startswith(message), str(raised.exception))

    def test_no_events(self):
        state = gongdao.State(city.pack(), events(), initial={FACT: True})
        self.assertEqual(stop_on_opt_out(decisions(("p", 0)), state), ["violated"])
        self.assertEqual(state.facts, [f"resource.{FACT}"])


if __name__ == "__main__":
    unittest.main()

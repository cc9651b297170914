"""The simulated city's files as tables in the words of the vocabulary: what its adapter says in SQL, said in pyarrow."""

import csv
import os
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

import gongdao
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

ROOT = Path(__file__).resolve().parents[3]
CITY = Path(os.environ["GONGDAO_CITY"])
AUDIT = Path(os.environ["GONGDAO_AUDIT"])
# The city's own columns; everything else is a fact of the decision.
OWN = ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"]
TYPES = {"Bool": pa.bool_(), "Long": pa.int64(), "String": pa.string(), "Set<String>": pa.string()}


@cache
def pack() -> gongdao.Pack:
    return gongdao.Pack.load(ROOT / "packs")


@cache
def fact_types() -> dict[str, str]:
    facts = pack().facts
    return dict(zip(facts["path"].to_pylist(), facts["type"].to_pylist()))


def adapter() -> dict:
    return tomllib.loads((CITY / "adapter.toml").read_text())


def header(name: str) -> list[str]:
    with open(CITY / name, encoding="utf-8") as file:
        return next(csv.reader(file))


def read(name: str, types: dict[str, pa.DataType]) -> pa.Table:
    kinds = {column: types.get(column, pa.string()) for column in header(name)}
    options = pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=True)
    return pacsv.read_csv(CITY / name, convert_options=options)


def words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists; the files write `-` for the empty set."""
    return pa.chunked_array(
        [[None if text is None else [] if text == "-" else text.split("|") for text in column.to_pylist()]],
        pa.list_(pa.string()),
    )


@cache
def decisions() -> pa.Table:
    """One row a decision, with `at` as a timestamp and every fact that does not come from a state."""
    kinds = fact_types()
    typed = {path.removeprefix("context."): TYPES[kind] for path, kind in kinds.items() if path.startswith("context.")}
    table = read("decisions.csv", typed)
    practices = read("practices.csv", typed)
    at = [datetime.fromisoformat(text) for text in table["at"].to_pylist()]
    columns = {
        "decision_id": table["decision_id"],
        "at": pa.array(at, pa.timestamp("ms", "Asia/Shanghai")),
        "action": table["action"],
        "place": pa.array(["000000"] * len(table)),
        "algorithm": table["algorithm"],
        "person": table["person"],
        "context.tagsUsed": words(table["tags_used"]),
    }
    columns |= {f"context.{name}": table[name] for name in table.column_names if name not in OWN}
    followed = practices.take(pc.index_in(table["practice"], value_set=practices["practice"].combine_chunks()))
    for name in practices.column_names[1:]:
        path = f"context.{name}"
        columns[path] = words(followed[name]) if kinds[path] == "Set<String>" else followed[name]
    for name, parameter in adapter()["parameters"].items():
        columns[f"context.parameters.{name}"] = pa.array([parameter["value"]] * len(table), pa.int64())
    return pa.table(columns)


@cache
def person_events() -> pa.Table:
    return read("person-events.csv", {"seq": pa.int64()})


@cache
def algorithm_events() -> pa.Table:
    return read("algorithm-events.csv", {"seq": pa.int64()})


def initial() -> dict:
    states = {state["entity"]: state.get("initial", {}) for state in adapter()["state"]}
    return {f"{entity}.{name}": value for entity, facts in states.items() for name, value in facts.items()}


@cache
def state() -> gongdao.State:
    return gongdao.State(pack(), person_events(), algorithm_events(), initial=initial())


@cache
def joined() -> pa.Table:
    """The decisions with the facts of their states as columns, found by going through all events: no index."""
    table = decisions()
    kinds = fact_types()
    start = {"resource": {}, "principal": {}}
    for path, value in initial().items():
        entity, name = path.split(".")
        start[entity][name] = set(value) if isinstance(value, list) else value
    for entity, key, events in (("resource", "person", person_events()), ("principal", "algorithm", algorithm_events())):
        by_key: dict[str, list] = {}
        rows = [{**event, "at": datetime.fromisoformat(event["at"])} for event in events.to_pylist()]
        for event in sorted(rows, key=lambda event: (event["at"], event["seq"])):
            by_key.setdefault(event["key"], []).append(event)
        names = sorted(set(events["fact"].to_pylist()) | set(start[entity]))
        rows = []
        for owner, at in zip(table[key].to_pylist(), table["at"].to_pylist()):
            known = {name: set(value) if isinstance(value, set) else value for name, value in start[entity].items()}
            for event in by_key.get(owner, []):
                if event["at"] <= at:
                    apply(known, event, kinds[f"{entity}.{event['fact']}"])
            rows.append(known)
        for name in names:
            path = f"{entity}.{name}"
            values = [row.get(name) for row in rows]
            values = [sorted(value) if isinstance(value, set) else value for value in values]
            kind = pa.list_(pa.string()) if kinds[path] == "Set<String>" else TYPES[kinds[path]]
            table = table.append_column(path, pa.array(values, kind))
    return table


def apply(known: dict, event: dict, kind: str) -> None:
    name, op, text = event["fact"], event["op"], event["value"]
    if op != "set":
        if known.get(name) is not None:
            change = known[name].union if op == "add" else known[name].difference
            known[name] = change(text.split("|"))
    elif text is None:
        known.pop(name, None)
    elif kind == "Bool":
        known[name] = text == "true"
    elif kind == "Long":
        known[name] = int(text)
    else:
        known[name] = set(text.split("|")) if kind == "Set<String>" else text


@cache
def truth() -> set[tuple]:
    """(decision, rule, reading, outcome) of everything that is violated or cannot be judged."""
    with open(CITY / "truth.csv", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {(row["decision_id"], row["rule"], row["reading"] or None, row["kind"]) for row in rows}


def findings(long: pa.Table) -> list[tuple]:
    """The same of long verdicts, whoever made them; a list, so that a row that stands twice is seen."""
    told = pc.is_in(long["outcome"].cast(pa.string()), value_set=pa.array(["violated", "undetermined"]))
    rows = long.filter(told).select(["decision_id", "rule", "reading", "outcome"])
    return sorted(zip(*(rows[name].cast(pa.string()).to_pylist() for name in rows.column_names)), key=str)

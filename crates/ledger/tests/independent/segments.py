"""What DuckDB reads in the segments of a ledger, as JSON: counts, every decision, and a query. Knows only
docs/formats/ledger-segment.md."""

import json
import sys

import duckdb

connection = duckdb.connect()
connection.execute("set timezone = 'UTC'")
connection.execute(f"create view segments as select * from read_parquet('{sys.argv[1]}/*.parquet')")


def fact(value):
    return next((value[kind] for kind in ("flag", "number", "text", "words") if value[kind] is not None), None)


def decision(leaf, identifier, at, action, place, algorithm, person, facts):
    record = {
        "leaf": leaf,
        "id": identifier,
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "action": action,
        "place": place,
        "algorithm": algorithm,
        "person": person,
    }
    for path, value in facts.items():
        group, name = path.split(".", 1)
        record.setdefault(group, {})[name] = fact(value)
    return record


def rows(query):
    return connection.execute(query).fetchall()


decisions = rows(
    "select leaf, id, decided_at::timestamp, action, place, algorithm, person, facts from segments where id is not null order by leaf"
)
print(
    json.dumps(
        {
            "rows": rows("select count(*) from segments")[0][0],
            "decisions": len(decisions),
            "erased": rows("select leaf, erased_by from segments where erased_by is not null"),
            "all": [decision(*row) for row in decisions],
            "longest": rows(
                "select person, max(facts['context.continuousMinutes'].number), count(*) from segments"
                " where id is not null group by person order by person"
            ),
        }
    )
)

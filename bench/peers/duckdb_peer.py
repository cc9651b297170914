"""The same rules as one SQL statement on DuckDB.

What was found to be fastest: masks for sets, by way of ENUM codes; the state by intervals (`lead`) and a hash join, or by ASOF
JOIN; tests and conditions as columns of inner queries, so that each is worked out once; `count_if` for every count (an
aggregate's FILTER takes ten times as long).
"""

import json
import resource
import sys
import time

import duckdb

from conditions import set_facts, versions

OPERATORS = {"equal": "=", "less": "<", "lessOrEqual": "<="}


def column(path):
    return '"' + path + '"'


def text(word):
    return "'" + word.replace("'", "''") + "'"


class Sql:
    """Expressions over the columns of the joined rows; sets are masks, purposes bits."""

    def __init__(self, rules):
        self.rules = rules
        self.words = set_facts(rules)
        # Columns of two inner queries: tests of facts, and the conditions made of them.
        self.tests, self.conditions = {}, {}

    def fact(self, path):
        return column(path)

    def constant(self, value):
        return text(value) if isinstance(value, str) else str(value).lower()

    def test(self, expression):
        return self.tests.setdefault(expression, f"t{len(self.tests)}")

    def named(self, condition):
        return self.conditions.setdefault(condition, f"c{len(self.conditions)}")

    def scope_of(self, expression):
        return self.named(self.test(expression))

    def no(self, a):
        return f"(NOT {a})"

    def both(self, a, b):
        return f"({a} AND (NOT {a} OR {b}))"

    def either(self, a, b):
        return f"({a} OR (NOT {a} AND {b}))"

    def any_of(self, conditions):
        return "(" + " OR ".join(conditions) + ")"

    def compare(self, op, a, b, _operands):
        return self.test(f"({a} {OPERATORS[op]} {b})")

    def arithmetic(self, op, a, b):
        return f"({a} {op} {b})"

    def mask(self, path, words):
        known = self.words[path]
        return sum(1 << known.index(word) for word in words)

    def has_any(self, path, words):
        return self.test(f"(({column(path)} & {self.mask(path, words)}) <> 0)")

    def has_all(self, path, words):
        mask = self.mask(path, words)
        return self.test(f"(({column(path)} & {mask}) = {mask})")

    def has_code(self, path, of):
        return self.test(f"(({column(path)} & {column(of + ' bit')}) <> 0)")

    def covers(self, path, other):
        return self.test(f"(({column(path)} & {column(other)}) = {column(other)})")

    def meets(self, path, other):
        return self.test(f"(({column(path)} & {column(other)}) <> 0)")

    def one_of(self, words, path):
        return self.test(f"({column(path)} IN ({', '.join(text(word) for word in words)}))")

    def scope(self, actions, since):
        mask = sum(1 << self.rules["actions"].index(action) for action in actions if action in self.rules["actions"])
        everything = (1 << len(self.rules["actions"])) - 1
        scope = "true" if mask == everything else f"(action_bit & {mask}) <> 0"
        scope = scope if since <= self.rules["first"] else f'({scope} AND "at" >= {since})'
        return scope if scope == "true" else self.scope_of(scope)


def mask_of(path, words):
    """A set's mask: each word that a rule can ask for has a bit."""
    kind = "ENUM (" + ", ".join(text(word) for word in words) + ")[]"
    bits = f"list_transform({column(path)}::{kind}, lambda word: 1::INT << enum_code(word)::INT)"
    # The sum of no elements is null.
    return f"(CASE WHEN len({column(path)}) = 0 THEN 0 ELSE list_sum({bits}) END)::INT AS {column(path)}"


def bit_of(name, words):
    cases = " ".join(f"WHEN {text(word)} THEN {1 << at}" for at, word in enumerate(words))
    return f"CASE {name} {cases} END::INT"


def statement(rules, data, way):
    sql = Sql(rules)

    def state(entity):
        facts = [path for path in rules["facts"] if path.startswith(entity)]
        return ", ".join(mask_of(path, sql.words[path]) if path in sql.words else column(path) for path in facts)

    facts = [path for path in rules["facts"] if path.startswith("context.")]
    decided = [mask_of(path, sql.words[path]) if path in sql.words else column(path) for path in facts]
    coded = {tree[1] for _, tree in coded_texts(rules)}
    decided += [f"{bit_of(column(path), rules['facts'][path]['words'])} AS {column(path + ' bit')}" for path in sorted(coded)]
    counts = ["count(*) AS total"]
    violated = []
    names = ["total"]
    for key, scope, when, unless, basis in versions(rules, sql):
        met = when if basis else f"{when} AND {unless}" if unless else None
        unmet = f"NOT {when}" if basis else f"{when} AND NOT {unless}" if unless else when
        silent = None if basis else f"NOT {when}"
        for name, condition in (("scope", "true"), ("met", met), ("unmet", unmet), ("silent", silent)):
            if condition is not None:
                counts.append(f"count_if({scope} AND {condition})")
                names.append((key, name))
        if not basis:
            violated.append(f"({scope} AND {unmet})")
    counts.append(f"count_if({' OR '.join(violated)})")
    names.append("violating")
    join = JOINS[way]
    return f"""
WITH d AS (
  SELECT "at", person, algorithm, {bit_of('action', rules['actions'])} AS action_bit, {', '.join(decided)}
  FROM read_parquet('{data}/decisions.parquet')
), p AS (
  SELECT person, "at" AS since, {join.until('person')}{state('resource.')}
  FROM read_parquet('{data}/person-events.parquet')
), a AS (
  SELECT algorithm, "at" AS since, {join.until('algorithm')}{state('principal.')}
  FROM read_parquet('{data}/algorithm-events.parquet')
), j AS (
  SELECT d.*, p.* EXCLUDE (person, since{join.also}), a.* EXCLUDE (algorithm, since{join.also})
  FROM d {join.on('person', 'p')} {join.on('algorithm', 'a')}
), tests AS (
  SELECT *, {', '.join(f'{test} AS {name}' for test, name in sql.tests.items())} FROM j
), conditions AS (
  SELECT {', '.join(f'{condition} AS {name}' for condition, name in sql.conditions.items())} FROM tests
)
SELECT {', '.join(counts)} FROM conditions""", names


class Asof:
    also = ""

    @staticmethod
    def until(_key):
        return ""

    @staticmethod
    def on(key, states):
        return f'ASOF LEFT JOIN {states} ON d.{key} = {states}.{key} AND d."at" >= {states}.since'


class Intervals:
    also = ", until"

    @staticmethod
    def until(key):
        return f'coalesce(lead("at") OVER (PARTITION BY {key} ORDER BY "at"), {2**63 - 1}) AS until, '

    @staticmethod
    def on(key, states):
        on = f'd.{key} = {states}.{key} AND d."at" >= {states}.since AND d."at" < {states}.until'
        return f"LEFT JOIN {states} ON {on}"


JOINS = {"asof": Asof, "intervals": Intervals}


def coded_texts(rules):
    """Texts that are looked up in a set of the row."""

    def below(tree):
        if isinstance(tree, list) and tree:
            if tree[0] == "contains" and tree[1][0] == "fact" and tree[2][0] == "fact":
                yield tree[1], tree[2]
            for one in tree[1:]:
                yield from below(one) if isinstance(one, list) else ()

    for version in rules["versions"]:
        for side in ("when", "unless"):
            yield from below(version[side])


def counts_of(row, names):
    found = dict(zip(names, row))
    keys = dict.fromkeys(name[0] for name in names if isinstance(name, tuple))
    versions_found = {}
    for key in keys:
        scope, met, unmet, silent = (found.get((key, name), 0) for name in ("scope", "met", "unmet", "silent"))
        versions_found[key] = [met, unmet, scope - met - unmet - silent]
    return {"rows": found["total"], "violating": found["violating"], "versions": versions_found}


def main():
    rules_file, data, threads, rounds, way = sys.argv[1:6]
    rules = json.load(open(rules_file))
    query, names = statement(rules, data, way)
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    for _ in range(int(rounds)):
        start, cpu = time.perf_counter(), time.process_time()
        row = connection.execute(query).fetchone()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"engine": f"duckdb {duckdb.__version__}, {way}", "seconds": seconds, "cpu": cpu, "peak_mib": peak,
                          "counts": counts_of(row, names)}), flush=True)


if __name__ == "__main__":
    main()

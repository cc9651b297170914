"""The same rules as one lazy Polars query: masks for sets, join_asof by person, one scan, all counts at once."""

import json
import os
import resource
import sys
import time

from conditions import set_facts, versions

OPERATORS = {"equal": "eq", "less": "lt", "lessOrEqual": "le"}


class Expressions:
    def __init__(self, rules, pl):
        self.rules, self.pl = rules, pl
        self.words = set_facts(rules)

    def fact(self, path):
        return self.pl.col(path)

    def constant(self, value):
        return self.pl.lit(value)

    def named(self, condition):
        # Polars finds equal subexpressions itself.
        return condition

    def no(self, a):
        return ~a

    def both(self, a, b):
        return a & (~a | b)

    def either(self, a, b):
        return a | (~a & b)

    def any_of(self, conditions):
        result, *others = conditions
        for other in others:
            result = result | other
        return result

    def compare(self, op, a, b, _operands):
        return getattr(a, OPERATORS[op])(b)

    def arithmetic(self, op, a, b):
        return {"+": a + b, "-": a - b, "*": a * b}[op]

    def mask(self, path, words):
        known = self.words[path]
        return sum(1 << known.index(word) for word in words)

    def has_any(self, path, words):
        return (self.pl.col(path) & self.mask(path, words)) != 0

    def has_all(self, path, words):
        mask = self.mask(path, words)
        return (self.pl.col(path) & mask) == mask

    def has_code(self, path, of):
        return (self.pl.col(path) & self.pl.col(of + " bit")) != 0

    def covers(self, path, other):
        return (self.pl.col(path) & self.pl.col(other)) == self.pl.col(other)

    def meets(self, path, other):
        return (self.pl.col(path) & self.pl.col(other)) != 0

    def one_of(self, words, path):
        # `is_in` makes null of null, as SQL does.
        return self.pl.col(path).is_in(words)

    def scope(self, actions, since):
        known = self.rules["actions"]
        mask = sum(1 << known.index(action) for action in actions if action in known)
        scope = (self.pl.col("action_bit") & mask) != 0
        return scope if since <= self.rules["first"] else scope & (self.pl.col("at") >= since)


def bits(pl, expression, words):
    return expression.replace_strict(words, [1 << at for at in range(len(words))], default=None, return_dtype=pl.Int32)


def query(rules, data, pl):
    expressions = Expressions(rules, pl)

    def fact(path):
        if path not in expressions.words:
            return pl.col(path)
        words = expressions.words[path]
        return pl.col(path).list.eval(bits(pl, pl.element(), words)).list.sum().alias(path)

    def state(name, entity):
        frame = pl.scan_parquet(f"{data}/{name}-events.parquet")
        facts = [fact(path) for path in rules["facts"] if path.startswith(entity)]
        return frame.select(name, "at", *facts).sort("at")

    facts = [fact(path) for path in rules["facts"] if path.startswith("context.")]
    coded = ["context.purpose"]
    codes = [bits(pl, pl.col(path), rules["facts"][path]["words"]).alias(path + " bit") for path in coded]
    decisions = pl.scan_parquet(f"{data}/decisions.parquet").select(
        "at", "person", "algorithm", bits(pl, pl.col("action"), rules["actions"]).alias("action_bit"), *facts, *codes
    ).set_sorted("at")
    joined = decisions
    for name, entity in (("person", "resource."), ("algorithm", "principal.")):
        joined = joined.join_asof(state(name, entity), on="at", by=name, strategy="backward", check_sortedness=False)
    counts = [pl.len().alias("total")]
    violated = None
    for key, scope, when, unless, basis in versions(rules, expressions):
        met = when if basis else when & unless if unless is not None else None
        unmet = ~when if basis else when & ~unless if unless is not None else when
        parts = {"scope": scope, "met": met, "unmet": unmet, "silent": None if basis else ~when}
        for name, condition in parts.items():
            if condition is not None:
                condition = condition if name == "scope" else scope & condition
                counts.append(condition.sum().alias(f"{key} {name}"))
        if not basis:
            violated = scope & unmet if violated is None else violated | (scope & unmet)
    counts.append(violated.sum().alias("violating"))
    return joined.select(counts)


def counts_of(row):
    keys = dict.fromkeys(name.rsplit(" ", 1)[0] for name in row if " " in name)
    found = {}
    for key in keys:
        scope, met, unmet, silent = (row.get(f"{key} {name}") or 0 for name in ("scope", "met", "unmet", "silent"))
        found[key] = [met, unmet, scope - met - unmet - silent]
    return {"rows": row["total"], "violating": row["violating"], "versions": found}


def main():
    rules_file, data, threads, rounds, engine = sys.argv[1:6]
    os.environ["POLARS_MAX_THREADS"] = threads
    import polars as pl

    rules = json.load(open(rules_file))
    for _ in range(int(rounds)):
        start, cpu = time.perf_counter(), time.process_time()
        row = query(rules, data, pl).collect(engine=engine).row(0, named=True)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"engine": f"polars {pl.__version__}, {engine}", "seconds": seconds, "cpu": cpu, "peak_mib": peak,
                          "counts": counts_of(row)}), flush=True)


if __name__ == "__main__":
    main()

"""Rule conditions as expressions of another engine.

A condition is true, false or null, as in SQL. `&&` and `||` ask their right side only where the left one does not decide,
and a left side without a value leaves the whole without one; SQL's own AND and OR differ there (NULL AND false is false).
An engine gives: fact(path), constant(value), both(a, b), either(a, b), no(a), compare(op, a, b), arithmetic(op, a, b),
has(set, word), has_code(set, path), has_all(set, words), has_any(set, words), covers(set, set), meets(set, set),
one_of(words, path),
and named(condition): the same, worked out once.
"""


class Conditions:
    def __init__(self, engine, rules):
        self.engine = engine
        self.facts = rules["facts"]

    def of(self, tree):
        """The expression of a condition or value."""
        engine, (name, *operands) = self.engine, tree
        if name == "fact":
            return engine.fact(operands[0])
        if name == "constant":
            return engine.constant(operands[0])
        if name == "not":
            return engine.no(self.of(operands[0]))
        if name in ("and", "or"):
            # (a && b) && c is a && (b && c): the right sides are nested, so that each stands once.
            *firsts, result = [self.of(one) for one in chain(name, tree)]
            join = engine.both if name == "and" else engine.either
            for first in reversed(firsts):
                result = join(first, result)
            return result
        if name in ("equal", "less", "lessOrEqual"):
            return engine.compare(name, *[self.of(one) for one in operands], operands)
        if name in ("+", "-", "*"):
            return engine.arithmetic(name, *[self.of(one) for one in operands])
        return self.of_sets(name, *operands)

    def of_sets(self, name, left, right):
        engine = self.engine
        if name == "contains" and left[0] == "set":
            return engine.one_of(words(left), right[1])
        if name == "contains" and right[0] == "constant":
            return engine.has_any(left[1], [right[1]])
        if name == "contains":
            return engine.has_code(left[1], right[1])
        if right[0] == "set":
            test = engine.has_all if name == "containsAll" else engine.has_any
            return test(left[1], words(right))
        test = engine.covers if name == "containsAll" else engine.meets
        return test(left[1], right[1])


def chain(name, tree):
    if tree[0] != name:
        return [tree]
    return [one for operand in tree[1:] for one in chain(name, operand)]


def words(tree):
    return [constant for _, constant in tree[1]]


def versions(rules, engine):
    """For each rule version: scope, when and unless; a demand's `unless` is the disjunction of its bases."""
    conditions = Conditions(engine, rules)
    by_key = {}
    for version in rules["versions"]:
        when = engine.named(conditions.of(version["when"]))
        unless = engine.named(conditions.of(version["unless"])) if version["unless"] else None
        if version["basis"] and unless is not None:
            raise SystemExit(f"{version['key']}: a basis with `unless` is not written yet")
        by_key[version["key"]] = (engine.scope(version["actions"], version["from"]), when, unless, version)
    for key, (scope, when, unless, version) in by_key.items():
        if version["bases"] is not None:
            unless = engine.any_of([by_key[basis][1] for basis in version["bases"]])
        yield key, scope, when, unless, version["basis"]


def set_facts(rules):
    return {path: fact["words"] for path, fact in rules["facts"].items() if fact["kind"] == "Set<String>"}

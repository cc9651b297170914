//! Each operator, with its facts known, missing, and on both sides of its boundary.

use super::{Truth, truth};
use gongdao_model::{FactPath, FactValue};
use gongdao_rules::condition;
use std::collections::{BTreeMap, BTreeSet};

/// `t`, `f` are known booleans, `u` is unknown; `one`, `two`, `most` numbers; `word` a text; `none`, `ab` sets.
fn said(text: &str) -> String {
    let set = |words: &[&str]| FactValue::TextSet(words.iter().map(|word| (*word).to_owned()).collect());
    let known: BTreeMap<&str, FactValue> = BTreeMap::from([
        ("t", FactValue::Bool(true)),
        ("f", FactValue::Bool(false)),
        ("one", FactValue::Long(1)),
        ("two", FactValue::Long(2)),
        ("most", FactValue::Long(i64::MAX)),
        ("word", FactValue::Text("push".to_owned())),
        ("none", set(&[])),
        ("ab", set(&["a", "b"])),
    ]);
    let text = text.replace('$', "context.");
    let tree = condition(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let names = |paths: Vec<String>| paths.join(" ").replace("context.", "");
    match truth(Some(&tree), true, &|path: &FactPath| known.get(path.name()).cloned()) {
        Truth::True(because) => format!("true: {}", names(because.iter().map(ToString::to_string).collect())),
        Truth::False(because) => format!("false: {}", names(because.iter().map(ToString::to_string).collect())),
        Truth::Unknown(gaps) => format!("unknown: {}", names(gaps.iter().map(crate::Gap::name).collect())),
    }
}

#[test]
fn each_operator_says_what_decided_it_or_what_is_missing() {
    let rows = [
        ("$t && $f", "false: f"),
        ("$t && $t", "true: t"),
        ("$u && $f", "false: f"),
        ("$f && $u", "false: f"),
        ("$t && $u", "unknown: u"),
        ("$u && $v", "unknown: u v"),
        ("$u || $t", "true: t"),
        ("$f || $u", "unknown: u"),
        ("$f || $f", "false: f"),
        ("!$t", "false: t"),
        ("!$u", "unknown: u"),
        ("$one < $two", "true: one two"),
        ("$two < $two", "false: two"),
        ("$two <= $two", "true: two"),
        ("$two > $two", "false: two"),
        ("$two >= $two", "true: two"),
        ("$one < $u", "unknown: u"),
        ("$one + $one == $two", "true: one two"),
        ("$two - $one == $one", "true: one two"),
        ("$two * $two == 4", "true: two"),
        ("-$one == -1", "true: one"),
        ("$most + $one > 0", "unknown: a number does not fit into 64 bits"),
        ("$most + $one > 0 && $f", "unknown: a number does not fit into 64 bits"),
        ("$f && $most + $one > 0", "false: f"),
        ("$word == \"push\"", "true: word"),
        ("$word != \"push\"", "false: word"),
        ("$word like \"p*h\"", "true: word"),
        ("$word like \"p\"", "false: word"),
        ("[\"push\", \"rank\"].contains($word)", "true: word"),
        ("[\"rank\"].contains($word)", "false: word"),
        ("[\"rank\"].contains($u)", "unknown: u"),
        ("$none.isEmpty()", "true: none"),
        ("$ab.isEmpty()", "false: ab"),
        ("$none.contains($u)", "false: none"),
        ("$ab.containsAny([\"b\", \"c\"])", "true: ab"),
        ("$ab.containsAny([\"c\"])", "false: ab"),
        ("$u.containsAny($none)", "false: none"),
        ("$none.containsAny($u)", "false: none"),
        ("$ab.containsAll([\"a\"])", "true: ab"),
        ("$ab.containsAll([\"a\", \"c\"])", "false: ab"),
        ("$u.containsAll($none)", "true: none"),
        ("$none.containsAll($u)", "unknown: u"),
        ("if $t then $f else $u", "false: f t"),
        ("if $u then $t else $t", "true: t"),
        ("if $u then $t else $f", "unknown: u"),
    ];
    for (text, expected) in rows {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn without_a_condition_the_answer_is_the_given_one() {
    let nothing = |_: &FactPath| None;
    assert_eq!(truth(None, true, &nothing), Truth::True(BTreeSet::default()));
    assert_eq!(truth(None, false, &nothing), Truth::False(BTreeSet::default()));
}

//! What must hold of the rules of a collective agreement: they bind its platform and its members, nobody else.

use crate::RuleSet;
use crate::tree::{Constant, Tree};
use crate::version::RuleVersion;
use gongdao_model::FactPath;
use gongdao_pack::{InstrumentPack, Packs, Problem};

/// Who provides the service that decides.
const PROVIDER: &str = "principal.provider";
/// The agreements that cover the person.
const AGREEMENTS: &str = "resource.agreements";

/// Each rule of an agreement asks first whether the platform is its platform and the person one of its members.
pub(crate) fn scope(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    for (pack, version) in of_agreements(packs, rules) {
        let Some(agreement) = &pack.agreement else { continue };
        let mut parts = Vec::new();
        if let Some(when) = &version.when {
            conjuncts(when, &mut parts);
        }
        let asked = [
            (is_platform(&parts, &agreement.platform.id), format!("{PROVIDER} == \"{}\"", agreement.platform.id)),
            (covers(&parts, pack.instrument.id.as_str()), format!("{AGREEMENTS}.contains(\"{}\")", pack.instrument.id)),
        ];
        for (_, condition) in asked.into_iter().filter(|(is_asked, _)| !is_asked) {
            let message = format!("`{}` binds more than the agreement’s platform and members", version.key);
            let problem = Problem::error(&version.file, Some(version.line), message);
            problems.push(problem.hint(format!("begin its `when` with `{condition}`, joined by `&&`")));
        }
    }
}

/// A number that the agreement names stands in a rule of its provision, or the two say different things.
pub(crate) fn terms(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    for pack in &packs.instruments {
        for term in pack.agreement.iter().flat_map(|agreement| &agreement.terms) {
            let uses = |version: &RuleVersion| {
                version.provision == term.provision
                    && [&version.when, &version.unless].into_iter().flatten().any(|tree| has_number(tree, term.value))
            };
            if !rules.versions.iter().any(uses) {
                let message = format!("no rule of `{}` uses {}", term.provision, term.value);
                let problem = Problem::error(pack.folder.join("agreement.toml"), Some(term.line), message);
                problems.push(problem.hint("write the number of the term into the rule, or correct one of them"));
            }
        }
    }
}

fn of_agreements<'a>(
    packs: &'a Packs,
    rules: &'a RuleSet,
) -> impl Iterator<Item = (&'a InstrumentPack, &'a RuleVersion)> {
    let agreements = packs.instruments.iter().filter(|pack| pack.agreement.is_some());
    agreements.flat_map(|pack| {
        let own = rules.versions.iter().filter(|version| version.file.starts_with(&pack.folder));
        own.map(move |version| (pack, version))
    })
}

/// The parts of `a && b && c`.
fn conjuncts<'a>(tree: &'a Tree, parts: &mut Vec<&'a Tree>) {
    match tree {
        Tree::And(first, second) => {
            conjuncts(first, parts);
            conjuncts(second, parts);
        }
        other => parts.push(other),
    }
}

fn is_platform(parts: &[&Tree], platform: &str) -> bool {
    let fits = |a: &Tree, b: &Tree| is_fact(a, PROVIDER) && is_text(b, platform);
    parts.iter().any(|part| matches!(part, Tree::Equal(a, b) if fits(a, b) || fits(b, a)))
}

fn covers(parts: &[&Tree], agreement: &str) -> bool {
    let fits = |set: &Tree, element: &Tree| is_fact(set, AGREEMENTS) && is_text(element, agreement);
    parts.iter().any(|part| matches!(part, Tree::Contains(set, element) if fits(set, element)))
}

fn is_fact(tree: &Tree, path: &str) -> bool {
    matches!(tree, Tree::Fact(own) if path.parse::<FactPath>().is_ok_and(|path| path == *own))
}

fn is_text(tree: &Tree, text: &str) -> bool {
    matches!(tree, Tree::Constant(Constant::Text(own)) if own == text)
}

fn has_number(tree: &Tree, number: i64) -> bool {
    let mut found = false;
    tree.visit(&mut |part| found |= *part == Tree::Constant(Constant::Long(number)));
    found
}

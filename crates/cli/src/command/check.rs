//! `gongdao check`: one decision record against the rules in force at its moment.
//!
//! Exit codes: 0 every rule that applies is satisfied; 1 a verified provision is violated under every reading; 2 cannot
//! tell: a provision is disputed, cannot be judged, or is violated only provisionally, or no rule is in force, and nothing
//! is violated for certain; 64 wrong arguments; 65 the record or the packs are not what they should be; 66 they cannot be
//! read; 70 the program is at fault.

mod answer;
mod human;
mod input;
mod machine;
pub(super) mod wording;

use crate::command::output::{Fault, Format, INTERNAL, Output, spoken};
use crate::command::{drafts, load_in_words, packs_folder, print};
use answer::{Answer, Judgement, judgements};
use gongdao_i18n::Catalogue;
use gongdao_model::{DecisionRecord, Entity, Evaluation, FactPath, FactValue};
use gongdao_pack::{Packs, ParameterValue};
use gongdao_rules::{Grade, Reference, RuleSet, evaluation};
use input::Source;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao check decision.json
  gongdao check - --format json < decision.json
  gongdao check decision.json --lang en --include not-applicable

Exit code:
  0  lawful: every rule that applies is satisfied
  1  violated: a provision checked against the official text is violated under every reading
  2  cannot tell: nothing is violated for certain, but a provision is disputed, cannot be judged,
     or is violated only by provisional law (unverified or draft), or no rule is in force
  64 wrong arguments   65 bad record or packs   66 cannot be read   70 fault of the program

A record is one JSON object: `id`, `at` (RFC 3339), `action`, optional `place` (GB/T 2260), `algorithm`, `person`,
and the facts under `principal`, `resource` and `context`. A fact that is absent is unknown.")]
pub(crate) struct Arguments {
    /// The decision record; `-` for standard input
    #[arg(value_name = "DECISION.json")]
    decision: PathBuf,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Count drafts as law, marked as provisional: what they would change
    #[arg(long)]
    include_drafts: bool,
    /// Show these provisions too
    #[arg(long, value_enum, value_name = "WHAT")]
    include: Vec<Include>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Include {
    /// Provisions that do not apply
    NotApplicable,
}

/// One decision, judged.
struct Checked<'a> {
    record: &'a DecisionRecord,
    packs: &'a Packs,
    rules: &'a RuleSet,
    evaluation: &'a Evaluation,
    judgements: Vec<Judgement<'a>>,
    answer: Answer,
    parameters: BTreeMap<String, ParameterValue>,
}

impl Checked<'_> {
    /// What is known of a fact: the record's own word, else the packs' parameter.
    fn value(&self, path: &FactPath) -> Option<FactValue> {
        let own = self.record.facts.value(path).cloned();
        let parameter = || self.parameters.get(path.name()).map(|parameter| FactValue::Long(parameter.value));
        if path.entity() == Entity::Parameter { own.or_else(parameter) } else { own }
    }

    /// Whether nobody but the operator vouches for a fact.
    fn is_claim(&self, path: &FactPath) -> bool {
        self.rules.vocabulary.facts.get(path).is_some_and(|declared| declared.grade == Grade::Asserted)
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| answer_in(arguments, catalogue))
}

fn answer_in(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match check(arguments, catalogue) {
        Ok((text, answer)) => {
            print(&text);
            ExitCode::from(answer.exit_code())
        }
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    }
}

fn check(arguments: &Arguments, catalogue: &Catalogue) -> Result<(String, Answer), Vec<Fault>> {
    let words = catalogue.words(arguments.output.language());
    let source = Source::read(&arguments.decision, words)?;
    let folder = packs_folder(arguments.packs.as_deref());
    let (packs, rules) = load_in_words(&folder, drafts(arguments.include_drafts), words)?;
    let record = source.record(&rules.vocabulary, words)?;
    let refuse = |error: gongdao_rules::RulesError| {
        vec![Fault { file: Some(source.name.clone()), ..Fault::new(INTERNAL, error.message, error.hint) }]
    };
    let reference = Reference::new(&rules).map_err(refuse)?;
    let judged = reference.judge(record.at, &record.action, record.place, &record.facts).map_err(refuse)?;
    let evaluation = evaluation(&rules, record.id.clone(), &judged);
    let judgements = judgements(&evaluation);
    let checked = Checked {
        record: &record,
        packs: &packs,
        rules: &rules,
        evaluation: &evaluation,
        answer: answer::answer(&judgements),
        judgements,
        parameters: packs.parameters(record.at.date_in_shanghai(), record.place),
    };
    let text = match arguments.output.format {
        Format::Json => machine::text(&checked, catalogue),
        Format::Human => {
            let not_applicable = arguments.include.contains(&Include::NotApplicable);
            human::text(&checked, words, arguments.output.pen(), not_applicable)
        }
    };
    text.map(|text| (text, checked.answer)).map_err(|error| vec![error.into()])
}

//! Questions in a terminal: one at a time, what decides most first.

use crate::gap::Gap;
use crate::page::role_text;
use crate::service::read::checked;
use crate::{AssessError, Assessment, Law, Question, Scope, Service, assess};
use gongdao_i18n::Words;
use gongdao_model::{FactType, FactValue};
use std::collections::BTreeSet;
use std::io::{BufRead, Write};

/// What came of asking.
#[derive(Debug)]
pub struct Asked {
    /// The description with the answers in it.
    pub service: Service,
    /// What it comes to.
    pub assessment: Assessment,
    /// Questions that were answered.
    pub answered: usize,
}

enum Reply {
    /// It stays unknown.
    Skip,
    Stop,
    Answer(Box<Service>),
    /// What was wrong with it; asked again.
    Fault(String),
}

/// Ask until nothing is open, the answers stop, or the input ends. An empty answer leaves a fact unknown.
///
/// After each answer everything is assessed again, so that what no longer matters is not asked.
/// Errors: as `assess`; input or output fails.
pub fn ask(
    law: &Law<'_>,
    service: Service,
    scope: Scope,
    words: Words<'_>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Asked, AssessError> {
    let mut asked = Asked { assessment: assess(law, &service, scope)?, service, answered: 0 };
    let mut skipped: BTreeSet<Gap> = BTreeSet::new();
    say(output, &words.say("assess.ask.begin", &[])?)?;
    loop {
        let open: Vec<&Question> =
            asked.assessment.questions.iter().filter(|question| !skipped.contains(&question.gap)).collect();
        let Some(question) = open.first().copied() else {
            say(output, &words.say("assess.ask.no_more", &[])?)?;
            return Ok(asked);
        };
        let text = question_text(question, open.len(), law, words)?;
        say(output, &format!("\n{text}"))?;
        let Some(line) = read_line(input)? else { return Ok(asked) };
        match reply(line.trim(), question, law, &asked.service, words)? {
            Reply::Stop => return Ok(asked),
            Reply::Skip => drop(skipped.insert(question.gap.clone())),
            Reply::Fault(fault) => say(output, &fault)?,
            Reply::Answer(service) => {
                asked.assessment = assess(law, &service, scope)?;
                asked.service = *service;
                asked.answered += 1;
            }
        }
    }
}

fn say(output: &mut dyn Write, text: &str) -> Result<(), AssessError> {
    let failed = |error: std::io::Error| AssessError::new(format!("cannot ask: {error}"), "ask in a terminal");
    writeln!(output, "{text}").and_then(|()| output.flush()).map_err(failed)
}

fn read_line(input: &mut dyn BufRead) -> Result<Option<String>, AssessError> {
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(line)),
        Err(error) => Err(AssessError::new(format!("cannot read the answer: {error}"), "answer in UTF-8, a line each")),
    }
}

fn question_text(question: &Question, open: usize, law: &Law<'_>, words: Words<'_>) -> Result<String, AssessError> {
    let language = words.language();
    let name = question.gap.name();
    let text = match &question.gap {
        Gap::Actions => words.say("assess.gap.actions", &[])?,
        Gap::Role { role } => words.say("assess.gap.role", &[("role", &role_text(role, words))])?,
        _ => question.says.as_ref().map_or(name.clone(), |says| says.choose(language).to_owned()),
    };
    let numbers = (open.to_string(), question.decides.len().to_string(), question.shows.len().to_string());
    let values = [("open", numbers.0.as_str()), ("decides", &numbers.1), ("shows", &numbers.2)];
    let mut lines = vec![
        words.say("assess.ask.count", &values)?,
        words.say("assess.ask.question", &[("text", &text), ("name", &name)])?,
    ];
    let how = match (&question.gap, question.answer) {
        (Gap::Role { .. }, _) => words.say("assess.ask.yes_no", &[])?,
        (_, "Bool") => words.say("assess.ask.yes_no_both", &[])?,
        (_, "Long") => {
            let unit = question.unit.as_deref().unwrap_or_default();
            words.say(
                "assess.ask.number",
                &[("unit", &words.say(&format!("unit.{unit}"), &[]).unwrap_or(unit.to_owned()))],
            )?
        }
        (_, "String") => words.say("assess.ask.word", &[])?,
        _ => words.say("assess.ask.words", &[])?,
    };
    lines.push(how);
    let listed: Vec<String> = match &question.gap {
        Gap::Actions => {
            let actions = law.rules.vocabulary.actions.iter();
            actions.map(|(name, says)| format!("{name} ({})", language.choose(&says.zh, &says.en))).collect()
        }
        _ => question.words.clone(),
    };
    if !listed.is_empty() {
        lines.push(words.say("assess.ask.choices", &[("words", &listed.join(", "))])?);
    }
    Ok(lines.join("\n"))
}

fn reply(
    line: &str,
    question: &Question,
    law: &Law<'_>,
    service: &Service,
    words: Words<'_>,
) -> Result<Reply, AssessError> {
    if line.is_empty() {
        return Ok(Reply::Skip);
    }
    if ["q", "quit", "退出"].contains(&line) {
        return Ok(Reply::Stop);
    }
    let mut service = service.clone();
    let fault = |text: String| Ok(Reply::Fault(text));
    match &question.gap {
        Gap::Role { role } => match yes_no(line).as_slice() {
            [is] => drop(service.roles.insert(role.clone(), *is)),
            _ => return fault(words.say("assess.ask.not_yes_no", &[("answer", line)])?),
        },
        Gap::Actions => {
            let actions: BTreeSet<String> = parts(line).map(str::to_owned).collect();
            if let Some(unknown) = actions.iter().find(|action| !law.rules.vocabulary.actions.contains_key(*action)) {
                return fault(words.say("assess.ask.not_action", &[("answer", unknown)])?);
            }
            service.actions = Some(actions);
        }
        Gap::Fact { fact } => {
            let Some(declaration) = law.rules.vocabulary.facts.get(fact) else { return Ok(Reply::Skip) };
            let values = values(line, declaration.fact_type).into_iter().map(|value| checked(value, declaration));
            match values.collect::<Result<BTreeSet<_>, _>>() {
                Ok(values) if !values.is_empty() => drop(service.facts.insert(fact.clone(), values)),
                Ok(_) => return fault(words.say("assess.ask.not_yes_no", &[("answer", line)])?),
                Err(_) => return fault(words.say("assess.ask.not_value", &[("answer", line)])?),
            }
        }
        Gap::Engine { .. } => return Ok(Reply::Skip),
    }
    Ok(Reply::Answer(Box::new(service)))
}

fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', ',', '，', '、', '\t']).filter(|part| !part.is_empty())
}

/// One value, both, or none where it is neither.
fn yes_no(line: &str) -> Vec<bool> {
    match line.to_lowercase().as_str() {
        "y" | "yes" | "true" | "是" | "有" => vec![true],
        "n" | "no" | "false" | "否" | "没有" => vec![false],
        "both" | "b" | "都有" => vec![true, false],
        _ => Vec::new(),
    }
}

/// None stands for a value that is not of the type.
fn values(line: &str, fact_type: FactType) -> Vec<Option<FactValue>> {
    match fact_type {
        FactType::Bool => yes_no(line).into_iter().map(|value| Some(FactValue::Bool(value))).collect(),
        FactType::Long => parts(line).map(|part| part.parse().ok().map(FactValue::Long)).collect(),
        FactType::Text => parts(line).map(|part| Some(FactValue::Text(part.to_owned()))).collect(),
        FactType::TextSet => {
            let is_none = ["none", "-", "无"].contains(&line);
            let words = if is_none { BTreeSet::new() } else { parts(line).map(str::to_owned).collect() };
            vec![Some(FactValue::TextSet(words))]
        }
    }
}

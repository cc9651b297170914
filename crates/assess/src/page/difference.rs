//! What a part of the law changes, as items.

use super::provision::state;
use super::sections::of_duty;
use super::{Item, Line, Wording};
use crate::{AssessError, Comes, Difference, DutyChange, NumberChange, ProvisionChange};
use gongdao_model::Standing;

/// `kind` is the key of its words: `local` or `drafts`.
pub(super) fn items(
    kind: &str,
    difference: Option<&Difference>,
    wording: Wording<'_>,
) -> Result<Vec<Item>, AssessError> {
    let Some(difference) = difference else { return Ok(Vec::new()) };
    let told = Told { kind, wording };
    let numbers = difference.numbers.iter().map(|change| told.number(change));
    let provisions = difference.provisions.iter().map(|change| told.provision(change));
    let duties = difference.duties.iter().map(|change| told.duty(change));
    numbers.chain(provisions).chain(duties).collect()
}

struct Told<'a> {
    kind: &'a str,
    wording: Wording<'a>,
}

impl Told<'_> {
    fn line(&self, with: &str, without: &str) -> Result<Line, AssessError> {
        let text = self.wording.say(&format!("difference.{}", self.kind), &[("with", with), ("without", without)])?;
        Ok(Line { kind: "why", text })
    }

    fn provision(&self, change: &ProvisionChange) -> Result<Item, AssessError> {
        let wording = self.wording;
        let language = wording.words.language();
        let word = |comes: Option<Comes>| match comes {
            None => wording.say("difference.no_provision", &[]),
            Some(comes) if comes.disputed => wording.say("state.disputed", &[]),
            Some(comes) => state(comes.application, comes.kept, wording),
        };
        let mark = match change.standing {
            Standing::Verified => None,
            standing => Some(wording.words.say(&format!("standing.{}", standing.as_str()), &[])?),
        };
        Ok(Item {
            title: change.says.choose(language).to_owned(),
            cite: change.cite.choose(language).to_owned(),
            mark,
            lines: vec![self.line(&word(change.with)?, &word(change.without)?)?],
            ..Item::default()
        })
    }

    /// With its clock, where it is there; the line on the other side comes first.
    fn duty(&self, change: &DutyChange) -> Result<Item, AssessError> {
        let wording = self.wording;
        let language = wording.words.language();
        let word = |state: Option<&crate::DutyState>| match state {
            None => wording.say("difference.no_duty", &[]),
            Some(state) => match state.due {
                None => wording.say("difference.no_date", &[]),
                Some(end) => Ok(gongdao_clock::end_text(end, wording.words)?),
            },
        };
        let line = self.line(&word(change.with.as_ref())?, &word(change.without.as_ref())?)?;
        let found = wording.assessment.duties.iter().find(|duty| change.with.is_some() && duty.clock.key == change.key);
        let mut item = match found {
            Some(finding) => of_duty(finding, wording)?,
            None => Item {
                title: change.asks.choose(language).to_owned(),
                cite: change.cite.choose(language).to_owned(),
                ..Item::default()
            },
        };
        item.lines.insert(0, line);
        Ok(item)
    }

    fn number(&self, change: &NumberChange) -> Result<Item, AssessError> {
        let wording = self.wording;
        let language = wording.words.language();
        let unit = wording.words.say(&format!("unit.{}", change.unit), &[]).unwrap_or_else(|_| change.unit.clone());
        let word = |value: Option<i64>| match value {
            None => wording.say("difference.no_number", &[]),
            Some(value) => wording.say("difference.number", &[("value", &value.to_string()), ("unit", &unit)]),
        };
        Ok(Item {
            title: change.says.choose(language).to_owned(),
            cite: format!("{}  {}", change.name, change.provision),
            lines: vec![self.line(&word(change.with)?, &word(change.without)?)?],
            ..Item::default()
        })
    }
}

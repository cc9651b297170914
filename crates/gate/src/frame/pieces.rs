//! Answers as JSON: what all of a frame's answers have in common is written once, and each fills in its outcomes.

use super::{Brief, Frame, FrameProvision, FrameRule, outcome_of};
use gongdao_model::{FactPath, Outcome, Standing};
use serde::Serialize;

/// The JSON of a frame's answers, in pieces. What is put together of them is what serde writes of the answer, to the byte,
/// in a tenth of the time and without making the answer.
#[derive(Debug, Clone)]
pub struct Pieces {
    packs: String,
    rules: Vec<RulePieces>,
    provisions: Vec<ProvisionPieces>,
    duties: Vec<String>,
    /// Bytes of an answer, about.
    length: usize,
}

#[derive(Debug, Clone)]
struct RulePieces {
    /// Up to the outcome's word.
    head: String,
    asserted: String,
    effect: String,
    standing: Standing,
}

#[derive(Debug, Clone)]
struct ProvisionPieces {
    /// Up to the readings.
    head: String,
    /// Each up to the outcome's word.
    readings: Vec<String>,
    standing: Standing,
}

impl Pieces {
    /// None where a frame cannot be written, which none causes.
    pub(crate) fn of(frame: &Frame) -> Option<Self> {
        let rules = frame.rules.iter().map(RulePieces::of).collect::<Option<Vec<_>>>()?;
        let provisions = frame.provisions.iter().map(ProvisionPieces::of).collect::<Option<Vec<_>>>()?;
        let duties = frame.duties.iter().map(json).collect::<Option<Vec<_>>>()?;
        // Beside the pieces: words of outcomes and standings, causes.
        let of_rules: usize = rules.iter().map(|rule| rule.head.len() + rule.asserted.len() + 120).sum();
        let of_provisions = provisions.iter().map(|one| one.head.len() + one.readings.len() * 40 + 60);
        let of_duties: usize = duties.iter().map(|duty| duty.len() + 1).sum();
        let length = of_rules + of_provisions.sum::<usize>() + of_duties + 512;
        Some(Self { packs: json(&frame.packs)?, rules, provisions, duties, length })
    }

    /// Append the JSON of a brief's answer. None, and nothing of use appended, where the brief is of another frame.
    pub fn write(&self, brief: &Brief, to: &mut Vec<u8>) -> Option<()> {
        to.reserve(self.length);
        put(to, &["{\"digest\":", &json(&brief.digest)?, ",\"packs\":", &self.packs]);
        for (name, effects) in [("effects", brief.effects), ("with_provisional", brief.with_provisional)] {
            put(to, &[",\"", name, "\":{\"lawful\":\"", effects.lawful.as_str(), "\",\"certain\":\""]);
            put(to, &[effects.certain.as_str(), "\"}"]);
        }
        for (name, is) in [
            ("violated", brief.violated),
            ("disputed", brief.disputed),
            ("undetermined", brief.undetermined),
            ("silent", brief.silent),
        ] {
            put(to, &[",\"", name, "\":", truth(is)]);
        }
        self.write_rules(brief, to)?;
        self.write_provisions(brief, to)?;
        for (number, duty) in brief.duties.iter().enumerate() {
            put(to, &[if number == 0 { ",\"duties\":[" } else { "," }, self.duties.get(*duty)?]);
        }
        put(to, &[if brief.duties.is_empty() { "}" } else { "]}" }]);
        Some(())
    }

    fn write_rules(&self, brief: &Brief, to: &mut Vec<u8>) -> Option<()> {
        if brief.rules.len() != self.rules.len() {
            return None;
        }
        let causes = causes(brief)?;
        let mut cause_of = vec![""; self.rules.len()];
        for (text, rules) in &causes {
            for rule in *rules {
                *cause_of.get_mut(*rule)? = text;
            }
        }
        put(to, &[",\"rules\":"]);
        for (position, ((rule, letter), cause)) in self.rules.iter().zip(brief.rules.chars()).zip(cause_of).enumerate()
        {
            let own = match brief.asserted.get(&position) {
                Some(facts) => Some(asserted(facts)?),
                None => None,
            };
            let standing = brief.standings.get(&position).unwrap_or(&rule.standing).as_str();
            let claims = own.as_deref().unwrap_or(&rule.asserted);
            put(to, &[if position == 0 { "[" } else { "," }, &rule.head, word(letter)?, "\"", cause, claims]);
            put(to, &[&rule.effect, ",\"standing\":\"", standing, "\"}"]);
        }
        put(to, &[if self.rules.is_empty() { "[]" } else { "]" }]);
        Some(())
    }

    fn write_provisions(&self, brief: &Brief, to: &mut Vec<u8>) -> Option<()> {
        let mut letters = brief.provisions.chars();
        put(to, &[",\"provisions\":"]);
        for (position, provision) in self.provisions.iter().enumerate() {
            put(to, &[if position == 0 { "[" } else { "," }, &provision.head]);
            for (number, reading) in provision.readings.iter().enumerate() {
                put(to, &[if number == 0 { "" } else { "," }, reading, word(letters.next()?)?, "\"]"]);
            }
            let is_disputed = truth(brief.disagree.binary_search(&position).is_ok());
            let standing = brief.provision_standings.get(&position).unwrap_or(&provision.standing).as_str();
            put(to, &["],\"disputed\":", is_disputed, ",\"standing\":\"", standing, "\"}"]);
        }
        put(to, &[if self.provisions.is_empty() { "[]" } else { "]" }]);
        letters.next().is_none().then_some(())
    }
}

impl RulePieces {
    fn of(rule: &FrameRule) -> Option<Self> {
        let version = json(&rule.version)?;
        let version = version.strip_suffix('}')?;
        Some(Self {
            head: format!("{version},\"provision\":{},\"outcome\":\"", json(&rule.provision)?),
            asserted: asserted(&rule.asserted)?,
            effect: rule.effect.map(|effect| format!(",\"effect\":\"{}\"", effect.as_str())).unwrap_or_default(),
            standing: rule.standing,
        })
    }
}

impl ProvisionPieces {
    fn of(provision: &FrameProvision) -> Option<Self> {
        let readings = provision.readings.iter().map(|reading| Some(format!("[{},\"", json(reading)?)));
        Some(Self {
            head: format!("{{\"provision\":{},\"by_reading\":[", json(&provision.provision)?),
            readings: readings.collect::<Option<_>>()?,
            standing: provision.standing,
        })
    }
}

/// Members that say why rules could not be judged, with the positions of the rules. Of two for one rule the later counts.
fn causes(brief: &Brief) -> Option<Vec<(String, &[usize])>> {
    let missing =
        brief.missing.iter().map(|(fact, rules)| Some((cause("missing-fact", &json(fact)?), rules.as_slice())));
    let errors =
        brief.errors.iter().map(|(words, rules)| Some((cause("engine-error", &json(words)?), rules.as_slice())));
    missing.chain(errors).collect()
}

fn cause(kind: &str, json: &str) -> String {
    format!(",\"cause\":{{\"{kind}\":{json}}}")
}

fn asserted(facts: &[FactPath]) -> Option<String> {
    if facts.is_empty() { Some(String::new()) } else { Some(format!(",\"asserted\":{}", json(&facts)?)) }
}

fn word(letter: char) -> Option<&'static str> {
    outcome_of(letter).map(Outcome::as_str)
}

fn truth(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

fn put(to: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        to.extend_from_slice(text.as_bytes());
    }
}

use crate::book::Place;
use crate::{Article, Book, Force, LawError, Reference, cite};
use gongdao_model::{LegalDate, ProvisionId, Standing};
use gongdao_pack::{Duty, Instrument, NoRule, Parameter, Reading};
use serde::Serialize;

/// Everything about one provision, seen from one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet<'a> {
    /// Its identifier.
    pub id: &'a str,
    /// `《…》第十七条第一款`
    pub cite_zh: String,
    /// `…, art. 17(1)`
    pub cite_en: String,
    /// Chinese title of its instrument.
    pub title_zh: &'a str,
    /// English title of its instrument.
    pub title_en: &'a str,
    /// The instrument's rank.
    pub level: &'a str,
    /// Where it binds, as a division code.
    pub place: String,
    /// The day.
    pub on: LegalDate,
    /// Whether it is in force on the day, and why.
    pub force: Force,
    /// Whether its instrument binds at all.
    pub binding: bool,
    /// How far it was checked.
    pub status: Standing,
    /// What it does.
    pub kind: &'a str,
    /// Who owes.
    pub owed_by: Option<&'a str>,
    /// To whom.
    pub owed_to: Option<&'a str>,
    /// Own words, Chinese.
    pub zh: &'a str,
    /// Own words, English.
    pub en: &'a str,
    /// What the text leaves open, Chinese.
    pub ambiguity_zh: Option<&'a str>,
    /// What the text leaves open, English.
    pub ambiguity_en: Option<&'a str>,
    /// Its readings.
    pub readings: Vec<ReadingOf<'a>>,
    /// Rules that implement it, every version.
    pub rules: Vec<RuleOf<'a>>,
    /// Duties with due dates that it demands.
    pub duties: Vec<DutyOf<'a>>,
    /// Numbers that it sets.
    pub numbers: Vec<NumberOf<'a>>,
    /// Why it has no rule, in a word of the pack format and in own words.
    pub no_rule: Option<NoRuleOf<'a>>,
    /// The imported official article.
    pub article: ArticleText<'a>,
}

/// One tenable meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingOf<'a> {
    /// Its name within the provision.
    pub id: &'a str,
    /// What it says, Chinese.
    pub zh: &'a str,
    /// What it says, English.
    pub en: &'a str,
    /// Who reads it so, Chinese.
    pub held_by_zh: &'a str,
    /// Who reads it so, English.
    pub held_by_en: &'a str,
}

/// A rule version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleOf<'a> {
    /// Provision, `#`, name.
    pub rule: &'a str,
    /// The reading that it follows.
    pub reading: Option<&'a str>,
    /// First day in force.
    pub from: LegalDate,
    /// First day no longer in force.
    pub until: Option<LegalDate>,
    /// Whether it is in force on the sheet's day.
    pub in_force: bool,
    /// What a gate does when it is violated.
    pub effect: Option<&'a str>,
    /// What it asks, Chinese.
    pub zh: &'a str,
    /// What it asks, English.
    pub en: &'a str,
    /// File and line in the packs folder.
    pub source: String,
}

/// A duty with a due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyOf<'a> {
    /// Provision, `#`, name.
    pub id: &'a str,
    /// First day that it binds.
    pub from: LegalDate,
    /// Whether it binds on the sheet's day.
    pub in_force: bool,
    /// Name of the event that starts it.
    pub trigger: &'a str,
    /// When it is due, in the words of the pack format.
    pub due: &'a str,
    /// Name of the event that ends it.
    pub discharged_by: &'a str,
    /// The provision on what follows a breach.
    pub on_breach: Option<&'a str>,
    /// What it asks, Chinese.
    pub zh: &'a str,
    /// What it asks, English.
    pub en: &'a str,
}

/// A number that the provision sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberOf<'a> {
    /// Name in the vocabulary.
    pub name: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// Values on the sheet's day: place, value, where it was read. Empty where none is known.
    pub values: Vec<(String, i64, &'a str)>,
    /// What it is, Chinese.
    pub zh: &'a str,
    /// What it is, English.
    pub en: &'a str,
}

/// Why there is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoRuleOf<'a> {
    /// Word of the pack format.
    pub reason: &'a str,
    /// Why, Chinese.
    pub zh: &'a str,
    /// Why, English.
    pub en: &'a str,
}

/// The official article, as far as it is at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ArticleText<'a> {
    /// The text is the one that the provision was written for.
    Matches {
        /// Its lines, as printed.
        lines: Vec<String>,
    },
    /// Another text than the one that the provision was written for.
    Differs {
        /// Its lines, as printed.
        lines: Vec<String>,
        /// Digest kept in the pack.
        kept: &'a str,
        /// Digest of the imported article.
        found: &'a str,
    },
    /// The pack keeps no digest, so nobody compared.
    NoDigest {
        /// Its lines, as printed.
        lines: Vec<String>,
    },
    /// The imported text has no such article.
    NoArticle,
    /// The text was not imported.
    NotImported,
    /// The pack names no text: it was not found when the pack was written.
    NoText,
}

impl Book {
    /// The sheets of what a reference means, seen from a day.
    ///
    /// Errors: no such instrument or provision, with the nearest one in the hint.
    pub fn show(&self, reference: &Reference, on: LegalDate) -> Result<Vec<Sheet<'_>>, LawError> {
        Ok(self.find(reference)?.into_iter().map(|place| self.sheet(place, on)).collect())
    }

    /// Citations of what a reference means: identifier, Chinese, English. An instrument is cited by its titles.
    pub fn cite(&self, reference: &Reference) -> Result<Vec<(String, String, String)>, LawError> {
        if let Reference::Instrument(id) = reference {
            let instrument = &self.pack(id)?.instrument;
            return Ok(vec![(
                id.to_string(),
                format!("《{}》", bare_title(&instrument.title_zh)),
                instrument.title_en.clone(),
            )]);
        }
        let cited = |place: &Place<'_>| {
            let (instrument, id) = (&place.pack.instrument, &place.provision.id);
            (id.to_string(), cite::zh(instrument, id), cite::en(instrument, id))
        };
        Ok(self.find(reference)?.iter().map(cited).collect())
    }

    pub(crate) fn sheet<'a>(&'a self, place: Place<'a>, on: LegalDate) -> Sheet<'a> {
        let (pack, provision, instrument) = (place.pack, place.provision, &place.pack.instrument);
        let of_it = |id: &ProvisionId| *id == provision.id;
        let force = if provision.status == Standing::Draft { Force::Draft } else { Force::of(instrument, on) };
        Sheet {
            id: provision.id.as_str(),
            cite_zh: cite::zh(instrument, &provision.id),
            cite_en: cite::en(instrument, &provision.id),
            title_zh: &instrument.title_zh,
            title_en: &instrument.title_en,
            level: &instrument.level,
            place: instrument.place.to_string(),
            on,
            force,
            binding: instrument.binding,
            status: provision.status,
            kind: &provision.kind,
            owed_by: provision.owed_by.as_deref(),
            owed_to: provision.owed_to.as_deref(),
            zh: &provision.zh,
            en: &provision.en,
            ambiguity_zh: provision.ambiguity_zh.as_deref(),
            ambiguity_en: provision.ambiguity_en.as_deref(),
            readings: provision.readings.iter().map(ReadingOf::of).collect(),
            rules: self.rules_of(&provision.id).map(|rule| RuleOf::of(rule, force, on)).collect(),
            duties: pack
                .duties
                .iter()
                .filter(|duty| of_it(&duty.provision))
                .map(|duty| DutyOf::of(duty, force, on))
                .collect(),
            numbers: pack
                .parameters
                .iter()
                .filter(|number| of_it(&number.provision))
                .map(|number| NumberOf::of(number, on))
                .collect(),
            no_rule: pack.no_rules.iter().find(|no_rule| of_it(&no_rule.provision)).map(NoRuleOf::of),
            article: self.article(instrument, provision),
        }
    }

    /// The imported official lines that a provision cites; empty where they are not at hand.
    pub(crate) fn cited(&self, place: Place<'_>) -> Vec<String> {
        let id = &place.provision.id;
        let imported = self.imported(&place.pack.instrument).and_then(|imported| imported.text.article(id.article()));
        imported.map(|article| article.cited(id.parts())).unwrap_or_default()
    }

    fn article<'a>(&'a self, instrument: &Instrument, provision: &'a gongdao_pack::Provision) -> ArticleText<'a> {
        if instrument.text.is_none() {
            return ArticleText::NoText;
        }
        let Some(imported) = self.imported(instrument) else { return ArticleText::NotImported };
        let number = provision.id.article();
        let (Some(article), Some(found)) = (imported.text.article(number), imported.digests.get(number)) else {
            return ArticleText::NoArticle;
        };
        let lines = Article::lines(article);
        match &provision.digest {
            Some(kept) if kept == found => ArticleText::Matches { lines },
            Some(kept) => ArticleText::Differs { lines, kept, found },
            None => ArticleText::NoDigest { lines },
        }
    }
}

/// The title without marks of its own.
fn bare_title(title: &str) -> &str {
    title.trim_start_matches('《').trim_end_matches('》')
}

impl<'a> ReadingOf<'a> {
    fn of(reading: &'a Reading) -> Self {
        Self {
            id: reading.id.as_str(),
            zh: &reading.zh,
            en: &reading.en,
            held_by_zh: &reading.held_by_zh,
            held_by_en: &reading.held_by_en,
        }
    }
}

impl<'a> RuleOf<'a> {
    fn of(rule: &'a crate::RuleText, force: Force, on: LegalDate) -> Self {
        Self {
            rule: rule.key.rule.as_str(),
            reading: rule.key.reading.as_ref().map(gongdao_model::ReadingId::as_str),
            from: rule.key.from,
            until: rule.until,
            in_force: force.holds() && rule.holds_on(on),
            effect: rule.effect.as_deref(),
            zh: &rule.zh,
            en: &rule.en,
            source: format!("{}:{}", rule.file.display(), rule.line),
        }
    }
}

impl<'a> DutyOf<'a> {
    fn of(duty: &'a Duty, force: Force, on: LegalDate) -> Self {
        Self {
            id: &duty.id,
            from: duty.from,
            in_force: force.holds() && duty.from <= on,
            trigger: &duty.trigger,
            due: &duty.due,
            discharged_by: &duty.discharged_by,
            on_breach: duty.on_breach.as_ref().map(ProvisionId::as_str),
            zh: &duty.zh,
            en: &duty.en,
        }
    }
}

impl<'a> NumberOf<'a> {
    fn of(number: &'a Parameter, on: LegalDate) -> Self {
        let values = number.values.iter().filter(|period| period.holds_on(on));
        Self {
            name: &number.name,
            unit: &number.unit,
            values: values.map(|period| (period.place.to_string(), period.value, period.source.as_str())).collect(),
            zh: &number.zh,
            en: &number.en,
        }
    }
}

impl<'a> NoRuleOf<'a> {
    fn of(no_rule: &'a NoRule) -> Self {
        Self { reason: &no_rule.reason, zh: &no_rule.zh, en: &no_rule.en }
    }
}

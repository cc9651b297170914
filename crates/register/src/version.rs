use crate::consultation::{Consultation, ConsultationStage};
use crate::duty::{Duties, Missing, MissingKind};
use crate::text::{NAME_CHARS, TEXT_CHARS, address, said, short};
use crate::{Algorithm, DeclaredRule, RegisterError};
use gongdao_model::{Instant, LegalDate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Characters of a rule's text at most.
const RULE_CHARS: usize = 200_000;
/// Lines of a rule's text at most: comments name lines, and the difference of two versions is found line by line.
const RULE_LINES: usize = 2000;
/// Factors of a version at most.
const MOST_FACTORS: usize = 500;

/// Something that the rule weighs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// How much it counts, in the provider's words; nothing where that is not declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// What it means, in plain words.
    #[serde(default)]
    pub meaning: String,
}

/// A version as its provider declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Its name, as decisions name their algorithm; one of a kind.
    pub id: String,
    /// The declared rule.
    pub text: String,
    /// What it weighs.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// The version that it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<String>,
    /// What is different, in plain words.
    #[serde(default)]
    pub note: String,
    /// Whether it touches workers; what its algorithm says, where nothing stands. It cannot be less than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affects_labour: Option<bool>,
    /// The rule so that it can be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Box<DeclaredRule>>,
}

impl NewVersion {
    fn check(&self) -> Result<(), RegisterError> {
        said("id", &self.id, NAME_CHARS)?;
        let is_plain = |id: &str| !id.chars().any(|char| char.is_control() || char == '/') && id.len() <= 200;
        if !is_plain(&self.id) || self.id.trim() != self.id {
            let hint = "use 1 to 200 bytes without control characters and slashes";
            return Err(RegisterError::new("`id` is no name of a version", hint));
        }
        if let Some(based_on) = &self.based_on {
            said("based_on", based_on, NAME_CHARS)?;
            if !is_plain(based_on) {
                return Err(RegisterError::new(
                    "`based_on` is no name of a version",
                    "name a version of the algorithm",
                ));
            }
        }
        check_content(&self.text, &self.factors, &self.note, self.rule.as_deref())
    }
}

fn check_content(text: &str, factors: &[Factor], note: &str, rule: Option<&DeclaredRule>) -> Result<(), RegisterError> {
    said("text", text, RULE_CHARS)?;
    if text.lines().count() > RULE_LINES {
        return Err(RegisterError::new("`text` has too many lines", format!("write at most {RULE_LINES}")));
    }
    short("note", note, TEXT_CHARS)?;
    check_factors(factors)?;
    rule.map_or(Ok(()), DeclaredRule::check)
}

/// Errors: too many factors, one that stands twice, a text that is too long.
pub fn check_factors(factors: &[Factor]) -> Result<(), RegisterError> {
    if factors.len() > MOST_FACTORS {
        return Err(RegisterError::new("`factors` is too long", format!("name at most {MOST_FACTORS}")));
    }
    let mut names = BTreeSet::new();
    for factor in factors {
        said("factors.name", &factor.name, NAME_CHARS)?;
        short("factors.meaning", &factor.meaning, TEXT_CHARS)?;
        short("factors.weight", factor.weight.as_deref().unwrap_or_default(), NAME_CHARS)?;
        if !names.insert(factor.name.as_str()) {
            return Err(RegisterError::new(format!("the factor `{}` stands twice", factor.name), "name each once"));
        }
    }
    Ok(())
}

/// SHA-256 over what is declared, `sha256:…`: the JSON `{"factors":[{"meaning":…,"name":…,"weight":…}],"text":…}` without
/// blanks, factors by name, a weight that is not declared as `null`; with a rule that can be run, `"rule":{…}` before the text,
/// its members by name, what is not declared left out.
pub fn digest_of_version(text: &str, factors: &[Factor], rule: Option<&DeclaredRule>) -> String {
    #[derive(Serialize)]
    struct Declared<'a> {
        meaning: &'a str,
        name: &'a str,
        weight: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct Whole<'a> {
        factors: Vec<Declared<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<&'a DeclaredRule>,
        text: &'a str,
    }
    let mut factors: Vec<Declared<'_>> = factors
        .iter()
        .map(|factor| Declared { meaning: &factor.meaning, name: &factor.name, weight: factor.weight.as_deref() })
        .collect();
    factors.sort_by(|a, b| a.name.cmp(b.name));
    // Texts and lists of texts can always be written.
    let json = serde_json::to_string(&Whole { factors, rule, text }).unwrap_or_default();
    format!("sha256:{:x}", Sha256::digest(json.as_bytes()))
}

/// When it was made public, and from when on it is to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// When.
    pub at: Instant,
    /// The first day in force.
    pub from: LegalDate,
    /// Where else than here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// That it counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// From when on.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// What happened to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum VersionWhat {
    /// It is in the register.
    Declared {
        /// Which algorithm.
        algorithm: String,
        /// What.
        version: Box<NewVersion>,
        /// Whether it touches workers.
        labour: bool,
    },
    /// It is declared otherwise; only as long as nobody was asked about it.
    Amended {
        /// The rule.
        text: String,
        /// What it weighs.
        #[serde(default)]
        factors: Vec<Factor>,
        /// What is different.
        #[serde(default)]
        note: String,
        /// The rule so that it can be run; none, where nothing stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Box<DeclaredRule>>,
    },
    /// A consultation over it was called; from now on its text is frozen.
    Called {
        /// Which.
        consultation: String,
    },
    /// It was made public.
    Published {
        /// The first day in force.
        from: LegalDate,
        /// Where else than here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// It takes effect on its day, or at once where that has come.
    Activated,
    /// It counts no more.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

impl VersionWhat {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Declared { .. } => "declared",
            Self::Amended { .. } => "amended",
            Self::Called { .. } => "called",
            Self::Published { .. } => "published",
            Self::Activated => "activated",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// An event of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionEvent {
    /// When.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub what: VersionWhat,
}

/// How a version stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Declared, and not public with a day.
    Declared,
    /// Public; its first day has not come, or duties are not met.
    Published,
    /// It may decide.
    InForce,
    /// It may not any more.
    Withdrawn,
}

impl Standing {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Published => "published",
            Self::InForce => "in-force",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// From when to when a version may decide: all that a gate has to know of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hold {
    /// When it was made public.
    pub published: Option<Instant>,
    /// From when on it may decide.
    pub from: Option<Instant>,
    /// From when on it may not any more.
    pub until: Option<Instant>,
}

impl Hold {
    /// How it stands at a moment.
    pub fn standing(&self, at: Instant) -> Standing {
        if self.until.is_some_and(|until| until <= at) {
            Standing::Withdrawn
        } else if self.from.is_some_and(|from| from <= at) {
            Standing::InForce
        } else if self.published.is_some() {
            Standing::Published
        } else {
            Standing::Declared
        }
    }
}

/// A version: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its name, as decisions name their algorithm.
    pub id: String,
    /// The algorithm of which it is one.
    pub algorithm: String,
    /// The version that it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<String>,
    /// The declared rule.
    pub text: String,
    /// What it weighs.
    pub factors: Vec<Factor>,
    /// What is different.
    pub note: String,
    /// The rule so that it can be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Box<DeclaredRule>>,
    /// SHA-256 of rule and factors ([`digest_of_version`]).
    pub digest: String,
    /// Whether it touches workers.
    pub affects_labour: bool,
    /// When it came into the register.
    pub declared_at: Instant,
    /// When it changed last.
    pub changed_at: Instant,
    /// Since when text, factors and rule are these; nothing for versions from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_at: Option<Instant>,
    /// The consultation over it; from its call on the text is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<String>,
    /// When it was made public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
    /// When somebody said that it takes effect, with every duty met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Instant>,
    /// That it counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// Events so far.
    pub events: u32,
}

impl Version {
    /// A version that comes into the register.
    ///
    /// Errors: a declaration that is none; one that says less than its algorithm.
    pub fn declare(algorithm: &Algorithm, new: NewVersion, at: Instant) -> Result<(Self, VersionEvent), RegisterError> {
        let affects_labour = algorithm.description.affects_labour;
        if affects_labour && new.affects_labour == Some(false) {
            let hint = "its algorithm does; leave `affects_labour` out";
            return Err(RegisterError::new("the version says that it does not touch workers", hint));
        }
        let labour = new.affects_labour.unwrap_or(affects_labour);
        let what = VersionWhat::Declared { algorithm: algorithm.id.clone(), version: Box::new(new), labour };
        let event = VersionEvent { at, what };
        Ok((Self::open(&event)?, event))
    }

    /// A version by its first event.
    pub fn open(event: &VersionEvent) -> Result<Self, RegisterError> {
        let VersionWhat::Declared { algorithm, version, labour } = &event.what else {
            return Err(RegisterError::order("a version begins with its declaration", "declare it first"));
        };
        version.check()?;
        let NewVersion { id, text, factors, based_on, note, affects_labour: _, rule } = (**version).clone();
        Ok(Self {
            id,
            algorithm: algorithm.clone(),
            based_on,
            digest: digest_of_version(&text, &factors, rule.as_deref()),
            text,
            factors,
            note,
            rule,
            affects_labour: *labour,
            declared_at: event.at,
            changed_at: event.at,
            content_at: Some(event.at),
            consultation: None,
            publication: None,
            activated_at: None,
            withdrawal: None,
            events: 1,
        })
    }

    /// The version after another event. `consultation` is the one over it, if there is one; `notice_days` lie between
    /// publication and first day at least, where it touches workers.
    ///
    /// Errors: it cannot follow, and nothing changed; duties are not met, each named with its articles.
    pub fn after(
        &self,
        event: &VersionEvent,
        consultation: Option<&Consultation>,
        notice_days: u32,
        duties: &Duties,
    ) -> Result<Self, RegisterError> {
        if event.at < self.changed_at {
            return Err(RegisterError::order(
                "the event is older than the version's last",
                "record events in their order",
            ));
        }
        if self.withdrawal.is_some() {
            return Err(RegisterError::order("the version is withdrawn", "declare another one"));
        }
        let mut next = self.clone();
        match &event.what {
            VersionWhat::Declared { .. } => {
                return Err(RegisterError::order("the version is in the register", "declare another one"));
            }
            VersionWhat::Amended { text, factors, note, rule } => {
                next.amend(text, factors, note, rule.as_deref())?;
                next.content_at = Some(event.at);
            }
            VersionWhat::Called { consultation } => {
                if self.consultation.is_some() {
                    return Err(RegisterError::order(
                        "a consultation over it was called before",
                        "declare another version",
                    ));
                }
                next.consultation = Some(consultation.clone());
            }
            VersionWhat::Published { from, address: at } => {
                next.publish(event.at, *from, at.as_deref(), notice_days, duties)?;
            }
            VersionWhat::Activated => {
                if self.activated_at.is_some() {
                    return Err(RegisterError::order("it was said before that it takes effect", "read it again"));
                }
                let missing = self.missing(consultation, duties);
                if !missing.is_empty() {
                    return Err(refused(missing));
                }
                next.activated_at = Some(event.at);
            }
            VersionWhat::Withdrawn { reason } => {
                said("reason", reason, TEXT_CHARS)?;
                next.withdrawal = Some(Withdrawal { at: event.at, reason: reason.clone() });
            }
        }
        next.changed_at = event.at;
        next.events = self.events.saturating_add(1);
        Ok(next)
    }

    fn amend(
        &mut self,
        text: &str,
        factors: &[Factor],
        note: &str,
        rule: Option<&DeclaredRule>,
    ) -> Result<(), RegisterError> {
        if self.consultation.is_some() || self.publication.is_some() {
            let what =
                if self.consultation.is_some() { "a consultation over it was called" } else { "it is published" };
            return Err(RegisterError::order(
                format!("the text is frozen: {what}"),
                "declare another version, based on this one",
            ));
        }
        check_content(text, factors, note, rule)?;
        text.clone_into(&mut self.text);
        self.factors = factors.to_vec();
        note.clone_into(&mut self.note);
        self.rule = rule.cloned().map(Box::new);
        self.digest = digest_of_version(text, factors, rule);
        Ok(())
    }

    /// The version with the text, factors and rule that it had at a moment, by its events in their order; nothing where it was
    /// not declared yet. What was declared later says nothing of what was decided before.
    pub fn as_declared_at<'a>(&self, events: impl IntoIterator<Item = &'a VersionEvent>, at: Instant) -> Option<Self> {
        let mut found = None;
        for event in events.into_iter().filter(|event| event.at <= at) {
            let (text, factors, rule) = match &event.what {
                VersionWhat::Declared { version, .. } => (&version.text, &version.factors, &version.rule),
                VersionWhat::Amended { text, factors, rule, .. } => (text, factors, rule),
                _ => continue,
            };
            found = Some(Self {
                text: text.clone(),
                factors: factors.clone(),
                rule: rule.clone(),
                digest: digest_of_version(text, factors, rule.as_deref()),
                content_at: Some(event.at),
                ..self.clone()
            });
        }
        found
    }

    fn publish(
        &mut self,
        at: Instant,
        from: LegalDate,
        elsewhere: Option<&str>,
        notice_days: u32,
        duties: &Duties,
    ) -> Result<(), RegisterError> {
        if self.activated_at.is_some() {
            return Err(RegisterError::order("it takes effect already", "declare another version"));
        }
        elsewhere.map_or(Ok(()), |text| address("address", text))?;
        let today = at.date_in_shanghai();
        let days = if self.affects_labour { notice_days.max(1) } else { 1 };
        let earliest =
            i32::try_from(days).ok().and_then(|days| LegalDate::from_day_number(today.day_number().checked_add(days)?));
        if earliest.is_none_or(|earliest| from < earliest) {
            let missing = duties.missing(MissingKind::TooSoon, self.affects_labour);
            let earliest = earliest.map(|day| day.to_string()).unwrap_or_default();
            return Err(RegisterError {
                hint: format!("the earliest day is `{earliest}`"),
                message: missing.with_articles(),
                is_order: false,
                missing: vec![missing],
            });
        }
        self.publication = Some(Publication { at, from, address: elsewhere.map(str::to_owned) });
        Ok(())
    }

    /// What has to be met before it takes effect; nothing once it has.
    pub fn missing(&self, consultation: Option<&Consultation>, duties: &Duties) -> Vec<Missing> {
        if self.activated_at.is_some() || self.withdrawal.is_some() {
            return Vec::new();
        }
        let mut kinds = Vec::new();
        if self.affects_labour {
            match consultation.filter(|one| one.version == self.id && one.digest == self.digest) {
                None => kinds.push(MissingKind::NotConsulted),
                Some(one) => {
                    if one.open_comments().next().is_some() {
                        kinds.push(MissingKind::NotAnswered);
                    }
                    if one.stage() == ConsultationStage::Open {
                        kinds.push(MissingKind::NotConcluded);
                    }
                    if one.announcement.is_none() {
                        kinds.push(MissingKind::NotAnnounced);
                    }
                }
            }
        }
        if self.publication.is_none() {
            kinds.push(MissingKind::NotPublished);
        }
        kinds.into_iter().map(|kind| duties.missing(kind, self.affects_labour)).collect()
    }

    /// From when to when it may decide.
    pub fn hold(&self) -> Hold {
        let from = self.publication.as_ref().zip(self.activated_at);
        Hold {
            published: self.publication.as_ref().map(|publication| publication.at),
            from: from.map(|(publication, activated)| activated.max(publication.from.starts_at())),
            until: self.withdrawal.as_ref().map(|withdrawal| withdrawal.at),
        }
    }
}

fn refused(missing: Vec<Missing>) -> RegisterError {
    let all: Vec<String> = missing.iter().map(Missing::with_articles).collect();
    RegisterError {
        message: format!("the version cannot take effect: {}", all.join("; ")),
        hint: "meet what is named, then say again that it takes effect".to_owned(),
        is_order: true,
        missing,
    }
}

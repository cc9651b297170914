use crate::RegisterError;
use crate::filing::{FilingAct, FilingRecord};
use crate::text::{ADDRESS_CHARS, NAME_CHARS, TEXT_CHARS, address, said, short};
use gongdao_model::{Instant, PlaceCode, ProvisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which class of recommendation techniques (IISARMP art. 2(2)), or none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Generation and synthesis.
    Generation,
    /// Personalised push.
    Push,
    /// Ranking and selection.
    Ranking,
    /// Retrieval and filtering.
    Retrieval,
    /// Scheduling and decision.
    Dispatch,
    /// None of them.
    Other,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Generation, Self::Push, Self::Ranking, Self::Retrieval, Self::Dispatch, Self::Other];

    /// The word in files and in the vocabulary of the packs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generation => "generation",
            Self::Push => "push",
            Self::Ranking => "ranking",
            Self::Retrieval => "retrieval",
            Self::Dispatch => "dispatch",
            Self::Other => "other",
        }
    }

    /// The words of IISARMP art. 2(2), as the published lists have them; nothing where it is none of them.
    pub fn zh(self) -> Option<&'static str> {
        match self {
            Self::Generation => Some("生成合成类"),
            Self::Push => Some("个性化推送类"),
            Self::Ranking => Some("排序精选类"),
            Self::Retrieval => Some("检索过滤类"),
            Self::Dispatch => Some("调度决策类"),
            Self::Other => None,
        }
    }

    /// Whether a number of the published lists with this type code is of the class. Read off the lists, stated by no law.
    pub(crate) fn has_code(self, code: &str) -> bool {
        match self {
            Self::Generation => code == "01",
            Self::Push => code == "02",
            Self::Ranking => code == "03",
            Self::Retrieval => matches!(code, "04" | "05"),
            // Two early numbers have 05.
            Self::Dispatch => matches!(code, "05" | "06"),
            Self::Other => true,
        }
    }
}

/// The four texts that are made public with a filing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// Basic principle.
    pub principle: String,
    /// How it runs.
    pub mechanism: String,
    /// Where it is used.
    pub scenario: String,
    /// Purpose and intent.
    pub purpose: String,
}

/// What registers of other states ask for beside that. What nobody wrote is empty there, never made up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// The team that answers for it.
    pub team: String,
    /// The role of whoever answers for it at the top.
    pub owner: String,
    /// Who made it, where others did.
    pub supplier: String,
    /// What it is good for.
    pub benefit: String,
    /// How it was done before.
    pub previous_process: String,
    /// What else was considered, and why this is proportionate.
    pub alternatives: String,
    /// How people of the provider take part and can correct it.
    pub human_review: String,
    /// What people can do against an outcome.
    pub appeals: String,
    /// What those who use it are trained in.
    pub training: String,
    /// Data it uses.
    pub data: String,
    /// Sensitive information among them.
    pub sensitive_data: String,
    /// Assessments that were made.
    pub impact_assessments: String,
    /// Risks, and what is done about them.
    pub risks: String,
    /// How it is looked after.
    pub maintenance: String,
    /// Provisions on which it rests.
    pub legal_basis: Vec<ProvisionId>,
}

impl Details {
    fn texts(&self) -> [(&'static str, &String); 14] {
        [
            ("details.team", &self.team),
            ("details.owner", &self.owner),
            ("details.supplier", &self.supplier),
            ("details.benefit", &self.benefit),
            ("details.previous_process", &self.previous_process),
            ("details.alternatives", &self.alternatives),
            ("details.human_review", &self.human_review),
            ("details.appeals", &self.appeals),
            ("details.training", &self.training),
            ("details.data", &self.data),
            ("details.sensitive_data", &self.sensitive_data),
            ("details.impact_assessments", &self.impact_assessments),
            ("details.risks", &self.risks),
            ("details.maintenance", &self.maintenance),
        ]
    }
}

/// What an algorithm is, as its provider declares it: the items of IISARMP art. 24(1) and of registers elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Who offers the service.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: Class,
    /// Where it is used; the whole country where it is empty.
    #[serde(default)]
    pub places: BTreeSet<PlaceCode>,
    /// Whether it touches orders, pay, hours, rewards or penalties of workers.
    pub affects_labour: bool,
    /// Whether it has public-opinion attributes or social-mobilisation capacity (IISARMP art. 24(1)); nothing where nobody
    /// said, and then it cannot be told whether it has to be filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion_attributes: Option<bool>,
    /// Form of the service: application, website, mini-program.
    #[serde(default)]
    pub service_form: String,
    /// Field of application.
    #[serde(default)]
    pub field: String,
    /// Products in which it works.
    #[serde(default)]
    pub product: String,
    /// The public texts.
    #[serde(default)]
    pub texts: Texts,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Whom to ask: an e-mail or a page.
    #[serde(default)]
    pub contact: String,
    /// What other registers ask for.
    #[serde(default)]
    pub details: Details,
}

/// Most provisions or places of a description.
const MOST_ITEMS: usize = 100;

impl Description {
    /// Errors: a name is missing; a text is too long; an address that is none.
    pub fn check(&self) -> Result<(), RegisterError> {
        said("provider", &self.provider, NAME_CHARS)?;
        said("name", &self.name, NAME_CHARS)?;
        for (what, text) in [("service_form", &self.service_form), ("field", &self.field)] {
            short(what, text, NAME_CHARS)?;
        }
        short("product", &self.product, TEXT_CHARS)?;
        short("contact", &self.contact, ADDRESS_CHARS)?;
        let texts = &self.texts;
        let public = [
            ("texts.principle", &texts.principle),
            ("texts.mechanism", &texts.mechanism),
            ("texts.scenario", &texts.scenario),
            ("texts.purpose", &texts.purpose),
        ];
        for (what, text) in public.into_iter().chain(self.details.texts()) {
            short(what, text, TEXT_CHARS)?;
        }
        if self.places.len() > MOST_ITEMS || self.details.legal_basis.len() > MOST_ITEMS {
            return Err(RegisterError::new("a list is too long", format!("name at most {MOST_ITEMS}")));
        }
        self.website.as_deref().map_or(Ok(()), |website| address("website", website))
    }
}

/// What happened to an algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AlgorithmWhat {
    /// It is in the register from now on.
    Registered {
        /// What it is.
        description: Box<Description>,
    },
    /// It is described otherwise.
    Described {
        /// What it is.
        description: Box<Description>,
    },
    /// Something happened to its filing with the authority.
    Filing {
        /// What.
        act: FilingAct,
    },
}

impl AlgorithmWhat {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Described { .. } => "described",
            Self::Filing { .. } => "filing",
        }
    }
}

/// An event of an algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlgorithmEvent {
    /// When it was recorded.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub what: AlgorithmWhat,
}

/// An algorithm: what its events come to. Holds nobody's account, so that all of it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Algorithm {
    /// Its name in the register.
    pub id: String,
    /// What it is.
    pub description: Description,
    /// Since when it is in the register.
    pub registered_at: Instant,
    /// When its description changed last.
    pub described_at: Instant,
    /// Its filing with the authority.
    pub filing: FilingRecord,
    /// Events so far.
    pub events: u32,
}

impl Algorithm {
    /// An algorithm that comes into the register.
    ///
    /// Errors: a description that is none.
    pub fn register(id: &str, event: &AlgorithmEvent) -> Result<Self, RegisterError> {
        let AlgorithmWhat::Registered { description } = &event.what else {
            return Err(RegisterError::order("an algorithm begins with its registration", "register it first"));
        };
        description.check()?;
        Ok(Self {
            id: id.to_owned(),
            description: (**description).clone(),
            registered_at: event.at,
            described_at: event.at,
            filing: FilingRecord::default(),
            events: 1,
        })
    }

    /// The algorithm after another event.
    ///
    /// Errors: it cannot follow, and nothing changed.
    pub fn after(&self, event: &AlgorithmEvent) -> Result<Self, RegisterError> {
        let mut next = self.clone();
        match &event.what {
            AlgorithmWhat::Registered { .. } => {
                return Err(RegisterError::order("the algorithm is registered", "describe it otherwise instead"));
            }
            AlgorithmWhat::Described { description } => {
                description.check()?;
                if **description != self.description {
                    next.filing.described(event.at.date_in_shanghai());
                    next.described_at = event.at;
                }
                next.description = (**description).clone();
            }
            AlgorithmWhat::Filing { act } => next.filing.take(act, event.at.date_in_shanghai())?,
        }
        next.events = self.events.saturating_add(1);
        Ok(next)
    }
}

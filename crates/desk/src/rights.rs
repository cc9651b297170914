use crate::DeskError;
use gongdao_model::ProvisionId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../data/rights.toml");

/// What someone asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// To see what is kept about them (PIPL art. 45(1)).
    See,
    /// To have a copy of it (PIPL art. 45(1)).
    Copy,
    /// To have it corrected or completed (PIPL art. 46).
    Correct,
    /// To have it deleted (PIPL art. 47).
    Delete,
    /// To restrict or refuse handling (PIPL art. 44).
    Restrict,
    /// To withdraw a consent (PIPL art. 15(1)).
    WithdrawConsent,
    /// To delete a tag that recommendation uses (IISARMP art. 17(2)).
    DeleteTag,
    /// To be no longer targeted by personal characteristics (IISARMP art. 17(1), PIPL art. 24(2)).
    OptOut,
    /// To have a decision or the handling rules explained (PIPL arts. 24(3), 48).
    Explain,
    /// To contest a decision (IISARMP art. 22, PIPL art. 24(3)).
    Contest,
    /// To complain (IISARMP art. 22).
    Complain,
}

impl RequestKind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::See,
        Self::Copy,
        Self::Correct,
        Self::Delete,
        Self::Restrict,
        Self::WithdrawConsent,
        Self::DeleteTag,
        Self::OptOut,
        Self::Explain,
        Self::Contest,
        Self::Complain,
    ];

    /// The word in files and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Copy => "copy",
            Self::Correct => "correct",
            Self::Delete => "delete",
            Self::Restrict => "restrict",
            Self::WithdrawConsent => "withdraw-consent",
            Self::DeleteTag => "delete-tag",
            Self::OptOut => "opt-out",
            Self::Explain => "explain",
            Self::Contest => "contest",
            Self::Complain => "complain",
        }
    }
}

/// What fulfils a request at once, without anyone of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// What is kept is shown.
    Show,
    /// A purpose is restricted.
    Restrict,
    /// A consent is taken back.
    Withdraw,
    /// A tag is deleted.
    DeleteTag,
    /// Personalisation is off.
    OptOut,
}

/// An article on which a kind of request may be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalGround {
    /// The article.
    pub article: ProvisionId,
    /// When it applies, Chinese.
    pub zh: String,
    /// When it applies, English.
    pub en: String,
}

/// What a contest can rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestGround {
    /// Its word.
    pub id: String,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// Whether a penalty waits while a contest on it is open.
    pub suspends: bool,
}

/// What holds for one kind of request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// The articles that give it.
    pub rests_on: Vec<ProvisionId>,
    /// The duty of the packs that its clock belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<String>,
    /// Its name, Chinese.
    pub zh: String,
    /// Its name, English.
    pub en: String,
    /// A fresh password, or the desk's own check, comes first.
    #[serde(default)]
    pub step_up: bool,
    /// A refusal takes two people.
    #[serde(default)]
    pub two_people: bool,
    /// A person decides it, by a review that leaves evidence.
    #[serde(default)]
    pub person_decides: bool,
    /// What fulfils it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts: Option<Act>,
    /// On what it may be refused; on nothing where it is empty.
    #[serde(default)]
    pub refusals: Vec<RefusalGround>,
    /// What a contest can rest on.
    #[serde(default)]
    pub grounds: Vec<ContestGround>,
}

impl Right {
    /// Whether a refusal may rest on the article.
    pub fn accepts(&self, article: &ProvisionId) -> bool {
        self.refusals.iter().any(|ground| ground.article == *article)
    }

    /// A ground of a contest by its word.
    pub fn ground(&self, id: &str) -> Option<&ContestGround> {
        self.grounds.iter().find(|ground| ground.id == id)
    }
}

/// The table of all kinds.
///
/// INVARIANT: it has every kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights(BTreeMap<RequestKind, Right>);

impl Rights {
    /// The table that the program ships.
    pub fn shipped() -> Result<Self, DeskError> {
        Self::read(SHIPPED)
    }

    /// Read a table. Errors: TOML, an unknown word, a kind without an entry.
    pub fn read(text: &str) -> Result<Self, DeskError> {
        let table: BTreeMap<RequestKind, Right> = toml::from_str(text).map_err(|error| {
            DeskError::new(format!("the table of rights cannot be read: {}", error.message()), "see docs/desk.md")
        })?;
        match RequestKind::ALL.into_iter().find(|kind| !table.contains_key(kind)) {
            None => Ok(Self(table)),
            Some(kind) => Err(DeskError::new(format!("the table of rights has no `{}`", kind.as_str()), "add it")),
        }
    }

    /// What holds for a kind.
    pub fn of(&self, kind: RequestKind) -> Result<&Right, DeskError> {
        self.0.get(&kind).ok_or_else(|| DeskError::new(format!("no right to `{}`", kind.as_str()), "see docs/desk.md"))
    }

    /// All, in their order.
    pub fn all(&self) -> impl Iterator<Item = (RequestKind, &Right)> {
        self.0.iter().map(|(kind, right)| (*kind, right))
    }
}

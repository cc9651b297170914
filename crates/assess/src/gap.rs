use gongdao_model::FactPath;
use serde::Serialize;

/// What is missing before something can be said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Gap {
    /// What the service does to people: `actions`.
    Actions,
    /// Whether the service is what a provision binds: `roles`.
    Role {
        /// The word of the packs, for instance `handler`.
        role: String,
    },
    /// A fact of the vocabulary.
    Fact {
        /// Its path.
        fact: FactPath,
    },
    /// No answer helps: the evaluation cannot go on.
    Engine {
        /// Why, in words.
        words: String,
    },
}

impl Gap {
    /// How the description writes it: `resource.worker`, `roles."joint handlers"`, `actions`.
    pub fn name(&self) -> String {
        match self {
            Self::Actions => "actions".to_owned(),
            Self::Role { role } => format!("roles.\"{role}\""),
            Self::Fact { fact } => fact.to_string(),
            Self::Engine { words } => words.clone(),
        }
    }
}

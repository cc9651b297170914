use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$item])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in files and policies.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What someone is in the service.
    Role {
        /// Whom decisions are about.
        Person = "person",
        /// Who acts for persons: a union officer, a lawyer.
        Representative = "representative",
        /// The operator's compliance officer.
        Officer = "officer",
        /// The operator's engineer.
        Engineer = "engineer",
        /// Who reviews decisions by hand.
        Reviewer = "reviewer",
        /// A regulator.
        Regulator = "regulator",
        /// Who manages accounts.
        Administrator = "administrator",
        /// A system of the operator.
        Machine = "machine",
    }
}

words! {
    /// What can be done to the service as a whole.
    Right {
        /// Ask the gate.
        Check = "check",
        /// Log decisions that were made elsewhere.
        LogDecisions = "log-decisions",
        /// Say that an algorithm's state changed.
        RecordAlgorithmEvent = "record-algorithm-event",
        /// See the gate's settings.
        ReadSettings = "read-settings",
        /// Change them.
        ChangeSettings = "change-settings",
        /// See what the official evaluator found.
        ReadAlarms = "read-alarms",
        /// See who changed settings, accounts and approvals.
        ReadOperations = "read-operations",
        /// See an algorithm's events.
        ReadAlgorithmEvents = "read-algorithm-events",
        /// Make and change accounts and keys.
        ManageAccounts = "manage-accounts",
        /// Make and change webhooks.
        ManageWebhooks = "manage-webhooks",
        /// See what waits for a second person.
        ReadApprovals = "read-approvals",
        /// Ask for what takes two.
        AskApproval = "ask-approval",
        /// Erase what is kept about a person.
        Erase = "erase",
        /// See positions and proofs of the ledger.
        ReadLedger = "read-ledger",
        /// See regulators' orders.
        ReadOrders = "read-orders",
        /// Make orders, and go on with them.
        IssueOrders = "issue-orders",
        /// Reply to orders.
        AnswerOrders = "answer-orders",
        /// Run audits over logs, and read what came out.
        RunAudits = "run-audits",
    }
}

impl Role {
    /// The role of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

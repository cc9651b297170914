use crate::access::words;
use crate::{ErrorKind, ServiceError};
use gongdao_desk::Limit;
use gongdao_model::{Instant, LegalDate, ProvisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Characters of an order, a reply, a reason.
const TEXT_CHARS: usize = 10_000;
/// Provisions that an order rests on.
const PROVISIONS: usize = 20;
/// Events of one order.
const EVENTS: u32 = 1000;

words! {
    /// What a regulator asks for.
    OrderKind {
        /// Say or hand over something.
        Information = "information",
        /// Put something right.
        Correction = "correction",
        /// Stop using a version of an algorithm.
        Suspension = "suspension",
    }
}

words! {
    /// How an order stands.
    OrderStage {
        /// The provider has to reply.
        Open = "open",
        /// The regulator has to look at the reply.
        Answered = "answered",
        /// It was not kept, and went higher up; the provider still has to reply.
        Escalated = "escalated",
        /// It was kept.
        Met = "met",
        /// The regulator took it back.
        Withdrawn = "withdrawn",
    }
}

/// What an order is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct OrderAbout {
    /// An algorithm of the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// A decision, by its identifier. Whom it is about stands nowhere in the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
}

/// Out of an object and nothing else: of a list whose values fit, nobody knows what they mean.
impl TryFrom<BTreeMap<String, String>> for OrderAbout {
    type Error = String;

    fn try_from(mut members: BTreeMap<String, String>) -> Result<Self, String> {
        let about = Self { algorithm: members.remove("algorithm"), decision: members.remove("decision") };
        match members.pop_first() {
            Some((name, _)) => Err(format!("unknown field `{name}`: `algorithm`, `decision`")),
            None => Ok(about),
        }
    }
}

/// An order to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// What is asked for.
    pub kind: OrderKind,
    /// The provisions that it rests on, at least one.
    pub provisions: Vec<ProvisionId>,
    /// What it is about.
    #[serde(default)]
    pub about: OrderAbout,
    /// What is to be done, in words. It names no person.
    pub text: String,
    /// How long the provider has: `10 working days`.
    pub period: String,
}

/// What happens to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrderWhat {
    /// It is made.
    Issued {
        /// It.
        order: Box<NewOrder>,
    },
    /// The provider replies.
    Answered {
        /// In words.
        text: String,
    },
    /// The reply does not do; the time runs anew.
    SentBack {
        /// Why.
        text: String,
        /// How long the provider has from now on.
        period: String,
    },
    /// The reply does.
    Accepted {
        /// In words.
        text: String,
    },
    /// The provider gets more time, from now on.
    Extended {
        /// Why.
        text: String,
        /// How long.
        period: String,
    },
    /// It was not kept in time and goes higher up.
    Escalated {
        /// To whom, and why.
        text: String,
    },
    /// It is taken back.
    Withdrawn {
        /// Why.
        text: String,
    },
}

impl OrderWhat {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "issued",
            Self::Answered { .. } => "answered",
            Self::SentBack { .. } => "sent-back",
            Self::Accepted { .. } => "accepted",
            Self::Extended { .. } => "extended",
            Self::Escalated { .. } => "escalated",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether the provider does it; everything else the regulator does.
    pub(super) fn is_of_provider(&self) -> bool {
        matches!(self, Self::Answered { .. })
    }

    pub(super) fn period(&self) -> Option<&str> {
        match self {
            Self::Issued { order } => Some(&order.period),
            Self::SentBack { period, .. } | Self::Extended { period, .. } => Some(period),
            _ => None,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Issued { order } => &order.text,
            Self::Answered { text }
            | Self::SentBack { text, .. }
            | Self::Accepted { text }
            | Self::Extended { text, .. }
            | Self::Escalated { text }
            | Self::Withdrawn { text } => text,
        }
    }
}

/// One thing that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// When.
    pub at: Instant,
    /// Who: an account or a key.
    pub by: String,
    /// The last day that the provider has from here on, where it sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<LegalDate>,
    /// What.
    #[serde(flatten)]
    pub what: OrderWhat,
}

/// An order of a regulator: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its name.
    pub id: String,
    /// How it stands.
    pub stage: OrderStage,
    /// What was asked for.
    pub order: NewOrder,
    /// From when the present period counts.
    pub since: Instant,
    /// How long it is.
    pub period: String,
    /// The last day that the provider has.
    pub due: LegalDate,
    /// What happened, oldest first.
    pub events: Vec<OrderEvent>,
}

impl Order {
    /// The order that an event makes.
    ///
    /// Errors: it makes none; a text or a list that cannot be.
    pub(super) fn issue(id: &str, event: &OrderEvent) -> Result<Self, ServiceError> {
        check_text(event.what.text())?;
        let (OrderWhat::Issued { order }, Some(due)) = (&event.what, event.due) else {
            return Err(cannot("an order begins with being issued"));
        };
        if order.provisions.is_empty() || order.provisions.len() > PROVISIONS {
            let hint = format!("name 1 to {PROVISIONS} provisions, like `cn.iisarmp/28`");
            return Err(ServiceError::input("an order rests on a provision", hint));
        }
        Ok(Self {
            id: id.to_owned(),
            stage: OrderStage::Open,
            order: (**order).clone(),
            since: event.at,
            period: order.period.clone(),
            due,
            events: vec![event.clone()],
        })
    }

    /// The order after an event.
    ///
    /// Errors: it cannot follow (`NotNow`); a text that cannot be.
    pub(super) fn after(&self, event: &OrderEvent) -> Result<Self, ServiceError> {
        check_text(event.what.text())?;
        if self.events.len() as u64 >= u64::from(EVENTS) {
            return Err(cannot("the order has too many events"));
        }
        let stage = match (self.stage, &event.what) {
            (OrderStage::Open | OrderStage::Escalated, OrderWhat::Answered { .. }) => OrderStage::Answered,
            (OrderStage::Answered, OrderWhat::SentBack { .. }) => OrderStage::Open,
            (OrderStage::Answered, OrderWhat::Accepted { .. }) => OrderStage::Met,
            (OrderStage::Open, OrderWhat::Extended { .. }) if event.due.is_some_and(|due| due > self.due) => {
                OrderStage::Open
            }
            (OrderStage::Open, OrderWhat::Extended { .. }) => {
                return Err(ServiceError::input(
                    format!("more time that ends no later than `{}`", self.due),
                    "give a longer period",
                ));
            }
            (OrderStage::Open, OrderWhat::Escalated { .. }) if self.is_late(event.at) => OrderStage::Escalated,
            (OrderStage::Open, OrderWhat::Escalated { .. }) => {
                return Err(cannot("the order is not late"));
            }
            (OrderStage::Open | OrderStage::Answered | OrderStage::Escalated, OrderWhat::Withdrawn { .. }) => {
                OrderStage::Withdrawn
            }
            (stage, what) => {
                return Err(cannot(&format!("`{}` cannot follow where it is `{}`", what.as_str(), stage.as_str())));
            }
        };
        let mut next = self.clone();
        next.stage = stage;
        if let (Some(due), Some(period)) = (event.due, event.what.period()) {
            (next.due, next.since, next.period) = (due, event.at, period.to_owned());
        }
        next.events.push(event.clone());
        Ok(next)
    }

    /// Whether the provider's time is over without a reply.
    pub fn is_late(&self, now: Instant) -> bool {
        matches!(self.stage, OrderStage::Open | OrderStage::Escalated) && now.date_in_shanghai() > self.due
    }

    /// Whether anything is still to be done.
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, OrderStage::Met | OrderStage::Withdrawn)
    }
}

fn cannot(what: &str) -> ServiceError {
    ServiceError::new(ErrorKind::NotNow, what, "read the order again")
}

fn check_text(text: &str) -> Result<(), ServiceError> {
    let chars = text.trim().chars().count();
    if (1..=TEXT_CHARS).contains(&chars) {
        return Ok(());
    }
    Err(ServiceError::input("`text` is empty or too long", format!("say it in 1 to {TEXT_CHARS} characters")))
}

/// Errors: it is none.
pub(super) fn period_of(text: &str) -> Result<Limit, ServiceError> {
    Limit::try_from(text.to_owned()).map_err(|_| {
        ServiceError::input(format!("`{}` is no period", text.escape_debug()), "write it like `10 working days`")
    })
}

use crate::facts::Patch;

/// What the platform's algorithms decide in the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    /// An order goes to a courier.
    Dispatch,
    /// A courier's delivery time is set.
    Promise,
    /// A consumer is quoted a delivery fee.
    Price,
    /// A courier's day is settled.
    Pay,
    /// A consumer is shown shops.
    Recommend,
    /// A consumer is sent a message.
    Push,
    /// A consumer's tag is made or changed.
    Profile,
    /// A courier loses points.
    Penalise,
    /// A courier's account is stopped.
    SuspendAccount,
}

impl Action {
    /// Every action.
    pub(crate) const ALL: [Self; 9] = [
        Self::Dispatch,
        Self::Promise,
        Self::Price,
        Self::Pay,
        Self::Recommend,
        Self::Push,
        Self::Profile,
        Self::Penalise,
        Self::SuspendAccount,
    ];

    /// The action's name in the vocabulary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Promise => "promise",
            Self::Price => "price",
            Self::Pay => "pay",
            Self::Recommend => "recommend",
            Self::Push => "push",
            Self::Profile => "profile",
            Self::Penalise => "penalise",
            Self::SuspendAccount => "suspend-account",
        }
    }

    /// The algorithm that decides it.
    pub(crate) fn algorithm(self) -> &'static str {
        match self {
            Self::Dispatch => "order-dispatch",
            Self::Promise => "delivery-time",
            Self::Price => "delivery-fee",
            Self::Pay => "courier-pay",
            Self::Recommend => "shop-feed",
            Self::Push => "message-push",
            Self::Profile => "tag-maker",
            Self::Penalise | Self::SuspendAccount => "courier-conduct",
        }
    }

    /// Class of that algorithm, in the vocabulary's words.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Recommend | Self::Push | Self::Profile => "push",
            Self::Price => "ranking",
            _ => "dispatch",
        }
    }

    /// What the action's lawful practice has otherwise than the common one.
    pub(crate) fn patch(self) -> Patch {
        match self {
            Self::Dispatch => &[
                ("purpose", "order-dispatch"),
                ("dataKinds", "position|work-record"),
                ("sensitiveKinds", "whereabouts"),
                ("contentKind", "order"),
            ],
            Self::Promise => &[
                ("purpose", "delivery-time"),
                ("dataKinds", "position|work-record"),
                ("sensitiveKinds", "whereabouts"),
                ("contentKind", "order"),
            ],
            Self::Price => {
                &[("purpose", "delivery-fee"), ("dataKinds", "address|order-record"), ("contentKind", "order")]
            }
            Self::Pay => &[("purpose", "pay"), ("dataKinds", "work-record"), ("contentKind", "order")],
            Self::Recommend => &[
                ("purpose", "recommendation"),
                ("dataKinds", "order-record|area"),
                ("personalised", "true"),
                ("habitBased", "true"),
                ("contentKind", "goods"),
                ("keyPosition", "true"),
                BY_CONSENT,
            ],
            Self::Push => &[
                ("purpose", "marketing"),
                ("dataKinds", "order-record|contact"),
                ("personalised", "true"),
                ("habitBased", "true"),
                ("push", "true"),
                ("marketing", "true"),
                ("contentKind", "advert"),
                ("advertMarked", "true"),
                BY_CONSENT,
            ],
            Self::Profile => &[
                ("purpose", "recommendation"),
                ("dataKinds", "order-record"),
                ("personalised", "true"),
                ("habitBased", "true"),
                BY_CONSENT,
            ],
            Self::Penalise | Self::SuspendAccount => WEIGHTY,
        }
    }
}

/// Nobody claims that a feed, an advert or a tag is needed for the contract: consent alone carries them.
const BY_CONSENT: (&str, &str) = ("necessaryForContract", "false");

/// A decision that weighs on a courier: a person looked at it and it was explained.
const WEIGHTY: Patch = &[
    ("purpose", "conduct"),
    ("dataKinds", "work-record"),
    ("penalised", "true"),
    ("incomeEffect", "true"),
    ("majorEffect", "true"),
    ("solelyAutomated", "false"),
    ("reviewedByPerson", "true"),
];

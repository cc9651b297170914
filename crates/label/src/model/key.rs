use std::fmt;

/// The keys of the label object, in the order and spelling of GB 45438-2025, annex E.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// What is known about the content: `1`, `2` or `3`.
    Label,
    /// Name or code of the service that made the content.
    ContentProducer,
    /// The producer's own number of this content.
    ProduceId,
    /// The producer's own protection data, such as a signature.
    ReservedCode1,
    /// Name or code of the service that spread the content.
    ContentPropagator,
    /// The propagator's own number of this content.
    PropagateId,
    /// The propagator's own protection data.
    ReservedCode2,
}

impl Key {
    /// All, in the standard's order.
    pub const ALL: [Self; 7] = [
        Self::Label,
        Self::ContentProducer,
        Self::ProduceId,
        Self::ReservedCode1,
        Self::ContentPropagator,
        Self::PropagateId,
        Self::ReservedCode2,
    ];

    /// As the standard spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Label => "Label",
            Self::ContentProducer => "ContentProducer",
            Self::ProduceId => "ProduceID",
            Self::ReservedCode1 => "ReservedCode1",
            Self::ContentPropagator => "ContentPropagator",
            Self::PropagateId => "PropagateID",
            Self::ReservedCode2 => "ReservedCode2",
        }
    }

    /// The key of this spelling.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// Spellings seen in the wild that mean a key and are not the standard's.
    pub(crate) fn misspelled(name: &str) -> Option<Self> {
        match name {
            "ServiceProvider" => Some(Self::ContentProducer),
            "ServiceUser" | "Propagator" => Some(Self::ContentPropagator),
            "ReserveCode1" => Some(Self::ReservedCode1),
            "ReserveCode2" => Some(Self::ReservedCode2),
            "PropatorID" | "PropagatorID" => Some(Self::PropagateId),
            "ProducerID" => Some(Self::ProduceId),
            _ => None,
        }
    }

    /// Whether a label may be without it: only the two reserved codes.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::ReservedCode1 | Self::ReservedCode2)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

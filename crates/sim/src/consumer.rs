use crate::rng::Rng;

/// Tags that the feed keeps of consumers.
const TAGS: [&str; 12] = [
    "noodles",
    "hotpot",
    "coffee",
    "fruit",
    "late-night",
    "vegetarian",
    "sweets",
    "discount",
    "family",
    "office",
    "student",
    "fitness",
];
/// Tags of one consumer.
const TAGS_EACH: usize = 3;
const STREAM: u64 = 0x00C0_0000_0000;

/// What a consumer chose during the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Not to be targeted by personal characteristics.
    ProfilingOff,
    /// Recommendation switched off.
    RecommendationOff,
    /// No marketing.
    MarketingRefused,
    /// A tag deleted.
    TagDeleted(&'static str),
    /// Consent to a purpose withdrawn.
    Withdrawn(&'static str),
    /// A purpose restricted.
    Restricted(&'static str),
}

/// A consumer, drawn anew from the seed each time it is needed: the city keeps no list of them.
#[derive(Debug, Clone)]
pub(crate) struct Consumer {
    /// Pseudonym.
    pub(crate) id: String,
    /// In the vocabulary's words.
    pub(crate) age_group: &'static str,
    /// `new` or `returning`.
    pub(crate) group: &'static str,
    /// Milliseconds since the epoch.
    pub(crate) registered: i64,
    tags: [&'static str; TAGS_EACH],
    /// Choices with their instants.
    pub(crate) choices: Vec<(i64, Choice)>,
}

impl Consumer {
    /// The consumer `number` of the city with `seed`, in a period of `days` days from `from`.
    pub(crate) fn draw(seed: u64, number: i64, from: i64, days: i64) -> Self {
        let mut rng = Rng::new(seed, STREAM + number.unsigned_abs());
        let age_group = match rng.below(100) {
            0..2 => "minor",
            2..10 => "older",
            _ => "adult",
        };
        let group = if rng.chance(600_000) { "returning" } else { "new" };
        let registered = from - rng.between(1, 400 * DAY_MILLIS);
        let first = usize::try_from(rng.below(12)).unwrap_or(0);
        let mut wheel = TAGS.iter().copied().cycle().skip(first);
        let tags = [(); TAGS_EACH].map(|()| wheel.next().unwrap_or_default());
        let choices = draw_choices(&mut rng, &tags, from, days);
        Self { id: format!("U{number:07}"), age_group, group, registered, tags, choices }
    }

    /// Whether one of the choices made up to and including `at` answers to `wanted`.
    pub(crate) fn chose(&self, at: i64, wanted: impl Fn(Choice) -> bool) -> bool {
        self.choices.iter().any(|(when, choice)| *when <= at && wanted(*choice))
    }

    /// Tags not deleted up to and including `at`.
    pub(crate) fn tags_at(&self, at: i64) -> Vec<&'static str> {
        self.tags.iter().copied().filter(|tag| !self.chose(at, |choice| choice == Choice::TagDeleted(tag))).collect()
    }

    /// Whether handling for `purpose` was withdrawn or restricted.
    pub(crate) fn stopped(&self, at: i64, purpose: &str) -> bool {
        self.chose(at, |choice| matches!(choice, Choice::Withdrawn(p) | Choice::Restricted(p) if p == purpose))
    }
}

/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

/// About one consumer in eight chooses something (assumption: enough to meet every rule, not a measured rate).
fn draw_choices(rng: &mut Rng, tags: &[&'static str], from: i64, days: i64) -> Vec<(i64, Choice)> {
    let mut choices = Vec::new();
    let shares: [(i64, Choice); 7] = [
        (30_000, Choice::ProfilingOff),
        (15_000, Choice::RecommendationOff),
        (30_000, Choice::MarketingRefused),
        (40_000, Choice::TagDeleted(tags.first().copied().unwrap_or_default())),
        (15_000, Choice::Withdrawn("marketing")),
        (10_000, Choice::Withdrawn("recommendation")),
        (10_000, Choice::Restricted("recommendation")),
    ];
    for (share, choice) in shares {
        if rng.chance(share) {
            choices.push((from + rng.below(days * DAY_MILLIS), choice));
        }
    }
    choices
}

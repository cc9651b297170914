//! The facts that a city records, as tables: adjust a line here when the vocabulary or a rule changes.

/// Type of a fact in the city's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Flag,
    /// One word.
    Word,
    /// Words joined with `|`; [`NO_WORDS`] is the empty set.
    Words,
}

/// How a file writes the empty set: an empty cell would be a missing fact.
pub(crate) const NO_WORDS: &str = "-";
/// How a file writes a missing fact.
pub(crate) const MISSING: &str = "";

/// A fact of the decision that belongs to the way of deciding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact {
    /// Its name in the vocabulary, without `context.`.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) kind: Kind,
    /// The value that a lawful decision has unless its action says otherwise.
    pub(crate) lawful: &'static str,
}

/// Facts laid over a practice or a state: name and text.
pub(crate) type Patch = &'static [(&'static str, &'static str)];

const fn yes(name: &'static str) -> Fact {
    Fact { name, kind: Kind::Flag, lawful: "true" }
}

const fn no(name: &'static str) -> Fact {
    Fact { name, kind: Kind::Flag, lawful: "false" }
}

const fn word(name: &'static str, lawful: &'static str) -> Fact {
    Fact { name, kind: Kind::Word, lawful }
}

const fn words(name: &'static str, lawful: &'static str) -> Fact {
    Fact { name, kind: Kind::Words, lawful }
}

/// Facts of the way of deciding, with their lawful values.
pub(crate) const CONTEXT: &[Fact] = &[
    word("sector", "food-delivery"),
    word("purpose", "service"),
    yes("personalInformation"),
    no("personalised"),
    yes("automatedDecision"),
    yes("solelyAutomated"),
    no("majorEffect"),
    no("incomeEffect"),
    yes("noticeShown"),
    yes("explanationGiven"),
    yes("optionShown"),
    yes("nonPersonalisedOptionShown"),
    no("marketing"),
    no("push"),
    words("factorsUsed", "distance|hour|load"),
    words("tagFlags", NO_WORDS),
    words("dataKinds", "order-record"),
    words("sensitiveKinds", NO_WORDS),
    words("contentFlags", NO_WORDS),
    word("contentKind", "other"),
    yes("newsSourceListed"),
    no("transmissionStopped"),
    no("keyPosition"),
    no("syntheticFound"),
    yes("labelShown"),
    no("bidRanked"),
    no("advertMarked"),
    no("rankingManipulated"),
    no("searchResult"),
    no("habitBased"),
    no("tiedSale"),
    yes("tieNoticeShown"),
    no("tieDefault"),
    no("justifiedDifference"),
    no("serviceRefused"),
    no("refusalBecauseNoConsent"),
    yes("necessaryForService"),
    yes("necessaryForContract"),
    no("necessaryForHr"),
    yes("labourRulesLawful"),
    yes("collectiveContract"),
    no("legalDuty"),
    no("emergency"),
    no("newsReporting"),
    no("publicInformation"),
    yes("reasonableScope"),
    no("otherLawBasis"),
    yes("consentInformed"),
    yes("consentVoluntary"),
    no("purposeChanged"),
    no("freshConsent"),
    no("changeTold"),
    no("inaccurateDataUsed"),
    words("noticeItems", "handler|purpose|manner|kinds|retention|rights"),
    words("sensitiveNoticeItems", "necessity|effect"),
    no("noticeExempt"),
    words("recipientToldItems", "name|contact|purpose|manner|kinds|rights"),
    yes("specificPurpose"),
    yes("strictProtection"),
    no("writtenConsentRequired"),
    yes("minorRules"),
    no("entrusted"),
    yes("entrustmentContract"),
    yes("withinEntrustment"),
    word("exportMechanism", "none"),
    no("publicPlaceDevice"),
    no("publicSecurityPurpose"),
    yes("signShown"),
    no("retentionOver"),
    no("storageOnly"),
    no("legalRetention"),
    no("penalised"),
    yes("fatiguePromptShown"),
    yes("overtimeConsulted"),
    no("specialOvertimeReason"),
    no("overtimeLimitExempt"),
    no("overtimeForced"),
    no("overtimeWork"),
    no("otherHoursSystemApproved"),
    yes("normalLabour"),
    no("payDelayed"),
    word("deductionGround", "none"),
    no("statutoryHoliday"),
    no("restDayWork"),
    no("substituteRest"),
    no("severeWeather"),
    no("weatherAllowance"),
    no("nightAllowance"),
    no("nightWork"),
    yes("timeLimitRelaxed"),
    word("vehicle", "e-bike"),
    no("strictestAlgorithm"),
    no("harmfulIndicator"),
    no("exclusivityRequired"),
    no("depositTaken"),
    no("discriminatoryFactor"),
    yes("writtenAgreement"),
    yes("trainingGiven"),
    yes("equipmentProvided"),
    yes("insured"),
    yes("socialInsurance"),
    yes("injuryPilot"),
    no("unionFactorUsed"),
    no("deductedForUnionWork"),
    no("ownTimeLimitReached"),
    no("reviewedByPerson"),
    no("appealOpen"),
    no("appealAnsweredLate"),
    yes("identityVerified"),
];

/// Facts that differ from decision to decision, numbers all of them, in the order of their columns.
pub(crate) const NUMBERS: [&str; 21] = [
    "continuousMinutes",
    "minutesSinceRest",
    "minutesSinceFatiguePrompt",
    "dailyMinutes",
    "weeklyMinutes",
    "averageWeeklyMinutes",
    "restDaysThisWeek",
    "overtimeMinutesToday",
    "overtimeMinutesMonth",
    "ordersOnHand",
    "promisedMinutes",
    "fixedMinutes",
    "distanceMetres",
    "workedMinutes",
    "waitingMinutes",
    "payFen",
    "basePayFen",
    "payDeductionFen",
    "unionWorkDaysMonth",
    "priceFen",
    "referencePriceFen",
];

/// What a properly run algorithm has in the register. Lists are written in full; `category` and `version` come with the algorithm.
pub(crate) const ALGORITHM: &[(&str, &str)] = &[
    ("opinionAttributes", "true"),
    ("filed", "true"),
    ("filingOverdue", "false"),
    ("changeOverdue", "false"),
    ("filingNumberShown", "true"),
    ("securityAssessed", "true"),
    (
        "securitySystems",
        "mechanism-review|ethics-review|user-registration|content-review|data-security|personal-information|anti-fraud|\
         assessment-monitoring|incident-response",
    ),
    ("serviceRulesPublished", "true"),
    ("basicsPublished", "true"),
    ("mechanismReviewed", "true"),
    ("addictiveDesign", "false"),
    ("appealEntry", "true"),
    ("appealLimitPublished", "true"),
    ("newsPermit", "false"),
    ("workerAlgorithms", "order-allocation|pay|working-time|rewards-penalties"),
    ("impactAssessed", "true"),
    ("handlingRulesPublished", "true"),
    (
        "declaredPurposes",
        "order-dispatch|delivery-time|delivery-fee|pay|recommendation|browsing|marketing|order-notice|conduct",
    ),
    ("declaredFactors", "distance|hour|load|weather|order-history|popularity|on-time-rate|safety-record"),
    ("necessaryKinds", "position|work-record|address|order-record|area|contact"),
    ("consulted", "true"),
    ("staffDiscussed", "true"),
    ("consultationAgreed", "true"),
    ("resultAnnounced", "true"),
    ("publishedBeforeEffect", "true"),
    ("suspended", "false"),
    ("refusalWayOffered", "true"),
    ("switchOffOffered", "true"),
    ("nonPersonalisedOffered", "true"),
    ("tagToolOffered", "true"),
    ("withdrawalWayOffered", "true"),
    ("rightsChannel", "true"),
    ("minorsModeOffered", "true"),
    ("minorSpendingLimits", "true"),
    ("ageFriendlyOffered", "true"),
    ("ecommerceRole", "platform"),
    ("serviceKind", "other"),
    ("largePlatform", "false"),
    ("personalisationOffOffered", "true"),
    ("decidedAtMeeting", "true"),
    ("unionAtMeeting", "true"),
    ("publicationLeadDays", "7"),
];

/// State of a person before the first event: the city's log is complete, so "no" is known, not missing.
/// Age group, consumer and work relation are not here: they come with the registration.
pub(crate) const PERSON_INITIAL: &[(&str, &str)] = &[
    ("recommendationOff", "false"),
    ("profilingOff", "false"),
    ("marketingRefused", "false"),
    ("publicUseRefused", "false"),
    ("automationRefused", "false"),
    ("explanationOpen", "false"),
    ("deceased", "false"),
    ("deletedTags", NO_WORDS),
    ("consents", NO_WORDS),
    ("separateConsents", NO_WORDS),
    ("writtenConsents", NO_WORDS),
    ("guardianConsents", NO_WORDS),
    ("withdrawnPurposes", NO_WORDS),
    ("restrictedPurposes", NO_WORDS),
    ("deletedKinds", NO_WORDS),
];

//! Legal bases and consent: given, withdrawn, given again, informed, fresh, separate, of a guardian.
//!
//! A feed rests on consent alone; a courier's conduct on the contract, unless a plant takes that claim away.

use super::{ADULT, CHILD, HOUR, LEFT_OUT, MANAGED, Plant, add, plant, remove, set};
use crate::action::Action::{Dispatch, Penalise, Price, Push, Recommend};
use crate::facts::Patch;

const NO_CONTRACT: (&str, &str) = ("necessaryForContract", "false");
const CONTRACT: (&str, &str) = ("necessaryForContract", "true");
const BASIS: &[&str] = &["cn.pipl/13/1#basis?both", "cn.pipl/13/1#basis?either"];
const NO_FEED_CONSENT: &[super::Near] = &[remove("consents", "recommendation")];
const FEED_WITHDRAWN: &[super::Near] =
    &[remove("consents", "recommendation"), add("withdrawnPurposes", "recommendation")];
const NO_CONDUCT_CONSENT: &[super::Near] = &[remove("consents", "conduct")];
const PUBLIC: Patch = &[("publicInformation", "true"), NO_CONTRACT];

pub(super) const PLANTS: &[Plant] = &[
    // Withdrawal.
    plant("no-basis", Recommend, ADULT).person(NO_FEED_CONSENT).breaks(BASIS),
    plant("consent-withdrawn", Recommend, ADULT)
        .person(&[(0, "consents", "remove", "recommendation"), (0, "withdrawnPurposes", "add", "recommendation")])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/15/1#stop-after-withdrawal?both",
            "cn.pipl/15/1#stop-after-withdrawal?either",
            "cn.pipl/47/1#withdrawn?both",
            "cn.pipl/47/1#withdrawn?either",
        ]),
    plant("consent-withdrawn-a-moment-after", Recommend, ADULT)
        .person(&[(1, "consents", "remove", "recommendation"), (1, "withdrawnPurposes", "add", "recommendation")]),
    plant("consent-withdrawn-and-given-again", Recommend, ADULT).person(&[
        (-HOUR, "consents", "remove", "recommendation"),
        (-HOUR, "withdrawnPurposes", "add", "recommendation"),
        (0, "consents", "add", "recommendation"),
        (0, "withdrawnPurposes", "remove", "recommendation"),
    ]),
    plant("consent-given-again-withdrawal-still-listed", Push, ADULT).person(&[
        (-HOUR, "consents", "remove", "marketing"),
        (-HOUR, "withdrawnPurposes", "add", "marketing"),
        (-1, "consents", "add", "marketing"),
    ]),
    plant("consent-given-again-a-moment-late", Push, ADULT)
        .person(&[
            (-HOUR, "consents", "remove", "marketing"),
            (-HOUR, "withdrawnPurposes", "add", "marketing"),
            (1, "consents", "add", "marketing"),
            (1, "withdrawnPurposes", "remove", "marketing"),
        ])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/15/1#stop-after-withdrawal?both",
            "cn.pipl/15/1#stop-after-withdrawal?either",
            "cn.pipl/47/1#withdrawn?both",
            "cn.pipl/47/1#withdrawn?either",
        ]),
    plant("consent-to-another-purpose-withdrawn", Recommend, ADULT)
        .person(&[remove("consents", "marketing"), add("withdrawnPurposes", "marketing")]),
    plant("withdrawn-but-needed-for-the-contract", Price, ADULT)
        .person(&[remove("consents", "delivery-fee"), add("withdrawnPurposes", "delivery-fee")]),
    plant("withdrawn-kept-by-law-but-used", Recommend, ADULT)
        .person(FEED_WITHDRAWN)
        .facts(&[("legalRetention", "true")])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/15/1#stop-after-withdrawal?both",
            "cn.pipl/15/1#stop-after-withdrawal?either",
            "cn.pipl/47/2#storage-only-withdrawn?both",
            "cn.pipl/47/2#storage-only-withdrawn?either",
        ]),
    plant("withdrawn-kept-by-law-and-only-stored", Recommend, ADULT)
        .person(FEED_WITHDRAWN)
        .facts(&[("legalRetention", "true"), ("storageOnly", "true")])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/15/1#stop-after-withdrawal?both",
            "cn.pipl/15/1#stop-after-withdrawal?either",
        ]),
    plant("consents-forgotten", Recommend, ADULT).person(&[set("consents", LEFT_OUT)]).unknown(&[
        "cn.pipl/13/1#basis?both",
        "cn.pipl/13/1#basis?either",
        "cn.pipl/13/1/1#consent",
        "cn.pipl/14/1#informed?both",
        "cn.pipl/14/1#informed?either",
        "cn.pipl/14/1#voluntary?both",
        "cn.pipl/14/1#voluntary?either",
        "cn.pipl/14/2#fresh-consent?both",
        "cn.pipl/14/2#fresh-consent?either",
        "cn.pipl/15/1#withdrawal-way?both",
        "cn.pipl/15/1#withdrawal-way?either",
    ]),
    // Other bases; each claim alone carries the decision, and each one left out keeps it open.
    plant("basis-legal-duty", Recommend, ADULT).person(NO_FEED_CONSENT).facts(&[("legalDuty", "true")]),
    plant("basis-emergency", Recommend, ADULT).person(NO_FEED_CONSENT).facts(&[("emergency", "true")]),
    plant("basis-other-law", Recommend, ADULT).person(NO_FEED_CONSENT).facts(&[("otherLawBasis", "true")]),
    plant("basis-news", Recommend, ADULT).person(NO_FEED_CONSENT).facts(&[("newsReporting", "true")]),
    plant("basis-news-out-of-scope", Recommend, ADULT)
        .person(NO_FEED_CONSENT)
        .facts(&[("newsReporting", "true"), ("reasonableScope", "false")])
        .breaks(BASIS),
    plant("basis-staff-rules-and-agreement", Penalise, MANAGED)
        .person(NO_CONDUCT_CONSENT)
        .facts(&[NO_CONTRACT, ("necessaryForHr", "true")]),
    plant("basis-staff-rules-alone", Penalise, MANAGED)
        .person(NO_CONDUCT_CONSENT)
        .facts(&[NO_CONTRACT, ("necessaryForHr", "true"), ("collectiveContract", "false")])
        .breaks(&["cn.pipl/13/1#basis?both"]),
    plant("withdrawn-but-staff-rules-alone", Penalise, MANAGED)
        .person(&[remove("consents", "conduct"), add("withdrawnPurposes", "conduct")])
        .facts(&[NO_CONTRACT, ("necessaryForHr", "true"), ("collectiveContract", "false")])
        .breaks(&["cn.pipl/13/1#basis?both", "cn.pipl/15/1#stop-after-withdrawal?both", "cn.pipl/47/1#withdrawn?both"]),
    plant("uninformed-but-staff-rules-alone", Penalise, MANAGED)
        .facts(&[
            NO_CONTRACT,
            ("necessaryForHr", "true"),
            ("collectiveContract", "false"),
            ("consentInformed", "false"),
        ])
        .breaks(&["cn.pipl/14/1#informed?both"]),
    plant("basis-agreement-alone", Penalise, MANAGED)
        .person(NO_CONDUCT_CONSENT)
        .facts(&[NO_CONTRACT, ("necessaryForHr", "true"), ("labourRulesLawful", "false")])
        .breaks(&["cn.pipl/13/1#basis?both"]),
    plant("basis-agreement-not-recorded", Penalise, MANAGED)
        .person(NO_CONDUCT_CONSENT)
        .facts(&[NO_CONTRACT, ("necessaryForHr", "true"), ("collectiveContract", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1#basis?both", "cn.pipl/13/1/2#human-resources?both"]),
    plant("contract-not-recorded", Recommend, ADULT)
        .person(NO_FEED_CONSENT)
        .facts(&[("necessaryForContract", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1#basis?both", "cn.pipl/13/1#basis?either", "cn.pipl/13/1/2#contract"]),
    plant("contract-not-recorded-but-consent-is", Recommend, ADULT)
        .facts(&[("necessaryForContract", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/2#contract"]),
    plant("staff-need-not-recorded", Dispatch, MANAGED)
        .facts(&[("necessaryForHr", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/2#human-resources?both", "cn.pipl/13/1/2#human-resources?either"]),
    plant("legal-duty-not-recorded", Recommend, ADULT)
        .facts(&[("legalDuty", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/3#legal-duty"]),
    plant("emergency-not-recorded", Price, ADULT)
        .facts(&[("emergency", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/4#emergency"]),
    plant("news-reporting-not-recorded", Push, ADULT)
        .facts(&[("newsReporting", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/5#news"]),
    plant("public-information-not-recorded", Price, ADULT).facts(&[("publicInformation", LEFT_OUT)]).unknown(&[
        "cn.pipl/13/1/6#public-information",
        "cn.pipl/27#major-effect?listed-effects",
        "cn.pipl/27#major-effect?operator-statement",
        "cn.pipl/27#refused",
    ]),
    plant("other-law-not-recorded", Recommend, ADULT)
        .facts(&[("otherLawBasis", LEFT_OUT)])
        .unknown(&["cn.pipl/13/1/7#other-law"]),
    plant("no-personal-information-no-basis", Recommend, ADULT)
        .person(NO_FEED_CONSENT)
        .facts(&[("personalInformation", "false")]),
    // Quality of consent.
    plant("consent-uninformed", Recommend, ADULT)
        .facts(&[("consentInformed", "false")])
        .breaks(&["cn.pipl/14/1#informed?both", "cn.pipl/14/1#informed?either"]),
    plant("consent-uninformed-but-contract", Recommend, ADULT).facts(&[("consentInformed", "false"), CONTRACT]),
    plant("consent-pressed", Push, ADULT)
        .facts(&[("consentVoluntary", "false")])
        .breaks(&["cn.pipl/14/1#voluntary?both", "cn.pipl/14/1#voluntary?either"]),
    plant("consent-information-not-recorded", Push, ADULT)
        .facts(&[("consentInformed", LEFT_OUT)])
        .unknown(&["cn.pipl/14/1#informed?both", "cn.pipl/14/1#informed?either"]),
    plant("purpose-changed-untold", Recommend, ADULT).facts(&[("purposeChanged", "true")]).breaks(&[
        "cn.pipl/14/2#fresh-consent?both",
        "cn.pipl/14/2#fresh-consent?either",
        "cn.pipl/17/2#changes-told",
    ]),
    plant("purpose-changed-told", Recommend, ADULT)
        .facts(&[("purposeChanged", "true"), ("changeTold", "true")])
        .breaks(&["cn.pipl/14/2#fresh-consent?both", "cn.pipl/14/2#fresh-consent?either"]),
    plant("purpose-changed-told-and-agreed", Recommend, ADULT).facts(&[
        ("purposeChanged", "true"),
        ("changeTold", "true"),
        ("freshConsent", "true"),
    ]),
    plant("purpose-change-not-recorded", Recommend, ADULT).facts(&[("purposeChanged", LEFT_OUT)]).unknown(&[
        "cn.pipl/14/2#fresh-consent?both",
        "cn.pipl/14/2#fresh-consent?either",
        "cn.pipl/17/2#changes-told",
    ]),
    // Public information.
    plant("public-use-unrefused", Recommend, ADULT).person(NO_FEED_CONSENT).facts(&[("publicInformation", "true")]),
    plant("public-use-refused", Recommend, ADULT)
        .person(&[remove("consents", "recommendation"), (0, "publicUseRefused", "set", "true")])
        .facts(&[("publicInformation", "true")])
        .breaks(&["cn.pipl/13/1#basis?both", "cn.pipl/13/1#basis?either", "cn.pipl/27#refused"]),
    plant("public-use-refused-but-consented", Recommend, ADULT)
        .person(&[set("publicUseRefused", "true")])
        .facts(&[("publicInformation", "true")]),
    plant("penalty-on-public-information", Penalise, MANAGED).person(NO_CONDUCT_CONSENT).facts(PUBLIC).breaks(&[
        "cn.pipl/13/1#basis?both",
        "cn.pipl/13/1#basis?either",
        "cn.pipl/27#major-effect?listed-effects",
        "cn.pipl/27#major-effect?operator-statement",
    ]),
    plant("penalty-on-public-information-not-called-major", Penalise, MANAGED)
        .person(NO_CONDUCT_CONSENT)
        .facts(&[("publicInformation", "true"), NO_CONTRACT, ("majorEffect", "false")])
        .breaks(&["cn.pipl/13/1#basis?both", "cn.pipl/13/1#basis?either", "cn.pipl/27#major-effect?listed-effects"]),
    // Separate, written and guardian's consent.
    plant("sensitive-without-separate-consent", Dispatch, MANAGED)
        .person(&[remove("separateConsents", "order-dispatch")])
        .facts(&[NO_CONTRACT])
        .breaks(&["cn.pipl/29#separate-consent?always", "cn.pipl/29#separate-consent?consent-basis-only"]),
    plant("separate-consent-at-that-moment", Dispatch, MANAGED)
        .person(&[remove("separateConsents", "order-dispatch"), (0, "separateConsents", "add", "order-dispatch")]),
    plant("separate-consent-a-moment-late", Dispatch, MANAGED)
        .person(&[remove("separateConsents", "order-dispatch"), (1, "separateConsents", "add", "order-dispatch")])
        .breaks(&["cn.pipl/29#separate-consent?always"]),
    plant("nothing-sensitive-no-separate-consent", Dispatch, MANAGED)
        .person(&[remove("separateConsents", "order-dispatch")])
        .facts(&[("sensitiveKinds", "-")]),
    plant("written-consent-missing", Dispatch, MANAGED)
        .facts(&[("writtenConsentRequired", "true")])
        .breaks(&["cn.pipl/29#written-consent"]),
    plant("written-consent-given", Dispatch, MANAGED).facts(&[("writtenConsentRequired", "true")]).person(&[(
        0,
        "writtenConsents",
        "add",
        "order-dispatch",
    )]),
    plant("feed-of-a-child-without-guardian", Recommend, CHILD)
        .person(&[remove("guardianConsents", "recommendation")])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/31/1#guardian-consent?always",
            "cn.pipl/31/1#guardian-consent?consent-basis-only",
        ]),
    plant("price-to-a-child-without-guardian", Price, CHILD)
        .person(&[remove("guardianConsents", "delivery-fee")])
        .breaks(&["cn.pipl/31/1#guardian-consent?always"]),
    plant("feed-of-a-child-by-its-own-consent", Recommend, CHILD)
        .person(&[remove("guardianConsents", "recommendation"), set("consents", "recommendation")])
        .breaks(&[
            "cn.pipl/13/1#basis?both",
            "cn.pipl/13/1#basis?either",
            "cn.pipl/31/1#guardian-consent?always",
            "cn.pipl/31/1#guardian-consent?consent-basis-only",
        ]),
    plant("no-rules-for-children", Price, CHILD)
        .facts(&[("minorRules", "false")])
        .breaks(&["cn.pipl/31/2#dedicated-rules"]),
    plant("no-rules-for-children-shown-to-adults", Price, ADULT).facts(&[("minorRules", "false")]),
];

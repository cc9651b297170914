//! Notice, sensitive kinds, retention, purpose and factors of handling personal information.

use super::{ADULT, CHILD, LEFT_OUT, MANAGED, Plant, add, plant, set};
use crate::action::Action::{Dispatch, Price, Profile, Promise, Push, Recommend};

const EXEMPT: (&str, &str) = ("noticeExempt", "true");

pub(super) const PLANTS: &[Plant] = &[
    // Notice.
    plant("notice-without-handler", Recommend, ADULT)
        .facts(&[("noticeItems", "purpose|manner|kinds|retention|rights")])
        .breaks(&["cn.pipl/17/1#handler"]),
    plant("notice-without-retention", Price, ADULT)
        .facts(&[("noticeItems", "handler|purpose|manner|kinds|rights")])
        .breaks(&["cn.pipl/17/1#purpose-manner-kinds-retention"]),
    plant("notice-without-rights", Dispatch, MANAGED)
        .facts(&[("noticeItems", "handler|purpose|manner|kinds|retention")])
        .breaks(&["cn.pipl/17/1#rights"]),
    plant("notice-empty", Promise, MANAGED).facts(&[("noticeItems", "-")]).breaks(&[
        "cn.pipl/17/1#handler",
        "cn.pipl/17/1#purpose-manner-kinds-retention",
        "cn.pipl/17/1#rights",
    ]),
    plant("notice-empty-but-exempt", Promise, MANAGED).facts(&[("noticeItems", "-"), EXEMPT]),
    plant("notice-empty-in-an-emergency", Dispatch, MANAGED).facts(&[
        ("noticeItems", "-"),
        ("sensitiveNoticeItems", "-"),
        ("emergency", "true"),
    ]),
    plant("notice-not-recorded", Push, ADULT).facts(&[("noticeItems", LEFT_OUT)]).unknown(&[
        "cn.pipl/17/1#handler",
        "cn.pipl/17/1#purpose-manner-kinds-retention",
        "cn.pipl/17/1#rights",
    ]),
    plant("change-untold-under-the-contract", Price, ADULT)
        .facts(&[("purposeChanged", "true")])
        .breaks(&["cn.pipl/17/2#changes-told"]),
    // Sensitive kinds.
    plant("sensitive-without-specific-purpose", Dispatch, MANAGED)
        .facts(&[("specificPurpose", "false")])
        .breaks(&["cn.pipl/28/2#specific-purpose"]),
    plant("sensitive-without-protection", Promise, MANAGED)
        .facts(&[("strictProtection", "false")])
        .breaks(&["cn.pipl/28/2#strict-protection"]),
    plant("plain-kinds-without-protection", Recommend, ADULT).facts(&[
        ("strictProtection", "false"),
        ("specificPurpose", "false"),
        ("sensitiveNoticeItems", "-"),
    ]),
    plant("child-without-protection", Price, CHILD)
        .facts(&[("strictProtection", "false")])
        .breaks(&["cn.pipl/28/2#strict-protection"]),
    plant("sensitive-effect-untold", Dispatch, MANAGED)
        .facts(&[("sensitiveNoticeItems", "necessity")])
        .breaks(&["cn.pipl/30#necessity-and-effect"]),
    plant("sensitive-effect-untold-but-exempt", Dispatch, MANAGED).facts(&[("sensitiveNoticeItems", "-"), EXEMPT]),
    plant("sensitive-kinds-not-recorded", Recommend, ADULT).facts(&[("sensitiveKinds", LEFT_OUT)]).unknown(&[
        "cn.pipl/28/2#specific-purpose",
        "cn.pipl/28/2#strict-protection",
        "cn.pipl/29#separate-consent?always",
        "cn.pipl/29#separate-consent?consent-basis-only",
        "cn.pipl/29#written-consent",
        "cn.pipl/30#necessity-and-effect",
        "cn.pipl/55#sensitive",
    ]),
    plant("camera-for-the-feed", Recommend, ADULT)
        .facts(&[("publicPlaceDevice", "true")])
        .breaks(&["cn.pipl/26#no-other-use"]),
    plant("camera-for-the-feed-separately-agreed", Recommend, ADULT)
        .facts(&[("publicPlaceDevice", "true")])
        .person(&[add("separateConsents", "recommendation")]),
    plant("camera-for-public-security", Recommend, ADULT)
        .facts(&[("publicPlaceDevice", "true"), ("publicSecurityPurpose", "true")]),
    plant("camera-not-recorded", Price, ADULT)
        .facts(&[("publicPlaceDevice", LEFT_OUT)])
        .unknown(&["cn.pipl/26#no-other-use"]),
    plant("tag-outside-the-entrustment", Profile, ADULT)
        .facts(&[("entrusted", "true"), ("withinEntrustment", "false")])
        .breaks(&["cn.pipl/21/2#within"]),
    plant("dispatch-outside-the-entrustment", Dispatch, MANAGED)
        .facts(&[("entrusted", "true"), ("withinEntrustment", "false")])
        .breaks(&["cn.pipl/21/2#within"]),
    plant("tag-within-the-entrustment", Profile, ADULT).facts(&[("entrusted", "true")]),
    plant("entrustment-not-recorded", Profile, ADULT)
        .facts(&[("entrusted", LEFT_OUT)])
        .unknown(&["cn.pipl/21/2#within"]),
    // Retention.
    plant("kept-too-long", Recommend, ADULT)
        .facts(&[("retentionOver", "true")])
        .breaks(&["cn.pipl/47/1#retention-over"]),
    plant("kept-by-law-but-used", Recommend, ADULT)
        .facts(&[("retentionOver", "true"), ("legalRetention", "true")])
        .breaks(&["cn.pipl/47/2#storage-only"]),
    plant("kept-by-law-and-only-stored", Profile, ADULT).facts(&[
        ("retentionOver", "true"),
        ("legalRetention", "true"),
        ("storageOnly", "true"),
    ]),
    plant("retention-not-recorded", Price, ADULT)
        .facts(&[("retentionOver", LEFT_OUT)])
        .unknown(&["cn.pipl/47/1#retention-over", "cn.pipl/47/2#storage-only"]),
    plant("legal-retention-not-recorded", Price, ADULT)
        .facts(&[("retentionOver", "true"), ("legalRetention", LEFT_OUT)])
        .unknown(&["cn.pipl/47/1#retention-over", "cn.pipl/47/2#storage-only"]),
    // Purpose, kinds, factors.
    plant("undeclared-purpose", Price, ADULT)
        .facts(&[("purpose", "credit-scoring")])
        .breaks(&["cn.pipl/6/1#declared-purpose"]),
    plant("undeclared-purpose-of-the-feed", Recommend, ADULT).facts(&[("purpose", "credit-scoring")]).breaks(&[
        "cn.pipl/13/1#basis?both",
        "cn.pipl/13/1#basis?either",
        "cn.pipl/6/1#declared-purpose",
    ]),
    plant("unneeded-kind", Recommend, ADULT)
        .facts(&[("dataKinds", "order-record|contacts-list")])
        .breaks(&["cn.pipl/6/1#related-kinds"]),
    plant("kinds-not-recorded", Recommend, ADULT).facts(&[("dataKinds", LEFT_OUT)]).unknown(&[
        "cn.pipl/47/1#deleted-kinds",
        "cn.pipl/47/2#storage-only-deleted-kinds",
        "cn.pipl/6/1#related-kinds",
    ]),
    plant("undeclared-factor", Price, ADULT)
        .facts(&[("factorsUsed", "distance|battery-level")])
        .breaks(&["cn.pipl/24/1#declared-factors"]),
    plant("undeclared-factor-by-hand", Price, ADULT).facts(&[
        ("factorsUsed", "distance|battery-level"),
        ("automatedDecision", "false"),
        ("solelyAutomated", "false"),
    ]),
    plant("feed-by-sex", Recommend, ADULT)
        .facts(&[("discriminatoryFactor", "true")])
        .breaks(&["cn.pipl/24/1#fair-result"]),
    plant("no-factor", Dispatch, MANAGED).facts(&[("factorsUsed", "-")]),
    plant("factors-not-recorded", Dispatch, MANAGED)
        .facts(&[("factorsUsed", LEFT_OUT)])
        .unknown(&["cn.pipl/24/1#declared-factors"]),
    plant("factor-declared-at-that-moment", Price, ADULT)
        .facts(&[("factorsUsed", "distance|battery-level")])
        .algorithm(&[(0, "declaredFactors", "add", "battery-level")]),
    plant("factor-declared-a-moment-late", Price, ADULT)
        .facts(&[("factorsUsed", "distance|battery-level")])
        .algorithm(&[(1, "declaredFactors", "add", "battery-level")])
        .breaks(&["cn.pipl/24/1#declared-factors"]),
    plant("factor-no-longer-declared", Dispatch, MANAGED)
        .algorithm(&[set("declaredFactors", "distance|hour")])
        .breaks(&["cn.pipl/24/1#declared-factors"]),
];

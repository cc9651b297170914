//! What a person switched off, deleted or refused, to the millisecond: a choice counts from its own instant on.

use super::{ADULT, HOUR, LEFT_OUT, OLDER, Plant, add, plant, set};
use crate::action::Action::{Dispatch, Price, Profile, Promise, Push, Recommend};
use crate::consumer::DAY_MILLIS;
use crate::facts::Patch;

const GENERAL: Patch = &[("personalised", "false"), ("habitBased", "false")];

pub(super) const PLANTS: &[Plant] = &[
    // Not to be targeted by personal characteristics.
    plant("profiling-off-a-moment-before", Recommend, ADULT)
        .person(&[(-1, "profilingOff", "set", "true")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-off-at-that-moment", Recommend, ADULT)
        .person(&[(0, "profilingOff", "set", "true")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-off-a-moment-after", Recommend, ADULT).person(&[(1, "profilingOff", "set", "true")]),
    plant("profiling-off-and-on-again", Recommend, ADULT)
        .person(&[(-2, "profilingOff", "set", "true"), (-1, "profilingOff", "set", "false")]),
    plant("profiling-on-again-a-moment-late", Recommend, ADULT)
        .person(&[(-DAY_MILLIS, "profilingOff", "set", "true"), (1, "profilingOff", "set", "false")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-off-then-on-at-one-moment", Recommend, ADULT)
        .person(&[(0, "profilingOff", "set", "true"), (0, "profilingOff", "set", "false")]),
    plant("profiling-on-then-off-at-one-moment", Recommend, ADULT)
        .person(&[(0, "profilingOff", "set", "false"), (0, "profilingOff", "set", "true")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-events-written-out-of-order", Recommend, ADULT)
        .person(&[(-1, "profilingOff", "set", "true"), (-HOUR, "profilingOff", "set", "false")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-off-and-general-feed", Recommend, OLDER).person(&[set("profilingOff", "true")]).facts(GENERAL),
    plant("profiling-off-and-advert", Push, ADULT)
        .person(&[(0, "profilingOff", "set", "true")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option", "cn.pipl/24/2#option-honoured"]),
    plant("profiling-off-and-neither-advert-nor-push", Push, ADULT)
        .person(&[(0, "profilingOff", "set", "true")])
        .facts(&[("marketing", "false"), ("push", "false")])
        .breaks(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-choice-forgotten", Recommend, ADULT)
        .person(&[set("profilingOff", LEFT_OUT)])
        .unknown(&["cn.iisarmp/17/1#honour-non-personal-option"]),
    plant("profiling-choice-forgotten-and-made-again", Recommend, ADULT)
        .person(&[set("profilingOff", LEFT_OUT), (0, "profilingOff", "set", "false")]),
    plant("personalised-not-recorded", Recommend, ADULT).facts(&[("personalised", LEFT_OUT)]).unknown(&[
        "cn.iisarmp/10#no-push-by-bad-tag",
        "cn.iisarmp/17/2#deleted-tags-unused",
        "cn.iisarmp/17/2#tag-tool",
    ]),
    // Recommendation switched off.
    plant("recommendation-off", Recommend, ADULT).person(&[(0, "recommendationOff", "set", "true")]).breaks(&[
        "cn.iisarmp/17/1#stop-on-switch-off?personalised-part",
        "cn.iisarmp/17/1#stop-on-switch-off?whole-service",
    ]),
    plant("recommendation-off-and-general-feed", Recommend, ADULT)
        .person(&[(-1, "recommendationOff", "set", "true")])
        .facts(GENERAL)
        .breaks(&["cn.iisarmp/17/1#stop-on-switch-off?whole-service"]),
    plant("recommendation-off-a-moment-after", Recommend, ADULT).person(&[(1, "recommendationOff", "set", "true")]),
    plant("recommendation-off-and-tag-made", Profile, ADULT).person(&[set("recommendationOff", "true")]),
    // Tags.
    plant("deleted-tag-used", Recommend, ADULT)
        .tags("coffee|noodles")
        .person(&[(0, "deletedTags", "add", "coffee")])
        .breaks(&["cn.iisarmp/17/2#deleted-tags-unused"]),
    plant("deleted-tag-not-used", Recommend, ADULT).tags("noodles").person(&[(0, "deletedTags", "add", "coffee")]),
    plant("tag-deleted-a-moment-after", Push, ADULT).tags("coffee|noodles").person(&[(
        1,
        "deletedTags",
        "add",
        "coffee",
    )]),
    plant("tag-deleted-then-taken-back", Recommend, ADULT)
        .tags("coffee|noodles")
        .person(&[(-HOUR, "deletedTags", "add", "coffee|sweets"), (-1, "deletedTags", "remove", "coffee")]),
    plant("tag-deleted-taken-back-and-deleted-again", Recommend, ADULT)
        .tags("coffee|noodles")
        .person(&[
            (-HOUR, "deletedTags", "add", "coffee"),
            (-2, "deletedTags", "remove", "coffee"),
            (-1, "deletedTags", "add", "coffee"),
        ])
        .breaks(&["cn.iisarmp/17/2#deleted-tags-unused"]),
    plant("tag-taken-back-a-moment-late", Push, ADULT)
        .tags("coffee")
        .person(&[(-HOUR, "deletedTags", "add", "coffee"), (1, "deletedTags", "remove", "coffee")])
        .breaks(&["cn.iisarmp/17/2#deleted-tags-unused"]),
    plant("tags-forgotten-so-deleting-says-nothing", Recommend, ADULT)
        .tags("coffee")
        .person(&[(-HOUR, "deletedTags", "set", LEFT_OUT), (-1, "deletedTags", "add", "coffee")])
        .unknown(&["cn.iisarmp/17/2#deleted-tags-unused"]),
    plant("tags-not-recorded", Recommend, ADULT).tags(LEFT_OUT).unknown(&["cn.iisarmp/17/2#deleted-tags-unused"]),
    // Marketing.
    plant("advert-after-refusal", Push, ADULT)
        .person(&[(0, "marketingRefused", "set", "true")])
        .breaks(&["cn.pipl/24/2#refusal-honoured"]),
    plant("advert-a-moment-before-refusal", Push, ADULT).person(&[(1, "marketingRefused", "set", "true")]),
    plant("order-notice-after-refusal", Push, ADULT)
        .person(&[set("marketingRefused", "true")])
        .facts(&[("marketing", "false"), ("purpose", "order-notice")]),
    plant("advert-without-option", Push, ADULT)
        .facts(&[("optionShown", "false")])
        .breaks(&["cn.pipl/24/2#option-or-refusal"]),
    plant("feed-without-option", Recommend, ADULT).facts(&[("optionShown", "false")]),
    plant("option-not-recorded", Push, ADULT)
        .facts(&[("optionShown", LEFT_OUT)])
        .unknown(&["cn.pipl/24/2#option-or-refusal"]),
    plant("marketing-not-recorded", Push, ADULT).facts(&[("marketing", LEFT_OUT), ("push", "false")]).unknown(&[
        "cn.pipl/24/2#option-honoured",
        "cn.pipl/24/2#option-or-refusal",
        "cn.pipl/24/2#refusal-honoured",
    ]),
    // Notice of recommendation.
    plant("feed-without-notice", Recommend, ADULT)
        .facts(&[("noticeShown", "false")])
        .breaks(&["cn.iisarmp/16#recommendation-notice"]),
    plant("dispatch-without-notice", Dispatch, super::MANAGED)
        .facts(&[("noticeShown", "false")])
        .breaks(&["cn.iisarmp/16#recommendation-notice"]),
    plant("promise-notice-not-recorded", Promise, super::INDEPENDENT)
        .facts(&[("noticeShown", LEFT_OUT)])
        .unknown(&["cn.iisarmp/16#recommendation-notice"]),
    // Restriction and deletion of information.
    plant("restricted-purpose", Recommend, ADULT)
        .person(&[(0, "restrictedPurposes", "add", "recommendation")])
        .breaks(&["cn.pipl/44#restriction-kept?law-only", "cn.pipl/44#restriction-kept?other-basis"]),
    plant("restricted-purpose-a-moment-after", Recommend, ADULT).person(&[(
        1,
        "restrictedPurposes",
        "add",
        "recommendation",
    )]),
    plant("restricted-purpose-lifted", Recommend, ADULT).person(&[
        (-HOUR, "restrictedPurposes", "add", "marketing|recommendation"),
        (0, "restrictedPurposes", "remove", "recommendation"),
    ]),
    plant("restricted-purpose-of-the-contract", Price, ADULT)
        .person(&[add("restrictedPurposes", "delivery-fee")])
        .breaks(&["cn.pipl/44#restriction-kept?law-only"]),
    plant("restricted-purpose-under-a-legal-duty", Recommend, ADULT)
        .person(&[add("restrictedPurposes", "recommendation")])
        .facts(&[("legalDuty", "true")]),
    plant("deleted-kind-used", Recommend, ADULT)
        .person(&[(0, "deletedKinds", "add", "order-record")])
        .breaks(&["cn.pipl/47/1#deleted-kinds"]),
    plant("deleted-kind-not-used", Recommend, ADULT).person(&[(0, "deletedKinds", "add", "contact")]),
    plant("deleted-kind-a-moment-after", Profile, ADULT).person(&[(1, "deletedKinds", "add", "order-record")]),
    plant("deleted-kind-kept-by-law-but-used", Profile, ADULT)
        .person(&[add("deletedKinds", "order-record")])
        .facts(&[("legalRetention", "true")])
        .breaks(&["cn.pipl/47/2#storage-only-deleted-kinds"]),
    plant("deleted-kind-kept-by-law-and-only-stored", Profile, ADULT)
        .person(&[add("deletedKinds", "order-record")])
        .facts(&[("legalRetention", "true"), ("storageOnly", "true")]),
];

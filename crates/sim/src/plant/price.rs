//! What a consumer is quoted. Five per cent above the comparable 400 fen are 420.

use super::{ADULT, CHILD, LEFT_OUT, MINOR, Plant, Role, plant, set};
use crate::action::Action;

const fn price(name: &'static str, role: Role) -> Plant {
    plant(name, Action::Price, role)
}

const BY_HABIT: (&str, &str) = ("habitBased", "true");
const TARGETED: (&str, &str) = ("personalised", "true");
const REASON: (&str, &str) = ("justifiedDifference", "true");
const TIED: (&str, &str) = ("tiedSale", "true");

pub(super) const PLANTS: &[Plant] = &[
    price("five-percent-more", ADULT).numbers(&[("priceFen", 420)]),
    price("more-than-five-percent", ADULT).numbers(&[("priceFen", 421)]).breaks(&[
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
    ]),
    price("more-by-habit", ADULT).numbers(&[("priceFen", 421)]).facts(&[BY_HABIT]).breaks(&[
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.iisarmp/21#no-unreasonable-difference?trait-and-outcome",
        "cn.iisarmp/21#no-unreasonable-difference?trait-based",
        "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?trait-based",
    ]),
    price("more-by-person", ADULT).numbers(&[("priceFen", 421)]).facts(&[TARGETED]).breaks(&[
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?trait-based",
    ]),
    price("same-by-habit", ADULT).facts(&[BY_HABIT]).breaks(&["cn.iisarmp/21#no-unreasonable-difference?trait-based"]),
    price("five-percent-more-by-person", ADULT).numbers(&[("priceFen", 420)]).facts(&[TARGETED]),
    price("more-for-a-reason", ADULT).numbers(&[("priceFen", 600)]).facts(&[REASON, TARGETED]),
    price("more-reason-not-recorded", ADULT)
        .numbers(&[("priceFen", 600)])
        .facts(&[("justifiedDifference", LEFT_OUT)])
        .unknown(&[
            "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
            "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
        ]),
    price("same-so-no-reason-is-needed", ADULT).facts(&[("justifiedDifference", LEFT_OUT)]),
    price("comparable-not-recorded", ADULT).no_numbers(&["referencePriceFen"]).unknown(&[
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
    ]),
    price("comparable-not-recorded-by-person", ADULT).no_numbers(&["referencePriceFen"]).facts(&[TARGETED]).unknown(&[
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
        "cn.pipl/24/1#no-unreasonable-difference?trait-based",
    ]),
    price("habit-not-recorded", ADULT).facts(&[("habitBased", LEFT_OUT)]).unknown(&[
        "cn.iisarmp/21#no-unreasonable-difference?trait-and-outcome",
        "cn.iisarmp/21#no-unreasonable-difference?trait-based",
        "cn.pipl/24/1#no-unreasonable-difference?trait-based",
    ]),
    price("more-set-by-hand", ADULT)
        .numbers(&[("priceFen", 421)])
        .facts(&[("automatedDecision", "false"), ("solelyAutomated", "false")])
        .breaks(&["cn.iisarmp/21#no-unreasonable-difference?outcome-based"]),
    price("more-to-no-consumer", ADULT)
        .numbers(&[("priceFen", 421)])
        .person(&[set("consumer", "false")])
        .breaks(&["cn.pipl/24/1#no-unreasonable-difference?outcome-based"]),
    price("consumer-not-recorded", ADULT).unregistered(&["consumer"]).unknown(&[
        "cn.ecommerce-law/19#no-default-tied-sale",
        "cn.ecommerce-law/19#notice-of-tied-sale",
        "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
        "cn.iisarmp/21#no-unreasonable-difference?trait-and-outcome",
        "cn.iisarmp/21#no-unreasonable-difference?trait-based",
    ]),
    price("price-by-sex", ADULT).facts(&[("discriminatoryFactor", "true")]).breaks(&["cn.pipl/24/1#fair-result"]),
    // Tied sales.
    price("tied-with-notice", ADULT).facts(&[TIED]),
    price("tied-without-notice", ADULT)
        .facts(&[TIED, ("tieNoticeShown", "false")])
        .breaks(&["cn.ecommerce-law/19#notice-of-tied-sale"]),
    price("tied-by-default", ADULT)
        .facts(&[TIED, ("tieDefault", "true")])
        .breaks(&["cn.ecommerce-law/19#no-default-tied-sale"]),
    price("tied-outside-e-commerce", ADULT)
        .facts(&[TIED, ("tieDefault", "true"), ("tieNoticeShown", "false")])
        .algorithm(&[set("ecommerceRole", "none")]),
    price("tied-default-not-recorded", ADULT)
        .facts(&[TIED, ("tieDefault", LEFT_OUT)])
        .unknown(&["cn.ecommerce-law/19#no-default-tied-sale"]),
    plant("tied-in-the-feed", Action::Recommend, ADULT)
        .facts(&[TIED, ("tieNoticeShown", "false")])
        .breaks(&["cn.ecommerce-law/19#notice-of-tied-sale"]),
    // Minors.
    price("game-without-spending-limits", MINOR)
        .algorithm(&[set("serviceKind", "game"), set("minorSpendingLimits", "false")])
        .breaks(&["cn.minors-online-protection/44#spending-limits"]),
    price("game-without-spending-limits-for-a-child", CHILD)
        .algorithm(&[set("serviceKind", "live"), set("minorSpendingLimits", "false")])
        .breaks(&["cn.minors-online-protection/44#spending-limits"]),
    price("game-without-spending-limits-for-adults", ADULT)
        .algorithm(&[set("serviceKind", "game"), set("minorSpendingLimits", "false")]),
    price("no-spending-limits-at-another-service", MINOR).algorithm(&[set("minorSpendingLimits", "false")]),
    price("service-kind-not-recorded", MINOR)
        .algorithm(&[set("serviceKind", LEFT_OUT)])
        .unknown(&["cn.minors-online-protection/44#spending-limits"]),
    price("offer-to-a-minor", MINOR)
        .facts(&[("marketing", "true")])
        .breaks(&["cn.minors-online-protection/24/3#no-automated-marketing-to-minors"]),
    price("price-to-a-child", CHILD),
];

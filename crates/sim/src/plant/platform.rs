//! What platforms owe under the network data regulations: functions beside pushes, fair prices of large platforms.

use super::{ADULT, LEFT_OUT, Plant, plant, set};
use crate::action::Action::{Price, Push, Recommend};

pub(super) const PLANTS: &[Plant] = &[
    // Functions beside a push.
    plant("no-switch-off-of-personalisation", Push, ADULT)
        .algorithm(&[set("personalisationOffOffered", "false")])
        .breaks(&["cn.network-data-regulations/42#switch-off"]),
    plant("no-switch-off-in-a-feed-that-pushes-nothing", Recommend, ADULT)
        .algorithm(&[set("personalisationOffOffered", "false")]),
    plant("switch-off-not-recorded", Push, ADULT)
        .algorithm(&[set("personalisationOffOffered", LEFT_OUT)])
        .unknown(&["cn.network-data-regulations/42#switch-off"]),
    plant("pushes-cannot-be-refused", Push, ADULT)
        .algorithm(&[set("refusalWayOffered", "false")])
        .breaks(&["cn.network-data-regulations/42#refusal"]),
    plant("tags-cannot-be-deleted-beside-a-push", Push, ADULT)
        .algorithm(&[set("tagToolOffered", "false")])
        .facts(&[("personalised", "false")])
        .breaks(&["cn.network-data-regulations/42#tag-deletion"]),
    // Prices of a large platform.
    plant("large-platform-prices-alike", Price, ADULT).algorithm(&[set("largePlatform", "true")]),
    plant("large-platform-asks-more", Price, ADULT)
        .numbers(&[("priceFen", 421)])
        .algorithm(&[set("largePlatform", "true")])
        .breaks(&[
            "cn.iisarmp/21#no-unreasonable-difference?outcome-based",
            "cn.network-data-regulations/46/1/3#no-unreasonable-difference?outcome-based",
            "cn.pipl/24/1#no-unreasonable-difference?outcome-based",
        ]),
    plant("large-platform-asks-the-same-by-habit", Price, ADULT)
        .facts(&[("habitBased", "true")])
        .algorithm(&[set("largePlatform", "true")])
        .breaks(&[
            "cn.iisarmp/21#no-unreasonable-difference?trait-based",
            "cn.network-data-regulations/46/1/3#no-unreasonable-difference?trait-based",
        ]),
    plant("size-of-platform-not-recorded", Price, ADULT).algorithm(&[set("largePlatform", LEFT_OUT)]).unknown(&[
        "cn.network-data-regulations/46/1/3#no-unreasonable-difference?outcome-based",
        "cn.network-data-regulations/46/1/3#no-unreasonable-difference?trait-based",
    ]),
];

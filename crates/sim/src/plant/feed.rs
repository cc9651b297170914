//! What consumers are shown and sent: content, news, minors, older people.

use super::{ADULT, CHILD, LEFT_OUT, MINOR, OLDER, Plant, plant, set};
use crate::action::Action::{Profile, Push, Recommend};

const FLAG_ILLEGAL: (&str, &str) = ("contentFlags", "illegal");
const FLAG_FRAUD: (&str, &str) = ("contentFlags", "fraud");
const FLAG_UNSAFE: (&str, &str) = ("contentFlags", "undesirable|unsafe-for-minors");
const NEWS: (&str, &str) = ("contentKind", "news");
const BY_HAND: [(&str, &str); 2] = [("automatedDecision", "false"), ("solelyAutomated", "false")];

pub(super) const PLANTS: &[Plant] = &[
    // Interest points and tags.
    plant("tag-made-of-bad-word", Profile, ADULT)
        .tags("undesirable-word")
        .facts(&[("tagFlags", "undesirable")])
        .breaks(&["cn.iisarmp/10#no-bad-interest-point"]),
    plant("tag-with-another-problem", Profile, ADULT).tags("noodles").facts(&[("tagFlags", "other")]),
    plant("tag-problem-not-recorded", Profile, ADULT)
        .facts(&[("tagFlags", LEFT_OUT)])
        .unknown(&["cn.iisarmp/10#no-bad-interest-point"]),
    plant("shown-by-bad-tag", Recommend, ADULT)
        .facts(&[("tagFlags", "illegal")])
        .breaks(&["cn.iisarmp/10#no-push-by-bad-tag"]),
    plant("sent-by-bad-tag", Push, ADULT)
        .facts(&[("tagFlags", "illegal|undesirable")])
        .breaks(&["cn.iisarmp/10#no-push-by-bad-tag"]),
    plant("general-feed-beside-bad-tag", Recommend, ADULT).facts(&[("tagFlags", "illegal"), ("personalised", "false")]),
    // News.
    plant("news-without-permit", Recommend, ADULT).facts(&[NEWS]).breaks(&["cn.iisarmp/13#news-permit"]),
    plant("news-with-permit", Recommend, ADULT).facts(&[NEWS]).algorithm(&[set("newsPermit", "true")]),
    plant("news-of-an-unlisted-unit", Push, ADULT)
        .facts(&[NEWS, ("newsSourceListed", "false")])
        .algorithm(&[set("newsPermit", "true")])
        .breaks(&["cn.iisarmp/13#news-from-listed-units"]),
    plant("news-permit-a-moment-late", Recommend, ADULT)
        .facts(&[NEWS])
        .algorithm(&[(1, "newsPermit", "set", "true")])
        .breaks(&["cn.iisarmp/13#news-permit"]),
    plant("news-permit-just-in-time", Recommend, ADULT).facts(&[NEWS]).algorithm(&[(0, "newsPermit", "set", "true")]),
    plant("kind-of-content-not-recorded", Recommend, ADULT)
        .facts(&[("contentKind", LEFT_OUT)])
        .unknown(&["cn.iisarmp/13#news-from-listed-units", "cn.iisarmp/13#news-permit"]),
    // Problems of content.
    plant("illegal-content-passed-on", Recommend, ADULT)
        .facts(&[FLAG_ILLEGAL])
        .breaks(&["cn.iisarmp/6/2#no-unlawful-information", "cn.iisarmp/9/2#stop-unlawful-information"]),
    plant("illegal-content-stopped", Push, ADULT).facts(&[FLAG_ILLEGAL, ("transmissionStopped", "true")]),
    plant("illegal-content-stop-not-recorded", Recommend, ADULT)
        .facts(&[FLAG_ILLEGAL, ("transmissionStopped", LEFT_OUT)])
        .unknown(&["cn.iisarmp/6/2#no-unlawful-information", "cn.iisarmp/9/2#stop-unlawful-information"]),
    plant("content-problems-not-recorded", Push, ADULT)
        .facts(&[("contentFlags", LEFT_OUT)])
        .unknown(&["cn.iisarmp/6/2#no-unlawful-information", "cn.iisarmp/9/2#stop-unlawful-information"]),
    plant("bought-traffic", Recommend, ADULT)
        .facts(&[("rankingManipulated", "true")])
        .breaks(&["cn.iisarmp/14#no-manipulated-ranking"]),
    plant("synthetic-unlabelled", Recommend, ADULT)
        .facts(&[("syntheticFound", "true"), ("labelShown", "false")])
        .breaks(&["cn.iisarmp/9/1#label-before-transmission"]),
    plant("synthetic-labelled", Recommend, ADULT).facts(&[("syntheticFound", "true")]),
    plant("not-synthetic-unlabelled", Push, ADULT).facts(&[("labelShown", "false")]),
    plant("synthetic-label-not-recorded", Push, ADULT)
        .facts(&[("syntheticFound", "true"), ("labelShown", LEFT_OUT)])
        .unknown(&["cn.iisarmp/9/1#label-before-transmission"]),
    // Minors.
    plant("unsafe-on-the-first-screen", Recommend, ADULT)
        .facts(&[FLAG_UNSAFE])
        .breaks(&["cn.minors-online-protection/24/2#nothing-unsafe-in-key-positions"]),
    plant("unsafe-below-the-first-screen", Recommend, ADULT).facts(&[FLAG_UNSAFE, ("keyPosition", "false")]),
    plant("unsafe-to-a-minor", Recommend, MINOR)
        .facts(&[FLAG_UNSAFE, ("keyPosition", "false")])
        .breaks(&["cn.iisarmp/18/2#nothing-unsafe-to-minors"]),
    plant("unsafe-to-a-child-on-the-first-screen", Recommend, CHILD).facts(&[FLAG_UNSAFE]).breaks(&[
        "cn.iisarmp/18/2#nothing-unsafe-to-minors",
        "cn.minors-online-protection/24/2#nothing-unsafe-in-key-positions",
    ]),
    plant("key-position-not-recorded", Push, ADULT)
        .facts(&[("keyPosition", LEFT_OUT)])
        .unknown(&["cn.minors-online-protection/24/2#nothing-unsafe-in-key-positions"]),
    plant("advert-to-a-minor", Push, MINOR)
        .breaks(&["cn.minors-online-protection/24/3#no-automated-marketing-to-minors"]),
    plant("advert-to-a-minor-by-hand", Push, MINOR).facts(&BY_HAND),
    plant("order-notice-to-a-minor", Push, MINOR).facts(&[("marketing", "false"), ("purpose", "order-notice")]),
    plant("advert-to-one-who-came-of-age", Push, MINOR).person(&[(0, "ageGroup", "set", "adult")]),
    plant("advert-to-one-who-comes-of-age-in-a-moment", Push, MINOR)
        .person(&[(1, "ageGroup", "set", "adult")])
        .breaks(&["cn.minors-online-protection/24/3#no-automated-marketing-to-minors"]),
    plant("live-without-a-mode-for-minors", Recommend, MINOR)
        .algorithm(&[set("serviceKind", "live"), set("minorsModeOffered", "false")])
        .breaks(&["cn.iisarmp/18/1#mode-fit-for-minors", "cn.minors-online-protection/43#minors-mode"]),
    plant("shops-without-a-mode-for-minors", Recommend, MINOR)
        .algorithm(&[set("minorsModeOffered", "false")])
        .breaks(&["cn.iisarmp/18/1#mode-fit-for-minors"]),
    plant("no-mode-for-minors-shown-to-adults", Recommend, ADULT)
        .algorithm(&[set("serviceKind", "live"), set("minorsModeOffered", "false")]),
    plant("addictive-to-adults", Recommend, ADULT)
        .algorithm(&[set("addictiveDesign", "true")])
        .breaks(&["cn.iisarmp/8#no-addictive-model"]),
    plant("addictive-to-minors", Recommend, MINOR)
        .algorithm(&[set("addictiveDesign", "true")])
        .breaks(&["cn.iisarmp/18/2#no-addiction-of-minors", "cn.iisarmp/8#no-addictive-model"]),
    plant("feed-of-a-child", Recommend, CHILD),
    plant("age-not-recorded", Recommend, ADULT).unregistered(&["ageGroup"]).unknown(&[
        "cn.iisarmp/18/1#mode-fit-for-minors",
        "cn.iisarmp/18/2#no-addiction-of-minors",
        "cn.iisarmp/18/2#nothing-unsafe-to-minors",
        "cn.iisarmp/19#age-friendly-service",
        "cn.iisarmp/19#no-fraud-to-older-people",
        "cn.minors-online-protection/24/3#no-automated-marketing-to-minors",
        "cn.minors-online-protection/43#minors-mode",
        "cn.pipl/13/1#basis?both",
        "cn.pipl/13/1#basis?either",
        "cn.pipl/13/1/1#consent",
        "cn.pipl/28/2#specific-purpose",
        "cn.pipl/28/2#strict-protection",
        "cn.pipl/29#separate-consent?always",
        "cn.pipl/29#separate-consent?consent-basis-only",
        "cn.pipl/29#written-consent",
        "cn.pipl/30#necessity-and-effect",
        "cn.pipl/31/1#guardian-consent?always",
        "cn.pipl/31/1#guardian-consent?consent-basis-only",
        "cn.pipl/31/2#dedicated-rules",
        "cn.pipl/55#sensitive",
    ]),
    // Older people.
    plant("no-service-for-older-people", Recommend, OLDER)
        .algorithm(&[set("ageFriendlyOffered", "false")])
        .breaks(&["cn.iisarmp/19#age-friendly-service"]),
    plant("no-service-for-older-people-shown-to-adults", Recommend, ADULT)
        .algorithm(&[set("ageFriendlyOffered", "false")]),
    plant("fraud-to-older-people", Push, OLDER)
        .facts(&[FLAG_FRAUD])
        .breaks(&["cn.iisarmp/19#no-fraud-to-older-people"]),
    plant("fraud-to-adults", Push, ADULT).facts(&[FLAG_FRAUD]),
];

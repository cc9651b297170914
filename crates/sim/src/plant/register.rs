//! What the register says of the algorithm at that moment: filing, publication, hearing, versions.

use super::{ADULT, EMPLOYEE, HOUR, INDEPENDENT, LEFT_OUT, MANAGED, MINOR, Plant, plant, remove, set};
use crate::action::Action::{Dispatch, Pay, Penalise, Price, Promise, Push, Recommend, SuspendAccount};
use crate::consumer::DAY_MILLIS;

pub(super) const PLANTS: &[Plant] = &[
    // Filing.
    plant("filed-a-moment-late", Recommend, ADULT)
        .algorithm(&[
            set("filed", "false"),
            set("filingOverdue", "true"),
            (1, "filed", "set", "true"),
            (1, "filingOverdue", "set", "false"),
        ])
        .breaks(&["cn.iisarmp/24/1#filed-in-time"]),
    plant("filed-at-that-moment", Recommend, ADULT).algorithm(&[
        set("filed", "false"),
        set("filingOverdue", "true"),
        (0, "filed", "set", "true"),
    ]),
    plant("not-filed-but-not-yet-due", Dispatch, MANAGED)
        .algorithm(&[set("filed", "false"), set("filingNumberShown", "false")]),
    plant("not-filed-without-opinion-attributes", Promise, MANAGED).algorithm(&[
        set("opinionAttributes", "false"),
        set("filed", "false"),
        set("filingOverdue", "true"),
        set("securityAssessed", "false"),
    ]),
    plant("filing-due-not-recorded", Push, ADULT)
        .algorithm(&[set("filed", "false"), set("filingOverdue", LEFT_OUT)])
        .unknown(&["cn.iisarmp/24/1#filed-in-time"]),
    plant("filing-not-recorded", Recommend, ADULT).algorithm(&[set("filed", LEFT_OUT)]).unknown(&[
        "cn.iisarmp/24/1#filed-in-time",
        "cn.iisarmp/24/2#change-filed-in-time",
        "cn.iisarmp/26#filing-number-shown",
    ]),
    plant("change-not-filed", Dispatch, MANAGED)
        .algorithm(&[set("changeOverdue", "true")])
        .breaks(&["cn.iisarmp/24/2#change-filed-in-time"]),
    plant("change-overdue-from-that-moment", Promise, MANAGED)
        .algorithm(&[(0, "changeOverdue", "set", "true")])
        .breaks(&["cn.iisarmp/24/2#change-filed-in-time"]),
    plant("change-overdue-a-moment-after", Promise, MANAGED).algorithm(&[(1, "changeOverdue", "set", "true")]),
    plant("filing-number-hidden", Recommend, ADULT)
        .algorithm(&[set("filingNumberShown", "false")])
        .breaks(&["cn.iisarmp/26#filing-number-shown"]),
    plant("not-assessed", Push, ADULT)
        .algorithm(&[set("securityAssessed", "false")])
        .breaks(&["cn.iisarmp/27#security-assessed", "cn.security-assessment-2018/3#security-assessed"]),
    plant("opinion-attributes-not-recorded", Recommend, ADULT)
        .algorithm(&[set("opinionAttributes", LEFT_OUT)])
        .unknown(&[
            "cn.iisarmp/24/1#filed-in-time",
            "cn.iisarmp/27#security-assessed",
            "cn.security-assessment-2018/3#security-assessed",
        ]),
    // Systems, rules, review.
    plant("no-ethics-review", Recommend, ADULT)
        .algorithm(&[remove("securitySystems", "ethics-review")])
        .breaks(&["cn.iisarmp/7#security-systems"]),
    plant("ethics-review-set-up-in-time", Recommend, ADULT)
        .algorithm(&[remove("securitySystems", "ethics-review"), (0, "securitySystems", "add", "ethics-review")]),
    plant("service-rules-unpublished", Dispatch, MANAGED)
        .algorithm(&[set("serviceRulesPublished", "false")])
        .breaks(&["cn.iisarmp/7#service-rules-published", "cn.mohrss-three-guides-2023/rules-shown#published"]),
    plant("not-reviewed", Promise, MANAGED)
        .algorithm(&[set("mechanismReviewed", "false")])
        .breaks(&["cn.iisarmp/8#regular-review"]),
    plant("basics-unpublished", Recommend, ADULT)
        .algorithm(&[set("basicsPublished", "false")])
        .breaks(&["cn.iisarmp/16#basics-published"]),
    plant("neither-option-nor-switch", Recommend, ADULT)
        .algorithm(&[set("nonPersonalisedOffered", "false"), set("switchOffOffered", "false")])
        .breaks(&["cn.iisarmp/17/1#option-or-switch-off"]),
    plant("switch-without-option", Push, ADULT).algorithm(&[set("nonPersonalisedOffered", "false")]),
    plant("option-not-recorded-switch-offered", Push, ADULT)
        .algorithm(&[set("nonPersonalisedOffered", LEFT_OUT)])
        .unknown(&["cn.iisarmp/17/1#option-or-switch-off"]),
    plant("no-tag-tool", Recommend, ADULT)
        .algorithm(&[set("tagToolOffered", "false")])
        .breaks(&["cn.iisarmp/17/2#tag-tool"]),
    plant("no-tag-tool-for-a-general-feed", Recommend, ADULT)
        .algorithm(&[set("tagToolOffered", "false")])
        .facts(&[("personalised", "false")]),
    plant("no-appeal-entry-for-consumers", Price, ADULT)
        .algorithm(&[set("appealEntry", "false")])
        .breaks(&["cn.iisarmp/22#appeal-entry"]),
    plant("no-appeal-entry-for-couriers", SuspendAccount, INDEPENDENT)
        .algorithm(&[set("appealEntry", "false")])
        .breaks(&["cn.catering-guidance/8#appeal-entry", "cn.doc-56/10#appeal-entry", "cn.iisarmp/22#appeal-entry"]),
    plant("no-appeal-entry-at-pay", Pay, MANAGED)
        .algorithm(&[set("appealEntry", "false")])
        .breaks(&["cn.doc-56/10#appeal-entry", "cn.iisarmp/22#appeal-entry"]),
    plant("no-limit-for-appeals", Penalise, MANAGED)
        .algorithm(&[set("appealLimitPublished", "false")])
        .breaks(&["cn.iisarmp/22#procedure-and-limit"]),
    plant("class-not-recorded", Price, MINOR)
        .algorithm(&[set("category", LEFT_OUT)])
        .unknown(&["cn.iisarmp/22#appeal-entry", "cn.iisarmp/22#procedure-and-limit"]),
    // Hearing of workers, version by version.
    plant("riders-not-heard", Pay, MANAGED)
        .algorithm(&[set("consulted", "false")])
        .breaks(&["cn.catering-guidance/2#riders-heard", "cn.doc-56/10#representatives-heard"]),
    plant("employees-not-heard", Dispatch, EMPLOYEE).algorithm(&[set("consulted", "false")]).breaks(&[
        "cn.doc-56/10#representatives-heard",
        "cn.labour-contract-law/4/2#discussed-and-consulted?employer-decides",
    ]),
    plant("new-version-heard-a-moment-late", Penalise, INDEPENDENT)
        .algorithm(&[
            (-HOUR, "version", "set", "2.0.0"),
            (-HOUR, "consulted", "set", "false"),
            (1, "consulted", "set", "true"),
        ])
        .breaks(&["cn.catering-guidance/2#riders-heard", "cn.doc-56/10#representatives-heard"]),
    plant("new-version-heard-in-time", Penalise, INDEPENDENT).algorithm(&[
        (-HOUR, "version", "set", "2.0.0"),
        (-HOUR, "consulted", "set", "false"),
        (-1, "consulted", "set", "true"),
    ]),
    // No rule reads the suspension itself: a version in use again is judged like any other.
    plant("version-suspended-then-resumed", Dispatch, MANAGED)
        .algorithm(&[(-DAY_MILLIS, "suspended", "set", "true"), (-1, "suspended", "set", "false")]),
    plant("version-resumed-but-not-heard", Dispatch, MANAGED)
        .algorithm(&[
            (-DAY_MILLIS, "suspended", "set", "true"),
            (-1, "suspended", "set", "false"),
            (-1, "version", "set", "2.0.0"),
            (-1, "consulted", "set", "false"),
        ])
        .breaks(&["cn.doc-56/10#representatives-heard"]),
    plant("hearing-not-recorded", Promise, EMPLOYEE).algorithm(&[set("consulted", LEFT_OUT)]).unknown(&[
        "cn.doc-56/10#representatives-heard",
        "cn.labour-contract-law/4/2#discussed-and-consulted?employer-decides",
    ]),
    plant("heard-but-not-agreed", Pay, EMPLOYEE)
        .algorithm(&[set("consultationAgreed", "false")])
        .breaks(&["cn.labour-contract-law/4/2#discussed-and-consulted?joint-decision"]),
    plant("not-discussed", Promise, EMPLOYEE).algorithm(&[set("staffDiscussed", "false")]).breaks(&[
        "cn.labour-contract-law/4/2#discussed-and-consulted?employer-decides",
        "cn.labour-contract-law/4/2#discussed-and-consulted?joint-decision",
    ]),
    plant("not-discussed-with-managed", Promise, MANAGED)
        .algorithm(&[set("staffDiscussed", "false"), set("consultationAgreed", "false")]),
    plant("result-not-announced", Dispatch, EMPLOYEE)
        .algorithm(&[set("resultAnnounced", "false")])
        .breaks(&["cn.doc-56/10#result-announced"]),
    plant("published-after-effect", Penalise, MANAGED)
        .algorithm(&[set("publishedBeforeEffect", "false")])
        .breaks(&["cn.catering-guidance/2#published-first", "cn.doc-56/10#published-before-effect"]),
    plant("neither-announced-nor-published", Promise, EMPLOYEE)
        .algorithm(&[set("resultAnnounced", "false"), set("publishedBeforeEffect", "false")])
        .breaks(&[
            "cn.doc-56/10#published-before-effect",
            "cn.doc-56/10#result-announced",
            "cn.labour-contract-law/4/4#made-known",
        ]),
    plant("no-pay-algorithm-for-managed", Dispatch, MANAGED)
        .algorithm(&[remove("workerAlgorithms", "pay")])
        .breaks(&["cn.iisarmp/20#work-algorithms?every-worker", "cn.iisarmp/20#work-algorithms?labour-managed"]),
    plant("no-pay-algorithm-for-independent", Promise, INDEPENDENT)
        .algorithm(&[remove("workerAlgorithms", "pay|working-time")])
        .breaks(&["cn.iisarmp/20#work-algorithms?every-worker"]),
    plant("work-algorithms-forgotten-then-one-added", Dispatch, MANAGED)
        .algorithm(&[set("workerAlgorithms", LEFT_OUT), (-1, "workerAlgorithms", "add", "pay")])
        .unknown(&["cn.iisarmp/20#work-algorithms?every-worker", "cn.iisarmp/20#work-algorithms?labour-managed"]),
    // Personal information.
    plant("no-way-to-withdraw", Recommend, ADULT)
        .algorithm(&[set("withdrawalWayOffered", "false")])
        .breaks(&["cn.pipl/15/1#withdrawal-way?both", "cn.pipl/15/1#withdrawal-way?either"]),
    plant("no-way-to-withdraw-from-the-contract", Price, ADULT).algorithm(&[set("withdrawalWayOffered", "false")]),
    plant("no-rights-channel", Push, ADULT)
        .algorithm(&[set("rightsChannel", "false")])
        .breaks(&["cn.pipl/50/1#channel"]),
    plant("handling-rules-unpublished", Price, ADULT)
        .algorithm(&[set("handlingRulesPublished", "false")])
        .breaks(&["cn.pipl/7#rules-published"]),
    plant("impact-not-assessed", Recommend, ADULT)
        .algorithm(&[set("impactAssessed", "false")])
        .breaks(&["cn.pipl/55#automated"]),
    plant("impact-not-assessed-sensitive", Dispatch, MANAGED)
        .algorithm(&[set("impactAssessed", "false")])
        .breaks(&["cn.pipl/55#automated", "cn.pipl/55#sensitive"]),
    plant("impact-not-assessed-major", SuspendAccount, MANAGED).algorithm(&[set("impactAssessed", "false")]).breaks(&[
        "cn.pipl/55#automated",
        "cn.pipl/55#major-effect?listed-effects",
        "cn.pipl/55#major-effect?operator-statement",
    ]),
    plant("impact-not-assessed-penalty-not-called-major", Penalise, MANAGED)
        .algorithm(&[set("impactAssessed", "false")])
        .facts(&[("majorEffect", "false")])
        .breaks(&["cn.pipl/55#automated", "cn.pipl/55#major-effect?listed-effects"]),
    plant("impact-not-recorded", Recommend, ADULT)
        .algorithm(&[set("impactAssessed", LEFT_OUT)])
        .unknown(&["cn.pipl/55#automated"]),
];

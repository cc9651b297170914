//! Penalties and stopped accounts: appeals, explanations, a person's eye, wrong data.

use super::{EMPLOYEE, HOUR, INDEPENDENT, LEFT_OUT, MANAGED, Plant, plant, set};
use crate::action::Action::{Dispatch, Pay, Penalise, SuspendAccount};

const BY_MACHINE: (&str, &str) = ("solelyAutomated", "true");
const UNSEEN: (&str, &str) = ("reviewedByPerson", "false");
const NOT_MAJOR: (&str, &str) = ("majorEffect", "false");
const LATE: (&str, &str) = ("appealAnsweredLate", "true");
const OPEN: (&str, &str) = ("appealOpen", "true");

pub(super) const PLANTS: &[Plant] = &[
    plant("appeal-open-in-time", Penalise, MANAGED).facts(&[OPEN]),
    plant("appeal-open-and-late", Penalise, MANAGED).facts(&[OPEN, LATE]).breaks(&[
        "cn.catering-guidance/8#appeal-answered",
        "cn.doc-56/10#appeal-answered",
        "cn.iisarmp/22#answer-within-own-limit",
    ]),
    plant("appeal-closed-but-late", SuspendAccount, INDEPENDENT)
        .facts(&[LATE])
        .breaks(&["cn.catering-guidance/8#appeal-answered", "cn.doc-56/10#appeal-answered"]),
    plant("pay-with-a-late-appeal", Pay, MANAGED)
        .facts(&[OPEN, LATE])
        .breaks(&["cn.iisarmp/22#answer-within-own-limit"]),
    plant("appeal-not-recorded", Penalise, MANAGED).facts(&[("appealOpen", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/8#appeal-answered",
        "cn.doc-56/10#appeal-answered",
        "cn.iisarmp/22#answer-within-own-limit",
    ]),
    plant("answer-not-recorded", SuspendAccount, MANAGED).facts(&[OPEN, ("appealAnsweredLate", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/8#appeal-answered",
        "cn.doc-56/10#appeal-answered",
        "cn.iisarmp/22#answer-within-own-limit",
    ]),
    // Explanation: asked for and not given, or never given at all.
    plant("penalty-not-explained", Penalise, MANAGED)
        .facts(&[("explanationGiven", "false")])
        .breaks(&["cn.iisarmp/17/3#explain-major-effect?unprompted"]),
    plant("explanation-overdue", Penalise, MANAGED)
        .person(&[set("explanationOpen", "true")])
        .facts(&[("explanationGiven", "false")])
        .breaks(&[
            "cn.iisarmp/17/3#explain-major-effect?listed-effects",
            "cn.iisarmp/17/3#explain-major-effect?operators-statement",
            "cn.iisarmp/17/3#explain-major-effect?unprompted",
            "cn.pipl/24/3#explanation?listed-effects",
            "cn.pipl/24/3#explanation?operator-statement",
        ]),
    plant("explanation-overdue-not-called-major", SuspendAccount, INDEPENDENT)
        .person(&[set("explanationOpen", "true")])
        .facts(&[("explanationGiven", "false"), NOT_MAJOR])
        .breaks(&[
            "cn.iisarmp/17/3#explain-major-effect?listed-effects",
            "cn.iisarmp/17/3#explain-major-effect?unprompted",
            "cn.pipl/24/3#explanation?listed-effects",
        ]),
    plant("explained-but-another-request-overdue", Penalise, MANAGED)
        .person(&[(0, "explanationOpen", "set", "true")])
        .breaks(&[
            "cn.iisarmp/17/3#explain-major-effect?listed-effects",
            "cn.iisarmp/17/3#explain-major-effect?operators-statement",
        ]),
    plant("explanation-overdue-a-moment-later", Penalise, MANAGED).person(&[(1, "explanationOpen", "set", "true")]),
    plant("explanation-answered-at-that-moment", Penalise, MANAGED)
        .person(&[(-HOUR, "explanationOpen", "set", "true"), (0, "explanationOpen", "set", "false")]),
    plant("small-matter-not-explained", Dispatch, MANAGED)
        .person(&[set("explanationOpen", "true")])
        .facts(&[("explanationGiven", "false")]),
    plant("explanation-not-recorded", SuspendAccount, MANAGED)
        .facts(&[("explanationGiven", LEFT_OUT)])
        .unknown(&["cn.iisarmp/17/3#explain-major-effect?unprompted"]),
    plant("effect-not-recorded", SuspendAccount, MANAGED).facts(&[("incomeEffect", LEFT_OUT)]).unknown(&[
        "cn.iisarmp/17/3#explain-major-effect?listed-effects",
        "cn.iisarmp/17/3#explain-major-effect?unprompted",
        "cn.pipl/24/3#explanation?listed-effects",
        "cn.pipl/24/3#refusal?listed-effects",
        "cn.pipl/55#major-effect?listed-effects",
        "cn.pipl/8#no-harm-from-wrong-data",
    ]),
    // Refusal of decisions by machine alone.
    plant("machine-alone-unrefused", SuspendAccount, MANAGED).facts(&[BY_MACHINE, UNSEEN]),
    plant("machine-alone-refused", SuspendAccount, MANAGED)
        .person(&[(-1, "automationRefused", "set", "true")])
        .facts(&[BY_MACHINE, UNSEEN])
        .breaks(&["cn.pipl/24/3#refusal?listed-effects", "cn.pipl/24/3#refusal?operator-statement"]),
    plant("machine-alone-refused-not-called-major", Penalise, EMPLOYEE)
        .person(&[(0, "automationRefused", "set", "true")])
        .facts(&[BY_MACHINE, UNSEEN, NOT_MAJOR])
        .breaks(&["cn.pipl/24/3#refusal?listed-effects"]),
    plant("machine-alone-refused-a-moment-later", SuspendAccount, MANAGED)
        .person(&[(1, "automationRefused", "set", "true")])
        .facts(&[BY_MACHINE, UNSEEN]),
    plant("machine-refused-and-reviewed", SuspendAccount, MANAGED)
        .person(&[set("automationRefused", "true")])
        .facts(&[BY_MACHINE]),
    plant("machine-refused-review-not-recorded", Penalise, MANAGED)
        .person(&[set("automationRefused", "true")])
        .facts(&[BY_MACHINE, ("reviewedByPerson", LEFT_OUT)])
        .unknown(&["cn.pipl/24/3#refusal?listed-effects", "cn.pipl/24/3#refusal?operator-statement"]),
    plant("penalty-on-wrong-data", Penalise, MANAGED)
        .facts(&[("inaccurateDataUsed", "true")])
        .breaks(&["cn.pipl/8#no-harm-from-wrong-data"]),
    plant("wrong-data-without-harm", Dispatch, MANAGED).facts(&[("inaccurateDataUsed", "true")]),
    plant("wrong-data-not-recorded", SuspendAccount, INDEPENDENT)
        .facts(&[("inaccurateDataUsed", LEFT_OUT)])
        .unknown(&["cn.pipl/8#no-harm-from-wrong-data"]),
    plant("stop-by-origin", SuspendAccount, INDEPENDENT)
        .facts(&[("discriminatoryFactor", "true")])
        .breaks(&["cn.pipl/24/1#fair-result"]),
    // No refusal of the service for want of consent.
    plant("stopped-for-want-of-consent", SuspendAccount, INDEPENDENT)
        .facts(&[("serviceRefused", "true"), ("refusalBecauseNoConsent", "true"), ("necessaryForService", "false")])
        .breaks(&["cn.pipl/16#no-refusal"]),
    plant("stopped-for-want-of-needed-consent", SuspendAccount, INDEPENDENT)
        .facts(&[("serviceRefused", "true"), ("refusalBecauseNoConsent", "true")]),
    plant("stopped-need-not-recorded", SuspendAccount, INDEPENDENT)
        .facts(&[("serviceRefused", "true"), ("refusalBecauseNoConsent", "true"), ("necessaryForService", LEFT_OUT)])
        .unknown(&["cn.pipl/16#no-refusal"]),
];

// Every template that is a page, with whoever reads it and the steps that lead there. `walk.mjs` holds the table against the folder of
// templates: one that is not in it is a fault.

/** What is no page to stay on, and why. */
export const LEFT_OUT = {
  "note.html": "opens another page at once",
};

const RULE = "/operate/tests/rule?version=cn.iisarmp%2F17%2F1%23honour-non-personal-option%402022-03-01&on=2024-05-01&action=recommend&place=000000&fact.resource.profilingOff=true";
const link = (selector) => ({ press: `main ${selector}` });
const row = (start) => link(`a[href^="${start}"]`);

/**
 * Rows of template, who (nobody where it is null), and steps: an address, or what is filled in and pressed.
 * `receipt` is the text of a receipt; the other names are those of the register.
 */
export const pages = ({ algorithm, consultation, sandbox, receipt, replayed }) => [
  ["home.html", null, "/"],
  ["login.html", null, "/login"],
  ["problem_answer.html", null, { missing: "/there-is-nothing" }],
  ["problem.html", null, "/problems/not-now"],
  ["register.html", null, `/register?q=${encodeURIComponent("推荐")}&class=push`],
  ["filing_of_record.html", null, "/register", row("/register/filings/")],
  ["algorithm.html", null, `/register/${algorithm}`],
  ["version.html", null, "/register/versions/dispatch-v15"],
  ["compare.html", null, "/register/compare?old=dispatch-v14&new=dispatch-v15"],
  ["changes.html", null, "/register/changes"],
  ["enterprise.html", null, `/enterprises/${encodeURIComponent("快送")}`],
  ["consultations.html", null, "/consultations"],
  ["consultation.html", null, `/consultations/${consultation}`],
  ["sandboxes.html", null, "/sandboxes"],
  ["sandbox.html", null, `/sandboxes/${sandbox}`],
  ["verify.html", null, "/verify"],
  ["verify.html", null, "/verify", { fill: { "#text": receipt }, press: "#verify button:not([type])" }],
  ["indicators.html", null, "/indicators"],
  ["labels.html", null, "/labels"],
  ["law.html", null, `/law?q=${encodeURIComponent("关闭个性化推荐")}`],
  ["provision.html", null, "/law/cn.iisarmp/17/1"],
  ["provision.html", null, "/law/cn.iisarmp/17"],
  ["timeline.html", null, "/law/timeline"],

  ["me.html", "worker-zh", "/me"],
  ["decision.html", "worker-zh", "/me/decisions/order-c-1-2"],
  ["decision.html", "worker-zh", "/me/decisions/pay-c-1-1"],
  ["requests.html", "worker-zh", "/me/requests"],
  ["request.html", "worker-zh", "/me/requests", row("/me/requests/case-")],
  ["choose.html", "worker-zh", "/me/requests/new"],
  ["file.html", "worker-zh", "/me/requests/new/contest?decision=order-c-1-2"],
  ["file.html", "worker-zh", "/me/requests/new/complain"],
  ["my_record.html", "worker-zh", "/me/record"],
  ["mandates.html", "worker-zh", "/me/mandates"],
  ["hours.html", "worker-zh", "/me/hours"],
  ["account.html", "worker-zh", "/account"],

  ["desk.html", "officer", "/desk"],
  ["desk_case.html", "officer", "/desk", row("/desk/cases/")],
  ["duties.html", "officer", "/desk/duties"],
  ["orders.html", "officer", "/orders"],
  ["order.html", "officer", "/orders", row("/orders/")],
  ["consultation.html", "officer", `/consultations/${consultation}`],
  ["sandboxes.html", "officer", "/sandboxes"],
  ["sandbox.html", "officer", `/sandboxes/${sandbox}`],
  ["audits.html", "officer", "/audit"],
  ["audit_run.html", "officer", "/audit", { press: "main a[href^='/audit/runs/']", until: ".say:not(.slow)" }],

  ["review.html", "reviewer", "/desk?stage=review", row("/desk/review/")],

  ["members.html", "union", "/members"],
  ["file_for_many.html", "union", "/members/new?kind=complain"],
  ["filed.html", "union", "/members/new?kind=complain", { press: "main form button" }],
  ["filing.html", "union", "/members/new?kind=complain", { press: "main form button" }, row("/members/filings/")],
  ["patterns.html", "union", "/members/patterns"],
  ["my_consultations.html", "union", "/consultations/mine"],
  ["consultation.html", "union", `/consultations/${consultation}`],
  ["replay.html", "union", `/consultations/${replayed}/replay`],

  ["operate.html", "engineer", "/operate"],
  ["operate_action.html", "engineer", "/operate/actions/recommend"],
  ["operate_webhook.html", "engineer", "/operate", row("/operate/webhooks/")],
  ["approvals.html", "engineer", "/operate/approvals"],
  ["rule_tests.html", "engineer", "/operate/tests?instrument=cn.iisarmp"],
  ["rule_test.html", "engineer", RULE],

  ["accounts.html", "root", "/operate/accounts"],
  ["account_of.html", "root", "/operate/accounts", row("/operate/accounts/account")],
  ["keys.html", "root", "/operate/keys"],
  ["secret.html", "root", "/operate/keys", { fill: { "#name": "ways" }, check: "#role-machine", press: "main form:last-of-type button" }],

  ["oversight.html", "regulator", "/oversight"],
  ["look_up.html", "regulator", "/oversight/decisions/order-c-1-1"],
  ["taken_apart.html", "regulator", "/oversight/decisions/order-c-1-1?purpose=case+7"],
  ["own_look_ups.html", "regulator", "/oversight/look-ups"],
  ["order.html", "regulator", "/orders", row("/orders/")],
  ["sandbox.html", "regulator", `/sandboxes/${sandbox}`],
];

// What is in the service before anybody opens a page, put there over the API.

import assert from "node:assert/strict";

export const [url, token] = process.argv.slice(2);
export const PASSWORD = "correct horse battery";

export async function api(method, path, body, bearer, more = {}) {
  const headers = { "content-type": "application/json", ...more };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

export const logIn = async (name) => (await api("POST", "/v1/sessions", { name, password: PASSWORD })).token;

/** What there is before anybody opens a page. */
export async function fill() {
  await api("POST", "/v1/setup", { token, name: "root", password: PASSWORD });
  const root = await logIn("root");
  const accounts = [
    ["worker-zh", "person", ["c-1"]], ["worker-en", "person", ["c-2"]], ["officer", "officer", []],
    ["reviewer", "reviewer", []], ["union", "representative", []], ["engineer", "engineer", []], ["regulator", "regulator", []],
  ];
  for (const [name, role, persons] of accounts) {
    await api("POST", "/v1/accounts", { name, roles: [role], persons, password: PASSWORD }, root);
  }
  const { secret } = await api("POST", "/v1/keys", { name: "orders", roles: ["machine"] }, root);
  for (const person of ["c-1", "c-2"]) {
    for (let order = 1; order <= 12; order += 1) {
      const at = `2026-03-${String(order).padStart(2, "0")}T12:0${order % 10}:00+08:00`;
      await api("POST", "/v1/decisions:check", {
        id: `order-${person}-${order}`, at, action: order % 3 ? "dispatch" : "recommend", algorithm: "dispatch-v14", person,
        principal: { category: order % 3 ? "dispatch" : "push", filed: true, basicsPublished: true, nonPersonalisedOffered: true, switchOffOffered: true },
        context: { personalised: true, solelyAutomated: true, automatedDecision: true, tagsUsed: ["night-rider"] },
      }, secret);
    }
  }
  for (const [person, waiting] of [["c-1", 300], ["c-2", undefined]]) {
    for (const [week, day] of ["2026-03-08", "2026-03-15", "2026-03-22"].entries()) {
      const context = { workedMinutes: 2400 - 90 * week, waitingMinutes: waiting, payFen: 120000 - 3000 * week, payDeductionFen: 0, dailyMinutes: 510 };
      await api("POST", "/v1/decisions:check", { id: `pay-${person}-${week}`, at: `${day}T20:00:00+08:00`, action: "pay", algorithm: "pay-v3", person, context }, secret);
    }
  }
  const officer = await logIn("officer");
  const limits = { identity: "3 working days", answer: "15 working days", review: "5 working days", input: "30 days", appeal: "30 days" };
  await api("PUT", "/v1/desk/limits", limits, officer, { "if-match": '"0"' });
  const engineer = await logIn("engineer");
  const description = { provider: "Example Delivery", name: "Dispatch", class: "dispatch", affects_labour: true, opinion_attributes: true, texts: { purpose: "shorter waits" } };
  const algorithm = await api("POST", "/v1/algorithms", description, engineer);
  await api("POST", `/v1/filing-records/${algorithm.id}/events`, { what: "service-began", on: "2025-01-06" }, officer);
  await api("POST", `/v1/algorithms/${algorithm.id}/versions`, { id: "dispatch-b1", text: "the nearest first", factors: [{ name: "distance" }] }, engineer);
  await api("POST", "/v1/webhooks", { url: "https://hook.example/gongdao", kinds: ["settings"] }, engineer);
  const gate = { actions: { recommend: { mode: "shadow", on_unknown: "hold" } } };
  await api("POST", "/v1/approvals", { act: "settings", base: 0, settings: gate, reason: "to measure first" }, engineer);
  const regulator = await logIn("regulator");
  const order = { kind: "information", provisions: ["cn.iisarmp/28"], about: { algorithm: algorithm.id }, text: "Send the rule of dispatch.", period: "10 working days" };
  await api("POST", "/v1/orders", order, regulator);
  const union = await logIn("union");
  const { actor } = await api("GET", "/v1/me", undefined, union);
  for (const [name, person] of [["worker-zh", "c-1"], ["worker-en", "c-2"]]) {
    const worker = await logIn(name);
    await api("POST", "/v1/cases", { kind: "correct", person, about: { information: "distance" }, text: "2.6 km" }, worker);
    await api("POST", "/v1/cases", { kind: "complain", person, text: "no rest between orders" }, worker);
    const mandate = { person, representative: actor, kinds: ["see", "complain", "contest"], until: "2040-01-01T00:00:00+08:00" };
    await api("POST", "/v1/mandates", mandate, name === "worker-en" ? worker : union);
  }
}

const day = (from) => new Date(Date.now() + 8 * 3_600_000 + from * 86_400_000).toISOString().slice(0, 10);

/** An algorithm with two versions, a consultation over the newer one, and published lists. Returns their names. */
export async function fillRegister() {
  const [engineer, officer, union] = [await logIn("engineer"), await logIn("officer"), await logIn("union")];
  const { id: algorithm } = await api("POST", "/v1/algorithms", {
    provider: "快送", name: "配送调度", class: "dispatch", affects_labour: true, opinion_attributes: true,
    texts: { purpose: "让订单少等五分钟，骑手少绕路。", mechanism: "按距离、时间和天气估算，取最长的一个。", principle: "", scenario: "外卖配送" },
    details: { human_review: "站长可以改派", appeals: "在“我的决定”里申诉" },
  }, engineer);
  const text = (rain) => Array.from({ length: 40 }, (_, at) => (at === 11 ? rain : `第 ${at + 1} 条：按骑行距离计价，每公里的钱写在附表 ${at + 1}。`)).join("\n");
  const factors = (weight) => [{ name: "距离", weight, meaning: "地图上的骑行距离" }, { name: "天气", weight: "0.2", meaning: "下雨下雪" }];
  const declare = (id, rain, weight) => api("POST", `/v1/algorithms/${algorithm}/versions`, { id, text: text(rain), factors: factors(weight), note: "雨天的算法变了" }, engineer);
  await declare("dispatch-v14", "下雨每单加 0.50 元。", "0.6");
  await declare("dispatch-v15", "下雨每单加 1.00 元，\n暴雨停止派单。", "0.5");
  await api("POST", "/v1/versions/dispatch-v15/events", { what: "published", from: day(12) }, officer);
  await declare("dispatch-v16", "下雨每单加 1.50 元。", "0.4");
  const { id: sandbox } = await api("POST", "/v1/sandboxes", {
    version: "dispatch-v16", place: "440300", from: day(0), until: day(30), persons: 50, ground: "cn.shenzhen-ai/44", report_days: 20,
    purpose: "雨天加一块半，看派单会不会乱。", safeguards: "少拿的由平台补足。", informed: "开始前三天短信通知。", leaving: "在应用里点退出。",
    stops: [{ measure: "violated", percent: 10, after: 50 }, { measure: "contested", percent: 5, after: 100 }],
  }, officer);
  const regulator = await logIn("regulator");
  await api("POST", `/v1/sandboxes/${sandbox}/events`, { what: "granted", text: "每周报告一次。", document: "示范〔2026〕7号" }, regulator);
  await api("POST", `/v1/sandboxes/${sandbox}/events`, { what: "began" }, officer);
  const actor = async (bearer) => (await api("GET", "/v1/me", undefined, bearer)).actor;
  const { id: consultation } = await api("POST", "/v1/versions/dispatch-v15/consultations", {
    last_day: day(6), question: "雨天这样加钱，够不够？",
    seats: [{ side: "union", name: "某市快递员工会", account: await actor(union) }, { side: "platform", name: "快送", account: await actor(officer) }],
  }, officer);
  const passage = async (from) => ({ digest: (await api("GET", `/v1/consultations/${consultation}`)).digest, from_line: from, to_line: from + 1 });
  await api("POST", `/v1/consultations/${consultation}/events`, { what: "commented", passage: await passage(12), text: "暴雨停派时，等单的时间也要算钱。" }, union);
  const head = "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber,remark,province,sourceUrl\n";
  const row = (at) => `互联网信息服务算法备案,${at},2023-01,第${at}号推荐算法,个性化推送类,,企业${at},产品,让人找得快,网信算备31011234567890123${String(at).padStart(4, "0")}号,,上海,https://example.cn/\n`;
  const table = head + Array.from({ length: 60 }, (_, at) => row(at + 1)).join("");
  const answer = await fetch(`${url}/v1/filings-of-record`, { method: "POST", headers: { "content-type": "text/csv", authorization: `Bearer ${officer}` }, body: table });
  assert.equal(answer.status, 200, await answer.text());
  return { algorithm, consultation, sandbox };
}

/** What only some templates show: a contest, an audit, a draft that can be replayed. Returns the text of a receipt. */
export async function fillForEveryWay() {
  const [worker, engineer, officer, union] = [await logIn("worker-zh"), await logIn("engineer"), await logIn("officer"), await logIn("union")];
  const contest = { kind: "contest", person: "c-1", about: { decision: "order-c-1-4" }, ground: "traffic-control", text: "那段路封了。" };
  await api("POST", "/v1/cases", contest, worker);
  const { id } = await api("POST", "/v1/algorithms", { provider: "快送", name: "计价", class: "dispatch", affects_labour: true, opinion_attributes: true }, engineer);
  for (const [version, based_on, expression] of [["fee-1", undefined, "metres / 3"], ["fee-2", "fee-1", "metres / 4"]]) {
    const factors = [{ name: "metres", fact: "context.distanceMetres", zh: "距离", en: "distance", baseline: 1000 }];
    const rule = { outcome: "context.priceFen", zh: "配送费", en: "delivery fee", unit: "fen", better: "lower", expression, factors };
    await api("POST", `/v1/algorithms/${id}/versions`, { id: version, text: "按距离。", based_on, rule }, engineer);
  }
  const actor = async (bearer) => (await api("GET", "/v1/me", undefined, bearer)).actor;
  const seats = [{ side: "union", name: "工会", account: await actor(union) }, { side: "platform", name: "快送", account: await actor(officer) }];
  const { id: replayed } = await api("POST", "/v1/versions/fee-2/consultations", { last_day: day(6), question: "可以吗？", seats }, officer);
  const answer = await fetch(`${url}/v1/decisions/order-c-1-2/receipt`, { headers: { authorization: `Bearer ${worker}` } });
  return { receipt: await answer.text(), replayed };
}


// The pages in a real browser: flows of a worker, the desk and a representative, in both languages, on a phone and on a desk, on the
// phone without scripts too; by keyboard alone; at twice the size of text; against the rules of accessibility (axe).
//
//     node walk.mjs URL TOKEN CHROMIUM [FOLDER]
//
// URL and TOKEN are those of a fresh service. With FOLDER pictures for the documents are put there.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { receipts } from "./receipts.mjs";

const [url, token, program, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "correct horse battery";
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };
// Half of each width is what twice the size leaves; 320 is what WCAG 1.4.10 asks for.
const NARROW = [640, 320];
const FIRST_VIEW = 100_000;
const TARGET = 44;

async function api(method, path, body, bearer, more = {}) {
  const headers = { "content-type": "application/json", ...more };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

const logIn = async (name) => (await api("POST", "/v1/sessions", { name, password: PASSWORD })).token;

/** What there is before anybody opens a page. */
async function fill() {
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
async function fillRegister() {
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

/** One person with one browser, whose every page is looked at. */
class Walk {
  constructor(browser, { language, size, scripts }) {
    Object.assign(this, { browser, language, size, scripts, faults: [], pages: 0 });
  }

  async open() {
    this.context = await this.browser.newContext({
      viewport: SIZES[this.size], locale: this.language === "zh" ? "zh-CN" : "en-GB", javaScriptEnabled: this.scripts,
      baseURL: url, colorScheme: this.size === "phone" ? "light" : "dark",
    });
    this.page = await this.context.newPage();
    this.page.on("console", (message) => {
      // What could not be loaded is told below, with its address.
      const told = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !told) this.faults.push(`console: ${message.text()}`);
    });
    this.page.on("response", (answer) => {
      const part = answer.request().resourceType() !== "document" && answer.status() >= 400;
      if (part) this.faults.push(`${answer.status()} ${answer.url()}`);
    });
    this.page.on("request", (request) => {
      const other = !request.url().startsWith(url) && !request.url().startsWith("data:");
      if (other) this.faults.push(`asks another server: ${request.url()}`);
    });
    return this;
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.faults, [], `${this.language} ${this.size}`);
  }

  async go(path) {
    const answer = await this.page.goto(path);
    assert.equal(answer.status(), 200, path);
    await this.look();
  }

  async press(selector) {
    await Promise.all([this.page.waitForEvent("load"), this.page.locator(selector).first().click()]);
    await this.look();
  }

  async logIn(name, to) {
    await this.go(`/login?to=${encodeURIComponent(to)}`);
    await this.page.fill("#name", name);
    await this.page.fill("#password", PASSWORD);
    await this.press("main form button");
    assert.ok(this.page.url().startsWith(url + to), this.page.url());
  }

  /** The page as it stands: rules, width, targets, language. */
  async look() {
    this.pages += 1;
    const at = `${this.page.url().slice(url.length)} ${this.language} ${this.size}`;
    assert.equal(await this.page.getAttribute("html", "lang"), this.language === "zh" ? "zh-Hans" : "en", at);
    assert.equal(await this.page.locator("h1").count(), 1, at);
    if (!this.scripts) return;
    // What is folded is looked at too, and folded again.
    await this.unfold(true);
    await this.fits(at);
    const small = await this.page.evaluate((least) => {
      const targets = "button, a.button, nav a, a.row, footer a, summary, select, textarea, .choice, input:not([type=hidden], [type=radio], [type=checkbox])";
      return [...document.querySelectorAll(targets)]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < least)
        .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${one.getBoundingClientRect().height}`);
    }, TARGET - 0.5);
    assert.deepEqual(small, [], `${at}: targets below ${TARGET} px`);
    // The page's own policy forbids scripts; the browser's console is not bound by it.
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
    const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
    assert.deepEqual(told, [], at);
    await this.unfold(false);
  }

  async unfold(open) {
    await this.page.evaluate((open) => document.querySelectorAll("details").forEach((one) => (one.open = open)), open);
  }

  async fits(at) {
    const sideways = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(sideways <= 0, `${at}: ${sideways} px stick out`);
  }

  /** Twice the size of everything: nothing sticks out. */
  async zoomed() {
    if (!this.scripts) return;
    for (const width of NARROW) {
      await this.page.setViewportSize({ width, height: 400 });
      await this.fits(`${this.page.url()} at ${width} px`);
    }
    await this.page.setViewportSize(SIZES[this.size]);
  }

  async picture(name) {
    if (folder && this.scripts) await this.page.screenshot({ path: `${folder}/${name}-${this.language}-${this.size}.png` });
  }
}

async function asWorker(walk) {
  const zh = walk.language === "zh";
  const person = zh ? "c-1" : "c-2";
  await walk.go("/");
  await walk.picture("home");
  await walk.logIn(`worker-${walk.language}`, "/me");
  await walk.zoomed();
  await walk.picture("me");
  await walk.press(`a[href^="/me/decisions/order-"]`);
  await walk.zoomed();
  await walk.picture("decision");
  // From the explanation to a filed request: one tap to the form, one to send it.
  await walk.press(`a[href^="/me/requests/new/contest"]`);
  await walk.zoomed();
  await walk.page.check("#ground-traffic-control");
  await walk.page.fill("#text", zh ? "那段路封了，绕行多走了 0.7 公里。" : "The road was closed; the detour was 0.7 km longer.");
  await walk.picture("contest");
  await walk.press("main form button");
  assert.match(walk.page.url(), /\/me\/requests\/case-/);
  await walk.zoomed();
  await walk.picture("request");
  for (const path of ["/me/requests", "/me/requests/new", "/me/record", "/me/mandates", "/account", "/law", "/law/cn.iisarmp/17/1", "/law/timeline", "/labels"]) {
    await walk.go(path);
    await walk.zoomed();
  }
  await walk.go("/me/hours");
  await walk.zoomed();
  await walk.picture("hours");
  await walk.go("/me/record");
  await walk.picture("record");
  for (const kind of ["see", "copy", "correct", "delete", "restrict", "withdraw-consent", "delete-tag", "opt-out", "explain", "complain"]) {
    await walk.go(`/me/requests/new/${kind}`);
  }
  await walk.go(`/law?q=${encodeURIComponent(zh ? "关闭个性化推荐" : "switch off recommendations")}`);
  await walk.picture("law");
  assert.ok((await walk.page.locator("main ul.list a.row").count()) > 3);
  const answer = await walk.page.goto(`/me/decisions/order-${zh ? "c-2" : "c-1"}-1`);
  assert.equal(answer.status(), 404, "another's decision");
  await walk.page.goto(`/me/decisions/order-${person}-1`);
}

async function asDesk(walk) {
  await walk.logIn("officer", "/desk");
  await walk.zoomed();
  await walk.picture("desk");
  await walk.press(`main a[href^="/desk/cases/"]`);
  await walk.zoomed();
  await walk.picture("case");
  if (await walk.page.locator(`form[action$="/take"]`).count()) await walk.press(`form[action$="/take"] button`);
  await walk.press(".who button");
  await walk.logIn("reviewer", "/desk?stage=review");
  await walk.press(`main a[href^="/desk/review/"]`);
  if (await walk.page.locator("#role").count()) {
    await walk.page.fill("#role", "shift lead, station 12");
    await walk.press(`form[action$="/begin"] button`);
  }
  await walk.zoomed();
  await walk.picture("review");
}

const RULE = "/operate/tests/rule?version=cn.iisarmp%2F17%2F1%23honour-non-personal-option%402022-03-01";

/** Engineer, administrator, officer, regulator: one after another on one device. */
async function asStaff(walk) {
  const pages = [
    ["engineer", "/operate", ["/operate/actions/recommend", "/operate/approvals", "/operate/tests?instrument=cn.iisarmp", `${RULE}&on=2024-05-01&action=recommend&place=000000&fact.resource.profilingOff=true`]],
    ["root", "/operate/accounts", ["/operate/keys", "/operate"]],
    ["officer", "/desk/duties", ["/orders", "/operate/approvals", "/audit", "/sandboxes", `/sandboxes/${register.sandbox}`]],
    ["regulator", "/oversight", ["/oversight/decisions/order-c-1-1", "/oversight/decisions?decision=order-c-1-1&purpose=case+7", "/oversight/look-ups", "/orders", "/audit"]],
  ];
  for (const [name, first, rest] of pages) {
    await walk.logIn(name, first);
    await walk.zoomed();
    await walk.picture(`staff-${name}`);
    for (const path of rest) {
      await walk.go(path);
      await walk.zoomed();
      await walk.picture(`staff-${name}-${rest.indexOf(path)}`);
    }
    if (name === "engineer") await walk.press(`main a[href^="/operate"]`);
    await walk.press(".who button");
  }
}

async function asUnion(walk) {
  await walk.logIn("union", "/members");
  await walk.zoomed();
  await walk.go("/members/new");
  await walk.go("/members/new?kind=complain");
  await walk.zoomed();
  await walk.press("main form button");
  await walk.press(`main a[href^="/members/filings/"]`);
  await walk.go("/members");
  await walk.picture("members");
}

async function asAnyone(walk) {
  const { algorithm, consultation, sandbox } = register;
  const pages = [
    ["register", "/register"], ["algorithm", `/register/${algorithm}`], ["version", "/register/versions/dispatch-v15"],
    ["compare", "/register/compare?old=dispatch-v14&new=dispatch-v15"], ["changes", "/register/changes"],
    ["enterprise", `/enterprises/${encodeURIComponent("快送")}`], ["consultations", "/consultations"],
    ["consultation", `/consultations/${consultation}`], ["verify", "/verify"], ["indicators", "/indicators"],
    ["sandboxes", "/sandboxes"], ["sandbox", `/sandboxes/${sandbox}`],
    ["article", "/law/cn.iisarmp/22"], ["search", `/register?q=${encodeURIComponent("推荐")}&class=push`],
  ];
  for (const [name, path] of pages) {
    await walk.go(path);
    await walk.zoomed();
    await walk.picture(name);
  }
  await walk.go("/register");
  await walk.press(`main a[href^="/register/filings/"]`);
  await walk.zoomed();
}

async function atTheTable(walk) {
  const path = `/consultations/${register.consultation}`;
  await walk.logIn("union", "/consultations/mine");
  await walk.zoomed();
  await walk.go("/members/patterns");
  await walk.zoomed();
  await walk.picture("patterns");
  await walk.go(path);
  await walk.page.fill("#from_line", "3");
  await walk.page.fill("#to_line", "3");
  await walk.page.fill("#comment-text", walk.language === "zh" ? "附表三没有附上。" : "Table 3 is missing.");
  await walk.press(`form[action$="/comment"] button`);
  assert.ok(await walk.page.locator("[data-done]").count());
  await walk.zoomed();
  await walk.picture("seat");
  await walk.press(".who button");
  await walk.logIn("officer", path);
  await walk.zoomed();
}

/** The receipt of a decision, as its person gets it. */
async function receiptOf(id) {
  const worker = await logIn("worker-zh");
  return (await fetch(`${url}/v1/decisions/${id}/receipt`, { headers: { authorization: `Bearer ${worker}` } })).text();
}

/** Words that were not sent are there again; once sent, or after logging out, they are nowhere. */
async function drafts(browser) {
  const walk = await new Walk(browser, { language: "en", size: "phone", scripts: true }).open();
  const { page } = walk;
  const held = () => page.evaluate(() => Object.keys(localStorage).length);
  const form = "/me/requests/new/complain";
  await walk.logIn("worker-en", "/me");
  await walk.go(form);
  await page.fill("#text", "no shelter at the station");
  await page.waitForFunction(() => localStorage.length === 1);
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  assert.ok(kept.includes("shelter") && !kept.includes('"form"') && !kept.includes("worker"), kept);
  // The signal is gone: nothing is sent, and it says so.
  await walk.context.setOffline(true);
  await page.locator("main form button").first().click();
  assert.match(await page.textContent("[data-note]"), /no signal/);
  await walk.context.setOffline(false);
  await page.goto("/me");
  await walk.go(form);
  assert.equal(await page.inputValue("#text"), "no shelter at the station");
  assert.match(await page.textContent("[data-note]"), /What you had written is back/);
  await walk.press("main form button");
  assert.match(page.url(), /\/me\/requests\/case-/);
  assert.equal(await held(), 0, "sent, and still kept");
  await walk.go(form);
  await page.fill("#text", "another one");
  await page.waitForFunction(() => localStorage.length === 1);
  await page.goto("/me");
  await walk.press(".who button");
  assert.equal(await held(), 0, "logged out, and still kept");
  // Somebody else at the same browser, whose predecessor only closed it.
  await page.evaluate(() => localStorage.setItem("gongdao-draft:0123456789abcdef:/x:complain", "[]"));
  await walk.logIn("worker-zh", "/me");
  assert.equal(await held(), 0, "another login’s draft is still kept");
  await walk.close();
}

/** Logging in without a mouse: the way to the text, each stop visible, the form sent by Enter. */
async function byKeyboard(browser) {
  const walk = await new Walk(browser, { language: "zh", size: "desk", scripts: true }).open();
  await walk.go("/login?to=/me");
  const page = walk.page;
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  const stops = [];
  for (let count = 0; count < 8; count += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      const box = one.getBoundingClientRect();
      const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
      return { id: one.id || one.tagName, seen, outlined: getComputedStyle(one).outlineStyle !== "none" };
    });
    assert.ok(stop.seen && stop.outlined, `focus is not to be seen at ${stop.id}`);
    stops.push(stop.id);
    if (stop.id === "name") await page.keyboard.type("worker-zh");
    if (stop.id === "password") {
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${url}/me`);
      break;
    }
  }
  assert.deepEqual(stops.slice(-2), ["name", "password"]);
  await walk.close();
}

/** What a phone loads for the first pages, everything counted. */
async function isSmall(browser) {
  for (const path of ["/", "/login", "/law/cn.pipl/24", "/register", `/consultations/${register.consultation}`, "/verify", "/indicators"]) {
    const walk = await new Walk(browser, { language: "zh", size: "phone", scripts: true }).open();
    // All of them are waited for: a page that is closed gives no more bodies.
    const bodies = [];
    walk.page.on("response", (answer) => {
      if (!answer.url().startsWith("data:")) bodies.push(answer.body());
    });
    await walk.page.goto(path, { waitUntil: "networkidle" });
    const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
    assert.ok(bytes > 1000 && bytes <= FIRST_VIEW, `${path}: ${bytes} bytes`);
    await walk.close();
  }
}

await fill();
const register = await fillRegister();
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
let pages = 0;
try {
  await isSmall(browser);
  await byKeyboard(browser);
  await receipts((size) => new Walk(browser, { language: "en", size, scripts: true }).open(), receiptOf);
  await drafts(browser);
  for (const scripts of [true, false]) {
    // Without scripts the phone stands for both: nothing of a page hangs on its width but the look.
    for (const size of scripts ? Object.keys(SIZES) : ["phone"]) {
      for (const language of ["zh", "en"]) {
        for (const flow of [asWorker, asDesk, asUnion, asAnyone, atTheTable, asStaff]) {
          const walk = await new Walk(browser, { language, size, scripts }).open();
          await flow(walk);
          await walk.close();
          pages += walk.pages;
        }
      }
    }
  }
} finally {
  await browser.close();
}
console.log(`${pages} pages looked at`);

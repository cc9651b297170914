// The pages in a real browser: flows of a worker, the desk and a representative, in both languages, on a phone and on a desk, on the
// phone without scripts too; by keyboard alone; at twice the size of text; against the rules of accessibility (axe). Then every template
// of every role in every way (`ways.mjs`).
//
//     node walk.mjs URL TOKEN CHROMIUM [FOLDER]
//
// URL and TOKEN are those of a fresh service. With FOLDER pictures for the documents are put there. GONGDAO_PARTS names the parts that
// are done; without it all are.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { firstStart, inEachWay } from "./every.mjs";
import { PASSWORD, fill, fillRegister, logIn, url } from "./filled.mjs";
import { receipts } from "./receipts.mjs";
import { RULES, SIZES, axe } from "./rules.mjs";

const [program, folder] = process.argv.slice(4);

// Half of each width is what twice the size leaves; 320 is what WCAG 1.4.10 asks for.
const NARROW = [640, 320];
const FIRST_VIEW = 100_000;
const TARGET = 44;

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

/** What the browser finds out about a receipt without the server is what the server says. */
function checked(browser) {
  return receipts((size) => new Walk(browser, { language: "en", size, scripts: true }).open(), receiptOf);
}

let pages = 0;

/** The flows of every role: both languages, both sizes; the phone without scripts too. */
async function flows(browser) {
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
}

const PARTS = { small: isSmall, keyboard: byKeyboard, receipts: checked, drafts, flows, ways: (browser) => inEachWay(browser, register) };
const asked = process.env.GONGDAO_PARTS?.split(",") ?? Object.keys(PARTS);

/** Does a part, and says how long it took. */
async function part(name, work) {
  const from = performance.now();
  const value = await work();
  console.log(`${name}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  return value;
}

const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
let register;
try {
  await part("first start", () => firstStart(browser));
  await part("filling", async () => {
    await fill();
    register = await fillRegister();
  });
  for (const [name, work] of Object.entries(PARTS)) {
    if (asked.includes(name)) await part(name, () => work(browser));
    else console.log(`${name}: left out`);
  }
} finally {
  await browser.close();
}
console.log(`${pages} pages looked at`);

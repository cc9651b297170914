// Every template of every role in every way: one page each, in Chinese, on a phone, with scripts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fillForEveryWay, logIn, url } from "./filled.mjs";
import { LEFT_OUT, pages as everyPage } from "./pages.mjs";
import { RULES, SIZES, axe } from "./rules.mjs";
import { inEveryWay, twins } from "./ways.mjs";

/** Goes where a row of the table of pages leads. */
async function follow(page, steps) {
  for (const step of steps) {
    if (typeof step === "string" || step.missing) {
      const answer = await page.goto(step.missing ?? step);
      assert.equal(answer.status(), step.missing ? 404 : 200, step.missing ?? step);
      continue;
    }
    for (const [selector, text] of Object.entries(step.fill ?? {})) await page.fill(selector, text);
    if (step.check) await page.check(step.check);
    await Promise.all([page.waitForEvent("load"), page.locator(step.press).first().click()]);
    if (step.until) await page.waitForSelector(step.until, { timeout: 120_000 });
  }
}

/** A page as it stands: the rules of accessibility, and every way. */
async function fully(page, took) {
  const from = performance.now();
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
  took.axe = (took.axe ?? 0) + performance.now() - from;
  return [...violations.map((one) => `axe: ${one.id}: ${one.nodes.map((node) => node.html).slice(0, 2).join(" | ")}`), ...await inEveryWay(page, took)];
}

const onPhone = (browser) => browser.newContext({ viewport: SIZES.phone, locale: "zh-CN", baseURL: url, colorScheme: "light" });

/** The page of the first start, which is there only once. */
export async function firstStart(browser) {
  const context = await onPhone(browser);
  const page = await context.newPage();
  await page.goto("/setup");
  const faults = await fully(page, {});
  await context.close();
  assert.deepEqual(faults, [], "/setup");
}

/** Every template of every role in every way. Logging in once a role; faults of all pages are told together. */
export async function inEachWay(browser, register) {
  const names = await fillForEveryWay();
  const all = everyPage({ ...register, ...names });
  const templates = JSON.parse(readFileSync(new URL("templates.json", import.meta.url), "utf8"));
  const known = new Set([...all.map(([template]) => template), ...Object.keys(LEFT_OUT), "setup.html"]);
  assert.deepEqual(templates.filter((name) => !known.has(name)), [], "templates without a row in pages.mjs");
  assert.deepEqual([...known].filter((name) => !templates.includes(name)), [], "rows of pages.mjs without a template");
  const took = {};
  const faults = [];
  const told = (one) => one.message.split("\n")[0];
  const bare = await browser.newContext({ viewport: SIZES.phone });
  await twins(await bare.newPage(), axe);
  await bare.close();
  for (const name of new Set(all.map(([, who]) => who))) {
    const context = await onPhone(browser);
    if (name) await context.addCookies([{ name: "gongdao_session", value: await logIn(name), url }]);
    const page = await context.newPage();
    if (name === "officer") await follow(page, ["/audit", { check: "#source-ledger", press: "main form button" }]);
    for (const [template, who, ...steps] of all) {
      if (who !== name) continue;
      const from = performance.now();
      await follow(page, steps).catch((error) => assert.fail(`${template} ${who}: ${told(error)}`));
      took.going = (took.going ?? 0) + performance.now() - from;
      const at = `${template} ${who ?? "anyone"} ${page.url().slice(url.length, url.length + 60)}`;
      faults.push(...(await fully(page, took)).map((fault) => `${at}: ${fault}`));
    }
    await context.close();
  }
  const times = Object.entries(took).map(([way, milliseconds]) => `${way} ${(milliseconds / 1000).toFixed(1)}`);
  console.log(`  ${all.length} pages in every way; seconds: ${times.join(", ")}`);
  assert.equal(faults.length, 0, `\n${faults.join("\n")}`);
}

// One page in every way that somebody may read it: by keyboard, with a finger, in the dark, without motion, on paper, at twice the
// size. Each way says what is wrong as a list of lines; `twins` shows for each that it finds what it is to find.

import assert from "node:assert/strict";

/** Stops of the keyboard that are followed on one page. */
const STOPS = 60;
const TARGET = 44;
/** A sheet of A4 between margins of 1 cm, in CSS pixels. */
const PAPER = { width: 718, height: 1047 };

/** The page as another device shows it, once its colours have changed. */
async function shownAs(page, media) {
  await page.emulateMedia(media);
  await page.evaluate(() => document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish()));
}

/** Everything that can be worked is reached in its order, is seen there, and lets go again. */
async function keyboard(page) {
  const { wanted, extra } = await page.evaluate((most) => {
    const natural = "a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls], video[controls]";
    const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
    // One of a group of radio buttons is a stop: the one that is chosen, or else the first.
    const isOther = (one) => {
      if (one.type !== "radio" || !one.name) return false;
      const group = [...document.querySelectorAll("input[type=radio]")].filter((other) => other.name === one.name && other.form === one.form);
      return one !== (group.find((other) => other.checked) ?? group[0]);
    };
    // What is wider than its place and has nothing in it to stop at is a stop itself, to be scrolled.
    const scrolls = (one) => {
      const { overflowX, overflowY } = getComputedStyle(one);
      const is = (overflow) => overflow === "auto" || overflow === "scroll";
      const wide = is(overflowX) && one.scrollWidth > one.clientWidth;
      const high = is(overflowY) && one.scrollHeight > one.clientHeight;
      return (wide || high) && one.localName !== "textarea" && ![...one.querySelectorAll(natural)].some(isSeen);
    };
    const stops = [...document.body.querySelectorAll("*")].filter((one) => {
      if (one.disabled || !isSeen(one) || isOther(one)) return false;
      return one.matches(natural) || one.tabIndex >= 0 || scrolls(one);
    });
    const told = (one) => `${one.localName}${one.id && `#${one.id}`} ${(one.textContent || one.name || "").trim().slice(0, 20)}`;
    const log = [];
    window.gongdaoStops = { stops, log, told };
    document.addEventListener("keyup", () => {
      const one = document.activeElement;
      const box = one.getBoundingClientRect();
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      log.push({
        one,
        seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
      });
    }, { capture: true });
    const parts = { date: 4, time: 4, "datetime-local": 7, month: 3, week: 3 };
    const followed = stops.slice(0, most);
    return { wanted: followed.length, extra: followed.reduce((sum, one) => sum + (parts[one.type] ?? 0), 0) };
  }, STOPS);
  // A field of a date has several parts, each a stop of its own. One more, to see the last one let go.
  for (let count = 0; count < wanted + extra + 1; count += 1) await page.keyboard.press("Tab");
  return page.evaluate((most) => {
    const { stops, log, told } = window.gongdaoStops;
    const followed = stops.slice(0, most);
    const faults = [];
    const order = [];
    for (const stop of log) {
      if (stop.one === order.at(-1)) continue;
      // Behind the last one the browser begins again.
      if (order.length && (stop.one === document.body || stop.one === stops[0])) break;
      if (order.length === followed.length) break;
      order.push(stop.one);
      if (!stop.seen) faults.push(`the keyboard stops where nothing is to be seen: ${told(stop.one)}`);
      if (!stop.outlined) faults.push(`the keyboard stops without an outline: ${told(stop.one)}`);
    }
    const at = order.findIndex((one, place) => one !== followed[place]);
    if (at >= 0) faults.push(`stop ${at + 1} of the keyboard is not ${told(followed[at])}, but ${told(order[at])}`);
    else if (order.length < followed.length) faults.push(`the keyboard never comes to ${told(followed[order.length])}`);
    const last = log.at(-1)?.one;
    if (followed.length > 1 && followed.length === stops.length && last === followed.at(-1)) faults.push(`${told(last)} does not let the keyboard go`);
    return faults;
  }, STOPS);
}

/** What is pressed is large enough, but for links within a line of text (WCAG 2.2, 2.5.8 and 2.5.5: inline). */
function targets(page) {
  return page.evaluate((least) => {
    const all = document.querySelectorAll("a[href], button, select, textarea, summary, input:not([type=hidden])");
    const box = (one) => one.getBoundingClientRect();
    const isInText = (one) => {
      if (one.localName !== "a" || getComputedStyle(one).display !== "inline") return false;
      // Words beside it in the same block, or a cell of a table or list of values: its line is as high as theirs.
      const block = one.closest("p, li, dd, dt, td, th, h1, h2, h3, div, span.block, section, main");
      return block !== null && (block.matches("td, th, dd, dt") || block.textContent.trim() !== one.textContent.trim());
    };
    const size = (one) => {
      // A label, or a whole line of choices, is pressed for its field.
      const part = one.matches("input[type=radio], input[type=checkbox]") ? one.closest(".choice") ?? one.labels?.[0] ?? one : one;
      return box(part);
    };
    return [...all].filter((one) => one.checkVisibility() && !one.matches(".skip") && !isInText(one))
      .filter((one) => size(one).height < least || size(one).width < least)
      .map((one) => `a target of ${Math.round(size(one).width)} × ${Math.round(size(one).height)} pixels: ${one.outerHTML.slice(0, 90)}`);
  }, TARGET - 0.5);
}

/** Colours, as axe reckons them; what it cannot reckon it does not tell. */
async function contrast(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: { type: "rule", values: ["color-contrast"] }, resultTypes: ["violations"] }));
  return violations.flatMap((one) => one.nodes.map((node) => `too little contrast: ${node.html.slice(0, 90)} ${node.any[0]?.message ?? ""}`));
}

async function dark(page) {
  await shownAs(page, { colorScheme: "dark" });
  const faults = await contrast(page);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
  if (Math.max(...ground) > 80) faults.push(`the ground is not dark: ${ground}`);
  await shownAs(page, { colorScheme: "light" });
  return faults;
}

/** Whoever wants no motion sees none. */
async function still(page) {
  await shownAs(page, { reducedMotion: "reduce" });
  const faults = await page.evaluate(() => {
    const long = (times) => times.split(",").some((time) => parseFloat(time) > 0);
    const moves = (one, part) => {
      const { animationName, animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(one, part);
      return (animationName !== "none" && long(animationDuration)) || long(transitionDuration) || scrollBehavior === "smooth";
    };
    const found = [...document.querySelectorAll("*")].filter((one) => ["", "::before", "::after"].some((part) => moves(one, part || null)));
    return [...found.map((one) => `moves: ${one.localName} ${one.className}`), ...document.getAnimations().map(() => "an animation runs")];
  });
  await shownAs(page, { reducedMotion: "no-preference" });
  return faults;
}

/** On paper nothing is to be pressed, and nothing is cut off. */
async function print(page) {
  const before = page.viewportSize();
  await shownAs(page, { media: "print" });
  await page.setViewportSize(PAPER);
  const faults = await page.evaluate(() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility({ visibilityProperty: true }));
    const found = seen("nav, form button, form input, form select, form textarea").map((one) => `on paper: ${one.outerHTML.slice(0, 60)}`);
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth - root.clientWidth} pixels are beside the paper`);
    for (const one of seen("body *")) {
      const { overflowX, overflowY } = getComputedStyle(one);
      // What is for readers of the screen alone is one pixel.
      if (one.clientWidth <= 1 || one.localName === "svg") continue;
      const cut = (overflow, whole, part) => overflow !== "visible" && whole > part + 1;
      if (cut(overflowX, one.scrollWidth, one.clientWidth) || cut(overflowY, one.scrollHeight, one.clientHeight)) found.push(`cut off on paper: ${one.outerHTML.slice(0, 60)}`);
    }
    return found;
  });
  faults.push(...await contrast(page));
  await page.setViewportSize(before);
  await shownAs(page, { media: "screen" });
  return faults;
}

/** At twice the size nothing sticks out: half of the pixels are left. */
async function twice(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: before.width / 2, height: before.height / 2 });
  const faults = await page.evaluate(() => {
    const root = document.documentElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over <= 0) return [];
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5);
    return [`at twice the size ${over} pixels stick out: ${wide.slice(-1).map((one) => one.outerHTML.slice(0, 80))}`];
  });
  await page.setViewportSize(before);
  return faults;
}

const WAYS = { keyboard, targets, dark, still, print, twice };

/** What is wrong with a page, and what each way took in milliseconds. Axe is on it already. */
export async function inEveryWay(page, took) {
  const faults = [];
  for (const [name, way] of Object.entries(WAYS)) {
    const from = performance.now();
    // What is folded is looked at too.
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    faults.push(...(await way(page)).map((fault) => `${name}: ${fault}`));
    took[name] = (took[name] ?? 0) + performance.now() - from;
  }
  return faults;
}

const STYLE = `
  :root { color-scheme: light dark; } body { color: #111; background: #fff; }
  @media (prefers-color-scheme: dark) { body { color: #eee; background: #111; } a { color: #8fc0ff; } }
  @media print { nav, form { display: none; } body { color: #000; background: #fff; } }
  a, button, input, label { display: inline-flex; min-height: 44px; min-width: 44px; } input { box-sizing: border-box; max-width: 100%; } p a { display: inline; }
  :focus-visible { outline: 3px solid #06c; }`;
const BODY = `<nav><a href="#a">one</a></nav><main><p>see <a href="#b">two</a> there</p><form><input aria-label="x"><input type="date" aria-label="day"><label><input type="radio" name="r">a</label><label><input type="radio" name="r">b</label><button>go</button></form></main>`;

/** Pages that are wrong in one way each, and what is to be said of them. */
const TWINS = [
  ["keyboard", /is not a one|never comes to button first/, { body: `<button tabindex="5">first</button>` }],
  ["keyboard", /never comes to|is not/, { body: `<a href="#c" tabindex="-1">left out</a>` }],
  ["keyboard", /without an outline/, { style: `button:focus-visible { outline: none; }` }],
  ["keyboard", /nothing is to be seen/, { style: `button { position: absolute; left: -900px; }` }],
  ["keyboard", /does not let the keyboard go|never comes to/, { trap: true }],
  ["targets", /44 × 30/, { style: `button { min-height: 0; height: 30px; width: 44px; padding: 0; box-sizing: border-box; }` }],
  ["targets", /a target of \d+ × \d+ pixels: <a href="#d"/, { body: `<p><a href="#d">alone</a></p>` }],
  ["dark", /too little contrast/, { style: `@media (prefers-color-scheme: dark) { p { color: #444; } }` }],
  ["dark", /the ground is not dark/, { style: `body { background: #fff; color: #111; } a { color: #00f !important; }` }],
  ["still", /moves: button/, { style: `button { transition: background-color .1s; }` }],
  ["still", /an animation runs/, { style: `@keyframes k { to { opacity: 0; } } p { animation: k 2s infinite; }` }],
  ["print", /on paper: <nav/, { style: `@media print { nav { display: block; } }` }],
  ["print", /on paper: <button/, { style: `@media print { form { display: block; } }` }],
  ["print", /beside the paper/, { body: `<p style="width: 900px">wide</p>` }],
  ["print", /cut off on paper/, { body: `<div style="overflow: hidden; width: 200px; white-space: nowrap">${"long ".repeat(30)}</div>` }],
  ["print", /too little contrast/, { style: `@media print { p { color: #ccc; } }` }],
  ["twice", /stick out: <p/, { body: `<p style="width: 300px">wide</p>` }],
];

/** Each way finds nothing on a page that is right, and the fault of each page that is wrong. */
export async function twins(page, axe) {
  const shown = async ({ body = "", style = "", trap = false }) => {
    await page.setContent(`<!doctype html><html lang="en"><head><title>x</title><style>${STYLE}${style}</style></head><body>${BODY}${body}</body></html>`);
    await page.evaluate(axe);
    if (trap) await page.evaluate(() => document.querySelector("button").addEventListener("keydown", (pressed) => pressed.preventDefault()));
  };
  await shown({});
  assert.deepEqual(await inEveryWay(page, {}), [], "a page that is right");
  for (const [name, expected, broken] of TWINS) {
    await shown(broken);
    const faults = await WAYS[name](page);
    assert.ok(faults.some((fault) => expected.test(fault)), `${name} does not find ${expected}: ${JSON.stringify(faults)}`);
  }
  const untried = Object.keys(WAYS).filter((name) => !TWINS.some(([tried]) => tried === name));
  assert.deepEqual(untried, [], "ways that were never seen to find a fault");
}

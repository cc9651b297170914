// The page that checks receipts: the module in the browser beside the server, over receipts that hold and receipts that were changed.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";

/** What the browser finds out about a receipt without the server is what the server says. */
export async function receipts(open, text) {
  const good = await text("order-c-1-2");
  // Money and minutes.
  const pay = await text("pay-c-1-1");
  const lines = good.split("\n");
  const other = (await text("order-c-1-5")).split("\n");
  const opening = (from) => {
    const bytes = Buffer.from(lines[1].slice(6), "base64");
    bytes[bytes.length - from] ^= 1;
    return good.replace(lines[1], `extra ${bytes.toString("base64")}`);
  };
  const empty = lines.indexOf("");
  const changed = (at, line) => lines.map((known, place) => (place === at ? line : known)).join("\n");
  const signature = lines[lines.length - 2];
  const bent = signature.replace(/(.)=*$/, (end) => (end[0] === "A" ? "B" : "A") + end.slice(1));
  const rows = [
    ["holds", good], ["holds", pay], ["content", opening(2)], ["content", opening(9)], ["inclusion", changed(2, "index 0")],
    ["inclusion", changed(2, other[2])], ["inclusion", changed(3, other[other.indexOf("") - 1])],
    ["inclusion", lines.filter((_, at) => at !== 3).join("\n")], ["signature", changed(empty + 2, "999")],
    ["signature", good.replace(/^gongdao[^\n]*$/m, "gongdao.test/other")], ["form", good.slice(0, 300)],
    ["form", changed(0, "c2sp.org/tlog-proof@v2")], ["form", changed(2, "index 007")], ["form", lines.filter((_, at) => at !== 1).join("\n")],
    ["form", "dear ledger"], [undefined, good.replace(signature, bent)], [undefined, opening(60)], [undefined, opening(400)],
  ];
  const key = await (async () => {
    const walk = await open("desk");
    await walk.go("/verify");
    const key = await walk.page.inputValue("#trust");
    await walk.close();
    return key;
  })();
  const [name, id, rest] = key.split("+");
  const keys = [["trust", "who-knows"], ["trust", `${name}+00000000+${rest}`], ["trust", `${name}+${id}`]].map(([step, trust]) => [step, good, trust]);
  // A witness with a key of its own (C2SP tlog-cosignature) that never signed.
  const bytes = Buffer.concat([Buffer.from([4]), generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32)]);
  const hash = createHash("sha256").update("union.example\n").update(bytes).digest("hex");
  const witness = `witness u union.example+${hash.slice(0, 8)}+${bytes.toString("base64")}`;
  const policies = [
    ["holds", `log ${key}\nquorum none\n`], ["holds", `# ours\r\nlog ${key}\r\n${witness}\r\nquorum none`], ["witnesses", `log ${key}\n${witness}\nquorum u\n`],
    ["witnesses", `log ${key}\n${witness}\ngroup g any u\nquorum g\n`], ["trust", `log ${key}\n${witness}\nquorum w\n`], ["trust", `log ${key}\n`],
  ].map(([step, trust]) => [step, good, trust]);
  const walk = await open("phone");
  // Names and values in their order, whatever they are grouped by.
  const pairs = (place) => walk.page.evaluate((place) => [...document.querySelectorAll(`${place} dl, dl${place}`)]
    .flatMap((list) => [...list.querySelectorAll("dt, dd")]).map((one) => one.textContent.trim()), place);
  const seen = new Set();
  for (const [expected, text, trust] of [...rows, ...keys, ...policies]) {
    await walk.page.goto("/verify");
    const fill = (text, trust) => walk.page.evaluate(([text, trust]) => {
      document.querySelector("#text").value = text;
      if (trust) document.querySelector("#trust").value = trust;
    }, [text, trust]);
    await fill(text, trust);
    await walk.page.locator("#check-here").click();
    await walk.page.waitForSelector("#local[data-verdict]");
    const local = await walk.page.getAttribute("#local", "data-verdict");
    const [localRows, localHidden] = [await pairs("#local-says"), await walk.page.textContent("#local-hidden")];
    await Promise.all([walk.page.waitForEvent("load"), walk.page.locator("#verify button:not([type])").click()]);
    const server = await walk.page.getAttribute("#answer", "data-verdict");
    const told = `${text.slice(0, 60)}… ${trust ?? ""}`;
    assert.equal(local, server, told);
    assert.deepEqual(localRows, await pairs("#says"), told);
    assert.equal(localHidden, (await walk.page.locator("#hidden").count()) ? await walk.page.textContent("#hidden") : "", told);
    assert.equal(localRows.length > 5, server === "holds", told);
    if (expected) assert.equal(server, expected, told);
    else assert.notEqual(server, "holds", told);
    seen.add(server);
  }
  assert.equal(seen.size, 7, [...seen].join());
  await walk.page.goto("/verify");
  await walk.page.fill("#text", good);
  await walk.page.locator("#check-here").click();
  await walk.page.waitForSelector(`#local[data-verdict="holds"]`);
  assert.equal(await walk.page.getAttribute("#local-detail", "open"), null, "a receipt that holds is not told in thousands of lines");
  await walk.look();
  await walk.picture("verified");
  await byFile(walk, good);
  await withoutModule(walk, good);
  await walk.close();
}

/** A file that is chosen or dropped is read in the browser; nothing but the module is asked for, and only then. */
async function byFile(walk, receipt) {
  const asked = [];
  walk.page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await walk.page.goto("/verify", { waitUntil: "networkidle" });
  assert.ok(!asked.some((one) => one.endsWith(".wasm")), "the module is loaded before anybody asks for it");
  asked.length = 0;
  const buffer = Buffer.from(receipt);
  await walk.page.setInputFiles("#file", { name: "a.tlog-proof", mimeType: "text/plain", buffer });
  await walk.page.locator("#check-here").click();
  await walk.page.waitForSelector(`#local[data-verdict="holds"]`);
  assert.equal(asked.length, 1, asked.join());
  assert.match(asked[0], /^GET \/static\/[0-9a-f]{16}\.wasm$/);
  await walk.page.setInputFiles("#file", { name: "a.tlog-proof", mimeType: "text/plain", buffer: buffer.subarray(0, 200) });
  await walk.page.locator("#check-here").click();
  await walk.page.waitForSelector(`#local[data-verdict="form"]`);
  await walk.page.goto("/verify");
  asked.length = 0;
  const dropped = await walk.page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "a.tlog-proof"));
    return data;
  }, receipt);
  await walk.page.dispatchEvent("#verify", "drop", { dataTransfer: dropped });
  await walk.page.waitForSelector(`#local[data-verdict="holds"]`);
  assert.ok(asked.every((one) => one.endsWith(".wasm")), `nothing is sent: ${asked.join()}`);
}

/** A browser that cannot is told so, and the server still can; what did not arrive is asked for again. */
async function withoutModule(walk, receipt) {
  const check = async (verdict) => {
    await walk.page.locator("#check-here").click();
    await walk.page.waitForSelector(`#local[data-verdict="${verdict}"]`);
  };
  await walk.page.goto("/verify");
  await walk.page.fill("#text", receipt);
  await walk.page.route("**/*.wasm", (route) => route.abort());
  await check("unsupported");
  await walk.page.unroute("**/*.wasm");
  await check("holds");
  await walk.page.addInitScript(() => delete globalThis.WebAssembly);
  await walk.page.goto("/verify");
  await walk.page.fill("#text", receipt);
  await check("unsupported");
  await Promise.all([walk.page.waitForEvent("load"), walk.page.locator("#verify button:not([type])").click()]);
  assert.equal(await walk.page.getAttribute("#answer", "data-verdict"), "holds");
}

// Checks a receipt in this browser, with nothing sent to the server: by the server's own code, as a WebAssembly module that is
// loaded when somebody asks for it (ADR 16). What holds and what does not is decided there; here it is put on the page.
"use strict";
(() => {
  /** Bytes of a receipt at most, as on the server. */
  const MOST = 1 << 20;
  const at = (id) => document.getElementById(id);
  const word = (name) => document.querySelector(`[data-word="${name}"]`).textContent;
  const means = (name) => document.querySelector(`[data-means="${name}"]`).textContent;
  const held = (kind, name) => [...document.querySelectorAll(`[data-${kind}]`)].find((one) => one.dataset[kind] === name);
  const says = (name) => held("say", name).textContent;
  const button = at("check-here");

  let loading;
  /** The module's functions and memory; loaded once, and again after a failure. */
  async function module() {
    const answer = await fetch(button.dataset.module);
    const { instance } = await WebAssembly.instantiate(await answer.arrayBuffer());
    return instance.exports;
  }

  async function checked(receipt, isPasted, trust) {
    const { memory, receipt_room, trust_room, check, answer_bytes } = await (loading = loading || module());
    const put = (room, bytes) => {
      const place = room(bytes.length);
      // The memory is looked at anew after each call: growing it makes older views empty.
      new Uint8Array(memory.buffer, place, bytes.length).set(bytes);
    };
    put(receipt_room, receipt);
    put(trust_room, new TextEncoder().encode(trust));
    const place = check(isPasted ? 1 : 0);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, place, answer_bytes())));
  }

  /** Whole numbers come as `{int}` and bytes as `{bytes}`, each as text: so none is rounded. */
  const plain = (value) => (value === null ? value : value.int ?? value.bytes ?? value);
  const isInt = (value) => value !== null && typeof value === "object" && "int" in value;
  const readable = (_, value) => (isInt(value) && Number.isSafeInteger(Number(value.int)) ? Number(value.int) : plain(value));

  /** A moment in Asia/Shanghai, as the server writes it. */
  function when(millis) {
    const [year, month, day, hour, minute] = new Date(Number(millis.int) + 28_800_000).toISOString().match(/\d+/g);
    const names = says("months").trim().split(/\s+/);
    const text = says("day").replace("{year}", Number(year)).replace("{month}", names[month - 1]).replace("{day}", Number(day));
    return `${text} ${hour}:${minute}`;
  }

  function shown(value, unit) {
    if (typeof value === "boolean") return says(value ? "yes" : "no");
    if (Array.isArray(value)) return value.map(plain).join(says("join")) || says("none");
    if (!isInt(value) || !unit) return String(plain(value));
    if (unit !== "fen") return unit.replace("#", value.int);
    const digits = value.int.replace("-", "").padStart(3, "0");
    return `${value.int.startsWith("-") ? "−" : ""}¥${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }

  /** What a decision’s part says (docs/formats/ledger-service.md), row by row as on the server’s page. */
  function rows({ schema, columns: [id, at, action, , , facts, seen, person, law] }) {
    if (!/^gongdao\/(check|decision)\/1$/.test(schema)) return [];
    const named = ([path, value]) => {
      const fact = held("fact", path);
      return [fact ? fact.textContent : path, shown(value, fact && fact.dataset.unit)];
    };
    const own = [[says("decision"), id], [says("when"), when(at)], [says("what"), held("action", action)?.textContent ?? action], ...facts.map(named)];
    return seen === undefined ? own : [...own, [says("state_at"), when(seen)], ...person.map(named), ...law.map(named)];
  }

  function tell(name, content, found) {
    const section = at("local");
    section.hidden = false;
    section.dataset.verdict = name;
    section.classList.toggle("wrong", name !== "holds");
    at("local-verdict").textContent = word(name);
    at("local-means").textContent = means(name);
    at("local-content").textContent = content;
    // Why it does not hold is to be seen at once; a whole receipt has thousands of lines.
    at("local-detail").hidden = content === "";
    at("local-detail").open = name !== "holds";
    at("local-hidden").textContent = found ? says("hidden").replace("{count}", found.hidden.int) : "";
    at("local-says").replaceChildren(...(found ? rows(found) : []).map((row) => {
      const pair = document.createElement("div");
      pair.append(...["dt", "dd"].map((tag, place) => Object.assign(document.createElement(tag), { textContent: row[place] })));
      return pair;
    }));
    section.scrollIntoView({ block: "nearest" });
  }

  async function checkHere() {
    const file = [...at("file").files].find((one) => one.size);
    const text = at("text").value;
    if (!file && !text.trim()) return tell("nothing", "");
    if (file && file.size > MOST) return tell("form", "");
    const receipt = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(text);
    const trust = at("trust").value.trim() ? at("trust").value : at("trust").dataset.own;
    let found;
    try {
      found = await checked(receipt, !file, trust);
    } catch (error) {
      // No WebAssembly, no connection, or no memory left: the next try begins anew.
      loading = undefined;
      return tell("unsupported", String(error));
    }
    if (found.verdict !== "holds") return tell(found.verdict, `${found.message}\n${found.hint}`);
    return tell("holds", JSON.stringify(found, readable, 2), found);
  }

  button.hidden = false;
  button.addEventListener("click", checkHere);
  // A file dropped on the form is chosen, and checked here.
  const form = at("verify");
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    at("file").files = event.dataTransfer.files;
    checkHere();
  });
})();

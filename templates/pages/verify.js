// Checks a receipt in this browser, with nothing from the server: C2SP tlog-proof and signed notes, RFC 6962 hashes, the opening of
// docs/formats/ledger-receipt.md. The steps and their names are those of the server's page; a test holds both against each other.
"use strict";
(() => {
  /** A step that does not hold: `form`, `trust`, `signature`, `inclusion`, `content`. */
  class Wrong extends Error {
    constructor(step, message) {
      super(message);
      this.step = step;
    }
  }

  const ascii = (text) => new TextEncoder().encode(text);
  const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

  function joined(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

  /** Standard Base64 with padding (RFC 4648, section 4); one encoding a value. */
  function base64(text, step) {
    try {
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error();
      const chars = atob(text);
      if (btoa(chars) !== text) throw new Error();
      return Uint8Array.from(chars, (char) => char.charCodeAt(0));
    } catch {
      throw new Wrong(step, `\`${text.slice(0, 24)}\` is no Base64`);
    }
  }

  function decimal(text) {
    if (!/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) >= 1n << 64n) throw new Wrong("form", `\`${text.slice(0, 24)}\` is no number`);
    return BigInt(text);
  }

  /** Deterministic CBOR as docs/formats/ledger-entry.md has it. */
  function cbor(bytes) {
    let at = 0;
    const wrong = (what) => new Wrong("form", `byte ${at} of the encoded value: ${what}`);
    const take = (count) => {
      if (at + count > bytes.length) throw wrong("bytes that end early");
      at += count;
      return bytes.subarray(at - count, at);
    };
    const number = (short) => {
      if (short < 24) return BigInt(short);
      const width = { 24: 1, 25: 2, 26: 4, 27: 8 }[short];
      if (!width) throw wrong("an open length");
      const value = take(width).reduce((high, byte) => (high << 8n) | BigInt(byte), 0n);
      const least = { 24: 24n, 25: 1n << 8n, 26: 1n << 16n, 27: 1n << 32n }[short];
      if (value < least) throw wrong("a number in a longer form than needed");
      return value;
    };
    const signed = (short) => {
      const value = number(short);
      if (value >= 1n << 63n) throw wrong("a number beyond 64 bits with sign");
      return value;
    };
    const counted = (short) => {
      const count = number(short);
      if (count > BigInt(bytes.length)) throw wrong("bytes that end early");
      return take(Number(count));
    };
    const value = (depth) => {
      if (depth > 16) throw wrong("lists that are nested too deep");
      const [first] = take(1);
      const [major, short] = [first >> 5, first & 31];
      if (major === 7 && short === 20) return false;
      if (major === 7 && short === 21) return true;
      if (major === 7 && short === 22) return null;
      if (major === 0) return signed(short);
      if (major === 1) return -1n - signed(short);
      if (major === 2) return counted(short);
      if (major === 3) {
        try {
          return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(counted(short));
        } catch (error) {
          throw error instanceof Wrong ? error : wrong("text that is not UTF-8");
        }
      }
      if (major === 4) {
        const list = [];
        for (let left = number(short); left > 0n; left -= 1n) list.push(value(depth + 1));
        return list;
      }
      throw wrong("a kind of value that field groups do not use");
    };
    const whole = value(0);
    if (at !== bytes.length) throw wrong("bytes after the value");
    return whole;
  }

  const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

  /** The public entry (docs/formats/ledger-entry.md): what it commits to, and when the ledger took it. */
  function entryOf(bytes) {
    const wrong = () => new Wrong("form", "the entry has another shape or version");
    if (bytes.length < 44 || bytes[0] !== 1 || bytes[1] < 1 || bytes[1] > 9) throw wrong();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const tags = view.getUint16(2);
    const isCount = tags === 0 || (tags <= 2048 && (tags & (tags - 1)) === 0);
    if (!isCount || bytes.length !== 44 + 16 * tags) throw wrong();
    const tag = (place) => bytes.subarray(44 + 16 * place, 60 + 16 * place);
    for (let place = 1; place < tags; place += 1) {
      const [low, high] = [tag(place - 1), tag(place)];
      const at = low.findIndex((byte, index) => byte !== high[index]);
      if (at < 0 || low[at] > high[at]) throw wrong();
    }
    return { at: view.getBigUint64(4), commitment: bytes.subarray(12, 44) };
  }

  function openingOf(bytes) {
    const list = cbor(bytes);
    const wrong = () => new Wrong("form", "the opening has another shape or version");
    if (!Array.isArray(list) || list.length !== 7 || list[0] !== 1n) throw wrong();
    const [, entry, record, group, salt, others, content] = list;
    const isFit = isBytes(entry) && isBytes(record, 16) && typeof group === "bigint" && group >= 0n && group < 65536n
      && isBytes(salt, 32) && Array.isArray(others) && others.every((other) => other === null || isBytes(other, 32)) && isBytes(content);
    if (!isFit) throw wrong();
    return { entry, group: Number(group), salt, others, content, ...entryOf(entry) };
  }

  /** A signed checkpoint (C2SP tlog-checkpoint in a signed-note). */
  function checkpointOf(note) {
    const wrong = (what) => new Wrong("form", what);
    const split = note.lastIndexOf("\n\n");
    if (split < 0 || !note.endsWith("\n")) throw wrong("the note has no signatures");
    const text = note.slice(0, split + 1);
    const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
    if (!origin || root === undefined || rest.includes("")) throw wrong("the checkpoint has fewer than three lines");
    const signatures = note.slice(split + 2, -1).split("\n").map((line) => {
      const found = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
      if (!found) throw wrong("a line of the note is no signature");
      const bytes = base64(found[2], "form");
      if (bytes.length < 5) throw wrong("a line of the note is no signature");
      return { name: found[1], id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
    });
    const rootHash = base64(root, "form");
    if (rootHash.length !== 32) throw wrong("the root is no hash");
    return { text, origin, size: decimal(size), root: rootHash, signatures };
  }

  function receiptOf(text) {
    const split = text.indexOf("\n\n");
    if (split < 0) throw new Wrong("form", "the proof has no empty line");
    const [first, extra, index, ...hashes] = text.slice(0, split).split("\n");
    if (first !== "c2sp.org/tlog-proof@v1") throw new Wrong("form", "the first line is not `c2sp.org/tlog-proof@v1`");
    if (!extra || !extra.startsWith("extra ")) throw new Wrong("form", "the receipt has no `extra` line");
    if (!index || !index.startsWith("index ") || hashes.length > 64) throw new Wrong("form", "the index is missing");
    const path = hashes.map((hash) => base64(hash, "form"));
    if (path.some((hash) => hash.length !== 32)) throw new Wrong("form", "a hash of the proof is none");
    return {
      opening: openingOf(base64(extra.slice(6), "form")), index: decimal(index.slice(6)), path,
      checkpoint: checkpointOf(text.slice(split + 2)),
    };
  }

  /** A log's key as it is written down: name, id, and type with key in Base64. */
  async function keyOf(text) {
    const wrong = (what) => new Wrong("trust", what);
    const parts = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
    if (!parts) throw wrong("this is no verifier key");
    const [, name, id, encoded] = parts;
    const bytes = base64(encoded, "trust");
    if (bytes.length !== 33 || bytes[0] !== 1) throw wrong("the key is not of type Ed25519");
    const hash = await sha256(ascii(`${name}\n`), bytes);
    const hex = [...hash.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== id) throw wrong("the id does not fit the key");
    return { name, id: hash.subarray(0, 4), bytes: bytes.subarray(1) };
  }

  async function checkSignature({ text, origin, signatures }, key) {
    if (origin !== key.name) throw new Wrong("signature", `the checkpoint is of \`${origin}\`, the key of \`${key.name}\``);
    const own = signatures.find((line) => line.name === key.name && same(line.id, key.id));
    if (!own) throw new Wrong("signature", "no signature is by the key");
    const ready = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
    const fits = await crypto.subtle.verify({ name: "Ed25519" }, ready, own.signature, ascii(text));
    if (!fits) throw new Wrong("signature", "the signature does not fit the checkpoint");
  }

  /** RFC 9162, section 2.1.3.2. */
  async function checkInclusion({ opening, index, path, checkpoint }) {
    const wrong = () => new Wrong("inclusion", "the entry is not in the tree of the checkpoint");
    if (index >= checkpoint.size) throw wrong();
    let [place, last] = [index, checkpoint.size - 1n];
    let hash = await sha256(Uint8Array.of(0), opening.entry);
    for (const other of path) {
      if (last === 0n) throw wrong();
      if (place & 1n || place === last) {
        hash = await sha256(Uint8Array.of(1), other, hash);
        while (place !== 0n && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
      } else hash = await sha256(Uint8Array.of(1), hash, other);
      [place, last] = [place >> 1n, last >> 1n];
    }
    if (last !== 0n || !same(hash, checkpoint.root)) throw wrong();
  }

  async function checkContent({ group, salt, others, content, commitment }) {
    const own = await sha256(ascii("gongdao/group/1"), salt, content);
    const isShown = others.length > group && others.every((other, place) => (other === null) === (place === group));
    const groups = others.map((other) => other ?? own);
    const count = Uint8Array.of(others.length >> 8, others.length & 255);
    const whole = await sha256(ascii("gongdao/record/1"), count, ...groups);
    if (!isShown || others.length > 65535 || !same(whole, commitment)) throw new Wrong("content", "the content is not what the entry commits to");
    try {
      const list = cbor(content);
      if (Array.isArray(list) && typeof list[0] === "string") return list;
    } catch { /* told below */ }
    throw new Wrong("content", "the group does not begin with its schema");
  }

  async function check(text, trust) {
    const key = await keyOf(trust);
    const receipt = receiptOf(text);
    await checkSignature(receipt.checkpoint, key);
    await checkInclusion(receipt);
    const content = await checkContent(receipt.opening);
    const hidden = receipt.opening.others.length - 1;
    return { leaf: receipt.index, size: receipt.checkpoint.size, origin: receipt.checkpoint.origin, at: receipt.opening.at, hidden, content };
  }

  async function canCheck() {
    try {
      await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  }

  const plain = (_, value) => {
    if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
    return value instanceof Uint8Array ? btoa(String.fromCharCode(...value)) : value;
  };

  const at = (id) => document.getElementById(id);
  const word = (name) => document.querySelector(`[data-word="${name}"]`).textContent;
  const means = (name) => document.querySelector(`[data-means="${name}"]`).textContent;

  const held = (kind, name) => [...document.querySelectorAll(`[data-${kind}]`)].find((one) => one.dataset[kind] === name);
  const says = (name) => held("say", name).textContent;

  /** A moment in Asia/Shanghai, as the server writes it. */
  function when(millis) {
    const [year, month, day, hour, minute] = new Date(Number(millis) + 28_800_000).toISOString().match(/\d+/g);
    const names = says("months").trim().split(/\s+/);
    const text = says("day").replace("{year}", Number(year)).replace("{month}", names[month - 1]).replace("{day}", Number(day));
    return `${text} ${hour}:${minute}`;
  }

  function shown(value, unit) {
    if (typeof value === "boolean") return says(value ? "yes" : "no");
    if (Array.isArray(value)) return value.join(says("join")) || says("none");
    if (typeof value !== "bigint" || !unit) return String(value);
    if (unit !== "fen") return unit.replace("#", value);
    const fen = value < 0n ? -value : value;
    return `${value < 0n ? "−" : ""}¥${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`;
  }

  /** What a decision’s part says (docs/formats/ledger-service.md), row by row as on the server’s page. */
  function rows([schema, id, at, action, , , facts, seen, person, law]) {
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
    at("local-hidden").textContent = found ? says("hidden").replace("{count}", found.hidden) : "";
    at("local-says").replaceChildren(...(found ? rows(found.content) : []).map((row) => {
      const pair = document.createElement("div");
      pair.append(...["dt", "dd"].map((tag, place) => Object.assign(document.createElement(tag), { textContent: row[place] })));
      return pair;
    }));
    section.scrollIntoView({ block: "nearest" });
  }

  async function checkHere() {
    const [file] = at("file").files;
    const pasted = at("text").value.replaceAll("\r\n", "\n").trim();
    const text = file ? await file.text() : pasted && `${pasted}\n`;
    const trust = at("trust").value.trim();
    if (!text) return tell("nothing", "");
    if (!(await canCheck())) return tell("unsupported", "");
    if (/\s/.test(trust)) return tell("policy", "");
    try {
      const found = await check(text, trust);
      return tell("holds", JSON.stringify(found, plain, 2), found);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      return tell(error.step, error.message);
    }
  }

  const button = at("check-here");
  button.hidden = false;
  button.addEventListener("click", checkHere);
})();

"""A second reader of receipts and statements, written from docs/formats/ledger-*.md and the C2SP pages alone.

    python3 verify.py CASES.json
    python3 verify.py --mirror FOLDER POLICY

Needs Python's standard library and the package `cryptography`. Reads the cases of `tests/vectors/ledger-1.json` (or others of
the same shape), works out every value and verdict by itself, and prints them as one JSON object; exit code 1 when one
differs from what its case says. The second form checks an exported copy of a log (C2SP tlog-tiles and sealed epochs): every
tile, the signed root, and every tag index made again from the public entries.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    pass


def need(condition, why):
    if not condition:
        raise Refused(why)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refused("base64") from error
    need(base64.b64encode(data).decode() == text, "base64 in another form")
    return data


def decimal(text):
    need(text.isascii() and text.isdigit() and str(int(text)) == text and int(text) < 1 << 64, "number")
    return int(text)


# --- RFC 6962 -------------------------------------------------------------------------------------------------------------

def leaf_hash(entry):
    return sha(b"\0", entry)


def node_hash(left, right):
    return sha(b"\1", left, right)


def root_from_path(index, size, leaf, path):
    """Recursive, as the definition is; the path ends with the hash beside the root's child."""
    need(0 <= index < size, "index")
    if size == 1:
        need(not path, "path too long")
        return leaf
    need(path, "path too short")
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node_hash(root_from_path(index, split, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_from_path(index - split, size - split, leaf, path[:-1]))


# --- signed notes, checkpoints, policies ------------------------------------------------------------------------------------

class Key:
    def __init__(self, text):
        name, key_id, encoded = text.split("+", 2)
        data = unbase64(encoded)
        self.name, self.kind, self.public = name, data[0], data[1:]
        self.key_id = sha(name.encode(), b"\n", data)[:4]
        need(self.key_id.hex() == key_id, "key id")

    def signs(self, text, signature):
        message = text.encode()
        if self.kind == 4:
            if len(signature) != 72:
                return False
            at = struct.unpack(">Q", signature[:8])[0]
            message, signature = b"cosignature/v1\ntime %d\n" % at + message, signature[8:]
        elif self.kind != 1:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_note(note):
    need(all(sign >= " " or sign == "\n" for sign in note), "control character")
    at = note.rfind("\n\n")
    need(at >= 0 and note.endswith("\n"), "note")
    text, lines = note[: at + 1], note[at + 2:].split("\n")[:-1]
    need(lines, "no signature")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "—" and parts[1] and "+" not in parts[1], "signature line")
        data = unbase64(parts[2])
        need(len(data) > 4, "signature")
        signatures.append((parts[1], data[:4], data[4:]))
    return text, signatures


class Policy:
    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.logs.append(Key(words[1]))
            elif words[0] == "witness":
                self.witnesses[words[1]] = Key(words[2])
            elif words[0] == "group":
                needed = {"any": 1, "all": len(words) - 3}.get(words[2]) or int(words[2])
                self.groups[words[1]] = (needed, words[3:])
            elif words[0] == "quorum":
                self.quorum = words[1]

    def checkpoint(self, note):
        text, signatures = parse_note(note)
        lines = text.split("\n")[:-1]
        need(len(lines) >= 3 and all(lines), "checkpoint")
        origin, size, root = lines[0], decimal(lines[1]), unbase64(lines[2])
        need(len(root) == 32, "root")
        of_log = [key for key in self.logs if key.name == origin]
        own = [(key, line[2]) for key in of_log for line in signatures if line[:2] == (key.name, key.key_id)]
        need(own and all(key.signs(text, signature) for key, signature in own), "log signature")

        def met(name):
            if name in self.witnesses:
                key = self.witnesses[name]
                lines = [line[2] for line in signatures if line[:2] == (key.name, key.key_id)]
                return bool(lines) and key.signs(text, lines[0])
            needed, members = self.groups[name]
            return sum(met(member) for member in members) >= needed

        need(self.quorum == "none" or met(self.quorum), "quorum")
        return size, root, text


class Proof:
    def __init__(self, text):
        need("\n\n" in text, "proof")
        head, self.note = text.split("\n\n", 1)
        lines = head.split("\n")
        need(lines[0] == "c2sp.org/tlog-proof@v1", "first line")
        rest = lines[1:]
        self.extra = None
        if rest and rest[0].startswith("extra "):
            self.extra = unbase64(rest.pop(0)[6:])
        need(rest and rest[0].startswith("index "), "index line")
        self.index = decimal(rest[0][6:])
        self.path = [unbase64(line) for line in rest[1:]]
        need(all(len(hashed) == 32 for hashed in self.path) and len(self.path) <= 64, "hash")

    def verify(self, leaf, policy):
        size, root, text = policy.checkpoint(self.note)
        need(root_from_path(self.index, size, leaf, self.path) == root, "inclusion")
        return text


# --- deterministic CBOR -----------------------------------------------------------------------------------------------------

def cbor(data):
    value, rest = cbor_value(data, 0)
    need(not rest, "bytes after the value")
    return value


def cbor_value(data, depth):
    need(data and depth <= 16, "cbor")
    major, short, rest = data[0] >> 5, data[0] & 31, data[1:]
    if major == 7:
        need(short in (20, 21, 22), "simple value")
        return {20: False, 21: True, 22: None}[short], rest
    need(major <= 4 and short <= 27, "kind of value")
    number = short
    if short >= 24:
        width = 1 << short - 24
        need(len(rest) >= width, "short head")
        number, rest = int.from_bytes(rest[:width], "big"), rest[width:]
        need(number >= {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[width], "longer form")
    if major <= 1:
        need(number < 1 << 63, "large number")
        return (number if major == 0 else -1 - number), rest
    if major <= 3:
        need(len(rest) >= number, "short text")
        piece, rest = rest[:number], rest[number:]
        try:
            return (piece if major == 2 else piece.decode()), rest
        except UnicodeDecodeError as error:
            raise Refused("text") from error
    values = []
    for _ in range(number):
        value, rest = cbor_value(rest, depth + 1)
        values.append(value)
    return values, rest


def is_bytes(value, length=None):
    return isinstance(value, bytes) and (length is None or len(value) == length)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# --- entries, receipts, statements --------------------------------------------------------------------------------------------

class Entry:
    def __init__(self, data):
        need(len(data) >= 44, "entry")
        version, self.kind, count, self.at = struct.unpack(">BBHQ", data[:12])
        self.commitment, self.data = data[12:44], data
        need(version == 1 and 1 <= self.kind <= 9 and len(data) == 44 + 16 * count, "entry")
        need(count <= 2048 and (count & count - 1) == 0, "number of tags")
        self.tags = [data[at: at + 16] for at in range(44, len(data), 16)]
        need(all(left < right for left, right in zip(self.tags, self.tags[1:])), "order of tags")


def salt(key, record, group, nonce):
    return mac(key, b"gongdao/salt/1", record, struct.pack(">H", group), nonce)


def commit_group(salted, data):
    return sha(b"gongdao/group/1", salted, data)


def commit_record(groups):
    need(0 < len(groups) < 1 << 16, "number of groups")
    return sha(b"gongdao/record/1", struct.pack(">H", len(groups)), *groups)


def check_receipt(text, policy):
    proof = Proof(text)
    need(proof.extra is not None, "no opening")
    opening = cbor(proof.extra)
    need(isinstance(opening, list) and len(opening) == 7 and opening[0] == 1 and opening[0] is not True, "opening")
    _, entry, record, group, salted, others, data = opening
    need(is_bytes(entry) and is_bytes(record, 16) and is_count(group) and group < 1 << 16, "opening")
    need(is_bytes(salted, 32) and isinstance(others, list) and is_bytes(data) and group < len(others), "opening")
    entry = Entry(entry)
    checkpoint = proof.verify(leaf_hash(entry.data), policy)
    groups = []
    for place, other in enumerate(others):
        need((other is None) == (place == group), "shown group")
        need(other is None or is_bytes(other, 32), "commitment")
        groups.append(commit_group(salted, data) if other is None else other)
    need(commit_record(groups) == entry.commitment, "commitment")
    content = cbor(data)
    need(isinstance(content, list) and content and isinstance(content[0], str), "schema")
    return {"leaf": proof.index, "kind": entry.kind, "at": entry.at, "group": group, "schema": content[0],
            "columns": shown(content[1:])}, checkpoint


class Seal:
    def __init__(self, data):
        need(is_bytes(data, 64), "seal")
        self.epoch, self.first, self.end, self.count = struct.unpack(">QQQQ", data[:32])
        self.root, self.data = data[32:], data


def check_presence(value, seal):
    need(isinstance(value, list) and len(value) == 3, "presence")
    line, position, path = value
    need(is_bytes(line, 25) and is_count(position) and isinstance(path, list), "presence")
    need(all(is_bytes(hashed, 32) for hashed in path) and line[16] in (0, 1), "presence")
    need(root_from_path(position, seal.count, leaf_hash(line), path) == seal.root, "presence")
    return line[:16], line[16], int.from_bytes(line[17:], "big"), position


def check_absence(value, tag, seal):
    need(isinstance(value, list) and len(value) == 2, "absence")
    before = 0
    if value[0] is not None:
        found, _, _, position = check_presence(value[0], seal)
        need(found < tag, "before")
        before = position + 1
    after = seal.count
    if value[1] is not None:
        found, _, _, after = check_presence(value[1], seal)
        need(tag < found, "after")
    need(before == after, "neighbours")


def tag_of(key, counter):
    return mac(key, b"t", struct.pack(">Q", counter))[:16]


def end_of(key):
    return mac(key, b"end")[:16]


def check_statement(data, key, policy):
    value = cbor(data)
    need(isinstance(value, list) and len(value) == 8 and value[0] == 1 and value[0] is not True, "statement")
    _, seal, seal_entry, seal_proof, has_end, end, entries, following = value
    need(is_bytes(seal_entry) and isinstance(seal_proof, str) and isinstance(has_end, bool), "statement")
    need(isinstance(entries, list), "statement")
    seal, seal_entry, seal_proof = Seal(seal), Entry(seal_entry), Proof(seal_proof)
    need(seal_entry.kind == 6 and seal_entry.commitment == sha(b"gongdao/index/1", seal.data), "seal entry")
    need(seal_proof.index >= seal.end, "sealed too early")
    checkpoint = seal_proof.verify(leaf_hash(seal_entry.data), policy)
    if has_end:
        tag, kind, number, _ = check_presence(end, seal)
        need((tag, kind, number) == (end_of(key), 1, len(entries)) and entries, "end mark")
    else:
        check_absence(end, end_of(key), seal)
        need(not entries, "entries without an end mark")
    check_absence(following, tag_of(key, len(entries)), seal)
    leaves = []
    for counter, stated in enumerate(entries):
        need(isinstance(stated, list) and len(stated) == 3 and is_bytes(stated[1]) and isinstance(stated[2], str), "entry")
        entry, proof, tag = Entry(stated[1]), Proof(stated[2]), tag_of(key, counter)
        need(check_presence(stated[0], seal)[:3] == (tag, 0, proof.index), "tag")
        need(tag in entry.tags and seal.first <= proof.index < seal.end, "tag of the entry")
        need(proof.verify(leaf_hash(entry.data), policy) == checkpoint, "another checkpoint")
        if proof.extra is not None:
            check_receipt(stated[2], policy)
        leaves.append([proof.index, proof.extra is not None])
    return leaves


# --- a mirror of the public part ---------------------------------------------------------------------------------------------

def tree_hash(hashes):
    """MTH of RFC 6962 over leaf hashes."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(tree_hash(hashes[:split]), tree_hash(hashes[split:]))


def tile_path(level, number, width):
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def widths(count):
    return enumerate([256] * (count // 256) + ([count % 256] if count % 256 else []))


def read_entries(folder, size):
    entries = []
    for number, width in widths(size):
        data = (folder / tile_path("entries", number, width)).read_bytes()
        for _ in range(width):
            length = struct.unpack(">H", data[:2])[0]
            need(len(data) >= 2 + length, "bundle")
            entries.append(Entry(data[2: 2 + length]))
            data = data[2 + length:]
        need(not data, "bundle")
    return entries


def check_mirror(folder, policy):
    size, root, _ = policy.checkpoint((folder / "checkpoint").read_text(encoding="utf-8"))
    entries = read_entries(folder, size)
    hashes, level = [leaf_hash(entry.data) for entry in entries], 0
    need(tree_hash(hashes) == root, "root")
    while hashes:
        for number, width in widths(len(hashes)):
            tile = (folder / tile_path(level, number, width)).read_bytes()
            need(tile == b"".join(hashes[number * 256: number * 256 + width]), f"tile {level} {number}")
        hashes = [tree_hash(hashes[at: at + 256]) for at in range(0, len(hashes) - len(hashes) % 256, 256)]
        level += 1
    need(all(left.at <= right.at for left, right in zip(entries, entries[1:])), "time")
    start, earlier, epochs = 0, 0, 0
    for place, entry in enumerate(entries):
        if entry.kind == 6:
            # A seal stands after its epoch, and before the next one ends.
            start = check_epoch(folder, epochs, start, range(earlier, place + 1), entries)
            earlier, epochs = place + 1, epochs + 1
    return {"size": size, "epochs": epochs}


def check_epoch(folder, epoch, start, ends_in, entries):
    data = (folder / f"epochs/{epoch:020}").read_bytes()
    seal, ends, place = Seal(data[:64]), [data[at: at + 25] for at in range(64, len(data), 25)], ends_in[-1]
    need(entries[place].commitment == sha(b"gongdao/index/1", seal.data), "seal entry")
    need((seal.epoch, seal.first) == (epoch, start) and seal.end in ends_in, "epochs leave entries out")
    need(all(len(line) == 25 and line[16] == 1 for line in ends), "end marks")
    lines = ends + [tag + b"\0" + struct.pack(">Q", leaf) for leaf in range(start, seal.end) for tag in entries[leaf].tags]
    lines.sort()
    need(all(left[:16] != right[:16] for left, right in zip(lines, lines[1:])), "a tag twice")
    need(len(lines) == seal.count and tree_hash([leaf_hash(line) for line in lines]) == seal.root, "index")
    return seal.end


# --- cases ----------------------------------------------------------------------------------------------------------------------

def shown(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def verdict(check, *arguments):
    try:
        return check(*arguments)
    except (Refused, KeyError, IndexError, ValueError):
        return None


def answers(cases):
    raw = bytes.fromhex
    policies = [Policy(text) for text in cases["policies"]]
    yield "cbor", [shown_or_refused(case) for case in cases["cbor"]]
    yield "entries", [verdict(lambda data: Entry(data).kind, raw(case["hex"])) for case in cases["entries"]]
    for case in cases["commitments"]:
        salts = [salt(raw(group["key"]), raw(case["record"]), number, raw(group["nonce"]))
                 for number, group in enumerate(case["groups"])]
        groups = [commit_group(salted, raw(group["bytes"])) for salted, group in zip(salts, case["groups"])]
        need([salted.hex() for salted in salts] == [group["salt"] for group in case["groups"]], "salt")
        need(commit_record(groups).hex() == case["commitment"], "commitment")
    for case in cases["tags"]:
        key = mac(raw(case["person_key"]), b"gongdao/tag/1", sha(case["origin"].encode()), struct.pack(">Q", case["epoch"]))
        need(key.hex() == case["tag_key"] and end_of(key).hex() == case["end"], "tag key")
        need([tag_of(key, counter).hex() for counter in range(len(case["tags"]))] == case["tags"], "tags")
    for case in cases["seals"]:
        need(sha(b"gongdao/index/1", Seal(raw(case["seal"])).data).hex() == case["commitment"], "seal")
    yield "receipts", [verdict(lambda: check_receipt(case["text"], policies[case["policy"]])[0]) for case in cases["receipts"]]
    yield "statements", [
        verdict(check_statement, unbase64(case["base64"]), raw(case["tag_key"]), policies[case["policy"]])
        for case in cases["statements"]]


def shown_or_refused(case):
    value = verdict(lambda: [cbor(bytes.fromhex(case["hex"]))])
    return None if value is None else {"value": shown(value[0])}


def main():
    if sys.argv[1] == "--mirror":
        with open(sys.argv[3], encoding="utf-8") as file:
            print(json.dumps(check_mirror(pathlib.Path(sys.argv[2]), Policy(file.read()))))
        return 0
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    found = dict(answers(cases))
    print(json.dumps(found))
    differing = [(name, place) for name, verdicts in found.items() for place, value in enumerate(verdicts)
                 if "wanted" in cases[name][place] and cases[name][place]["wanted"] != value]
    for name, place in differing:
        print(f"{name} {place}: wanted {cases[name][place]['wanted']}, found {found[name][place]}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

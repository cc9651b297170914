//! The page that checks receipts: what holds is told from what does not, step by step, for whoever has one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "public_pages/world.rs"]
mod world;

mod support;

use gongdao_merkle::{NoteSigner, decode_base64, encode_base64};
use serde_json::{Value, json};
use std::fmt::Write as _;
use support::client::{Answer, Client};
use world::World;

/// A decision about the rider, and its receipt.
fn receipt(world: &World) -> String {
    for number in 1..=5 {
        let decision = json!({
            "id": format!("d-{number}"), "at": "2026-05-01T12:00:00+08:00", "action": "recommend",
            "algorithm": "feed-v3", "person": "p-1",
            "principal": {"category": "push", "nonPersonalisedOffered": true, "switchOffOffered": true},
            "context": {"personalised": true, "solelyAutomated": true, "tagsUsed": ["<b>night"]},
        });
        assert_eq!(world.machine.post("/v1/decisions:check", &decision).status, 200);
    }
    let answer = world.rider.get("/v1/decisions/d-3/receipt");
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

fn sent(world: &World, fields: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        let file = if *name == "file" { "; filename=\"receipt.tlog-proof\"" } else { "" };
        let _ = write!(body, "--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
    }
    body += "--edge--\r\n";
    Client::new(world.served.address, None).raw("/verify", "multipart/form-data; boundary=edge", body.as_bytes())
}

fn verdict(answer: &Answer) -> &str {
    answer.text.split("data-verdict=\"").nth(1).unwrap_or_else(|| panic!("{}", answer.text)).split('"').next().unwrap()
}

/// The receipt with another byte at a place of its opening, counted from the end.
fn with_opening(receipt: &str, from_end: usize) -> String {
    let line = receipt.lines().nth(1).unwrap();
    let mut bytes = decode_base64(line.strip_prefix("extra ").unwrap()).unwrap();
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    receipt.replace(line, &format!("extra {}", encode_base64(&bytes)))
}

#[test]
fn a_receipt_holds_and_every_way_of_changing_it_is_told() {
    let world = World::new();
    let receipt = receipt(&world);
    let good = sent(&world, &[("text", &receipt)]);
    assert_eq!((good.status, verdict(&good)), (200, "holds"), "{}", good.text);
    for words in ["d-3", "&lt;b&gt;night", "gongdao.test&#x2f;web", "came from this same server"] {
        assert!(good.text.contains(words), "{words}: {}", good.text);
    }
    // As a browser writes lines of a text field, without its last end of line, and as a file.
    assert_eq!(verdict(&sent(&world, &[("text", receipt.trim().replace('\n', "\r\n").as_str())])), "holds");
    assert_eq!(verdict(&sent(&world, &[("file", &receipt), ("text", "junk")])), "holds");
    let index = receipt.lines().nth(2).unwrap();
    let other_index = receipt.replacen(index, "index 0", 1);
    let size = receipt.lines().skip_while(|line| !line.is_empty()).nth(2).unwrap();
    let other_size = receipt.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1);
    let signature = receipt.lines().last().unwrap();
    let other_origin = receipt.replace("gongdao.test/web", "gongdao.test/other");
    let rows = [
        ("another letter of the content", with_opening(&receipt, 2), "content"),
        ("another place", other_index, "inclusion"),
        ("another size", other_size, "signature"),
        ("another ledger", other_origin, "signature"),
        ("no signature", receipt.replace(signature, ""), "form"),
        ("half of it", receipt.chars().take(receipt.len() / 3).collect(), "form"),
        ("a letter", "dear ledger".to_owned(), "form"),
    ];
    for (what, text, expected) in rows {
        let answer = sent(&world, &[("text", &text)]);
        assert_eq!((answer.status, verdict(&answer)), (200, expected), "{what}: {}", answer.text);
        assert!(!answer.text.contains("What it says"), "{what}: nothing of it is shown as if it held");
    }
    world.served.stop();
}

#[test]
fn the_key_or_policy_is_the_readers_own() {
    let world = World::new();
    let receipt = receipt(&world);
    let own = world.served.service.ledger_key().unwrap();
    let other = NoteSigner::new("gongdao.test/web".parse().unwrap(), &[9; 32]).log_key().to_string();
    let policy = format!("log {own}\nquorum none\n");
    for (trust, expected) in
        [(own.as_str(), "holds"), (policy.as_str(), "holds"), (other.as_str(), "signature"), ("who knows", "trust")]
    {
        let answer = sent(&world, &[("text", &receipt), ("trust", trust)]);
        assert_eq!(verdict(&answer), expected, "{trust}: {}", answer.text);
        let is_warned = answer.text.contains("came from this same server");
        assert_eq!(is_warned, trust == own, "{trust}");
    }
    world.served.stop();
}

#[test]
fn what_is_missing_or_too_large_is_refused() {
    let world = World::new();
    let nothing = sent(&world, &[("text", "  ")]);
    assert_eq!((nothing.status, verdict(&nothing)), (422, "nothing"));
    let large = sent(&world, &[("text", &"a".repeat((1 << 20) + 10))]);
    assert_eq!(large.status, 413, "{}", large.text);
    assert!(large.text.len() < 2000, "what was sent is not sent back");
    let larger = sent(&world, &[("text", &"a".repeat(3 << 20))]);
    assert_eq!(larger.status, 413);
    let form = Client::new(world.served.address, None).post("/verify", &json!({"text": "x"}));
    assert!(form.status >= 400 && form.status < 500, "{}", form.text);
    let kept: Value = world.rider.get("/v1/persons/p-1/cases").json();
    assert_eq!(kept["items"], json!([]));
    world.served.stop();
}

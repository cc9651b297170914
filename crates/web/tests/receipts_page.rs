//! The page that checks receipts: what holds is told from what does not, step by step, for whoever has one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "public_pages/world.rs"]
mod world;

mod support;

use gongdao_ledger::GroupNumber;
use gongdao_merkle::{NoteSigner, decode_base64, encode_base64};
use gongdao_service::Credential;
use gongdao_service::port::{Expected, Put};
use serde_json::{Value, json};
use std::collections::BTreeSet;
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

/// Articles that a page leads to.
fn articles(text: &str) -> BTreeSet<String> {
    let ids = text.split("href=\"/law/").skip(1).map(|rest| rest.split('"').next().unwrap());
    ids.filter(|id| id.contains("cn.")).map(|id| id.replace("&#x2f;", "/")).collect()
}

#[test]
fn a_check_is_told_in_words_with_what_was_answered_and_what_is_hidden() {
    let world = World::new();
    let receipt = receipt(&world);
    let good = sent(&world, &[("text", &receipt)]);
    let explained = world.rider.get("/v1/decisions/d-3/explanation").json();
    let verdicts = explained["verdicts"].as_array().unwrap();
    let expected: BTreeSet<String> = verdicts.iter().map(|one| one["provision"].as_str().unwrap().to_owned()).collect();
    assert!(!expected.is_empty());
    assert_eq!(articles(&good.text), expected, "one article a rule that speaks: {}", good.text);
    let effect = match explained["effect"].as_str().unwrap() {
        "hold" => "It was held for a person",
        "stop" => "It was stopped",
        "non-personalised" => "It could go on only without personal characteristics",
        "proceed-with-duties" => "It could go on, with duties",
        _ => "It could go on",
    };
    for words in
        [effect, "feed-v3", "2 in number", "fits the commitment", "then did as it was told", "State seen as of"]
    {
        assert!(good.text.contains(words), "{words}: {}", good.text);
    }
    // The answer's own part has no word of whom it is about.
    let officer = world.browser("en", "officer").cookie("gongdao_session");
    let caller = world.served.service.recognise(Credential::Session(&officer)).unwrap();
    let reader = world.served.service.ledger(&caller).unwrap();
    let leaf = receipt.lines().nth(2).unwrap().strip_prefix("index ").unwrap().parse().unwrap();
    let of_answer = reader.receipt(leaf, GroupNumber(2)).unwrap().to_string();
    let told = sent(&world, &[("text", &of_answer)]);
    assert_eq!((verdict(&told), articles(&told.text)), ("holds", expected), "{}", told.text);
    assert!(
        told.text.contains(effect) && !told.text.contains("&lt;b&gt;night") && !told.text.contains("d-3"),
        "{}",
        told.text
    );
    // The first entry of its kind carries what the digests stand for.
    for (number, words) in [(3, "gongdao&#x2f;frame"), (4, "What it says")] {
        let first = reader.receipt(leaf - 2, GroupNumber(number)).unwrap().to_string();
        let told = sent(&world, &[("text", &first)]);
        assert!(verdict(&told) == "holds" && told.text.contains(words), "{number}: {}", told.text);
        assert_eq!(articles(&told.text).is_empty(), number == 3, "{number}: {}", told.text);
    }
    world.served.stop();
}

#[test]
fn what_this_service_does_not_have_is_said() {
    let (world, other) = (World::new(), World::new());
    let (own, foreign) = (receipt(&world), receipt(&other));
    let key = other.served.service.ledger_key().unwrap();
    let told = sent(&world, &[("text", &foreign), ("trust", &key)]);
    assert_eq!(verdict(&told), "holds");
    assert!(told.text.contains("does not have that entry") && told.text.contains("d-3"), "{}", told.text);
    assert_eq!(articles(&told.text), BTreeSet::new());
    other.served.stop();
    let store = world.served.service.store();
    let answers = store.list("answers", None, 100).unwrap();
    assert!(answers.len() >= 2, "an answer and its frame");
    for answer in answers {
        let put = Put {
            collection: "answers",
            id: answer.id,
            expected: Expected::Any,
            body: None,
            alias: None,
            expires: None,
        };
        store.change("gongdao.test/web", &[put], &[]).unwrap();
    }
    let told = sent(&world, &[("text", &own)]);
    assert!(
        told.text.contains("does not have it") && told.text.contains("<code class=\"small\">sha256:"),
        "{}",
        told.text
    );
    assert!(told.text.contains("fits the commitment"), "what was answered in one word is still there: {}", told.text);
    assert_eq!(articles(&told.text), BTreeSet::new());
    world.served.stop();
}

#[test]
fn the_key_or_policy_is_the_readers_own() {
    let world = World::new();
    let receipt = receipt(&world);
    let own = world.served.service.ledger_key().unwrap();
    let other = NoteSigner::new("gongdao.test/web".parse().unwrap(), &[9; 32]).log_key().to_string();
    let witness = NoteSigner::new("union.example".parse().unwrap(), &[8; 32]).witness_key();
    let policy = format!("log {own}\nquorum none\n");
    let cosigned = format!("log {own}\nwitness u {witness}\nquorum u\n");
    for (trust, expected) in [
        (own.as_str(), "holds"),
        (policy.as_str(), "holds"),
        (other.as_str(), "signature"),
        (cosigned.as_str(), "witnesses"),
        ("who knows", "trust"),
    ] {
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

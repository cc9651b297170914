//! `gongdao datamap`: what it answers, what it exits with, and that nothing changes before it is said twice.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const MAP: &str = "
name = \"shop\"
database = \"env:SHOP_DATABASE\"

[[table]]
name = \"riders\"
key = [\"id\"]
person = \"rider_no\"
on-delete = \"remove\"
column = [{ name = \"phone\", zh = \"手机号\", en = \"phone number\", correct = true }]
";

struct Shop(tempfile::TempDir);

impl Shop {
    fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.database()
            .execute_batch("CREATE TABLE riders (id INTEGER PRIMARY KEY, rider_no TEXT, phone TEXT, score INTEGER)")
            .unwrap();
        shop.database().execute_batch("INSERT INTO riders VALUES (1, 'p-1', '138', 5), (2, 'p-2', '139', 6)").unwrap();
        std::fs::write(shop.0.path().join("shop.toml"), MAP).unwrap();
        shop
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.0.path().join("shop.db")).unwrap()
    }

    fn phones(&self) -> String {
        self.database().query_row("SELECT group_concat(phone) FROM riders", [], |row| row.get(0)).unwrap()
    }

    fn ask(&self, arguments: &[&str]) -> (String, String, i32) {
        let output = run(self.0.path(), arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code().unwrap())
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let address = format!("sqlite://{}", folder.join("shop.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command
        .current_dir(folder)
        .arg("datamap")
        .args(arguments)
        .env_clear()
        .env("SHOP_DATABASE", address)
        .output()
        .unwrap()
}

#[test]
fn what_is_held_is_shown_in_peoples_words() {
    let shop = Shop::new();
    let (text, _, code) = shop.ask(&["check", "shop.toml"]);
    assert_eq!(code, 0);
    assert!(text.contains("与数据库一致") && text.contains("riders.score"), "{text}");
    let (text, _, code) = shop.ask(&["see", "shop.toml", "--person", "p-1"]);
    assert_eq!(code, 0);
    assert!(text.contains("手机号: 138") && text.contains("未显示的列：rider_no, score"), "{text}");
    let (text, ..) = shop.ask(&["see", "shop.toml", "--person", "p-1", "--lang", "en"]);
    assert!(text.contains("phone number: 138") && !text.contains("139"), "{text}");
    let (text, ..) = shop.ask(&["see", "shop.toml", "--person", "p-1", "--format", "json"]);
    let seen: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(seen["maps"][0]["tables"][0]["rows"], serde_json::json!([["1", "138"]]));
}

#[test]
fn nothing_changes_before_it_is_said_twice() {
    let shop = Shop::new();
    let correct =
        ["correct", "shop.toml", "--person", "p-1", "--table", "riders", "--key", "id=1", "--column", "phone"];
    let right = [&correct[..], &["--from", "138", "--to", "137"]].concat();
    assert_eq!((shop.ask(&right).2, shop.phones().as_str()), (0, "138,139"));
    let (text, _, code) = shop.ask(&[&right[..], &["--carry-out", "--format", "json"]].concat());
    let corrected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, shop.phones().as_str()), (0, "137,139"));
    assert_eq!(corrected["done"][0]["system"], "shop", "ready for the answer of the desk");
    let (_, error, code) = shop.ask(&[&right[..], &["--carry-out"]].concat());
    assert_eq!(code, 65);
    assert!(error.contains("holds `137` and not `138`"), "{error}");
    let delete = ["delete", "shop.toml", "--person", "p-1", "--format", "json"];
    let tried: Value = serde_json::from_str(&shop.ask(&delete).0).unwrap();
    assert_eq!((&tried["done"], shop.phones().as_str()), (&serde_json::json!([]), "137,139"));
    let mark = tried["maps"][0]["mark"].as_str().unwrap();
    assert_eq!(shop.ask(&[&delete[..], &["--carry-out", "0000000000000000"]].concat()).2, 65);
    let (text, _, code) = shop.ask(&[&delete[..], &["--carry-out", mark]].concat());
    assert_eq!((code, shop.phones().as_str()), (0, "139"));
    assert!(text.contains("1 rows removed"), "{text}");
}

#[test]
fn each_failure_has_its_code_and_says_where() {
    let shop = Shop::new();
    std::fs::write(shop.0.path().join("bad.toml"), MAP.replace("on-delete", "on-delet")).unwrap();
    std::fs::write(shop.0.path().join("away.toml"), MAP.replace("env:SHOP_DATABASE", "sqlite:///nowhere/at/all.db"))
        .unwrap();
    std::fs::write(shop.0.path().join("other.toml"), MAP.replace("riders", "drivers")).unwrap();
    for (arguments, code, said) in [
        (&["see", "absent.toml", "--person", "p-1"][..], 66, "absent.toml"),
        (&["see", "bad.toml", "--person", "p-1"], 65, "line 9"),
        (&["see", "away.toml", "--person", "p-1"], 69, "away.toml"),
        (&["check", "other.toml"], 1, ""),
        (&["see", "other.toml", "--person", "p-1"], 65, "no table `drivers`"),
        (&["see", "shop.toml"], 64, "--person"),
        (&["delete", "shop.toml", "other.toml", "--person", "p-1", "--carry-out", "00"], 64, "one mark is of one map"),
        (
            &["correct", "shop.toml", "--person", "p-1", "--table", "riders", "--key", "id", "--column", "phone"],
            64,
            "id=1",
        ),
    ] {
        let (_, error, found) = shop.ask(arguments);
        assert_eq!(found, code, "{arguments:?}: {error}");
        assert!(error.contains(said), "{error}");
    }
    let (text, error, code) = shop.ask(&["see", "away.toml", "shop.toml", "--person", "p-1"]);
    assert!(
        code == 69 && text.contains("138") && error.contains("away.toml"),
        "what the others hold is shown: {text}{error}"
    );
}

//! `gongdao datamap fulfil`: a deletion that the desk granted is carried out in another database, and the case says so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod running;

use running::{PASSWORD, Service, program, said};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

const MAP: &str = "
name = \"shop\"
database = \"env:SHOP_DATABASE\"

[[table]]
name = \"riders\"
key = [\"id\"]
person = \"rider_no\"
on-delete = \"remove\"
column = [{ name = \"phone\", zh = \"手机号\", en = \"phone number\" }]
";

fn phones(folder: &Path) -> String {
    let database = rusqlite::Connection::open(folder.join("shop.db")).unwrap();
    database.query_row("SELECT group_concat(phone) FROM riders", [], |row| row.get(0)).unwrap()
}

fn fulfil(folder: &Path, url: &str, key: &str) -> Output {
    let map = folder.join("shop.toml");
    let key = folder.join(key);
    let mut command = program();
    command.args(["datamap", "fulfil", map.to_str().unwrap(), "--url", url, "--token-file", key.to_str().unwrap()]);
    command.args(["--format", "json"]);
    command.env("SHOP_DATABASE", format!("sqlite://{}", folder.join("shop.db").display())).output().unwrap()
}

fn get(service: &Service, path: &str, token: &str) -> Value {
    let request = ureq::get(format!("{}{path}", service.url)).header("authorization", format!("Bearer {token}"));
    serde_json::from_str(&request.call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
}

#[test]
fn a_granted_deletion_is_carried_out_by_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = rusqlite::Connection::open(path.join("shop.db")).unwrap();
    let rows = "CREATE TABLE riders (id INTEGER PRIMARY KEY, rider_no TEXT, phone TEXT);
        INSERT INTO riders VALUES (1, 'p-1', '138'), (2, 'p-2', '139')";
    database.execute_batch(rows).unwrap();
    drop(database);
    std::fs::write(path.join("shop.toml"), MAP).unwrap();
    let service = Service::start(&path.join("data"), &[]);
    let (officer, other) = service.set_up();
    let root = service.log_in("root");
    let key = service.post("/v1/keys", &root, &json!({"name": "shop", "roles": ["machine"]}));
    std::fs::write(path.join("shop.key"), key["secret"].as_str().unwrap()).unwrap();
    std::fs::write(path.join("other.key"), other).unwrap();
    let system = json!({"zh": "店铺库", "en": "shop", "way": "data-map", "kinds": ["delete"], "key": key["key"]["id"]});
    let put = ureq::put(format!("{}/v1/systems/shop", service.url))
        .header("content-type", "application/json")
        .header("if-match", "\"0\"")
        .header("authorization", format!("Bearer {root}"));
    assert_eq!(put.send(system.to_string()).unwrap().status(), 200);
    let open = json!({"act": "open-system", "system": "shop", "base": 1, "reason": "it holds riders"});
    let open = service.post("/v1/approvals", &root, &open);
    let decision = format!("/v1/approvals/{}/decision", open["id"].as_str().unwrap());
    service.post(&decision, &officer, &json!({"grants": true, "reason": "it does"}));
    let account = json!({"name": "own", "roles": ["person"], "persons": ["p-1"], "password": PASSWORD});
    service.post("/v1/accounts", &root, &account);
    let own = service.log_in("own");
    let case = service.post("/v1/cases", &own, &json!({"kind": "delete", "person": "p-1", "password": PASSWORD}));
    let address = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    let answer = json!({"what": "answered", "outcome": "granted", "text": "同意"});
    let answered = service.post(&format!("{address}/events"), &officer, &answer);
    assert_eq!(answered["is_fulfilled"], false, "{answered}");
    assert_eq!(said(&fulfil(path, &service.url, "other.key")).0, Some(65), "another's key");
    let output = fulfil(path, &service.url, "shop.key");
    assert_eq!(output.status.code(), Some(0), "{:?}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["maps"][0]["carried"][0]["what"], "1 rows removed, 0 emptied, 0 kept", "{told}");
    assert_eq!(phones(path), "139");
    let task = &get(&service, &address, &own)["fulfilment"][0];
    assert_eq!((&task["system"], &task["state"]), (&json!("shop"), &json!("done")), "{task}");
    // Of a part nothing is deleted: a person has to look.
    service.post(
        "/v1/accounts",
        &root,
        &json!({"name": "two", "roles": ["person"], "persons": ["p-2"], "password": PASSWORD}),
    );
    let two = service.log_in("two");
    let about = json!({"kind": "delete", "person": "p-2", "about": {"information": "my photo"}, "password": PASSWORD});
    let part = service.post("/v1/cases", &two, &about);
    let part_address = format!("/v1/cases/{}", part["id"].as_str().unwrap());
    service.post(&format!("{part_address}/events"), &officer, &answer);
    assert_eq!(fulfil(path, &service.url, "shop.key").status.code(), Some(1));
    assert_eq!(phones(path), "139", "what was not asked for stays");
    assert_eq!(get(&service, &part_address, &two)["fulfilment"][0]["state"], "stuck");
    let again = fulfil(path, &service.url, "shop.key");
    let told: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(told["maps"][0]["carried"], json!([]), "nothing is left to do");
    assert_eq!(service.terminate(), Some(0));
}

//! `gongdao backup` beside a service that runs, and `gongdao restore`, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod running;
#[path = "../../store/tests/support/server.rs"]
#[allow(dead_code, reason = "the tools of the server are not run here")]
mod server;

use running::{PASSWORD, Service, program, recommend, said};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PERSON: &str = "courier-8f3a1c";

/// Where a service has its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Arguments that name an empty database; nothing where PostgreSQL is not installed.
    fn database(self) -> Option<Vec<String>> {
        if self == Self::Sqlite {
            return Some(Vec::new());
        }
        // `host=FOLDER user=USER dbname=NAME`
        let address = server::database()?;
        let value = |name: &str| address.split(' ').find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
        let url = format!("postgres://{}@{}/{}", value("user="), value("host=").replace('/', "%2F"), value("dbname="));
        Some(vec!["--db".to_owned(), url])
    }
}

/// A test on every database that there is; it gets the kind, and a folder with room for everything.
fn on_each(test: impl Fn(Kind, &Path)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if kind.database().is_some() {
            println!("on {kind:?}");
            let folder = tempfile::tempdir().unwrap();
            test(kind, folder.path());
        }
    }
}

fn start(data: &Path, database: &[String]) -> Service {
    Service::start(data, &database.iter().map(String::as_str).collect::<Vec<_>>())
}

fn run(arguments: &[&str], paths: &[(&str, &Path)], database: &[String]) -> (Option<i32>, Value) {
    let mut command = program();
    command.args(arguments).args(["--format", "json"]);
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    let (code, text) = said(&command.args(database).output().unwrap());
    (code, serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text)))
}

fn back_up(data: &Path, to: &Path, database: &[String]) -> (Option<i32>, Value) {
    run(&["backup"], &[("--data", data), ("--to", to)], database)
}

fn export(data: &Path, to: &Path) -> (Option<i32>, Value) {
    run(&["backup", "--erasures-only"], &[("--data", data), ("--to", to)], &[])
}

/// What a restore is made of.
struct Restore<'a> {
    from: &'a Path,
    to: &'a Path,
    key: &'a Path,
    erasures: &'a Path,
}

impl Restore<'_> {
    fn run(&self, database: &[String]) -> (Option<i32>, Value) {
        let paths = [("--from", self.from), ("--data", self.to), ("--key", self.key), ("--erasures", self.erasures)];
        run(&["restore"], &paths, database)
    }
}

/// Files below a folder that hold the words, apart from the list of erasures.
fn files_with(folder: &Path, words: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, words, found);
        } else if path.file_name().is_none_or(|name| name != "erasures.jsonl") {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(words.len()).any(|window| window == words.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The load ends when it goes, also where a test fails.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Back up while checks are answered without end; the numbers of the requests that were answered before.
fn back_up_under_load(service: &Service, key: &str, data: &Path, to: &Path, database: &[String]) -> Vec<i32> {
    let (stop, answered) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let answer = service.post("/v1/decisions:check", key, &load(number));
                assert!(answer["checks"].as_array().unwrap().iter().all(|row| row["problem"].is_null()));
                answered.lock().unwrap().push(number);
            }
        });
        let _stopping = Stopping(&stop);
        let wait_for = |count: usize| {
            for _ in 0..12_000 {
                if answered.lock().unwrap().len() >= count {
                    return;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            panic!("the service does not answer");
        };
        wait_for(3);
        let before = answered.lock().unwrap().clone();
        let (code, made) = back_up(data, to, database);
        assert_eq!(code, Some(0), "{made}");
        // How much of it was signed depends on when the last checkpoint was; what was acknowledged is in the log either way.
        assert!(made["signed"].is_u64() && made["files"].as_u64().unwrap() > 8, "{made}");
        let early = answered.lock().unwrap().len();
        wait_for(early + 2);
        before
    })
}

/// The decisions of one request.
fn load(number: i32) -> Value {
    Value::Array((0..20).map(|row| recommend(&format!("load-{number}-{row}"), "other")).collect())
}

/// Lists of erasures that do not go with the backup.
fn refuse_lists(restore: &Restore<'_>, folder: &Path, database: &[String]) {
    // An export from before the backup knows nothing of what came after it.
    let early = folder.join("erasures-early");
    copy_folder(restore.erasures, &early);
    let manifest = std::fs::read_to_string(restore.erasures.join("backup.json")).unwrap();
    let year = manifest.find("\"made_at\": \"").unwrap() + 12;
    let older = format!("{}2020{}", &manifest[..year], &manifest[year + 4..]);
    std::fs::write(early.join("backup.json"), older).unwrap();
    let nothing = folder.join("nothing");
    for (message, erasures) in
        [("older than the backup", early.as_path()), ("no list of erasures", &nothing), ("no list", restore.from)]
    {
        let (code, refused) = Restore { erasures, ..*restore }.run(database);
        assert!([Some(65), Some(66)].contains(&code) && refused.to_string().contains(message), "{refused}");
        assert!(!restore.to.exists());
    }
}

/// How many decisions about a person an officer is shown.
fn lines(service: &Service, officer: &str, person: &str) -> usize {
    let path = format!("{}/v1/persons/{person}/decisions?purpose=check", service.url);
    let request = ureq::get(path).header("authorization", format!("Bearer {officer}"));
    request.call().unwrap().body_mut().read_to_string().unwrap().matches("\"decision\"").count()
}

#[test]
fn a_backup_under_load_has_what_was_acknowledged_and_is_restored_without_who_was_erased_since() {
    on_each(|kind, folder| {
        let (data, backup) = (folder.join("data"), folder.join("backups/one"));
        let database = kind.database().unwrap();
        let service = start(&data, &database);
        let (officer, key) = service.set_up();
        let event = json!({"id": "e-1", "fact": "resource.profilingOff", "change": {"op": "set", "value": true}});
        service.post("/v1/persons/other/events", &key, &event);
        for person in [PERSON, "other"] {
            service.post("/v1/decisions:check", &key, &recommend(&format!("d-{person}"), person));
        }
        let before = back_up_under_load(&service, &key, &data, &backup, &database);
        let (code, refused) = back_up(&data, &backup, &database);
        assert_eq!(code, Some(65), "{refused}");
        assert!(!backup.join("ledger.key").exists() && !backup.join("erasures.jsonl").exists(), "kept apart");
        let listing = std::fs::read_to_string(backup.join("backup.json")).unwrap();
        assert!(listing.contains("\"files\""), "{listing}");
        for hidden in [PERSON, "load-0", "e-1\"", PASSWORD, &key, &officer] {
            assert!(!listing.contains(hidden), "the list of what is in the backup tells {hidden}");
        }

        let erased = service.delete(&format!("/v1/persons/{PERSON}?ground=cn.pipl/47/1"), &officer);
        assert!(erased["groups"].as_u64().unwrap() > 0, "{erased}");
        let list = folder.join("erasures");
        assert_eq!(export(&data, &list).1["erasures"], 1);
        // The machine is lost, but for what was kept apart.
        service.kill();
        let kept_key = folder.join("ledger.key");
        std::fs::rename(data.join("ledger.key"), &kept_key).unwrap();
        std::fs::remove_dir_all(&data).unwrap();
        let mut found = Vec::new();
        files_with(&backup.join("ledger"), PERSON, &mut found);
        assert!(!found.is_empty(), "the backup has the person");

        let restored = folder.join("restored");
        let restore = Restore { from: &backup, to: &restored, key: &kept_key, erasures: &list };
        refuse_lists(&restore, folder, &database);
        let fresh = kind.database().unwrap();
        let (code, made) = restore.run(&fresh);
        assert_eq!((code, &made["erased_again"]), (Some(0), &json!(1)), "{made}");
        let (code, refused) = restore.run(&fresh);
        assert!(code == Some(65) && refused.to_string().contains("holds something"), "{refused}");
        let mut found = Vec::new();
        files_with(&restored, PERSON, &mut found);
        assert_eq!(found, [""; 0]);
        let service = start(&restored, &fresh);
        let officer = service.log_in("officer");
        assert_eq!(lines(&service, &officer, PERSON), 0);
        assert!(lines(&service, &officer, "other") > 0);
        for number in before {
            let answer = service.post("/v1/decisions:check", &key, &load(number));
            let repeats = answer["checks"].as_array().unwrap().iter().filter(|row| row["repeat"] == true).count();
            assert_eq!(repeats, 20, "what was acknowledged before the backup is in it: {answer}");
        }
        let after = service.post("/v1/decisions:check", &key, &recommend("after", "other"));
        assert_eq!(after["seen"]["person"]["resource.profilingOff"], true, "the other's state is there: {after}");
        assert_eq!(service.terminate(), Some(0));
        let (code, found) = said(&program().args(["ledger", "fsck"]).arg(restored.join("ledger")).output().unwrap());
        assert_eq!(code, Some(0), "{found}");
    });
}

/// A small backup, with the key and an empty list of erasures beside it.
fn small_backup(kind: Kind, folder: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let (data, backup, list) = (folder.join("data"), folder.join("backup"), folder.join("nobody.jsonl"));
    let database = kind.database().unwrap();
    let service = start(&data, &database);
    let (_, key) = service.set_up();
    for number in 0..5 {
        service.post("/v1/decisions:check", &key, &recommend(&format!("d-{number}"), PERSON));
    }
    let (code, made) = back_up(&data, &backup, &database);
    assert_eq!(code, Some(0), "{made}");
    service.kill();
    std::fs::write(&list, "").unwrap();
    (backup, data.join("ledger.key"), list)
}

/// A way to damage a backup.
type Break = Box<dyn Fn(&Path)>;

#[test]
fn a_backup_that_was_changed_or_is_not_whole_is_refused_and_the_file_is_named() {
    on_each(|kind, folder| {
        let (backup, key, list) = small_backup(kind, folder);
        let database = if kind == Kind::Sqlite { "state.sqlite" } else { "state.pgdump" };
        let manifest = std::fs::read_to_string(backup.join("backup.json")).unwrap();
        let rows_file = manifest.split('"').find(|name| name.starts_with("ledger/rows/")).unwrap().to_owned();
        let flip = |name: &str| {
            let name = name.to_owned();
            move |broken: &Path| {
                let mut bytes = std::fs::read(broken.join(&name)).unwrap();
                bytes[40] ^= 1;
                std::fs::write(broken.join(&name), bytes).unwrap();
            }
        };
        let cut = |name: &str| {
            let name = name.to_owned();
            move |broken: &Path| {
                let file = std::fs::OpenOptions::new().write(true).open(broken.join(&name)).unwrap();
                file.set_len(file.metadata().unwrap().len() * 2 / 3).unwrap();
            }
        };
        let gone = |name: &str| {
            let name = name.to_owned();
            move |broken: &Path| std::fs::remove_file(broken.join(&name)).unwrap()
        };
        let rows: Vec<(&str, Break)> = vec![
            (&rows_file, Box::new(flip(&rows_file))),
            (database, Box::new(flip(database))),
            ("ledger/keys/log", Box::new(cut("ledger/keys/log"))),
            ("ledger/checkpoint", Box::new(gone("ledger/checkpoint"))),
            (database, Box::new(gone(database))),
            ("ledger/more", Box::new(|broken: &Path| std::fs::write(broken.join("ledger/more"), "x").unwrap())),
            ("broken", Box::new(gone("backup.json"))),
            ("backup.json", Box::new(cut("backup.json"))),
            (
                "backup.json",
                Box::new(|broken: &Path| {
                    let text = std::fs::read_to_string(broken.join("backup.json")).unwrap();
                    let out = text.replacen("\"ledger/checkpoint\"", "\"../checkpoint\"", 1);
                    std::fs::write(broken.join("backup.json"), out).unwrap();
                }),
            ),
        ];
        let target = folder.join("target");
        for (name, destroy) in rows {
            let broken = folder.join("broken");
            copy_folder(&backup, &broken);
            destroy(&broken);
            let restore = Restore { from: &broken, to: &target, key: &key, erasures: &list };
            let (code, refused) = restore.run(&kind.database().unwrap());
            let file = refused["errors"][0]["file"].as_str().unwrap_or_else(|| panic!("{name}: {refused}"));
            assert!([Some(65), Some(66)].contains(&code) && file.ends_with(name), "{name}: {code:?} {refused}");
            assert!(!target.exists(), "{name}");
            std::fs::remove_dir_all(&broken).unwrap();
        }
        // Another key, and a folder that holds something.
        let other = folder.join("other.key");
        let mut init = program();
        init.args(["ledger", "init", "--origin", "ledger.example/other", "--key"]).arg(&other);
        assert!(init.arg(folder.join("other")).stdout(Stdio::null()).status().unwrap().success());
        let restore = Restore { from: &backup, to: &target, key: &other, erasures: &list };
        let (code, refused) = restore.run(&kind.database().unwrap());
        assert!(code == Some(65) && refused.to_string().contains("not that of the ledger"), "{refused}");
        assert!(!target.exists());
        std::fs::create_dir(&target).unwrap();
        std::fs::write(target.join("mine"), "").unwrap();
        let restore = Restore { key: &key, ..restore };
        assert_eq!(restore.run(&kind.database().unwrap()).0, Some(65));
        assert_eq!(std::fs::read_dir(&target).unwrap().count(), 1, "untouched");
    });
}

/// Run a command and kill it after a while; whether it had ended by itself.
fn run_and_kill(arguments: &[&str], paths: &[(&str, &Path)], database: &[String], after: Duration) -> bool {
    let mut command = program();
    command.args(arguments).args(database).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    let has_ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    has_ended
}

#[test]
fn a_kill_leaves_a_whole_backup_or_none_and_a_whole_service_or_none() {
    on_each(|kind, folder| {
        let (backup, key, list) = small_backup(kind, folder);
        // The service was killed too: its folder is as it fell.
        let data = folder.join("data");
        let service_database = kind.database().unwrap();
        let source = start(&data, &service_database);
        let (mut whole, mut none) = (0, 0);
        for step in 0_u32.. {
            let target = folder.join(format!("killed-{step}"));
            let after = Duration::from_millis(u64::from(step) * 20);
            let paths = [("--data", data.as_path()), ("--to", target.as_path())];
            let has_ended = run_and_kill(&["backup"], &paths, &service_database, after);
            if target.exists() {
                whole += 1;
                let to = folder.join(format!("of-killed-{step}"));
                let restore = Restore { from: &target, to: &to, key: &key, erasures: &list };
                let (code, made) = restore.run(&kind.database().unwrap());
                assert_eq!(code, Some(0), "{made}");
            } else {
                none += 1;
                assert!(!has_ended, "it ended and made nothing");
            }
            if has_ended || step > 200 {
                break;
            }
        }
        assert!(whole > 0 && none > 0, "{whole} {none}");
        source.kill();

        (whole, none) = (0, 0);
        for step in 0_u32.. {
            let target = folder.join(format!("restored-{step}"));
            let after = Duration::from_millis(u64::from(step) * 50);
            let database = kind.database().unwrap();
            let paths = [
                ("--from", backup.as_path()),
                ("--data", target.as_path()),
                ("--key", key.as_path()),
                ("--erasures", list.as_path()),
            ];
            let has_ended = run_and_kill(&["restore"], &paths, &database, after);
            if target.exists() {
                whole += 1;
                let fsck = program().args(["ledger", "fsck"]).arg(target.join("ledger")).output().unwrap();
                assert_eq!(said(&fsck).0, Some(0), "{:?}", said(&fsck));
                assert!(!target.join("ledger/copy").exists(), "erasures come first");
                if has_ended {
                    start(&target, &database).kill();
                }
            } else {
                none += 1;
                assert!(!has_ended, "it ended and made nothing");
            }
            if has_ended || step > 200 {
                break;
            }
        }
        assert!(whole > 0 && none > 0, "{whole} {none}");
    });
}

#[test]
fn people_are_told_in_their_language_what_is_apart_and_help_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    start(&data, &[]).kill();
    for (language, words) in [
        ("zh", ["签名密钥不在备份里", "SHA-256", "--erasures-only"]),
        ("en", ["signing key is not in it", "SHA-256", "--erasures-only"]),
    ] {
        let to = folder.path().join(language);
        let output = program().args(["backup", "--lang", language, "--data"]).arg(&data).arg("--to").arg(&to).output();
        let (code, text) = said(&output.unwrap());
        assert_eq!(code, Some(0), "{text}");
        for word in words {
            assert!(text.contains(word), "{word} in {text}");
        }
        let again = program().args(["backup", "--lang", language, "--data"]).arg(&data).arg("--to").arg(&to).output();
        let (code, text) = said(&again.unwrap());
        let occupied =
            if language == "zh" { "文件夹里已经有东西" } else { "the folder holds something already" };
        assert!(code == Some(65) && text.contains(occupied), "{text}");
        let nothing =
            program().args(["backup", "--lang", language, "--data", "no-such-folder", "--to"]).arg(&data).output();
        let (code, text) = said(&nothing.unwrap());
        assert!(code == Some(65) && text.contains("no-such-folder"), "{text}");
    }
    for command in ["backup", "restore"] {
        let (code, text) = said(&program().args([command, "--help"]).output().unwrap());
        assert!(code == Some(0) && text.contains(&format!("  gongdao {command} --")), "{text}");
    }
}

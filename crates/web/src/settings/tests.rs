use super::{KEYS, Layered, LogLevel, Origin, Settings, shown};

const NOTHING: fn(&str) -> Option<String> = |_| None;

fn variables(rows: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    move |name| rows.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn key(name: &str) -> &'static super::Key {
    KEYS.iter().find(|key| key.name == name).unwrap()
}

/// A file with the table `oidc` whole but for what is given, and perhaps a public address.
macro_rules! oidc {
    ($given:literal, "") => {
        concat!("[oidc]\nclient_id = \"gongdao\"\nclient_secret_file = \"secret\"\n", $given)
    };
    ($given:literal, $url:literal) => {
        concat!("public_url = \"", $url, "\"\n", oidc!($given, ""))
    };
}

#[test]
fn without_anything_the_defaults_hold_and_all_of_them_are_valid() {
    let settings = Settings::read(&Layered::new(None, NOTHING, &[])).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8380");
    assert_eq!(settings.limits.check_rows, 1000);
    assert_eq!(settings.log.level, LogLevel::Info);
    assert!(settings.database.is_none() && settings.oidc.is_none());
    for key in KEYS {
        assert_eq!(key.default.and_then(|value| key.refuse(value)), None, "{}", key.name);
    }
}

#[test]
#[expect(clippy::type_complexity, reason = "a table")]
fn a_flag_overrides_the_environment_which_overrides_the_file() {
    let file = "data = \"of-file\"\n[limits]\ncheck_rows = 5_000\n";
    let environment = variables(&[("GONGDAO_DATA", "of-environment"), ("GONGDAO_LISTEN", "")]);
    let rows: [(&[(&'static str, String)], &str, Origin); 2] = [
        (&[], "of-environment", Origin::Environment("GONGDAO_DATA".to_owned())),
        (&[("data", "of-flag".to_owned())], "of-flag", Origin::Flag),
    ];
    for (flags, expected, origin) in rows {
        let layered = Layered::new(Some(file), &environment, flags);
        let given = layered.given(key("data")).unwrap();
        assert_eq!((given.value.as_str(), given.origin), (expected, origin));
        let settings = Settings::read(&layered).unwrap();
        assert_eq!(settings.limits.check_rows, 5000);
        assert_eq!(layered.given(key("limits.check_rows")).unwrap().origin, Origin::File(3));
        assert_eq!(settings.listen.port(), 8380, "an empty variable unsets");
    }
}

#[test]
fn the_gate_of_the_file_is_read() {
    let file = "[gate.default]\nmode = \"shadow\"\n\n[gate.actions.recommend]\nmode = \"enforce\"\n";
    let settings = Settings::read(&Layered::new(Some(file), NOTHING, &[])).unwrap();
    assert_eq!(settings.gate.of("dispatch").mode, gongdao_gate::Mode::Shadow);
    assert_eq!(settings.gate.of("recommend").mode, gongdao_gate::Mode::Enforce);
}

#[test]
fn what_is_so_before_the_first_event_is_read() {
    let file = "[initial.resource]\nprofilingOff = false\nconsents = []\n";
    let settings = Settings::read(&Layered::new(Some(file), NOTHING, &[])).unwrap();
    let known: Vec<String> = settings.initial.keys().map(ToString::to_string).collect();
    assert_eq!(known, ["resource.consents", "resource.profilingOff"]);
}

#[test]
fn what_cannot_be_used_is_named_with_its_line() {
    let rows: [(&str, Option<usize>, &str); 21] = [
        ("listen = \"8380\"", Some(1), "no address to listen at"),
        ("\nlisten = 8380", Some(2), "no address to listen at"),
        ("# x\n\n[limits]\nbody_bytes = 3", Some(4), "out of range"),
        ("[limits]\nbody_bytes = -3", Some(2), "out of range"),
        ("[log]\nlevel = \"loud\"", Some(2), "unknown"),
        ("lisen = \"127.0.0.1:1\"", Some(1), "`lisen` is no setting"),
        ("[limit]\ncheck_rows = 3", Some(2), "`limit.check_rows` is no setting"),
        ("data = []", Some(1), "another kind"),
        ("data = ", Some(1), "not TOML"),
        ("[gate.default]\nmode = \"loose\"", Some(2), "`[gate]` cannot be used"),
        ("[initial.somebody]\nold = true", Some(1), "`[initial]` cannot be used"),
        ("database = \"mysql://x\"", None, "`mysql` is no database"),
        ("[oidc]\nissuer = \"https://login.example.cn\"", None, "`oidc.client_id` is missing"),
        ("[oidc]\nroles_claim = \"groups\"", None, "`oidc.issuer` is missing"),
        (oidc!("issuer = \"http://login.example.cn\"", ""), None, "without TLS"),
        (oidc!("issuer = \"http://localhost.example.cn:80\"", ""), None, "without TLS"),
        (oidc!("issuer = \"https://login.example.cn\"", ""), None, "needs `public_url`"),
        (oidc!("issuer = \"https://login.example.cn\"", "http://gongdao.example.cn"), None, "needs `public_url`"),
        (oidc!("issuer = \"https://a.cn\"\nscopes = \"profile\"", "https://b.cn"), None, "without `openid`"),
        (oidc!("issuer = \"https://a.cn\"\nroles_claim = \"groups\"", "https://b.cn"), None, "go together"),
        (oidc!("issuer = \"https://a.cn\"\nrole_officer = \"legal\"", "https://b.cn"), None, "go together"),
    ];
    for (file, line, message) in rows {
        let faults = Settings::read(&Layered::new(Some(file), NOTHING, &[])).unwrap_err();
        let [fault] = faults.as_slice() else { panic!("{file}: {faults:?}") };
        assert_eq!(fault.line, line, "{file}: {fault:?}");
        assert!(fault.message.contains(message), "{file}: {fault:?}");
        assert!(!fault.hint.is_empty());
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = Settings::read(&Layered::new(
        Some("listen = \"x\"\nwhat = 1"),
        variables(&[("GONGDAO_LOG_LEVEL", "loud")]),
        &[("data", " ".to_owned())],
    ));
    assert_eq!(faults.unwrap_err().len(), 4);
}

#[test]
fn passwords_are_not_shown() {
    let rows = [
        ("postgres://u:secret@db/x", "postgres://u:…@db/x"),
        ("postgres://u@db/x", "postgres://u@db/x"),
        ("postgres://db/x", "postgres://db/x"),
        ("127.0.0.1:8380", "127.0.0.1:8380"),
    ];
    for (value, expected) in rows {
        assert_eq!(shown(value), expected);
    }
}

use super::{Doubt, Expected, Keys, Told, read};
use gongdao_merkle::encode_base64;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

const NOW: i64 = 1_900_000_000;

fn url(bytes: &[u8]) -> String {
    encode_base64(bytes).replace('+', "-").replace('/', "_").replace('=', "")
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn keys() -> Keys {
    let x = url(pair().public_key().as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "alg": "EdDSA", "x": x, "later": 1});
    serde_json::from_value(json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}, key]})).unwrap()
}

fn good() -> Value {
    json!({
        "iss": "https://id.example", "aud": "gongdao", "sub": "s-1", "nonce": "n", "iat": NOW - 5, "exp": NOW + 300,
        "preferred_username": "Li", "groups": ["legal", "all"],
    })
}

fn signed(header: &Value, body: &Value) -> String {
    let start = format!("{}.{}", url(header.to_string().as_bytes()), url(body.to_string().as_bytes()));
    let signature = pair().sign(start.as_bytes());
    format!("{start}.{}", url(signature.as_ref()))
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "one", "typ": "JWT"})
}

fn told(token: &str) -> Result<Told, Doubt> {
    let expected =
        Expected { issuer: "https://id.example", client: "gongdao", nonce: "n", now: NOW, roles_claim: Some("groups") };
    read(token, &keys(), &expected)
}

/// Part of why it is refused.
fn why(token: &str) -> String {
    match told(token) {
        Err(Doubt::Refused(why)) => why,
        Err(Doubt::UnknownKey) => "unknown key".to_owned(),
        Ok(told) => panic!("{told:?}"),
    }
}

#[test]
fn a_token_that_says_all_it_must_names_who_logged_in() {
    let told = told(&signed(&header(), &good())).unwrap();
    assert_eq!((told.subject.as_str(), told.name.as_deref()), ("s-1", Some("Li")));
    assert_eq!(told.groups, ["all".to_owned(), "legal".to_owned()].into());
}

#[test]
fn each_claim_that_is_not_as_it_must_be_refuses_the_token() {
    let rows = [
        ("iss", json!("https://id.example/"), "another issuer"),
        ("iss", json!(["https://id.example"]), "another issuer"),
        ("iss", Value::Null, "another issuer"),
        ("aud", json!("other"), "another client"),
        ("aud", json!([]), "another client"),
        ("aud", Value::Null, "another client"),
        ("aud", json!(["gongdao", "other"]), "given to another client"),
        ("azp", json!("other"), "given to another client"),
        ("exp", json!(NOW - 61), "too old"),
        ("exp", json!("1900000300"), "until when"),
        ("exp", Value::Null, "until when"),
        ("iat", json!(NOW + 61), "another time"),
        ("iat", json!(NOW - 601), "another time"),
        ("iat", Value::Null, "when it was made"),
        ("nbf", json!(NOW + 61), "does not count yet"),
        ("nonce", json!("m"), "another login"),
        ("nonce", Value::Null, "another login"),
        ("sub", json!(""), "names nobody"),
        ("sub", json!(7), "names nobody"),
    ];
    for (claim, value, expected) in rows {
        let mut body = good();
        body[claim] = value.clone();
        let why = why(&signed(&header(), &body));
        assert!(why.contains(expected), "{claim} {value}: {why}");
    }
    for (claim, value) in
        [("exp", json!(NOW - 60)), ("iat", json!(NOW + 60)), ("nbf", json!(NOW)), ("azp", json!("gongdao"))]
    {
        let mut body = good();
        body[claim] = value;
        told(&signed(&header(), &body)).unwrap_or_else(|doubt| panic!("{claim}: {doubt:?}"));
    }
}

#[test]
fn nobody_but_the_provider_signs() {
    let token = signed(&header(), &good());
    let (start, _) = token.rsplit_once('.').unwrap();
    let (head, _) = start.split_once('.').unwrap();
    let mut body = good();
    body["sub"] = json!("s-2");
    let other = url(body.to_string().as_bytes());
    let signature = token.rsplit('.').next().unwrap();
    let zeros = url(&[0; 64]);
    let rows = [
        (format!("{head}.{other}.{signature}"), "not the provider's"),
        (format!("{start}.{zeros}"), "not the provider's"),
        (format!("{start}."), "not the provider's"),
        (format!("{token}="), "not Base64url"),
        (format!("{token}.more"), "three parts"),
        (start.to_owned(), "three parts"),
        (String::new(), "three parts"),
        ("a".repeat(70_000), "too long"),
        (signed(&json!({"alg": "none"}), &good()), "`none`"),
        (signed(&json!({"alg": "HS256"}), &good()), "`HS256`"),
        (signed(&json!({"alg": "EdDSA", "kid": "two"}), &good()), "unknown key"),
        (signed(&json!({"alg": "RS256", "kid": "one"}), &good()), "unknown key"),
        (signed(&json!({"alg": "EdDSA", "kid": "one", "crit": ["b64"], "b64": false}), &good()), "extension"),
        (signed(&json!({"kid": "one"}), &good()), "header cannot be read"),
        (signed(&header(), &json!("text")), "another issuer"),
    ];
    for (token, expected) in rows {
        let why = why(&token);
        assert!(why.contains(expected), "{expected}: {why}");
    }
    told(&signed(&json!({"alg": "EdDSA"}), &good())).unwrap();
}

#[test]
fn curves_of_nist_are_read_too() {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (url(&point[1..33]), url(&point[33..]));
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y}]});
    let keys: Keys = serde_json::from_value(keys).unwrap();
    let start = format!("{}.{}", url(br#"{"alg":"ES256"}"#), url(good().to_string().as_bytes()));
    let signature = pair.sign(&random, start.as_bytes()).unwrap();
    let token = format!("{start}.{}", url(signature.as_ref()));
    let expected =
        Expected { issuer: "https://id.example", client: "gongdao", nonce: "n", now: NOW, roles_claim: None };
    assert_eq!(read(&token, &keys, &expected).unwrap().subject, "s-1");
    assert_eq!(read(&token, &self::keys(), &expected), Err(Doubt::UnknownKey));
}

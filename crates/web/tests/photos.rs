//! Photos as evidence: without a script, without what a camera writes about its owner, for the person and the desk alone, and gone
//! with the person's record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "public_pages/world.rs"]
mod world;

mod support;

use browser::Browser;
use gongdao_merkle::decode_base64;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use support::client::{Answer, Client};
use world::{World, opened};

const PNG_HEAD: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk with its check sum (ISO/IEC 15948, 5.3).
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = u32::MAX;
    for byte in kind.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], &kind, data, &(!sum).to_be_bytes()].concat()
}

/// One black pixel, with a text about its maker in front of the pixels and something after the end.
fn png() -> Vec<u8> {
    // Deflate, stored: filter 0, one grey byte; check sum Adler-32 of both.
    let pixels = [0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0, 0, 2, 0, 1];
    let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    [
        PNG_HEAD,
        &chunk(*b"IHDR", &header),
        &chunk(*b"tEXt", b"Author\0Li Lei, 13800000000"),
        &chunk(*b"tIME", &[7, 234, 5, 1, 12, 0, 0]),
        &chunk(*b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        &chunk(*b"IDAT", &pixels),
        &chunk(*b"IEND", b""),
        b"hidden behind the end",
    ]
    .concat()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], data].concat()
}

/// A grey picture of 8 by 8 (ITU-T T.81, baseline), with EXIF that says which side is up, who made it and where.
fn jpeg(side: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x03\0".to_vec();
    // Make, six letters, behind the directory; orientation; copyright in four letters.
    exif.extend_from_slice(b"\x0f\x01\x02\0\x06\0\0\0\x32\0\0\0");
    exif.extend_from_slice(&[0x12, 1, 3, 0, 1, 0, 0, 0, side, 0, 0, 0]);
    exif.extend_from_slice(b"\x98\x82\x02\0\x04\0\0\0Lei\0");
    exif.extend_from_slice(b"\0\0\0\0Nokia\0");
    let quantisation = [&[0_u8][..], &[1; 64]].concat();
    // One code of one bit for category 0, in both tables.
    let codes = |class: u8| [&[class, 1][..], &[0; 15], &[0]].concat();
    [
        &[0xff, 0xd8][..],
        &segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        &segment(0xe1, &exif),
        &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"),
        &segment(0xed, b"Photoshop 3.0\x008BIM"),
        &segment(0xfe, b"taken by Li Lei at 31.23 N"),
        &segment(0xdb, &quantisation),
        &segment(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        &segment(0xc4, &codes(0x00)),
        &segment(0xc4, &codes(0x10)),
        &segment(0xda, &[1, 1, 0, 0, 63, 0]),
        // Both codes are `0`, the rest is filled with ones; then a stuffed byte and a restart that are pixels, too.
        &[0x3f, 0xff, 0x00, 0xff, 0xd0, 0x3f],
        &[0xff, 0xd9],
        b"a second picture",
    ]
    .concat()
}

fn sent(browser: &Browser, world: &World, case: &str, photo: &[u8], token: Option<&str>) -> Answer {
    let page = browser.open("/account");
    let own = page.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n{}\r\n--edge\r\nContent-Disposition: form-data; \
         name=\"photo\"; filename=\"../../IMG_1.jpg\"\r\nContent-Type: text/html\r\n\r\n",
        token.unwrap_or(&own)
    )
    .into_bytes();
    body.extend_from_slice(photo);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let headers = [
        ("cookie", format!("gongdao_session={}", browser.cookie("gongdao_session"))),
        ("origin", format!("http://{}", world.served.address)),
        ("accept", "text/html".to_owned()),
        ("content-type", "multipart/form-data; boundary=edge".to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
    let agent: ureq::Agent = agent.into();
    let url = format!("http://{}/me/requests/{case}/photos", world.served.address);
    let mut request = ureq::http::Request::builder().method("POST").uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut answer = agent.run(request.body(body).unwrap()).unwrap();
    Answer {
        status: answer.status().as_u16(),
        headers: Vec::new(),
        text: String::from_utf8_lossy(&answer.body_mut().read_to_vec().unwrap()).into_owned(),
    }
}

fn case(world: &World, text: &str) -> String {
    let filed = world.rider.post("/v1/cases", &json!({"kind": "complain", "person": "p-1", "text": text}));
    assert_eq!(filed.status, 201, "{}", filed.text);
    filed.json()["id"].as_str().unwrap().to_owned()
}

/// The photo as it is kept, out of the copy of the record.
fn kept(world: &World, number: u64) -> (Value, Vec<u8>) {
    let record = world.rider.get("/v1/persons/p-1/record").json();
    let cases = record["sections"]["cases"].as_array().unwrap();
    let photo = cases.iter().find(|one| one["number"] == json!(number)).unwrap_or_else(|| panic!("{record}"));
    (photo.clone(), decode_base64(photo["base64"].as_str().unwrap()).unwrap())
}

/// What exiftool says of a picture; nothing where there is no exiftool.
fn exiftool(bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    std::fs::write(&path, bytes).unwrap();
    let program = if Path::new("/usr/bin/exiftool").exists() { "/usr/bin/exiftool" } else { "exiftool" };
    let output = Command::new(program).args(["-a", "-u", "-G1", "-s"]).arg(&path).stderr(Stdio::null()).output();
    output.ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_photo_is_kept_without_what_the_camera_says_about_its_owner() {
    let world = World::new();
    let id = case(&world, "road closed");
    let browser = world.browser("zh", "rider");
    for (number, (photo, media_type, secrets)) in (1..).zip([
        (png(), "image/png", vec!["Li Lei", "13800000000", "hidden", "tEXt", "eXIf"]),
        (jpeg(6), "image/jpeg", vec!["Nokia", "Lei", "31.23", "JFIF", "xap", "Photoshop", "second"]),
        (jpeg(1), "image/jpeg", vec!["Exif", "Nokia"]),
    ]) {
        let has = |bytes: &[u8], secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        let answer = sent(&browser, &world, &id, &photo, None);
        assert_eq!(answer.status, 303, "{}", answer.text);
        let (line, clean) = kept(&world, number);
        assert_eq!(line["media_type"], media_type);
        for secret in secrets {
            assert!(has(&photo, secret) && !has(&clean, secret), "{number}: {secret}");
        }
        assert_eq!(line["digest"], format!("sha256:{}", gongdao_service::digest_of(&clean)));
        if let Some(said) = exiftool(&clean) {
            let groups: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix('[')?.split(']').next()).collect();
            let known = ["ExifTool", "System", "File", "PNG", "Composite"];
            let others: Vec<&&str> = groups.iter().filter(|group| !known.contains(group)).collect();
            // Which side is up, and nothing else.
            let orientation = said.lines().filter(|line| line.contains("Orientation")).count();
            assert_eq!((others.len(), orientation), if number == 2 { (1, 1) } else { (0, 0) }, "{number}: {said}");
            assert!(!said.contains("Warning") && said.contains("ImageWidth"), "{said}");
        } else {
            assert!(std::env::var_os("CI").is_none(), "there is no exiftool");
        }
    }
    world.served.stop();
}

#[test]
fn whoever_works_on_it_sees_the_photo_and_nobody_else_does() {
    let world = World::new();
    let id = case(&world, "road closed");
    let browser = world.browser("en", "rider");
    assert!(opened(&browser, &format!("/me/requests/{id}"), "en").text.contains("Add a photo"));
    assert_eq!(sent(&browser, &world, &id, &jpeg(6), None).status, 303);
    let path = format!("/cases/{id}/photos/1");
    let own = opened(&browser, &format!("/me/requests/{id}"), "en");
    assert!(own.links().contains(&path) && !own.text.contains("<img"), "{}", own.text);
    assert_eq!(world.rider.get("/v1/persons/p-1/lookups").json()["items"], json!([]));
    let officer = world.browser("zh", "officer");
    let desk = opened(&officer, &format!("/desk/cases/{id}"), "zh");
    assert!(desk.text.contains("<img class=\"photo\"") && !desk.text.contains("enctype"), "{}", desk.text);
    let cookie = format!("gongdao_session={}", officer.cookie("gongdao_session"));
    let shown = Client::new(world.served.address, None).send("GET", &path, &[("cookie", &cookie)], None);
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let looked = world.rider.get("/v1/persons/p-1/lookups").text;
    assert!(looked.contains(&format!("{id} photo 1")), "{looked}");
    for (name, status) in [("union", 404), ("engineer", 404)] {
        assert_eq!(world.browser("zh", name).open(&path).status, status, "{name}");
    }
    let stranger = Browser::new(world.served.address, "zh");
    assert!(stranger.open(&path).path.starts_with("/login"));
    for wrong in ["/cases/none/photos/1".to_owned(), format!("/cases/{id}/photos/9"), format!("/cases/{id}/photos/x")] {
        assert!((400..500).contains(&browser.open(&wrong).status), "{wrong}");
    }
    assert_eq!(sent(&officer, &world, &id, &jpeg(1), None).status, 403, "the desk adds none");
    world.served.stop();
}

#[test]
fn what_is_no_picture_is_refused_and_a_case_takes_five() {
    let world = World::new();
    let id = case(&world, "road closed");
    let browser = world.browser("en", "rider");
    let whole = jpeg(6);
    let mut large = png();
    large.resize((8 << 20) + 1, 0);
    let mut empty = png();
    empty[19] = 0;
    let rows: [(&str, Vec<u8>, u16); 8] = [
        ("nothing", Vec::new(), 422),
        ("a page", b"<html><script>alert(1)</script>".to_vec(), 422),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), 422),
        ("half a picture", whole[..whole.len() / 2].to_vec(), 422),
        ("only the head", PNG_HEAD.to_vec(), 422),
        ("no width", empty, 422),
        ("too large", large, 422),
        ("far too large", vec![0xff; (8 << 20) + (66 << 10)], 413),
    ];
    for (what, bytes, status) in rows {
        let answer = sent(&browser, &world, &id, &bytes, None);
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert!(answer.text.contains("<h1"), "{what} is answered with a page");
    }
    // Every shorter piece of a picture is broken, and none of them stops the service.
    for end in 0..whole.len() - 20 {
        assert_eq!(sent(&browser, &world, &id, &whole[..end], None).status, 422, "{end}");
    }
    assert_eq!(sent(&browser, &world, &id, &whole, Some("0000")).status, 403, "a form of another page");
    for number in 1..=5 {
        assert_eq!(sent(&browser, &world, &id, &whole, None).status, 303, "{number}");
    }
    assert_eq!(sent(&browser, &world, &id, &whole, None).status, 409);
    let other = case(&world, "another");
    assert_eq!(sent(&browser, &world, &other, &whole, None).status, 303, "each case has its own");
    let taken_back = world.rider.post(&format!("/v1/cases/{other}/events"), &json!({"what": "withdrawn"}));
    assert_eq!(taken_back.status, 200, "{}", taken_back.text);
    assert_eq!(sent(&browser, &world, &other, &whole, None).status, 409, "a closed case takes none");
    world.served.stop();
}

#[test]
fn erasing_a_person_erases_their_photos() {
    let world = World::new();
    let id = case(&world, "road closed");
    let browser = world.browser("en", "rider");
    assert_eq!(sent(&browser, &world, &id, &jpeg(6), None).status, 303);
    let officer = world.browser("en", "officer");
    let path = format!("/cases/{id}/photos/1");
    let cookie = format!("gongdao_session={}", officer.cookie("gongdao_session"));
    let look = || Client::new(world.served.address, None).send("GET", &path, &[("cookie", &cookie)], None).status;
    assert_eq!((look(), world.photo_documents()), (200, 2));
    let erased = world.officer.send("DELETE", "/v1/persons/p-1?ground=cn.pipl/47/1", &[], None);
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert_eq!((look(), world.photo_documents()), (404, 0));
    world.served.stop();
}

//! Each way of writing a label that was seen in real files is read, named, and replaced by the guide's way.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_label::{Conformity, Dialect, FindingKind, Label, Reading, WriteOptions, read, write_bytes};
use std::collections::BTreeSet;
use std::io::Cursor;
use support::PRODUCER;

fn label() -> Label {
    Label::first(PRODUCER, "number").unwrap()
}

fn json() -> String {
    label().to_json()
}

fn reading(name: &str, bytes: &[u8]) -> Reading {
    read(&mut Cursor::new(bytes), name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The file is read as `dialects`, says what the label says, and is written in the guide's way.
fn check(name: &str, bytes: &[u8], dialects: &[Dialect]) {
    let found = reading(name, bytes);
    let [site] = found.sites.as_slice() else { panic!("{name} {dialects:?}: {found:?}") };
    assert_eq!(site.dialects, dialects.iter().copied().collect::<BTreeSet<_>>(), "{name}: {found:?}");
    assert_eq!(site.label.as_ref(), Some(label().found()), "{name} {dialects:?}");
    let other = Label::first(PRODUCER, "other").unwrap();
    let new = write_bytes(bytes, name, &other, WriteOptions::default())
        .unwrap_or_else(|error| panic!("{name} {dialects:?}: {error}"));
    assert!(reading(name, &new).holds(&other), "{name} {dialects:?}: {:?}", reading(name, &new));
}

fn png_with(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let chunk = [&length[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat();
    let plain = support::png(b"x");
    [&plain[..33], &chunk, &plain[33..]].concat()
}

fn xmp(inner: &str) -> String {
    format!(
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{inner}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )
}

fn escaped() -> String {
    json().replace('"', "&quot;")
}

fn jpeg_with(marker: u8, data: &[u8]) -> Vec<u8> {
    let plain = support::jpeg(b"x");
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, marker], &length, data, &plain[2..]].concat()
}

#[test]
fn xmp_in_other_shapes() {
    let uri = "http://www.tc260.org.cn/ns/AIGC/1.0/";
    for (inner, dialects) in [
        (format!("<rdf:Description xmlns:TC260='{uri}' TC260:AIGC=\"{}\"/>", escaped()), vec![Dialect::XmpAttribute]),
        (
            format!("<rdf:Description xmlns:C260='{uri}'><C260:AIGC>{}</C260:AIGC></rdf:Description>", escaped()),
            vec![Dialect::XmpPrefix],
        ),
        (
            format!(
                "<rdf:Description xmlns:TC260='http://x/'><TC260:AIGC><![CDATA[{}]]></TC260:AIGC></rdf:Description>",
                json()
            ),
            vec![Dialect::XmpNamespace],
        ),
        (
            format!(
                "<rdf:Description xmlns:TC260='{uri}'><TC260:AIGC>{{&quot;AIGC&quot;:{}}}</TC260:AIGC></rdf:Description>",
                escaped()
            ),
            vec![Dialect::Wrapped],
        ),
    ] {
        let packet = xmp(&inner);
        check("a.jpg", &jpeg_with(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat()), &dialects);
        check("a.png", &png_with(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat()), &dialects);
        let deflated = miniz_oxide::deflate::compress_to_vec_zlib(packet.as_bytes(), 6);
        let data = [b"XML:com.adobe.xmp\0\x01\0\0\0".as_slice(), &deflated].concat();
        check("packed.png", &png_with(b"iTXt", &data), &dialects);
    }
}

/// A packet of others stays as it is around the label, whatever its prefixes and subject.
#[test]
fn xmp_of_others_stays() {
    let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    let bound = format!("xmlns:r='{rdf}'");
    let other = "<rdf:Description rdf:about='uuid:a\"b' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='x'/>";
    let commented = "<!-- <r:RDF> --><r:Description r:about=''/>";
    for (packet, kept) in [
        (xmp(other), other),
        (xmp(""), "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"),
        (
            format!("<x:xmpmeta xmlns:x='adobe:ns:meta/'><RDF xmlns='{rdf}'><Description about=''/></RDF></x:xmpmeta>"),
            "<Description about=''/>",
        ),
        (format!("<r:RDF {bound}/>"), bound.as_str()),
        (format!("<r:RDF {bound}>{commented}</r:RDF>"), commented),
    ] {
        let file = jpeg_with(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat());
        let new = write_bytes(&file, "a.jpg", &label(), WriteOptions::default()).unwrap();
        let found = reading("a.jpg", &new);
        assert!(found.holds(&label()) && found.sites[0].dialects.is_empty(), "{packet}: {found:?}");
        let text = String::from_utf8_lossy(&new).into_owned();
        assert!(text.contains(kept), "{packet}: {text}");
    }
    let broken = jpeg_with(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta");
    let error = write_bytes(&broken, "a.jpg", &label(), WriteOptions::default()).unwrap_err();
    assert!(error.message.contains("XMP packet is broken"), "{error}");
}

#[test]
fn a_head_of_toml_is_refused() {
    let error = write_bytes(b"+++\ntitle = 'x'\n+++\nText\n", "a.md", &label(), WriteOptions::default()).unwrap_err();
    assert!(error.message.contains("TOML"), "{error}");
}

#[test]
fn a_text_in_utf_16_is_not_taken_for_sound() {
    let text: Vec<u8> = "\u{feff}Text\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = read(&mut Cursor::new(&text), "a.txt").unwrap_err();
    assert!(error.message.contains("not UTF-8"), "{error}");
}

#[test]
fn xmp_in_utf_16_is_read_and_stays_utf_16() {
    let inner = format!(
        "<rdf:Description xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/'><TC260:AIGC>{}</TC260:AIGC></rdf:Description>",
        escaped()
    );
    let packet: Vec<u8> = xmp(&inner).encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("a.jpg", &jpeg_with(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), &packet].concat()), &[]);
}

#[test]
fn pictures_without_xmp() {
    let wrapped = label().to_wrapped_json();
    check("a.png", &png_with(b"tEXt", format!("AIGC\0{wrapped}").as_bytes()), &[Dialect::PngTextChunk]);
    check("a.png", &png_with(b"tEXt", format!("AIGC\0{}", json()).as_bytes()), &[Dialect::PngTextChunk, Dialect::Bare]);
    check("a.jpg", &jpeg_with(0xe9, format!("AIGC{}", json()).as_bytes()), &[Dialect::JpegSegment]);
    check("a.jpg", &jpeg_with(0xfe, wrapped.as_bytes()), &[Dialect::JpegSegment]);
}

/// A block of one directory whose entry 0x8769 leads to `UserComment`, or with an `ImageDescription`.
fn exif(is_comment: bool, text: &str) -> Vec<u8> {
    let short = |value: u16| value.to_le_bytes();
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let entry = |tag, kind, count, value| [&short(tag)[..], &short(kind), &long(count), &long(value)].concat();
    let head = b"II*\0\x08\0\0\0";
    if is_comment {
        let value = [b"ASCII\0\0\0", text.as_bytes()].concat();
        let below = [&short(1)[..], &entry(0x9286, 7, value.len(), 44), &[0; 4], &value].concat();
        [&head[..], &short(1), &entry(0x8769, 4, 1, 26), &[0; 4], &below].concat()
    } else {
        let value = [text.as_bytes(), b"\0"].concat();
        [&head[..], &short(1), &entry(0x010e, 2, value.len(), 26), &[0; 4], &value].concat()
    }
}

#[test]
fn exif_of_jpeg_webp_png() {
    let wrapped = label().to_wrapped_json();
    for (is_comment, dialect) in [(true, Dialect::ExifUserComment), (false, Dialect::ExifImageDescription)] {
        let block = exif(is_comment, &wrapped);
        check("a.jpg", &jpeg_with(0xe1, &[b"Exif\0\0".as_slice(), &block].concat()), &[dialect]);
        check("a.png", &png_with(b"eXIf", &block), &[dialect]);
        let mut webp = support::webp(b"x");
        let pad = vec![0; block.len() % 2];
        webp.extend([b"EXIF", &u32::try_from(block.len()).unwrap().to_le_bytes()[..], &block, &pad].concat());
        let length = u32::try_from(webp.len() - 8).unwrap().to_le_bytes();
        webp[4..8].copy_from_slice(&length);
        check("a.webp", &webp, &[dialect]);
    }
    let services = wrapped.replace("ContentProducer", "ServiceProvider").replace("ContentPropagator", "ServiceUser");
    let block = [b"Exif\0\0".as_slice(), &exif(false, &services)].concat();
    check("a.jpg", &jpeg_with(0xe1, &block), &[Dialect::ExifImageDescription, Dialect::KeySpelling]);
}

fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, body].concat()
}

/// An MP4 with more boxes at the end of `moov`.
fn mp4_with(more: &[u8]) -> Vec<u8> {
    let mut file = support::mp4(b"samples", false);
    let moov = file.windows(4).rposition(|window| window == b"moov").unwrap() - 4;
    let length = u32::try_from(file.len() - moov + more.len()).unwrap().to_be_bytes();
    file[moov..moov + 4].copy_from_slice(&length);
    file.extend(more);
    file
}

#[test]
fn places_of_mp4() {
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], json().as_bytes()].concat());
    let handler = |kind: &[u8]| boxed(b"hdlr", &[&[0; 8], kind, &[0; 13]].concat());
    let keys = boxed(b"keys", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(b"mdta", b"AIGC")].concat());
    let keyed = [handler(b"mdta"), keys, boxed(b"ilst", &boxed(&[0, 0, 0, 1], &data))].concat();
    let full = |body: &[u8]| boxed(b"meta", &[&[0; 4], body].concat());
    check("a.mp4", &mp4_with(&boxed(b"udta", &full(&keyed))), &[]);
    check("a.mov", &mp4_with(&boxed(b"udta", &boxed(b"meta", &keyed))), &[]);
    check("a.mp4", &mp4_with(&full(&keyed)), &[Dialect::MovieMeta]);
    let keyless = [handler(b"mdir"), boxed(b"ilst", &boxed(b"\xa9cmt", &data))].concat();
    let file = mp4_with(&boxed(b"udta", &full(&keyless)));
    let found = reading("a.mp4", &file);
    assert_eq!(found.sites[0].dialects, [Dialect::KeylessItem].into());
    // The other metadata of that box stays, so the new label stands in `moov.meta`.
    let new = write_bytes(&file, "a.mp4", &label(), WriteOptions::default()).unwrap();
    assert_eq!(reading("a.mp4", &new).sites.len(), 1);
    let id = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
    let inner = format!(
        "<rdf:Description xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/'><TC260:AIGC>{}</TC260:AIGC></rdf:Description>",
        escaped()
    );
    let uuid = boxed(b"uuid", &[id, xmp(&inner).as_bytes()].concat());
    check("a.mp4", &[support::mp4(b"samples", true), uuid].concat(), &[Dialect::XmpBox]);
}

#[test]
fn id3_of_every_version() {
    let synchsafe = |length: usize| [21, 14, 7, 0].map(|shift| u8::try_from((length >> shift) & 0x7f).unwrap());
    let tag = |version: u8, flags: u8, body: &[u8]| {
        [b"ID3", &[version, 0, flags], &synchsafe(body.len())[..], body, &[0xff, 0xfb, 0x90, 0x64], &[0; 413]].concat()
    };
    let value = [b"\0AIGC\0", json().as_bytes()].concat();
    let long = u32::try_from(value.len()).unwrap().to_be_bytes();
    check("a.mp3", &tag(2, 0, &[b"TXX", &long[1..], &value].concat()), &[]);
    let three = [b"TXXX", &long[..], &[0, 0], &value].concat();
    check("a.mp3", &tag(3, 0, &three), &[]);
    // Zeros put in after each 0xFF, and an extended header.
    let stuffed = [b"PRIV\0\0\0\x02\0\0\xff\0\0", &three[..]].concat();
    check("a.mp3", &tag(3, 0x80, &stuffed), &[]);
    check("a.mp3", &tag(3, 0x40, &[&[0, 0, 0, 6, 0, 0, 0, 0, 0, 0][..], &three].concat()), &[]);
    let wide: Vec<u8> = format!("\u{feff}AIGC\0\u{feff}{}", json()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let four = [&[1][..], &wide].concat();
    check("a.mp3", &tag(4, 0, &[b"TXXX", &synchsafe(four.len())[..], &[0, 0], &four].concat()), &[]);
}

#[test]
fn front_matter_in_other_styles() {
    let flow = json().replace("\":\"", "\": \"");
    check("a.md", format!("---\nAIGC: {flow}\n---\nText\n").as_bytes(), &[Dialect::FlowMapping]);
    let plain = flow.replace("\"Label\"", "Label").replace("\"ProduceID\"", "ProduceID");
    check("a.md", format!("---\nAIGC: {plain}\n---\nText\n").as_bytes(), &[Dialect::FlowMapping]);
    check("a.md", format!("---\r\nAIGC: '{}'\r\n---\r\nText\r\n", json()).as_bytes(), &[Dialect::JsonInYaml]);
    check("a.md", format!("\u{feff}---\n\"AIGC\": |\n  {}\n---\nText\n", json()).as_bytes(), &[Dialect::JsonInYaml]);
}

#[test]
fn disguises_of_json() {
    let wav = |text: &str| {
        let plain = support::wav(b"samples!");
        let pad = vec![0; text.len() % 2];
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        let mut file = [&plain[..], b"AIGC", &length, text.as_bytes(), &pad].concat();
        let length = u32::try_from(file.len() - 8).unwrap().to_le_bytes();
        file[4..8].copy_from_slice(&length);
        file
    };
    check("a.wav", &wav(&json()), &[]);
    check("a.wav", &wav(&format!("AIGC{}", json())), &[]);
    check("a.wav", &wav(&serde_json::to_string(&json()).unwrap()), &[Dialect::DoubleEncoded]);
    check("a.wav", &wav(&json().replace("\"1\"", "1")), &[Dialect::NotAString]);
    let spelled = json().replace("ReservedCode1", "ReserveCode1").replace("PropagateID", "PropatorID");
    check("a.wav", &wav(&spelled), &[Dialect::KeySpelling]);
    let base64 = "eyJBSUdDIjp7IkxhYmVsIjoiMSIsIkNvbnRlbnRQcm9kdWNlciI6IngifX0=";
    let found = reading("a.wav", &wav(base64));
    assert_eq!(found.sites[0].dialects, [Dialect::Base64, Dialect::Wrapped].into());
    let printed = json().replace("\"number\",\"ReservedCode2\"", "\"%!s(MISSING)\",\"ReservedCode2\"");
    assert_eq!(reading("a.wav", &wav(&printed)).sites[0].dialects, [Dialect::PrintedNothing].into());
}

#[test]
fn strict_reading_refuses_what_tolerant_reading_names() {
    let right = json();
    assert_eq!(Label::from_json(&right).unwrap(), label());
    assert_eq!(Label::from_json(&label().to_wrapped_json()).unwrap(), label());
    for (name, text, words) in [
        ("not JSON", "{", "not a JSON object"),
        ("a doubled key", &right.replacen('{', "{\"Label\":\"1\",", 1)[..], "`Label` stands twice"),
        ("a number", &right.replace("\"1\"", "1"), "not a string"),
        ("another code", &right.replace("\"1\"", "\"4\""), "`4` is not a label code"),
        ("a space", &right.replace("number", "num ber"), "annex E j)"),
        ("a backslash", &right.replace("number", "num\\\\ber"), "annex E j)"),
        ("Chinese", &right.replace("number", "号"), "annex E j)"),
        ("an empty number", &right.replace("number", ""), "missing or empty"),
        ("a wrong check digit", &right.replace("9K64", "9K65"), "the code in `ContentProducer` is wrong"),
        ("another key", &right.replacen('{', "{\"Time\":\"1\",", 1), "`Time` is not a key"),
    ] {
        let error = Label::from_json(text).unwrap_err();
        assert!(error.message.contains(words) && !error.hint.is_empty(), "{name}: {error}");
    }
}

#[test]
fn labels_that_disagree_decide_nothing() {
    let one = write_bytes(&support::png(b"x"), "a.png", &label(), WriteOptions::default()).unwrap();
    let other = label().to_wrapped_json().replace("\"1\"", "\"2\"");
    let body = [b"tEXtAIGC\0", other.as_bytes()].concat();
    let length = u32::try_from(body.len() - 4).unwrap().to_be_bytes();
    let chunk = [&length[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat();
    let found = reading("a.png", &[&one[..33], &chunk, &one[33..]].concat());
    assert_eq!(found.code(), None);
    let kinds: Vec<FindingKind> = found.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::Copies, FindingKind::Disagree]);
}

#[test]
fn an_information_dictionary_that_cannot_be_read_is_no_absence() {
    let file = String::from_utf8(support::pdf(b"x")).unwrap();
    let found = reading("a.pdf", file.replace("4 0 obj", "9 0 obj").as_bytes());
    assert_eq!(found.conformity(), Conformity::CannotTell, "{found:?}");
    let error = write_bytes(file.replace("4 0 obj", "9 0 obj").as_bytes(), "a.pdf", &label(), WriteOptions::default());
    assert!(error.unwrap_err().message.contains("cannot be read"));
}

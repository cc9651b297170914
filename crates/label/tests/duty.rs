//! What a platform owes, row by row; each article number is one of the Measures.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_i18n::{Catalogue, Language};
use gongdao_label::duty::{
    Declaration, Detection, Evidence, Issued, Made, Missing, Observed, Propagation, Recipient, Request, Sign, Spread,
    Status, decide, fingerprint, keep_until, looks_alike, made_facts, may_leave_out, notice, signs, sort_by_term,
    spread_facts,
};
use gongdao_label::visible::{Perceived, check_text, elements, with_notice};
use gongdao_label::{Key, Label, LabelCode, Reading, WriteOptions, read, write_bytes};
use std::io::Cursor;
use support::{PLATFORM, PRODUCER};

fn reading(text: &str) -> Reading {
    read(&mut Cursor::new(text), "a.md").unwrap()
}

fn labelled(code: &str) -> Reading {
    reading(&format!(
        "---\nAIGC:\n  Label: '{code}'\n  ContentProducer: '{PRODUCER}'\n  ProduceID: 'x'\n  ContentPropagator: '{PRODUCER}'\n  PropagateID: 'x'\n---\nText\n"
    ))
}

fn check(metadata: Option<&Reading>, declaration: Declaration, detection: Detection, expected: &str) {
    let decision = decide(&Evidence { metadata, declaration, detection });
    let reasons: Vec<&str> = decision.reasons.iter().map(|reason| reason.code()).collect();
    let provisions: Vec<String> = decision.provisions.iter().map(ToString::to_string).collect();
    let shown = format!("{} <- {} | {}", decision.status.code(), reasons.join(" "), provisions.join(" "));
    assert_eq!(shown.replace("cn.labelling-measures/", ""), expected);
    assert_eq!(decision.write_back, decision.status.label_code());
}

#[test]
fn the_strongest_evidence_decides() {
    use Declaration::{Generated, NotGenerated, Silent};
    use Detection::{NotDone, Nothing, Traces, VisibleLabel};
    let none = reading("Text\n");
    let unclear = labelled("AIGC");
    let (is, may_be, suspected) = (labelled("1"), labelled("2"), labelled("3"));
    for (metadata, declaration, detection, expected) in [
        (Some(&is), Silent, Nothing, "confirmed <- metadata-is | 6/1/1 6/2 6/1/4"),
        (Some(&is), NotGenerated, Nothing, "confirmed <- metadata-is | 6/1/1 6/2 6/1/4"),
        (Some(&is), Generated, Traces, "confirmed <- metadata-is declared traces | 6/1/1 6/2 6/1/4"),
        (Some(&none), Generated, Nothing, "possible <- declared | 6/1/2 6/2 6/1/4"),
        (Some(&none), Generated, VisibleLabel, "possible <- declared visible-label | 6/1/2 6/2 6/1/4"),
        (Some(&none), Silent, VisibleLabel, "suspected <- visible-label | 6/1/3 6/2 6/1/4"),
        (Some(&none), NotGenerated, Traces, "suspected <- traces | 6/1/3 6/2 6/1/4"),
        (Some(&none), Silent, Nothing, "none <-  | 6/1/4"),
        (Some(&none), NotGenerated, NotDone, "cannot-tell <- not-looked-at | 6/1/4"),
        (None, Silent, Nothing, "cannot-tell <- metadata-unread | 6/1/4"),
        (None, Generated, NotDone, "possible <- declared metadata-unread not-looked-at | 6/1/2 6/2 6/1/4"),
        (Some(&may_be), Silent, Nothing, "possible <- metadata-may-be | 6/1/2 6/2 6/1/4"),
        (Some(&suspected), Silent, Nothing, "suspected <- metadata-suspected | 6/1/3 6/2 6/1/4"),
        (Some(&suspected), Generated, Nothing, "possible <- declared metadata-suspected | 6/1/2 6/2 6/1/4"),
        (Some(&unclear), Silent, Nothing, "suspected <- metadata-unclear | 6/1/3 6/2 6/1/4"),
    ] {
        check(metadata, declaration, detection, expected);
    }
}

#[test]
fn notices_name_both_elements_in_both_languages() {
    let catalogue = Catalogue::embedded().unwrap();
    for language in Language::ALL {
        for status in [Status::Confirmed, Status::Possible, Status::Suspected] {
            let text = notice(status, catalogue.words(language)).unwrap().unwrap();
            assert!(elements(&text).are_complete(), "{text}");
        }
        let line = catalogue.words(language).say("label.notice_line.text", &[]).unwrap();
        assert!(elements(&line).are_complete(), "{line}");
        for status in [Status::None, Status::CannotTell] {
            assert_eq!(notice(status, catalogue.words(language)).unwrap(), None);
        }
    }
}

#[test]
fn the_articles_that_are_named_say_so() {
    let Some(conformance) = support::conformance() else { return };
    let Some(law) = conformance.parent().map(|shared| shared.join("law/texts/labelling-measures.zh.md")) else {
        return;
    };
    let Ok(text) = std::fs::read_to_string(&law) else {
        println!("skipped: no {}", law.display());
        return;
    };
    let after = |start: &str, end: &str| text.split(start).nth(1).unwrap().split(end).next().unwrap().to_owned();
    let six = after("第六条 ", "第七条 ");
    for (item, words) in [
        ("（一）", "属于生成合成内容"),
        ("（二）", "可能为生成合成内容"),
        ("（三）", "疑似生成合成内容"),
        ("（四）", "标识功能"),
    ] {
        let text = six.split(item).nth(1).unwrap().lines().next().unwrap();
        assert!(text.contains(words), "{item}: {text}");
    }
    assert!(
        six.split("\n\n").any(|paragraph| paragraph.contains("有前款") && paragraph.contains("传播要素")),
        "paragraph 2"
    );
    assert!(after("第九条 ", "第十条 ").contains("不少于六个月"));
}

#[test]
fn propagation_fields_keep_the_producer_and_claim_nothing() {
    let own = Propagation { propagator: PLATFORM.to_owned(), propagate_id: "p-1".to_owned() };
    let found = labelled("1");
    let label = own.label(LabelCode::Is, found.label()).unwrap();
    assert_eq!(label.value(Key::ContentProducer), PRODUCER);
    assert_eq!(label.value(Key::ContentPropagator), PLATFORM);
    let label = own.label(LabelCode::Suspected, None).unwrap();
    assert_eq!((label.value(Key::ContentProducer), label.value(Key::ProduceId)), ("", ""));
    assert_eq!(label.value(Key::Label), "3");
    let file = write_bytes(b"Text\n", "a.md", &label, WriteOptions::default()).unwrap();
    assert_eq!(read(&mut Cursor::new(file), "a.md").unwrap().code(), Some(LabelCode::Suspected));
    // "Is generated" needs to know by whom.
    assert!(own.label(LabelCode::Is, None).is_err());
}

#[test]
fn content_without_a_visible_label_has_conditions() {
    let all = Request { was_asked: true, agreement_fixes_duty: true, keeps_embedded_label: true, is_logged: true };
    assert_eq!(may_leave_out(all), Ok(()));
    assert_eq!(may_leave_out(Request { was_asked: false, ..all }), Err(vec![Missing::Request]));
    assert_eq!(may_leave_out(Request { agreement_fixes_duty: false, ..all }), Err(vec![Missing::Agreement]));
    assert_eq!(may_leave_out(Request { keeps_embedded_label: false, ..all }), Err(vec![Missing::EmbeddedLabel]));
    assert_eq!(may_leave_out(Request { is_logged: false, ..all }), Err(vec![Missing::Log]));
}

#[test]
fn a_line_of_the_log_stays_for_six_months() {
    for (supplied, may_go) in [
        ("2025-09-01", "2026-03-02"),
        ("2025-08-31", "2026-03-01"),
        ("2023-08-30", "2024-03-01"),
        ("2025-06-30", "2025-12-31"),
        ("2025-07-31", "2026-02-01"),
        ("2025-12-31", "2026-07-01"),
    ] {
        assert_eq!(keep_until(supplied.parse().unwrap()).to_string(), may_go, "{supplied}");
    }
    let line = |on: &str| Recipient {
        recipient: "r".to_owned(),
        produce_id: "x".to_owned(),
        supplied_on: on.parse().unwrap(),
    };
    let (keep, go) = sort_by_term(vec![line("2025-09-01"), line("2025-09-02")], "2026-03-02".parse().unwrap());
    assert_eq!((keep.len(), go.len()), (1, 1));
}

#[test]
fn signs_are_named_and_absence_is_none() {
    let issued = Issued {
        produce_id: "x".to_owned(),
        label: Label::first(PRODUCER, "x").unwrap().found().clone(),
        file_digest: [1; 32],
        perceptual_hash: Some(0),
    };
    let file = |label: &Label| {
        let bytes = write_bytes(b"Text\n", "a.md", label, WriteOptions::default()).unwrap();
        read(&mut Cursor::new(bytes), "a.md").unwrap()
    };
    let same = file(&Label::first(PRODUCER, "x").unwrap());
    let other = file(&Label::first(PLATFORM, "x").unwrap());
    let foreign = file(&Label::first(PRODUCER, "of-somebody-else").unwrap());
    let none = reading("Text\n");
    let shell = reading("---\nAIGC:\n  Label: ''\n---\nText\n");
    // A label in the chunk of XMP, and another one in a chunk of text.
    let png =
        write_bytes(&support::png(b"content"), "a.png", &Label::first(PRODUCER, "y").unwrap(), WriteOptions::default());
    let text = [&b"AIGC\0"[..], Label::first(PLATFORM, "z").unwrap().to_wrapped_json().as_bytes()].concat();
    let two = read(&mut Cursor::new(with_chunk(&png.unwrap(), *b"tEXt", &text)), "a.png").unwrap();
    assert_eq!(two.sites.len(), 2);
    let far = Some(u64::MAX);
    for (name, reading, digest, hash, binding, expected) in [
        ("the same file", &same, 1, Some(0), None, vec![Sign::SameFile]),
        ("encoded again", &same, 2, Some(1), None, vec![Sign::SameLabel]),
        ("another producer", &other, 2, Some(0), None, vec![Sign::LabelChanged]),
        ("put on another picture", &same, 2, far, None, vec![Sign::SameLabel, Sign::LabelOfOtherContent]),
        ("not ours", &foreign, 2, far, None, vec![]),
        ("no label, nothing alike", &none, 2, far, None, vec![]),
        ("no label, no hash", &none, 2, None, None, vec![]),
        ("no label, alike", &none, 2, Some(3), None, vec![Sign::GoneButLooksAlike]),
        ("an empty place", &shell, 2, far, None, vec![Sign::ShellLeft]),
        ("a broken binding", &foreign, 2, far, Some(false), vec![Sign::BindingBroken]),
        ("a binding that fits", &foreign, 2, far, Some(true), vec![]),
        ("two labels", &two, 2, far, None, vec![Sign::LabelsDisagree]),
    ] {
        let observed = Observed { reading, file_digest: [digest; 32], perceptual_hash: hash, binding_fits: binding };
        let found: Vec<Sign> = signs(&observed, std::slice::from_ref(&issued)).into_iter().collect();
        assert_eq!(found, expected, "{name}");
    }
    assert!(!Sign::SameLabel.wants_a_look() && Sign::GoneButLooksAlike.wants_a_look());
}

/// A PNG file with one chunk more, before its last.
fn with_chunk(png: &[u8], kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let chunk = [&length[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat();
    let (head, end) = png.split_at(png.len() - 12);
    [head, &chunk, end].concat()
}

#[test]
fn a_fingerprint_is_of_the_file_and_of_what_it_looks_like() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("fingerprint-{}.png", std::process::id()));
    let plain = support::png(b"content-0123456789");
    std::fs::write(&file, &plain).unwrap();
    let before = fingerprint(&file).unwrap();
    let label = Label::first(PRODUCER, "x").unwrap();
    std::fs::write(&file, write_bytes(&plain, "a.png", &label, WriteOptions::default()).unwrap()).unwrap();
    let after = fingerprint(&file).unwrap();
    std::fs::write(&file, "Text").unwrap();
    let text = fingerprint(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(before.size_bytes, plain.len() as u64);
    assert_ne!(before.file_digest, after.file_digest);
    assert!(looks_alike(before.perceptual_hash.unwrap(), after.perceptual_hash.unwrap()));
    assert!(fingerprint(&file).is_err(), "no file");
    assert_eq!(text.perceptual_hash, None);
    // By sha256sum.
    let hex: Vec<String> = text.file_digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex.concat(), "71988c4d8e0803ba4519f0b2864c1331c14a1890bf8694e251379177bfedb5c3");
}

/// The facts, one a word, without `context.`.
fn shown(facts: &gongdao_model::Facts) -> String {
    let word = |(path, value): (&gongdao_model::FactPath, &gongdao_model::FactValue)| {
        format!("{}={}", path.name(), serde_json::to_string(value).unwrap())
    };
    facts.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_made_file_shows_becomes_facts_and_the_rest_stays_unknown() {
    const ITEMS: &str = r#"embeddedLabelItems=["attribute","content-number","provider"]"#;
    const PLACES: &str = r#"fileLabelled=true fileProduced=true generatedMedium="text" labelShown=true technicalLabelAdded=true visibleLabelPlaces=["end","start"]"#;
    const BARE: &str = r#"fileProduced=true generatedMedium="text""#;
    let all = labelled("1");
    let none = reading("Text\n");
    let unclear = labelled("AIGC");
    let torn = reading("---\nAIGC: {\"Label\":\n---\nText\n");
    let lines = |text: &str| Perceived::Notices(check_text(text));
    let noticed = lines(&with_notice("Text\n", "AI生成"));
    for (what, reading, perceived, expected) in [
        ("all of it", &all, Some(noticed), format!("{ITEMS} {PLACES}")),
        ("no visible label found", &all, Some(lines("Text\n")), format!("{ITEMS} {BARE} technicalLabelAdded=true")),
        ("nobody looked", &all, None, format!("{ITEMS} {BARE} technicalLabelAdded=true")),
        ("no label", &none, None, format!("embeddedLabelItems=[] {BARE}")),
        ("a word for a code", &unclear, None, format!(r#"embeddedLabelItems=["content-number","provider"] {BARE}"#)),
        ("metadata that cannot be read", &torn, None, BARE.to_owned()),
    ] {
        let facts = made_facts(&Made { reading, perceived: perceived.as_ref() }).unwrap();
        assert_eq!(shown(&facts), expected, "{what}");
    }
}

#[test]
fn what_a_platform_knows_becomes_facts_and_the_rest_stays_unknown() {
    use Declaration::{Generated, Silent};
    use Detection::{NotDone, Nothing, Traces};
    let (is, may_be, none) = (labelled("1"), labelled("2"), reading("Text\n"));
    let own = Propagation { propagator: PLATFORM.to_owned(), propagate_id: "p".to_owned() };
    let spread = own.label(LabelCode::Is, is.label()).unwrap();
    let file = write_bytes(b"Text\n", "a.md", &spread, WriteOptions::default()).unwrap();
    let published = read(&mut Cursor::new(file), "a.md").unwrap();
    let same = [Sign::SameFile].into();
    let changed = [Sign::LabelChanged].into();
    for (what, upload, published, said, saw, signs, expected) in [
        (
            "all of it",
            Some(&is),
            Some(&published),
            Silent,
            Nothing,
            Some(&same),
            r#"disseminationItems=["attribute","content-number","platform"] labelTampered=false metadataLabel="generated" syntheticFound=true tracesDetected=false userDeclared=false"#,
        ),
        (
            "another wrote last",
            Some(&is),
            Some(&is),
            Silent,
            NotDone,
            Some(&changed),
            r#"disseminationItems=[] metadataLabel="generated" syntheticFound=true userDeclared=false"#,
        ),
        ("may be", Some(&may_be), None, Generated, NotDone, None, "userDeclared=true"),
        ("unread", None, None, Silent, Traces, None, "tracesDetected=true userDeclared=false"),
        ("no label", Some(&none), None, Generated, NotDone, None, r#"metadataLabel="none" userDeclared=true"#),
    ] {
        let spread = Spread {
            upload,
            published: published.map(|reading| (reading, PLATFORM)),
            declaration: said,
            detection: saw,
            signs,
        };
        assert_eq!(shown(&spread_facts(&spread).unwrap()), expected, "{what}");
    }
}

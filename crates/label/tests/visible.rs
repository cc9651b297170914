//! Visible labels: drawn, measured, heard.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_label::visible::{
    BadgeOptions, Corner, Cue, Picture, Rectangle, decode, draw, find, find_rhythm, measure_in, plan, with_badge,
    with_cue,
};
use gongdao_label::{Label, WriteOptions, read, write_bytes};
use std::io::Cursor;

/// Diagonal stripes on the right, calm on the left.
fn picture(width: u32, height: u32) -> Picture {
    let pixel = |x: u32, y: u32| {
        let busy = x > width / 2 && (x / 3 + y / 3).is_multiple_of(2);
        let value = if busy { 255 } else { u8::try_from(60 + 100 * y / height).unwrap() };
        [value, value, value / 2, 255]
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Picture::new(width, height, pixels).unwrap()
}

fn options(words: &str) -> BadgeOptions {
    BadgeOptions { words: words.to_owned(), ..BadgeOptions::default() }
}

#[test]
fn a_badge_is_as_high_as_the_standard_asks_and_is_found_again() {
    for (width, height) in [(400, 300), (1024, 768), (300, 900)] {
        for words in ["AI生成", "人工智能合成"] {
            let mut labelled = picture(width, height);
            let badge = draw(&mut labelled, &options(words)).unwrap();
            assert!(badge.share >= 0.05, "{width}x{height} {words}: {badge:?}");
            assert!(badge.share < 0.06, "{width}x{height} {words}: {badge:?}");
            let found = find(&labelled, words).unwrap_or_else(|| panic!("{width}x{height} {words}"));
            assert!(found.text_height.abs_diff(badge.text_height) <= 1, "{found:?} {badge:?}");
            assert!(found.is_high_enough, "{found:?}");
            assert!(find(&picture(width, height), words).is_none(), "{width}x{height} {words}");
        }
    }
}

#[test]
fn a_calm_corner_is_chosen_and_all_other_pixels_stay() {
    let before = picture(400, 300);
    let mut after = before.clone();
    let badge = draw(&mut after, &BadgeOptions::default()).unwrap();
    assert!(matches!(badge.corner, Corner::BottomLeft | Corner::TopLeft), "{badge:?}");
    for y in 0..300 {
        for x in 0..400 {
            let inside = x >= badge.x && x < badge.x + badge.width && y >= badge.y && y < badge.y + badge.height;
            assert!(inside || before.brightness(x, y) == after.brightness(x, y), "{x} {y}");
        }
    }
}

#[test]
fn the_plate_contrasts_with_any_ground() {
    for ground in [0, 60, 128, 200, 255] {
        let mut picture = Picture::new(400, 300, [ground, ground, ground, 255].repeat(400 * 300)).unwrap();
        let badge = draw(&mut picture, &BadgeOptions::default()).unwrap();
        let values: Vec<u8> = (0..badge.height)
            .flat_map(|y| (0..badge.width).map(move |x| (x, y)))
            .map(|(x, y)| picture.brightness(badge.x + x, badge.y + y))
            .collect();
        let contrast = values.iter().max().unwrap() - values.iter().min().unwrap();
        assert!(contrast > 120, "ground {ground}: contrast {contrast}");
    }
}

#[test]
fn words_without_an_element_are_refused() {
    for words in ["AI", "即梦AI", "生成", "AI创作", "𠀀AI生成"] {
        assert!(draw(&mut picture(400, 300), &options(words)).is_err(), "{words}");
    }
    let error = draw(
        &mut picture(20, 400),
        &BadgeOptions { words: "本内容由人工智能生成".to_owned(), ..BadgeOptions::default() },
    );
    assert!(error.unwrap_err().message.contains("no room"));
}

#[test]
fn a_smaller_badge_is_measured_as_too_small() {
    let mut large = picture(1200, 1200);
    let badge =
        draw(&mut large, &BadgeOptions { corner: Some(Corner::BottomRight), ..BadgeOptions::default() }).unwrap();
    let within = Rectangle { x: badge.x + 2, y: badge.y + 2, width: badge.width - 4, height: badge.height - 4 };
    let measured = measure_in(&large, within).unwrap();
    // All ink is as high as the highest character.
    assert!(measured.text_height >= badge.text_height && measured.text_height < badge.height, "{measured:?}");
    assert!(measure_in(&picture(100, 100), Rectangle { x: 1, y: 40, width: 20, height: 2 }).is_none(), "no contrast");
}

#[test]
fn a_picture_keeps_its_perceptual_hash_when_it_is_scaled_and_labelled() {
    use gongdao_label::duty::looks_alike;
    let (large, small) = (picture(900, 600), picture(300, 200));
    assert!(looks_alike(large.perceptual_hash(), small.perceptual_hash()));
    let other = Picture::new(64, 64, (0..64 * 64 * 4).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()).unwrap();
    assert!(!looks_alike(large.perceptual_hash(), other.perceptual_hash()));
}

#[test]
fn the_rhythm_is_heard_and_the_sound_stays() {
    // A siren, so that the content itself has sound all through.
    let samples: Vec<u8> = (0..20_000_u32).map(|at| u8::try_from(128 + (at * at / 5000 % 80)).unwrap()).collect();
    let plain = support::wav(&samples);
    assert_eq!(find_rhythm(&mut Cursor::new(&plain)).unwrap(), None);
    let mut sink = Vec::new();
    with_cue(&mut Cursor::new(&plain), &Cue::Rhythm, &mut sink).unwrap();
    let rhythm = find_rhythm(&mut Cursor::new(&sink)).unwrap().unwrap();
    assert!(rhythm.start_milliseconds < 50, "{rhythm:?}");
    assert!((rhythm.unit_milliseconds - 120.0).abs() < 15.0, "{rhythm:?}");
    assert!(sink.windows(samples.len()).any(|window| window == samples), "the samples stay");
    let label = Label::first(support::PRODUCER, "x").unwrap();
    let labelled = write_bytes(&sink, "a.wav", &label, WriteOptions::default()).unwrap();
    assert!(find_rhythm(&mut Cursor::new(&labelled)).unwrap().is_some());
}

#[test]
fn spoken_words_are_put_before_the_sound_and_must_be_stored_alike() {
    let samples: Vec<u8> = (0..20_000_u32).map(|at| u8::try_from(128 + (at * at / 5000 % 80)).unwrap()).collect();
    // Two seconds at 8 kHz.
    let words: Vec<u8> = (0..16_000_u32).map(|at| u8::try_from(100 + at % 50).unwrap()).collect();
    let (plain, recording) = (support::wav(&samples), support::wav(&words));
    let mut sink = Vec::new();
    with_cue(&mut Cursor::new(&plain), &Cue::Spoken(recording.clone()), &mut sink).unwrap();
    // Words, half a second of silence, the sound.
    let expected = [&words[..], &[128; 4000], &samples].concat();
    assert!(sink.windows(expected.len()).any(|window| window == expected));
    let label = Label::first(support::PRODUCER, "x").unwrap();
    assert!(write_bytes(&sink, "a.wav", &label, WriteOptions::default()).is_ok(), "it is a whole file");
    let mut other_rate = recording.clone();
    other_rate[24..28].copy_from_slice(&44_100_u32.to_le_bytes());
    for (what, recording, said) in [
        ("another rate", other_rate, "44100 Hz"),
        ("too short", support::wav(&words[..7_000]), "shorter than a second"),
        ("no sound", b"RIFF".to_vec(), ""),
    ] {
        let refused = with_cue(&mut Cursor::new(&plain), &Cue::Spoken(recording), &mut Vec::new()).unwrap_err();
        assert!(refused.message.contains(said) && !refused.hint.is_empty(), "{what}: {refused}");
    }
}

#[test]
fn other_rhythms_are_not_the_label() {
    let beeps = |lengths: &[usize]| {
        let mut samples = Vec::new();
        for (place, length) in lengths.iter().enumerate() {
            let sound = |at: usize| if at % 8 < 4 { 60 } else { 200 };
            samples.extend((0..length * 800).map(|at| if place % 2 == 0 { sound(at) } else { 128 }));
        }
        support::wav(&samples)
    };
    let heard = |lengths: &[usize]| find_rhythm(&mut Cursor::new(beeps(lengths))).unwrap().is_some();
    assert!(heard(&[1, 1, 3, 3, 1, 1, 1]), "short long, short short");
    assert!(!heard(&[1, 1, 1, 3, 1, 1, 1]), "short short, short short");
    assert!(!heard(&[3, 1, 1, 3, 1, 1, 1]), "long short, short short");
    assert!(!heard(&[1, 1, 3, 1, 1, 1, 1]), "no gap between the letters");
}

#[test]
fn a_plan_says_where_and_how_long() {
    let plan = plan(640, 360, &BadgeOptions::default()).unwrap();
    assert!(plan.badge.share >= 0.05);
    let arguments = plan.ffmpeg_arguments("in.mp4".as_ref(), "out.mp4".as_ref()).join(" ");
    assert!(arguments.contains("lte(t,2.5)") && arguments.contains("-video_size 640x360"), "{arguments}");
}

/// Pictures for a person's eye: `cargo test --test visible -- --ignored` writes `target/tmp/badge-*.ppm`.
#[test]
#[ignore = "writes pictures for people to look at"]
fn pictures_to_look_at() {
    for (name, words) in [("short", "AI生成"), ("long", "本内容由人工智能生成")] {
        let mut picture = picture(640, 480);
        draw(&mut picture, &options(words)).unwrap();
        let mut file = b"P6 640 480 255\n".to_vec();
        picture.bytes().chunks(4).for_each(|pixel| file.extend(&pixel[..3]));
        std::fs::write(format!("{}/badge-{name}.ppm", env!("CARGO_TARGET_TMPDIR")), file).unwrap();
    }
}

fn encoded(picture: &Picture, format: image::ImageFormat) -> Vec<u8> {
    let rgba = image::RgbaImage::from_raw(picture.width(), picture.height(), picture.bytes().to_vec()).unwrap();
    let mut bytes = Vec::new();
    let rgb = image::DynamicImage::ImageRgba8(rgba).into_rgb8();
    rgb.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

#[test]
fn a_file_gets_a_badge_and_keeps_its_label_and_its_other_metadata() {
    let label = Label::first(support::PRODUCER, "x").unwrap();
    for (name, format) in [("a.png", image::ImageFormat::Png), ("a.jpg", image::ImageFormat::Jpeg)] {
        let plain = encoded(&picture(640, 480), format);
        let labelled = write_bytes(&plain, name, &label, WriteOptions::default()).unwrap();
        let (file, badge) = with_badge(&labelled, name, &BadgeOptions::default(), WriteOptions::default()).unwrap();
        assert!(read(&mut Cursor::new(&file), name).unwrap().holds(&label), "{name}");
        let found = find(&decode(&file, name).unwrap(), "AI生成").unwrap();
        assert!(found.text_height.abs_diff(badge.text_height) <= 1 && found.is_high_enough, "{name}: {found:?}");
        if name == "a.png" {
            let (before, after) = (decode(&plain, name).unwrap(), decode(&file, name).unwrap());
            let same = (0..480)
                .flat_map(|y| (0..640).map(move |x| (x, y)))
                .filter(|(x, y)| before.brightness(*x, *y) == after.brightness(*x, *y));
            assert!(
                u32::try_from(same.count()).unwrap() >= 640 * 480 - badge.width * badge.height,
                "only the plate changes"
            );
        }
    }
}

#[test]
fn a_badge_is_found_after_poor_encoding_and_scaling() {
    let mut labelled = picture(800, 600);
    let badge = draw(&mut labelled, &BadgeOptions::default()).unwrap();
    let rgba = image::RgbaImage::from_raw(800, 600, labelled.bytes().to_vec()).unwrap();
    let image = image::DynamicImage::ImageRgba8(rgba);
    let mut poor = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut poor, 40);
    image.to_rgb8().write_with_encoder(encoder).unwrap();
    let found = find(&decode(&poor, "a.jpg").unwrap(), "AI生成").unwrap();
    println!("quality 40: {found:?}");
    assert!(found.text_height.abs_diff(badge.text_height) <= 1, "{found:?}");
    let half = image.resize(400, 300, image::imageops::FilterType::Triangle).to_rgba8();
    let found = find(&Picture::new(400, 300, half.into_raw()).unwrap(), "AI生成").unwrap();
    println!("half size: {found:?}");
    assert!((found.share - badge.share).abs() < 0.004, "{found:?} {badge:?}");
}

/// The mark of a real service: about 69 pixels of ink on 2048, under the standard's share.
#[test]
fn a_real_mark_is_measured_where_one_points() {
    let Some(root) = support::conformance() else { return };
    let bytes = std::fs::read(root.join("label/aigc-real/doubao_gray_1x1_1.png")).unwrap();
    let picture = decode(&bytes, "a.png").unwrap();
    assert_eq!(picture.short_side(), 2048);
    let within = Rectangle { x: 1600, y: 1900, width: 448, height: 148 };
    let measured = measure_in(&picture, within).unwrap();
    println!("{measured:?}");
    assert!((64..=74).contains(&measured.text_height), "{measured:?}");
    assert!(!measured.is_high_enough && measured.likeness.is_none());
    assert!(find(&picture, "AI生成").is_none(), "the mark is not one of ours");
}

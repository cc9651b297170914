//! Other programs read our labels, and we read theirs: exiftool, ffmpeg and ffprobe, pdfinfo, qpdf, python-docx. fonttools
//! draws the outlines of badges anew.
//!
//! A program that is not there skips its tests, but not on a build server; `cargo xtask test` installs them there. The
//! interpreter that has python-docx is named by `GONGDAO_PYTHON`, else `python3`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_label::{Label, WriteOptions, read, write_bytes, write_file};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("label-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn is_there(program: &str, arguments: &[&str]) -> bool {
    let there = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "no {program}, and CI must have it");
    if !there {
        println!("skipped: no {program}");
    }
    there
}

fn python() -> String {
    std::env::var("GONGDAO_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program} {arguments:?} {}: {}", file.display(), text(&output.stderr));
    text(&output.stdout)
}

fn label() -> Label {
    Label::first(support::PRODUCER, "a-number/0-1_2").unwrap()
}

/// What a reader prints holds the label's JSON, whatever way it quotes it.
fn assert_shows(what: &str, shown: &str) {
    let plain = shown.replace('\\', "");
    assert!(plain.contains(&label().to_json()), "{what}: {shown}");
}

fn holds(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let reading = read(&mut std::fs::File::open(file).unwrap(), &name).unwrap();
    reading.sites.len() == 1 && reading.sites[0].label.as_ref() == Some(label().found())
}

#[test]
fn exiftool_reads_pictures_that_we_labelled_and_finds_nothing_wrong() {
    if !is_there("exiftool", &["-ver"]) {
        return;
    }
    let folder = Folder::new("exiftool");
    for (name, file) in support::all(b"content-0123456789") {
        let is_picture = [".png", ".jpg", ".webp", ".gif", ".tiff"].iter().any(|ending| name.ends_with(ending));
        if !is_picture {
            continue;
        }
        let path = folder.file(name);
        std::fs::write(&path, write_bytes(&file, name, &label(), WriteOptions::default()).unwrap()).unwrap();
        let shown = run("exiftool", &["-j", "-Aigc", "-warning", "-error"], &path);
        assert_shows(name, &shown);
        assert!(!shown.contains("Warning") && !shown.contains("Error"), "{name}: {shown}");
    }
}

const CONFIG: &str = include_str!("exiftool.config");

#[test]
fn we_read_pictures_that_exiftool_labelled() {
    if !is_there("exiftool", &["-ver"]) {
        return;
    }
    let folder = Folder::new("exiftool-writes");
    let config = folder.file("config.pl");
    std::fs::write(&config, CONFIG).unwrap();
    for (name, file) in support::all(b"content-0123456789") {
        if ![".png", ".jpg", ".gif", ".tiff", ".webp"].iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let path = folder.file(name);
        std::fs::write(&path, &file).unwrap();
        let value = format!("-XMP-TC260:AIGC={}", label().to_json());
        run("exiftool", &["-config", config.to_str().unwrap(), "-overwrite_original", &value], &path);
        assert!(holds(&path), "{name}");
    }
}

/// Files that ffmpeg makes: their endings, and the options that choose codecs.
const MEDIA: [(&str, &[&str]); 12] = [
    ("mp4", &["-c:v", "mpeg4", "-c:a", "aac"]),
    ("fast.mp4", &["-c:v", "mpeg4", "-c:a", "aac", "-movflags", "+faststart"]),
    ("pieces.mp4", &["-c:v", "mpeg4", "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"]),
    ("mov", &["-c:v", "mpeg4", "-c:a", "aac"]),
    ("m4a", &["-vn", "-c:a", "aac"]),
    ("mkv", &["-c:v", "mpeg4", "-c:a", "aac"]),
    ("webm", &["-c:v", "libvpx", "-c:a", "libvorbis"]),
    ("avi", &["-c:v", "mpeg4", "-c:a", "mp2"]),
    ("mp3", &["-vn", "-c:a", "libmp3lame"]),
    ("wav", &["-vn", "-c:a", "pcm_s16le"]),
    ("flac", &["-vn", "-c:a", "flac"]),
    ("ogg", &["-vn", "-c:a", "libvorbis"]),
];
/// What ffprobe has no eyes for: chunks `AIGC` of WAV and AVI.
const UNSEEN: [&str; 2] = ["wav", "avi"];

fn make(folder: &Folder, ending: &str, options: &[&str], more: &[&str]) -> PathBuf {
    let path = folder.file(&format!("made.{ending}"));
    let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2"];
    let sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-metadata", "title=Test"];
    let all = [&source[..], &sound, options, more].concat();
    run("ffmpeg", &all, &path);
    path
}

fn decoded(path: &Path) -> String {
    let output =
        Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(path).args(["-f", "framemd5", "-"]).output().unwrap();
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && faults.is_empty(), "{}: {faults}", path.display());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ffprobe_reads_media_that_we_labelled_and_the_frames_are_the_same() {
    if !is_there("ffmpeg", &["-version"]) {
        return;
    }
    let folder = Folder::new("ffmpeg");
    for (ending, options) in MEDIA {
        let from = make(&folder, ending, options, &[]);
        let to = folder.file(&format!("labelled.{ending}"));
        let twice = folder.file(&format!("twice.{ending}"));
        let other = Label::first(support::PRODUCER, "another-and-longer-number").unwrap();
        for (from, to, label) in [(&from, &twice, &other), (&twice, &to, &label())] {
            write_file(from, to, label, WriteOptions::default()).unwrap_or_else(|error| panic!("{ending}: {error}"));
        }
        assert!(holds(&to), "{ending}");
        assert_eq!(decoded(&from), decoded(&to), "{ending}: frames");
        if !UNSEEN.contains(&ending) {
            let shown = run("ffprobe", &["-v", "error", "-show_format", "-of", "json"], &to);
            let shown = if ending == "ogg" {
                run("ffprobe", &["-v", "error", "-show_streams", "-of", "json"], &to)
            } else {
                shown
            };
            assert_shows(ending, &shown);
            assert!(shown.contains("Test"), "{ending}: the title is gone: {shown}");
        }
    }
}

#[test]
fn we_read_media_that_ffmpeg_labelled_and_replace_its_label() {
    if !is_there("ffmpeg", &["-version"]) {
        return;
    }
    let folder = Folder::new("ffmpeg-writes");
    let metadata = format!("AIGC={}", label().to_json());
    for (ending, options) in MEDIA {
        if UNSEEN.contains(&ending) || ending == "pieces.mp4" {
            continue;
        }
        let flags: &[&str] = if options.contains(&"-movflags") {
            &["-movflags", "+use_metadata_tags+faststart"]
        } else if ["mp4", "mov", "m4a"].contains(&ending) {
            &["-movflags", "use_metadata_tags"]
        } else {
            &[]
        };
        let more = [&["-metadata", metadata.as_str()][..], flags].concat();
        let path = make(&folder, ending, options, &more);
        assert!(holds(&path), "{ending}");
        let before = decoded(&path);
        write_file(&path, &path, &label(), WriteOptions::default()).unwrap_or_else(|error| panic!("{ending}: {error}"));
        assert!(holds(&path), "{ending}");
        assert_eq!(before, decoded(&path), "{ending}: frames");
    }
}

#[test]
fn pdf_readers_read_documents_that_we_labelled() {
    if !is_there("pdfinfo", &["-v"]) || !is_there("qpdf", &["--version"]) {
        return;
    }
    let folder = Folder::new("pdf");
    let plain = folder.file("plain.pdf");
    std::fs::write(&plain, support::pdf(b"content")).unwrap();
    let packed = folder.file("packed.pdf");
    let packing = ["--object-streams=generate", plain.to_str().unwrap()];
    run("qpdf", &packing, &packed);
    for from in [plain, packed] {
        let to = from.with_extension("labelled.pdf");
        write_file(&from, &to, &label(), WriteOptions::default()).unwrap();
        assert_shows("pdfinfo", &run("pdfinfo", &["-custom"], &to));
        assert!(run("pdfinfo", &[], &to).contains("A (test)"), "the title is gone");
        let checked = run("qpdf", &["--check"], &to);
        assert!(checked.contains("No syntax or stream encoding errors"), "{checked}");
    }
}

const OPEN: &str = "import sys, docx
document = docx.Document(sys.argv[1])
print(document.paragraphs[0].text)
part = next(p for p in document.part.package.iter_parts() if str(p.partname) == '/docProps/custom.xml')
from lxml import etree
print(''.join(etree.fromstring(part.blob).itertext()))";

#[test]
fn an_office_library_reads_documents_that_we_labelled() {
    let python = python();
    if !is_there(&python, &["-c", "import docx"]) {
        return;
    }
    let folder = Folder::new("docx");
    let (plain, path) = (folder.file("plain.docx"), folder.file("labelled.docx"));
    let made = run(
        &python,
        &["-c", "import sys, docx\nd = docx.Document()\nd.add_paragraph('content')\nd.save(sys.argv[1])"],
        &plain,
    );
    assert!(made.is_empty());
    write_file(&plain, &path, &label(), WriteOptions::default()).unwrap();
    write_file(&path, &path, &label(), WriteOptions::default()).unwrap();
    let shown = run(&python, &["-c", OPEN], &path);
    assert!(shown.starts_with("content"), "{shown}");
    assert_shows("python-docx", &shown);
}

#[test]
fn ffmpeg_draws_a_badge_on_the_first_frames_and_not_on_later_ones() {
    use gongdao_label::visible::{Applied, BadgeOptions, Perceived, Programs, VisibleOptions, label_visibly, look};
    if !is_there("ffmpeg", &["-version"]) {
        return;
    }
    let folder = Folder::new("video");
    let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=10:duration=4"];
    let plain = folder.file("plain.mp4");
    run("ffmpeg", &[&source[..], &["-c:v", "mpeg4", "-q:v", "3"]].concat(), &plain);
    let options = VisibleOptions {
        badge: BadgeOptions::default(),
        line: String::new(),
        write: WriteOptions::default(),
        spoken: None,
        programs: None,
    };
    let to = folder.file("visible.mp4");
    let refused = label_visibly(&plain, &to, &options).unwrap_err();
    assert!(refused.message.contains("has no visible label") && !to.exists(), "{refused}");
    assert!(refused.hint.contains("`AI生成`") && refused.hint.contains("2 seconds") && refused.hint.contains("5 %"));
    let programs = Some(Programs { ffmpeg: Path::new("ffmpeg"), ffprobe: Path::new("ffprobe") });
    let options = VisibleOptions { programs, ..options };
    let applied = label_visibly(&plain, &to, &options).unwrap();
    assert!(matches!(applied, Applied::Badge(badge) if badge.share >= 0.05));
    for (second, expected) in [("0", true), ("1.9", true), ("3.5", false)] {
        let frame = folder.file("frame.png");
        run("ffmpeg", &["-v", "error", "-y", "-ss", second, "-i", to.to_str().unwrap(), "-frames:v", "1"], &frame);
        let Perceived::Badge(found) = look(&frame, "AI生成", None).unwrap() else { panic!("not looked at") };
        assert_eq!(found.is_some_and(|found| found.is_high_enough), expected, "second {second}");
    }
    assert_eq!(look(&to, "AI生成", None).unwrap(), Perceived::NotLookedAt);
    for (file, labelled) in [(&to, 5), (&plain, 0)] {
        let Perceived::Frames(seen) = look(file, "AI生成", programs).unwrap() else { panic!("not looked at") };
        assert_eq!((seen.labelled, seen.looked_at, seen.are_long_enough), (labelled, 5, labelled == 5));
    }
    // Shorter than what the standard asks for: nothing is called labelled.
    let short = folder.file("short.mp4");
    run("ffmpeg", &["-v", "error", "-y", "-i", plain.to_str().unwrap(), "-t", "1", "-c", "copy"], &short);
    let refused = label_visibly(&short, &folder.file("short-visible.mp4"), &options).unwrap_err();
    assert!(refused.message.contains("has no visible label"), "{refused}");
    assert!(!folder.file("short-visible.mp4").exists());
}

#[test]
fn the_outlines_of_badges_are_those_of_the_font() {
    let python = python();
    if !is_there(&python, &["-c", "import fontTools, pylopdf_fonts_zh_cn"]) {
        return;
    }
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts");
    let script = fonts.join("outline.py");
    let ask =
        "import pathlib, pylopdf_fonts_zh_cn as f; print(pathlib.Path(f.__file__).with_name('NotoSansSC-Regular.otf'))";
    let font = Command::new(&python).args(["-c", ask]).output().unwrap();
    let font = String::from_utf8(font.stdout).unwrap();
    let made = run(&python, &[script.to_str().unwrap()], Path::new(font.trim()));
    assert_eq!(made, std::fs::read_to_string(fonts.join("glyphs.txt")).unwrap());
}

//! Peak memory of labelling films of two sizes, from the outside: the child's `VmHWM`.
#![allow(clippy::format_push_string, reason = "a report of a few lines")]

use super::{done, megabytes};
use crate::memory::watch;
use crate::options::Options;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

pub(super) fn run(options: &Options, room: &Path) -> Result<String, String> {
    let gib = options.value("gib", 4_u64)?;
    let mut text =
        String::from("\n| film | MB | seconds | MB a second | peak resident memory |\n|---|---|---|---|---|\n");
    for (what, bytes) in [("small", 16 << 20), ("large", gib << 30)] {
        let (from, to) = (room.join("film.mp4"), room.join("labelled.mp4"));
        make(&from, bytes)?;
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        let watched = watch(command.arg("label-one").arg("--from").arg(&from).arg("--to").arg(&to))?;
        if !watched.status.success() {
            return Err(format!("{command:?} ended with {}", watched.status));
        }
        if frames(&from)? != frames(&to)? {
            return Err("the frames changed".to_owned());
        }
        let seconds = watched.elapsed.as_secs_f64();
        text += &format!(
            "| {what} | {:.0} | {seconds:.1} | {:.0} | {:.1} MiB |\n",
            megabytes(bytes),
            megabytes(bytes) / seconds,
            f64::from(u32::try_from(watched.peak_kib).unwrap_or(u32::MAX)) / 1024.0
        );
        std::fs::remove_file(&to).map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// A film with its index in front, so that every offset moves, and zeros behind its frames: `mdat` gets a length of 64 bits in
/// the room that ffmpeg leaves for it.
fn make(to: &Path, bytes: u64) -> Result<(), String> {
    let mut command = Command::new("ffmpeg");
    command.args([
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=640x360:rate=25:duration=4",
        "-c:v",
        "mpeg4",
    ]);
    done(command.args(["-movflags", "+faststart"]).arg(to))?;
    let told = |error: std::io::Error| error.to_string();
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(to).map_err(told)?;
    let mut head = Vec::new();
    (&mut file).take(1 << 20).read_to_end(&mut head).map_err(told)?;
    let room = head.windows(8).position(|window| window == b"\0\0\0\x08free").ok_or("ffmpeg left no room")? as u64;
    let wide = [&1_u32.to_be_bytes()[..], b"mdat", &(bytes - room).to_be_bytes()].concat();
    file.seek(SeekFrom::Start(room)).and_then(|_| file.write_all(&wide)).map_err(told)?;
    file.set_len(bytes).map_err(told)
}

fn frames(file: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new("ffmpeg");
    let output = command.args(["-v", "error", "-i"]).arg(file).args(["-f", "framemd5", "-"]).output();
    let output = output.map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() && !output.stdout.is_empty() {
        Ok(output.stdout)
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

//! Ten thousand pictures in a folder, read and labelled on all cores, beside copying the same files.
#![allow(clippy::format_push_string, reason = "a report of a few lines")]

use super::{label, megabytes};
use crate::options::Options;
use gongdao_label::scan::{ScanRequest, Watch, scan};
use gongdao_label::{WriteOptions, write_file};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

struct Silent;

impl Watch for Silent {
    fn progress(&self, _: usize, _: usize) {}

    fn is_stopped(&self) -> bool {
        false
    }
}

pub(super) fn run(options: &Options, room: &Path) -> Result<String, String> {
    let count = options.value("files", 10_000_usize)?;
    let threads = options.value("threads", std::thread::available_parallelism().map_or(1, usize::from))?.max(1);
    let told = |error: std::io::Error| error.to_string();
    let from = room.join("in");
    std::fs::create_dir(&from).map_err(told)?;
    let first = room.join("one.png");
    // About 118 kB: what a service shows in a feed.
    super::make_picture(&first, "256x256", &[])?;
    let bytes = std::fs::metadata(&first).map_err(told)?.len() * count as u64;
    let names: Vec<PathBuf> = (0..count).map(|number| PathBuf::from(format!("{number:05}.png"))).collect();
    for name in &names {
        std::fs::copy(&first, from.join(name)).map_err(told)?;
    }
    // What one way wrote is neither removed nor left to be written out while the next one runs: ext4 passes over the inodes of files
    // that are just gone, one by one, and the next way would be measured by that.
    let all = |way: &str, act: &(dyn Fn(&Path, &Path) -> Result<(), String> + Sync)| -> Result<f64, String> {
        let to = room.join(way);
        std::fs::create_dir(&to).map_err(told)?;
        std::process::Command::new("sync").status().map_err(told)?;
        let start = Instant::now();
        each(&names, threads, &|name| act(&from.join(name), &to.join(name)))?;
        Ok(start.elapsed().as_secs_f64())
    };
    let label = label()?;
    let start = Instant::now();
    let request = ScanRequest { folder: &from, threads, journal: None };
    let scanned = scan(&request, &Silent).map_err(|error| error.to_string())?.counts();
    let scanning = start.elapsed().as_secs_f64();
    if scanned.absent != count {
        return Err(format!("{scanned:?}, and {count} without a label were made"));
    }
    let start = Instant::now();
    each(&names, threads, &|name| std::fs::read(from.join(name)).map(drop).map_err(told))?;
    let reading = start.elapsed().as_secs_f64();
    let copied = all("copied", &|from, to| std::fs::copy(from, to).map(drop).map_err(told))?;
    let synced = all("synced", &|from, to| {
        std::fs::copy(from, to).map_err(told)?;
        std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(told)
    })?;
    let labelled = all("labelled", &|from, to| {
        write_file(from, to, &label, WriteOptions::default()).map(drop).map_err(|error| error.to_string())
    })?;
    let unsynced = all("unsynced", &|from, to| super::unsynced(from, to, &label))?;
    let mut text = format!(
        "\n{count} PNG files, {:.0} MB, {threads} threads\n\n| what | seconds | files a second | MB a second | of the copy |\n|---|---|---|---|---|\n",
        megabytes(bytes)
    );
    let rows = [
        ("`scan`: heads of all files", scanning, None),
        ("all bytes read", reading, None),
        ("copied, not synced", copied, None),
        ("labelled, not synced", unsynced, Some(copied)),
        ("copied, each synced", synced, None),
        ("labelled, each synced and read back", labelled, Some(synced)),
    ];
    for (what, seconds, beside) in rows {
        let share = beside.map_or_else(String::new, |copy| format!("{:.2}", seconds / copy));
        #[expect(clippy::cast_precision_loss, reason = "a count of files")]
        let rate = count as f64 / seconds;
        text += &format!("| {what} | {seconds:.2} | {rate:.0} | {:.0} | {share} |\n", megabytes(bytes) / seconds);
    }
    Ok(text)
}

/// Every name once, on some threads; the first error ends it.
fn each(names: &[PathBuf], threads: usize, act: &(dyn Fn(&Path) -> Result<(), String> + Sync)) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let work = || -> Result<(), String> {
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                act(name)?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread broke off".to_owned())?)
    })
}

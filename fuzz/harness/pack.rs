//! Whatever stands in one file of a pack, reading and checking the packs ends in packs or in problems with a place.

use gongdao_pack::{InstrumentPack, Packs, Problem};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The files of a packs folder.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The first byte picks a file of the good packs, the rest is what stands in it instead.
pub(crate) fn drive(good: &Files, bytes: &[u8]) -> (Files, Option<Packs>) {
    let mut files = good.clone();
    if let (Some((pick, content)), false) = (bytes.split_first(), files.is_empty()) {
        let path = files.keys().nth(usize::from(*pick) % files.len()).cloned();
        files.extend(path.map(|path| (path, content.to_vec())));
    }
    let (packs, mut problems) = Packs::survey_files(files.clone());
    if let Some(packs) = &packs {
        problems.extend(gongdao_pack::check(packs));
        for pack in packs.instruments.iter().filter(|pack| pack.lock.is_none()) {
            a_lock_can_be_read(&files, pack);
        }
    }
    well_told(&files, &problems);
    (files, packs)
}

fn a_lock_can_be_read(files: &Files, pack: &InstrumentPack) {
    let lock = gongdao_pack::freeze(pack).unwrap();
    let mut frozen = files.clone();
    frozen.insert(pack.folder.join("pack.lock"), lock.into_bytes());
    let problems = Packs::survey_files(frozen).0.iter().flat_map(gongdao_pack::check).collect::<Vec<_>>();
    let of_lock =
        problems.iter().filter(|problem| problem.message.contains("released") || problem.file.ends_with("pack.lock"));
    assert_eq!(of_lock.count(), 0, "{problems:?}");
}

/// Each problem is one line, stands where something is, and says what to do.
pub(crate) fn well_told(files: &Files, problems: &[Problem]) {
    for problem in problems {
        assert!(!problem.message.trim().is_empty() && !problem.message.contains('\n'), "{problem:?}");
        assert!(problem.hint.as_ref().is_some_and(|hint| !hint.trim().is_empty()), "no hint: {problem:?}");
        let (Some(line), Some(bytes)) = (problem.line, files.get(&problem.file)) else { continue };
        let lines = bytes.split(|byte| *byte == b'\n').count();
        assert!((1..=lines).contains(&line), "{problem:?} of {lines} lines");
    }
}

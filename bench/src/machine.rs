//! The machine as /proc and the compiler tell it.

use std::process::Command;
use std::time::Duration;

/// One line: processor, cores, memory, compiler, profile.
pub(crate) fn line() -> String {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kib = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let memory = kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} GiB", kib.div_ceil(1024 * 1024)));
    let rustc = Command::new("rustc").arg("--version").output().ok();
    let rustc = rustc.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = rustc.split_whitespace().nth(1).unwrap_or("unknown");
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{cpu}, {cores} cores, {memory} of memory, rustc {version}, profile {profile}, load before the run {load}")
}

/// Seconds of processor that this process has used, its threads together, in steps of 10 ms; zero where /proc does not
/// tell.
pub(crate) fn busy() -> f64 {
    cpu_time().as_secs_f64()
}

/// The first value of `name` in a file of `name: value` lines.
pub(crate) fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

/// User and system time of this process so far, in steps of 10 ms.
pub(crate) fn cpu_time() -> Duration {
    cpu_time_of("/proc/self/stat")
}

/// The same of the process whose `stat` this is.
pub(crate) fn cpu_time_of(stat: &str) -> Duration {
    user_and_system(stat, 11)
}

/// Seconds of processor of children that have ended and were waited for, theirs included.
pub(crate) fn children_busy() -> f64 {
    user_and_system("/proc/self/stat", 13).as_secs_f64()
}

/// Two fields of a `stat`, so many behind the program's name.
fn user_and_system(stat: &str, behind: usize) -> Duration {
    let text = std::fs::read_to_string(stat).unwrap_or_default();
    // The name of the program, in brackets, may hold spaces.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace().skip(behind).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Let [`peak_mib`] count anew. Where the kernel refuses, the peak stays that of the whole run.
pub(crate) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Time that this thread has spent on a processor, in nanoseconds: what others do on the machine matters less to it.
pub(crate) fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// Peak resident memory of this process in MiB.
pub(crate) fn peak_mib() -> u64 {
    let peak = field("/proc/self/status", "VmHWM").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    peak.unwrap_or(0) / 1024
}

/// Resident memory of this process now, in MiB.
pub(crate) fn resident_mib() -> u64 {
    let now = field("/proc/self/status", "VmRSS").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    now.unwrap_or(0) / 1024
}

//! A PostgreSQL server of the Debian package, in a folder of its own, for as long as the test process runs.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

struct Server {
    folder: PathBuf,
    /// The shell around the server ends it, and takes the folder away, when its input is closed: at the latest when the test
    /// process is gone.
    _shell: Mutex<Child>,
}

static SERVER: LazyLock<Option<Server>> = LazyLock::new(start);
static DATABASES: AtomicU64 = AtomicU64::new(0);

/// The address of an empty database; nothing where PostgreSQL is not installed.
pub(crate) fn database() -> Option<String> {
    let Some(server) = SERVER.as_ref() else {
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed, and nothing may be skipped here");
        println!("skipped: no PostgreSQL below /usr/lib/postgresql (apt-get install postgresql)");
        return None;
    };
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let made = Command::new(binaries()?.join("psql"))
        .args(["-h", &server.folder.display().to_string(), "-U", "gongdao", "-d", "postgres", "-qc"])
        .arg(format!("CREATE DATABASE {name}"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(format!("host={} user=gongdao dbname={name}", server.folder.display()))
}

/// The tools of the newest version.
pub(crate) fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.map(|entry| entry.unwrap().path().join("bin")).collect();
    versions.retain(|bin| bin.join("initdb").exists());
    versions.sort();
    versions.pop()
}

fn start() -> Option<Server> {
    let binaries = binaries()?;
    let folder = tempfile::Builder::new().prefix("gongdao-pg").tempdir_in("/tmp").unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    if is_root() {
        assert!(Command::new("chown").arg("postgres:").arg(&folder).status().unwrap().success());
    }
    // Durability of the server itself is not what is tested, but for the tests that kill our own process.
    let script = format!(
        "set -e; cd {folder}; {bin}/initdb -D {folder}/data -U gongdao -A trust --no-sync >log 2>&1
         {bin}/postgres -D {folder}/data -k {folder} -c listen_addresses= -c fsync=off -c max_connections=200 >>log 2>&1 &
         server=$!; cat >/dev/null; kill -INT $server; wait $server || true; rm -rf {folder}",
        folder = folder.display(),
        bin = binaries.display(),
    );
    let mut shell = as_other_user();
    let shell = shell.arg(script).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for(&binaries, &folder);
    Some(Server { folder, _shell: Mutex::new(shell) })
}

/// The server refuses to run as the superuser.
fn as_other_user() -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh", "-c"]);
        return command;
    }
    let mut command = Command::new("sh");
    command.arg("-c");
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

fn wait_for(binaries: &Path, folder: &Path) {
    let began = Instant::now();
    loop {
        let asked =
            Command::new(binaries.join("pg_isready")).args(["-q", "-h", &folder.display().to_string()]).status();
        if asked.unwrap().success() {
            return;
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_mins(1), "PostgreSQL did not start:\n{log}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Run a tool of the server.
pub(crate) fn tool(name: &str, arguments: &[&str], input: Option<&[u8]>) -> Vec<u8> {
    let mut child = Command::new(binaries().unwrap().join(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.unwrap_or_default().to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success(), "{name}");
    output.stdout
}

//! Servers of the Debian packages, each in a folder of its own, for as long as the test process runs.

use super::Shop;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

struct Server {
    folder: PathBuf,
    /// The shell around the server ends it, and takes the folder away, when its input is closed.
    _shell: Mutex<Child>,
}

static POSTGRES: LazyLock<Option<Server>> = LazyLock::new(start_postgres);
static MARIADB: LazyLock<Option<Server>> = LazyLock::new(start_mariadb);
static DATABASES: AtomicU64 = AtomicU64::new(0);

pub(crate) fn postgres() -> Option<Shop> {
    let folder = there(POSTGRES.as_ref(), "postgresql")?.folder.display().to_string();
    let name = fresh();
    let run = move |database: &str, statement: &str| {
        let psql = postgres_binaries().unwrap().join("psql");
        let arguments =
            ["-h", &folder, "-U", "gongdao", "-d", database, "-qtA", "-v", "ON_ERROR_STOP=1", "-c", statement];
        told(Command::new(psql).args(arguments))
    };
    run("postgres", &format!("CREATE DATABASE {name}"));
    let address = format!("host={} user=gongdao dbname={name}", POSTGRES.as_ref()?.folder.display());
    Some(Shop { name: "PostgreSQL", address, run: Box::new(move |statement| run(&name, statement)) })
}

pub(crate) fn mariadb() -> Option<Shop> {
    let folder = there(MARIADB.as_ref(), "mariadb-server")?.folder.display().to_string();
    let name = fresh();
    let socket = format!("{folder}/socket");
    let address = format!("mysql://root@localhost/{name}?socket={}", socket.replace('/', "%2F"));
    let run = move |database: &str, statement: &str| {
        let arguments =
            ["--no-defaults", "-u", "root", "-S", &socket, "--default-character-set=utf8mb4", "-N", "-B", "-e"];
        told(Command::new("mariadb").args(arguments).arg(statement).arg(database))
            .replace('\t', "|")
            .replace("NULL", "")
    };
    run("mysql", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
    Some(Shop { name: "MariaDB", address, run: Box::new(move |statement| run(&name, statement)) })
}

fn there(server: Option<&'static Server>, package: &str) -> Option<&'static Server> {
    if server.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{package} is not installed, and nothing may be skipped here");
        println!("skipped: no {package} (apt-get install {package})");
    }
    server
}

fn fresh() -> String {
    format!("test_{}", DATABASES.fetch_add(1, Ordering::SeqCst))
}

fn told(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn postgres_binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.unwrap().path().join("bin")).collect();
    versions.retain(|bin| bin.join("initdb").exists());
    versions.sort();
    versions.pop()
}

fn start_postgres() -> Option<Server> {
    let bin = postgres_binaries()?;
    let bin = bin.display();
    Some(start(
        "postgres",
        |folder| {
            format!(
                "{bin}/initdb -D {folder}/data -U gongdao -A trust --no-sync >log 2>&1
             {bin}/postgres -D {folder}/data -k {folder} -c listen_addresses= -c fsync=off >>log 2>&1 &"
            )
        },
        &|folder| {
            Command::new(postgres_binaries().unwrap().join("pg_isready"))
                .args(["-q", "-h", folder])
                .status()
                .unwrap()
                .success()
        },
    ))
}

fn start_mariadb() -> Option<Server> {
    let server = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"].into_iter().find(|path| Path::new(path).exists())?;
    Some(start(
        "mysql",
        |folder| {
            format!(
                "mariadb-install-db --no-defaults --datadir={folder}/data --auth-root-authentication-method=normal \\
                --skip-test-db >log 2>&1
             {server} --no-defaults --datadir={folder}/data --socket={folder}/socket --skip-networking >>log 2>&1 &"
            )
        },
        &|folder| {
            let socket = format!("{folder}/socket");
            let ping = ["--no-defaults", "-u", "root", "-S", &socket, "ping"];
            Command::new("mariadb-admin").args(ping).output().unwrap().status.success()
        },
    ))
}

fn start(user: &str, script: impl Fn(&str) -> String, is_ready: &dyn Fn(&str) -> bool) -> Server {
    let folder = tempfile::Builder::new().prefix("gongdao-db").tempdir_in("/tmp").unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let text = folder.display().to_string();
    let script = format!(
        "set -e; cd {text}; {}\nserver=$!; cat >/dev/null; kill -TERM $server; wait $server || true; rm -rf {text}",
        script(&text)
    );
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    // Servers refuse to run as the superuser.
    let mut shell = Command::new(if is_root { "setpriv" } else { "sh" });
    if is_root {
        assert!(Command::new("chown").arg(format!("{user}:")).arg(&folder).status().unwrap().success());
        shell.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups", "sh"]);
    }
    let shell =
        shell.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while !is_ready(&text) {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_mins(2), "the server did not start:\n{log}");
        std::thread::sleep(Duration::from_millis(100));
    }
    Server { folder, _shell: Mutex::new(shell) }
}

//! Copies of the database, made while it is used: by SQLite itself, or by PostgreSQL's own tools.

use crate::SqlStore;
use crate::migrate::{check, count};
use crate::postgres::Postgres;
use crate::sql::{Backend, Statements};
use gongdao_service::{ErrorKind, ServiceError};
use postgres::Config;
use postgres::config::Host;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::ErrorKind as IoKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian and its descendants keep the tools of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// A table that is there while a database is being restored: what was erased may be in it.
const RESTORING: &str = "restoring";

/// Whether an address, as `--db` has it, is one of PostgreSQL.
pub fn is_postgres(address: &str) -> bool {
    !address.starts_with("sqlite:")
}

/// Copy a database as it is at one moment, while others write to it, into a file that does not exist yet: a file of SQLite, or
/// an archive of `pg_dump`. Returns the version of its tables. Changes nothing in the database.
///
/// Errors: the file is there; there is no database, or one of a newer version; `pg_dump` is not installed or refuses; the disk.
pub fn back_up(address: &str, to: &Path) -> Result<usize, ServiceError> {
    if to.exists() {
        let message = format!("`{}` is there already", to.display());
        return Err(ServiceError::new(ErrorKind::Input, message, "name a file that does not exist"));
    }
    let version = match address.strip_prefix("sqlite:") {
        Some(path) => back_up_sqlite(Path::new(path), to)?,
        None => back_up_postgres(address, to)?,
    };
    File::open(to).and_then(|file| file.sync_all()).map_err(ServiceError::storage)?;
    Ok(version)
}

fn back_up_sqlite(path: &Path, to: &Path) -> Result<usize, ServiceError> {
    let failed = |error: rusqlite::Error| ServiceError::storage(format_args!("sqlite `{}`: {error}", path.display()));
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    reader.busy_timeout(crate::LOCK_WAIT).map_err(failed)?;
    let version: i64 = reader.query_row("SELECT COUNT(*) FROM migrations", [], |row| row.get(0)).map_err(failed)?;
    let version = usize::try_from(version).map_err(ServiceError::storage)?;
    check(version)?;
    reader.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(failed)?;
    Ok(version)
}

fn back_up_postgres(address: &str, to: &Path) -> Result<usize, ServiceError> {
    let database = Postgres::connect(address)?;
    check_whole(&database)?;
    let rows = database.read("SELECT COUNT(*) FROM migrations", &[])?;
    let version = rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())?;
    let version = usize::try_from(version).map_err(ServiceError::storage)?;
    check(version)?;
    let file = to.to_string_lossy();
    tool("pg_dump", address, &["--format=custom", "--no-owner", "--no-privileges", "--file", &file])?;
    Ok(version)
}

impl SqlStore {
    /// Fill an empty database of PostgreSQL from an archive of [`back_up`]. Nobody can open it before [`Self::restored`] was
    /// called: what was erased since has to be erased in it first.
    ///
    /// Errors: it is not empty; `pg_restore` is not installed or refuses.
    pub fn restore(address: &str, from: &Path) -> Result<Self, ServiceError> {
        let database = Postgres::connect(address)?;
        database.transaction(&mut |sql| {
            check_empty(sql)?;
            sql.batch(&format!("CREATE TABLE {RESTORING} (number BIGINT PRIMARY KEY)"))?;
            Ok(true)
        })?;
        let name = database_name(address)?;
        let file = from.to_string_lossy();
        let arguments =
            ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname", &name, &file];
        tool("pg_restore", address, &arguments)?;
        Self::migrated(Box::new(database))
    }

    /// Let a restored database be opened, once everybody was erased in it. A file of SQLite is written anew: pages that its copy
    /// split while it was made may hold rows beside those that were taken away.
    pub fn restored(&self) -> Result<(), ServiceError> {
        if !self.backend.is_shared() {
            return self.backend.write_anew();
        }
        self.backend.transaction(&mut |sql| {
            sql.batch(&format!("DROP TABLE IF EXISTS {RESTORING}"))?;
            Ok(true)
        })
    }
}

/// Errors: a restore of the database was not finished.
pub(crate) fn check_whole(backend: &dyn Backend) -> Result<(), ServiceError> {
    if !backend.is_shared() {
        // A file of SQLite is put in place when it is restored.
        return Ok(());
    }
    let statement =
        format!("SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '{RESTORING}'");
    let rows = backend.read(&statement, &[])?;
    if rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())? == 0 {
        return Ok(());
    }
    Err(unfinished())
}

fn unfinished() -> ServiceError {
    ServiceError::new(
        ErrorKind::Input,
        "a restore into this database was not finished",
        "make the database anew, empty, and restore again",
    )
}

fn check_empty(sql: &mut dyn Statements) -> Result<(), ServiceError> {
    if count(sql, "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()")? == 0 {
        return Ok(());
    }
    let message = "the database is not empty";
    Err(ServiceError::new(ErrorKind::Input, message, "name a new database: a restore overwrites nothing"))
}

fn database_name(address: &str) -> Result<String, ServiceError> {
    let config = config(address)?;
    // As the server takes it where none is named.
    Ok(config.get_dbname().or(config.get_user()).unwrap_or("postgres").to_owned())
}

fn config(address: &str) -> Result<Config, ServiceError> {
    address.parse().map_err(|error: postgres::Error| ServiceError::storage(format_args!("postgresql: {error}")))
}

/// Run one of PostgreSQL's tools on the database. The address goes through the environment: arguments can be seen by all users
/// of the machine, and it may hold a password.
fn tool(name: &str, address: &str, arguments: &[&str]) -> Result<(), ServiceError> {
    let config = config(address)?;
    let run = |program: &Path| {
        let mut command = Command::new(program);
        command.args(arguments).envs(environment(&config)).stdin(Stdio::null()).stdout(Stdio::null()).output()
    };
    let output = match run(Path::new(name)) {
        Err(error) if error.kind() == IoKind::NotFound => installed(name).map_or(Err(error), |program| run(&program)),
        output => output,
    };
    let output = output.map_err(|error| {
        let message = format!("`{name}` cannot be run: {error}");
        ServiceError::new(
            ErrorKind::Input,
            message,
            "install PostgreSQL's client tools, of the server's version or newer",
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(ServiceError::storage(format_args!("{name}: {}", said.trim())))
}

/// The tool of the newest version that is installed.
fn installed(name: &str) -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let folders = std::fs::read_dir(DEBIAN).ok()?.flatten().map(|entry| entry.path());
    let programs = folders.filter(|folder| folder.join("bin").join(name).exists());
    programs.max_by_key(version).map(|folder| folder.join("bin").join(name))
}

/// The address as libpq reads it.
fn environment(config: &Config) -> Vec<(&'static str, String)> {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
    let given = [
        ("PGHOST", Some(hosts.join(",")).filter(|hosts| !hosts.is_empty())),
        ("PGPORT", Some(ports.join(",")).filter(|ports| !ports.is_empty())),
        ("PGUSER", config.get_user().map(str::to_owned)),
        ("PGPASSWORD", password),
        ("PGDATABASE", config.get_dbname().map(str::to_owned)),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

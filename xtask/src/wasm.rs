//! `cargo xtask wasm`: builds the module of the page that checks receipts and puts it where `gongdao-web` embeds it (ADR 16).

use crate::Findings;
use crate::module::{MODULE, MOST_BYTES, sources, with_section};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the compiler's packages lie, when not in `/usr`: the folder that has `bin` and `lib`.
const PLACE: &str = "GONGDAO_RUST_WEB";
/// What they are called in Debian and what depends on it.
const PACKAGES: &str = "rustc-web, libstd-rust-web-dev, rust-web-src, libllvm22";
const TARGET: &str = "wasm32-unknown-unknown";
/// Set where this program is called in the compiler's place.
pub(crate) const CALLED: &str = "XTASK_AS_RUSTC";

/// Build it. Errors: the compiler is not there; what it says.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap_or_else(|| "/usr".into()));
    let compiler = Compiler::at(&place)?;
    let folder = root.join("target/wasm");
    let mut cargo = compiler.command("cargo")?;
    cargo.args(["build", "--release", "--locked", "--manifest-path", "wasm/Cargo.toml", "--target", TARGET]);
    // The standard library, too: the packages have its source, and not the library for this target. A panic says nothing to
    // anybody here, so it ends the call and takes no room.
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size", "-Zpanic-immediate-abort"]);
    cargo.arg("--target-dir").arg(&folder);
    cargo.env("CARGO_PROFILE_RELEASE_PANIC", "immediate-abort");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", compiler.flags(root)?);
    let status = cargo.current_dir(root).status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the module was not built".to_owned());
    }
    let built = folder.join(TARGET).join("release/gongdao_wasm.wasm");
    let bare = std::fs::read(&built).map_err(|error| format!("cannot read {}: {error}", built.display()))?;
    let module = with_section(bare, &format!("{}\ncompiler {}\n", sources(root)?, compiler.version));
    let findings = wrong(&module, root);
    if findings.is_empty() {
        std::fs::write(root.join(MODULE), &module).map_err(|error| format!("cannot write {MODULE}: {error}"))?;
        eprintln!("{MODULE}: {} bytes, of {}", module.len(), compiler.version);
    }
    Ok(findings)
}

/// Stands where cargo calls the compiler. Cargo tells crates apart by where they lie; that goes into the names of functions, and so
/// into their order. Here they are told apart by name and version, so that the same sources give the same bytes in every folder.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn compile() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().unwrap_or_else(|| "rustc".into());
    let given: Vec<OsString> = arguments.collect();
    let [name, version] = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION"].map(|key| std::env::var(key).unwrap_or_default());
    // A crate may be in the standard library and beside it.
    let is_standard = given.iter().any(|one| one == "-Zforce-unstable-if-unmarked");
    let own = format!("metadata={name}-{version}{}", if is_standard { "-std" } else { "" });
    let is_other = |one: &OsString| one.to_str().is_some_and(|one| one.starts_with("metadata="));
    let named = given.iter().map(|one| if is_other(one) { OsString::from(&own) } else { one.clone() });
    match Command::new(&program).args(named).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("cannot run {}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}

/// What must not be in a module that everybody loads.
fn wrong(module: &[u8], root: &Path) -> Findings {
    let mut findings = Findings::new();
    if module.len() > MOST_BYTES {
        findings.push(format!("the module has {} bytes, at most {MOST_BYTES}", module.len()));
    }
    let home = std::env::var_os("HOME").unwrap_or_default();
    for path in [root.as_os_str().to_owned(), home, "/registry/src/".into()] {
        let bytes = path.as_encoded_bytes();
        if bytes.len() > 1 && module.windows(bytes.len()).any(|part| part == bytes) {
            findings.push(format!("the module has the path `{}` of this machine in it", path.display()));
        }
    }
    findings
}

/// A compiler with the source of its standard library.
struct Compiler {
    program: PathBuf,
    libraries: PathBuf,
    linker: PathBuf,
    /// As it names itself.
    version: String,
}

impl Compiler {
    fn at(place: &Path) -> Result<Self, String> {
        let absent = |what: &str| {
            format!(
                "{what}: install the Debian packages {PACKAGES}, or unpack them and set {PLACE} to their `usr`; no other change needs them"
            )
        };
        let host = said("rustc", &["--print", "host-tuple"], None)?;
        let program = place.join("bin/rustc");
        let library = place.join("lib/rustlib/src/rust/library/std");
        for path in [&program, &library] {
            if !path.exists() {
                return Err(absent(&format!("{} is not there", path.display())));
            }
        }
        let libraries = place.join(format!("lib/{}", host.replace("-unknown-", "-")));
        let version = said(&program, &["--version"], Some(&libraries)).map_err(|error| absent(&error))?;
        // That compiler comes without a linker for this target; the one that builds the workspace has it.
        let linker = PathBuf::from(said("rustc", &["--print", "sysroot"], None)?)
            .join("lib/rustlib")
            .join(host)
            .join("bin/rust-lld");
        if !linker.exists() {
            return Err(format!("{} is not there: use the toolchain of rustup for the workspace", linker.display()));
        }
        Ok(Self { program, libraries, linker, version })
    }

    fn command(&self, program: &str) -> Result<Command, String> {
        let mut command = Command::new(program);
        command.env("RUSTC", &self.program).env("LD_LIBRARY_PATH", &self.libraries);
        // What builds the standard library is not stable; the module itself uses nothing that is not.
        command.env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
        for name in ["RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        let own = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        command.env("RUSTC_WRAPPER", own).env(CALLED, "1");
        Ok(command)
    }

    /// Flags that keep the paths of this machine out of it, separated as cargo wants them.
    fn flags(&self, root: &Path) -> Result<OsString, String> {
        let sysroot = said(&self.program, &["--print", "sysroot"], Some(&self.libraries))?;
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
        let registries = home.map(|home| home.join("registry/src")).and_then(|folder| folder.read_dir().ok());
        let registries = registries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let mut flags = OsString::new();
        let known = [(root.to_path_buf(), "/gongdao"), (PathBuf::from(sysroot), "/rust")];
        for (path, name) in known.into_iter().chain(registries.map(|path| (path, "/crates"))) {
            if !flags.is_empty() {
                flags.push("\u{1f}");
            }
            flags.push("--remap-path-prefix=");
            flags.push(path);
            flags.push(format!("={name}"));
        }
        Ok(flags)
    }
}

/// What a program prints, without the end of its line.
fn said(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str], libraries: Option<&Path>) -> Result<String, String> {
    let name = program.as_ref().to_string_lossy().into_owned();
    let mut command = Command::new(program);
    command.args(arguments).envs(libraries.map(|path| ("LD_LIBRARY_PATH", path)));
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

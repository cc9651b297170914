//! Settings out of file, environment and flags.

use crate::command::output::{BAD_DATA, Fault, NO_INPUT};
use gongdao_web::settings::{Layered, Settings, SettingsFault};
use std::path::{Path, PathBuf};

/// The options that are settings too.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    data: DataFlags,
    /// Where to listen [default: 127.0.0.1:8380]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Judge drafts too, marked as provisional: what they would change
    #[arg(long)]
    include_drafts: bool,
}

/// Those of them that say where the service's data is.
#[derive(Debug, clap::Args)]
pub(crate) struct DataFlags {
    /// The file of settings [default: `$GONGDAO_CONFIG`, else none]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of ledger and state [default: gongdao-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// `postgres://USER@HOST/NAME` [default: SQLite in the folder]
    #[arg(long, value_name = "URL")]
    db: Option<String>,
}

impl DataFlags {
    fn layered(&self, more: Vec<(&'static str, Option<String>)>) -> Result<(Layered, Option<PathBuf>), Vec<Fault>> {
        let file = self.config.clone().or_else(|| std::env::var_os("GONGDAO_CONFIG").map(PathBuf::from));
        let text = file.as_deref().map(text).transpose()?;
        let own = [("data", self.data.as_ref().map(|path| path.display().to_string())), ("database", self.db.clone())];
        let flags: Vec<(&'static str, String)> =
            own.into_iter().chain(more).filter_map(|(name, value)| Some((name, value?))).collect();
        Ok((Layered::new(text.as_deref(), |name| std::env::var(name).ok(), &flags), file))
    }

    /// The settings, or everything that is wrong with them.
    pub(crate) fn read(&self) -> Result<Settings, Vec<Fault>> {
        let (layered, file) = self.layered(Vec::new())?;
        Settings::read(&layered).map_err(|faults| in_words(faults, file.as_deref()))
    }
}

impl Flags {
    /// The settings with where each came from.
    pub(crate) fn layered(&self) -> Result<(Layered, Option<PathBuf>), Vec<Fault>> {
        self.data.layered(vec![
            ("listen", self.listen.clone()),
            ("packs", self.packs.as_ref().map(|path| path.display().to_string())),
            ("include_drafts", self.include_drafts.then(|| "true".to_owned())),
        ])
    }

    /// The settings, or everything that is wrong with them.
    pub(super) fn read(&self) -> Result<Settings, Vec<Fault>> {
        let (layered, file) = self.layered()?;
        Settings::read(&layered).map_err(|faults| in_words(faults, file.as_deref()))
    }
}

fn text(file: &Path) -> Result<String, Vec<Fault>> {
    std::fs::read_to_string(file).map_err(|error| {
        let fault = Fault::new(NO_INPUT, error.to_string(), Some("name the file of settings with --config".to_owned()));
        vec![Fault { file: Some(file.display().to_string()), ..fault }]
    })
}

/// Faults of settings, each with its line of the file.
pub(crate) fn in_words(faults: Vec<SettingsFault>, file: Option<&Path>) -> Vec<Fault> {
    let fault = |fault: SettingsFault| Fault {
        file: fault.line.and_then(|_| file.map(|file| file.display().to_string())),
        line: fault.line,
        ..Fault::new(BAD_DATA, fault.message, Some(fault.hint))
    };
    faults.into_iter().map(fault).collect()
}

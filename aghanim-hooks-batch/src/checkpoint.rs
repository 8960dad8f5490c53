//! The place up to which a batch was handled, kept in a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::pieces::Place;
use crate::report::Report;

/// The version of the file's form.
const VERSION: u32 = 1;

/// A file that says how far a batch was handled.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    every: Duration,
    saved: Instant,
}

/// The one field that every version of the file has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The contents of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: u32,
    pub(crate) place: Place,
    pub(crate) report: Report,
}

impl Checkpoint {
    pub(crate) fn new(path: PathBuf, every: Duration) -> Self {
        Self { path, every, saved: Instant::now() }
    }

    /// The contents of the file. `None` if there is no file.
    pub(crate) fn load(&self) -> io::Result<Option<Saved>> {
        let json = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            json => json?,
        };
        let Version { version } = serde_json::from_slice(&json)?;
        if version != VERSION {
            return Err(io::Error::other(format!("version {version} is not known here")));
        }
        Ok(Some(serde_json::from_slice(&json)?))
    }

    pub(crate) fn is_due(&self) -> bool {
        self.saved.elapsed() >= self.every
    }

    /// Replaces the file. After a crash it has either its old contents or the new ones.
    pub(crate) async fn save(&mut self, place: &Place, report: &Report) -> io::Result<()> {
        let json = serde_json::to_vec(&Saved { version: VERSION, place: *place, report: report.clone() })?;
        let path = self.path.clone();
        spawn_blocking(move || replace(&path, &json)).await??;
        self.saved = Instant::now();
        Ok(())
    }
}

fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = File::create(&new)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The rename survives a loss of power when the directory is written.
    #[cfg(unix)]
    {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

//! Faults of a machine, for one process alone: a clock that is moved, a disk that is full, read-only or broken.
//!
//! A small library is compiled here and preloaded into the process, where it intercepts calls to the kernel. The
//! machine's clock is not changed, and no small file system is mounted, which would need root.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/faults.c");

/// The faults of the processes that have this [`environment`](Self::environment).
#[derive(Debug)]
pub struct Faults {
    directory: TempDir,
    told: File,
    clock: i64,
    disk: Disk,
}

/// The state of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// No fault.
    Sound,
    /// `ENOSPC` for every write.
    Full,
    /// `EROFS` for every write, and for opening a database to write.
    ReadOnly,
    /// `EIO` for every sync, so that the result of a commit is unknown.
    Broken,
}

impl Faults {
    /// Compiles the library.
    ///
    /// Returns `None` if that is impossible, and prints the reason.
    ///
    /// # Panics
    /// Panics if that is impossible and `CI` is set.
    #[must_use]
    pub fn prepare() -> Option<Self> {
        match Self::compile() {
            Ok(faults) => Some(faults),
            Err(reason) => {
                assert!(std::env::var_os("CI").is_none(), "CI is set, so no test is skipped, but {reason}");
                drop(writeln!(io::stderr(), "SKIPPED the tests of a machine's faults: {reason}"));
                None
            }
        }
    }

    fn compile() -> Result<Self, String> {
        if !cfg!(all(target_os = "linux", target_pointer_width = "64")) {
            return Err("they need the dynamic linker of 64-bit Linux".to_owned());
        }
        let directory = TempDir::new().map_err(|error| format!("there is no room for a library: {error}"))?;
        let told = File::create(directory.path().join("told")).map_err(|error| error.to_string())?;
        let library = library(directory.path());
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(SOURCE).output();
        let compiled = compiled.map_err(|error| format!("there is no C compiler `cc`: {error}"))?;
        if !compiled.status.success() {
            return Err(format!("`cc` fails: {}", String::from_utf8_lossy(&compiled.stderr)));
        }
        let mut faults = Self { directory, told, clock: 0, disk: Disk::Sound };
        faults.tell();
        Ok(faults)
    }

    /// The environment variables of a process with these faults.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, OsString)> {
        vec![
            ("LD_PRELOAD".to_owned(), library(self.directory.path()).into()),
            ("AGHANIM_FAULTS".to_owned(), self.directory.path().join("told").into()),
        ]
    }

    /// Sets the clock ahead.
    ///
    /// # Panics
    /// Panics if the file that the processes read can't be written.
    pub fn clock_ahead(&mut self, by: Duration) {
        self.clock = i64::try_from(by.as_secs()).expect("less than the age of the universe");
        self.tell();
    }

    /// Sets the clock back.
    ///
    /// # Panics
    /// Panics if the file that the processes read can't be written.
    pub fn clock_behind(&mut self, by: Duration) {
        self.clock_ahead(by);
        self.clock = -self.clock;
        self.tell();
    }

    /// Changes the state of the disk.
    ///
    /// # Panics
    /// Panics if the file that the processes read can't be written.
    pub fn disk(&mut self, disk: Disk) {
        self.disk = disk;
        self.tell();
    }

    fn tell(&mut self) {
        // Linux's numbers: the library is for Linux only.
        let (write, sync) = match self.disk {
            Disk::Sound => (0_i32, 0_i32),
            Disk::Full => (28, 0),
            Disk::ReadOnly => (30, 0),
            Disk::Broken => (0, 5),
        };
        let text = [&self.clock.to_ne_bytes()[..], &write.to_ne_bytes(), &sync.to_ne_bytes()].concat();
        let told = self.told.rewind().and_then(|()| self.told.write_all(&text));
        told.expect("a file that can be written");
    }
}

fn library(directory: &Path) -> std::path::PathBuf {
    directory.join("libfaults.so")
}

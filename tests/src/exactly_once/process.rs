use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// The longest wait until a process prints its address.
const BIRTH: Duration = Duration::from_secs(30);

/// A process under test. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Its output, until it listens.
    output: Option<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a process. Its standard error is appended to a file.
    pub(super) fn spawn(mut command: Command, log: &Path) -> io::Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("its standard output is not here"))?;
        Ok(Self { child, output: Some(BufReader::new(output)) })
    }

    /// Waits until it listens, and returns its address: the first local address that it prints.
    pub(super) async fn address(&mut self) -> io::Result<SocketAddr> {
        let mut output = self.output.take().ok_or_else(|| io::Error::other("it has been asked before"))?;
        let mut line = String::new();
        let printed = async {
            while listens(&line).is_none() {
                line.clear();
                if output.read_line(&mut line).await? == 0 {
                    let ended = self.child.wait().await?;
                    return Err(io::Error::other(format!("it ended before it listened: {ended}")));
                }
            }
            Ok(listens(&line))
        };
        let address =
            timeout(BIRTH, printed).await.map_err(|_| io::Error::other("it does not say where it listens"))?;
        // Reads the rest of its output, so that the pipe does not fill up.
        tokio::spawn(async move { tokio::io::copy(&mut output, &mut tokio::io::sink()).await });
        address?.ok_or_else(|| io::Error::other("it does not say where it listens"))
    }

    /// Kills it with SIGKILL. Returns its exit status if it had already ended by itself.
    pub(super) async fn kill(&mut self) -> io::Result<Option<ExitStatus>> {
        let ended = self.child.try_wait()?;
        if ended.is_none() {
            self.child.kill().await?;
        }
        Ok(ended)
    }

    /// Sends a signal, by the name that `kill` has for it.
    pub(super) async fn signal(&self, name: &str) -> io::Result<()> {
        let Some(pid) = self.child.id() else { return Err(io::Error::other("it has ended")) };
        let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().await?;
        if sent.success() { Ok(()) } else { Err(io::Error::other(format!("`kill -{name}` failed: {sent}"))) }
    }
}

fn listens(line: &str) -> Option<SocketAddr> {
    let at = line.find("127.0.0.1:")?;
    let address = &line[at..];
    let end = address.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).unwrap_or(address.len());
    address[..end].parse().ok()
}

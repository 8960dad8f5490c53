use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::api::ApiArgs;
use super::confirm::Consent;
use super::show::current_secret;
use super::wait::WaitArgs;
use crate::commands::shell::shell;
use crate::exit::Exit;
use crate::management::client::Client;
use crate::management::secret_file::SecretFile;
use crate::management::webhook::Hidden;
use crate::output::{OutputArgs, printable};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks rotate wh_eRhXkVsQjpT --secret-file /run/secrets/aghanim --dry-run
  aghanim-hooks webhooks rotate wh_eRhXkVsQjpT --secret-file /run/secrets/aghanim --reload 'systemctl reload game' \\
      --metrics http://10.0.0.5:9000/metrics --metrics http://10.0.0.6:9000/metrics
  aghanim-hooks webhooks rotate wh_eRhXkVsQjpT --secret-file /run/secrets/aghanim --resume

The steps:
  1  the file is written with the secret that is valid now: a file that can't be written is noticed before anything changes
  2  Aghanim makes a new secret
  3  the file is replaced: the new secret in the first line, the old one in the second; --reload is run
  4  the old secret becomes idle: see --metrics and --idle
  5  the file is replaced: the new secret alone; --reload is run

It is not documented whether Aghanim still signs with the old secret after step 2. If it does not, deliveries between step 2
and the endpoint's next look at the file are refused with 403. --reload makes that time short. It is not documented either
whether Aghanim sends those again, so rotate when there is little traffic. If the command is stopped, --resume carries on.";

/// Replace a webhook's secret, with both valid until the old one is idle
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rotate {
    /// The webhook's id
    id: String,
    /// The file of secrets that the endpoint reads, one in a line: see `Secrets::from_file`. It is replaced as a whole
    #[arg(long, value_name = "FILE", required_unless_present = "print_secret")]
    secret_file: Option<PathBuf>,
    /// Print the new secret, for a place that is not a file. Step 2 is then the only one
    #[arg(long, conflicts_with_all = ["secret_file", "resume", "reload", "metrics", "no_wait"])]
    print_secret: bool,
    /// A shell command by which the endpoint reads the file at once
    #[arg(long, value_name = "COMMAND")]
    reload: Option<String>,
    #[command(flatten)]
    wait: WaitArgs,
    /// Carry on with a rotation that was stopped: no new secret is made
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Rotate {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        self.wait.metrics()?;
        let client = self.api.client()?;
        let webhook = client.get(&self.id).await?;
        let about = printable(&format!("`{}` ({})", self.id, webhook.url.as_deref().unwrap_or("no URL")));
        if self.consent.dry_run {
            self.plan(&about)?;
            return Ok(Exit::Ok);
        }
        let Some(path) = &self.secret_file else {
            self.consent.confirm(&format!("This makes a new secret for {about}, and prints it."))?;
            let old = current_secret(&client, &self.id).await?;
            let new = self.expire(&client, &old).await?;
            self.output.line(new.reveal(), &json!({"webhook": self.id, "secret": new.reveal()}))?;
            return Ok(Exit::Ok);
        };
        let file = SecretFile::new(path);
        if self.resume {
            self.consent.confirm(&format!("This carries on with the rotation of {about}."))?;
            return self.carry_on(&client, &file, path).await;
        }
        let shown = path.display();
        let in_file = file.read()?.unwrap_or_default();
        if in_file.len() > 1 {
            bail!("{shown} has {} secrets, so an earlier rotation has not ended: end it with --resume", in_file.len());
        }
        self.consent.confirm(&format!("This makes a new secret for {about}. It can't be undone."))?;
        let old = current_secret(&client, &self.id).await?;
        if in_file.first().is_some_and(|known| **known != old.reveal()) {
            bail!(
                "{shown} does not have the secret that Aghanim signs with now: if a rotation was stopped, carry on with \
                 --resume; else correct the id or the file"
            );
        }
        file.write(&[old.reveal()])?;
        self.step("file", &format!("1/5 {shown} can be written"))?;
        let new = self.expire(&client, &old).await?;
        self.step("new", "2/5 Aghanim has made a new secret")?;
        self.both(&file, path, new.reveal(), old.reveal())?;
        self.end(&file, path, new.reveal(), SystemTime::now()).await
    }

    /// Makes the new secret. If the answer is lost, looks whether there is one.
    async fn expire(&self, client: &Client, old: &Hidden) -> anyhow::Result<Hidden> {
        let id = &self.id;
        let new = match client.expire_secret(id).await {
            Ok(webhook) => match webhook.secret {
                Some(secret) => secret,
                None => current_secret(client, id).await?,
            },
            Err(error) if error.may_have_been_done() => {
                anstream::eprintln!("{error}: looking whether there is a new secret");
                match current_secret(client, id).await {
                    Ok(secret) if secret == *old => {
                        return Err(anyhow::Error::new(error).context("there is no new secret, so nothing was changed"));
                    }
                    Ok(secret) => secret,
                    Err(_) => {
                        let unknown = "it is not known whether there is a new secret: find out with --resume";
                        return Err(anyhow::Error::new(error).context(unknown));
                    }
                }
            }
            Err(error) => return Err(error.into()),
        };
        if new == *old {
            bail!(
                "Aghanim answered with the same secret as before, so nothing was changed: make a new one in the dashboard"
            );
        }
        Ok(new)
    }

    /// Finds out where a rotation was stopped, and does the rest.
    async fn carry_on(&self, client: &Client, file: &SecretFile, path: &Path) -> anyhow::Result<Exit> {
        let shown = path.display();
        let in_file = file.read()?.unwrap_or_default();
        let current = current_secret(client, &self.id).await?;
        match &in_file[..] {
            [] => bail!(
                "there is no secret in {shown}: `aghanim-hooks webhooks show {} --secret-file` writes it",
                self.id
            ),
            [only] if **only == current.reveal() => {
                self.step("done", &format!("{shown} has the current secret alone: there is nothing to carry on with"))?;
                Ok(Exit::Ok)
            }
            [first, ..] if **first != current.reveal() => {
                self.both(file, path, current.reveal(), first)?;
                self.end(file, path, current.reveal(), SystemTime::now()).await
            }
            _ => self.end(file, path, current.reveal(), file.changed_at()?).await,
        }
    }

    fn both(&self, file: &SecretFile, path: &Path, new: &str, old: &str) -> anyhow::Result<()> {
        let stopped =
            "there is a new secret, and the endpoint may not know it: correct this, and carry on with --resume at once";
        file.write(&[new, old]).context(stopped)?;
        self.step("both", &format!("3/5 {} has both secrets", path.display()))?;
        self.reloaded().context(stopped)
    }

    /// Waits until the old secret is idle, and drops it.
    async fn end(&self, file: &SecretFile, path: &Path, new: &str, since: SystemTime) -> anyhow::Result<Exit> {
        if self.wait.no_wait {
            self.step(
                "stopped",
                "the old secret stays valid for the endpoint: carry on with --resume when it is idle",
            )?;
            return Ok(Exit::Ok);
        }
        self.step("wait", &format!("4/5 the old secret is dropped when {}", self.wait.about()))?;
        self.wait.wait(since, self.output).await?;
        file.write(&[new])?;
        self.reloaded()?;
        self.step("done", &format!("5/5 {} has the new secret alone", path.display()))?;
        Ok(Exit::Ok)
    }

    fn reloaded(&self) -> anyhow::Result<()> {
        let Some(command) = &self.reload else { return Ok(()) };
        let status = shell(command).stdout(std::io::stderr()).status();
        let status = status.with_context(|| format!("--reload `{command}`"))?;
        if !status.success() {
            bail!("--reload `{command}` failed: {status}");
        }
        Ok(())
    }

    fn plan(&self, about: &str) -> anyhow::Result<()> {
        let Some(path) = &self.secret_file else {
            return self.step("would", &format!("would make a new secret for {about}, and print it"));
        };
        let shown = path.display();
        let reload = self.reload.as_ref().map_or_else(String::new, |command| format!(", and run `{command}`"));
        if !self.resume {
            self.step("would", &format!("1/5 would write {shown} with the present secret of {about}"))?;
            self.step("would", "2/5 would make a new secret")?;
        }
        self.step("would", &format!("3/5 would write both secrets to {shown}{reload}"))?;
        if self.wait.no_wait {
            return Ok(());
        }
        self.step("would", &format!("4/5 would wait until {}", self.wait.about()))?;
        self.step("would", &format!("5/5 would write the new secret alone to {shown}{reload}"))
    }

    fn step(&self, step: &str, text: &str) -> anyhow::Result<()> {
        self.output.line(text, &json!({"step": step, "webhook": self.id, "text": text}))
    }
}

//! The commands of people: each reads a key, does one thing on the chain, and says what happened.
mod audit_month;
mod labels;
mod licence;
mod market;
mod rewards;
mod sol;
mod verify_programs;

pub use audit_month::audit;
pub use labels::LabelsCommand;
pub use licence::LicenceCommand;
pub use market::{MarketCommand, manifest_hash, name};
pub use rewards::RewardsCommand;
pub use sol::{unwrap, wrap};
pub use verify_programs::verify;

use crate::session::Session;
use anyhow::{Context, Result};
use clap::Args;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use std::path::PathBuf;

/// Where the chain is, who acts, and where artefacts are.
#[derive(Args, Clone, Debug)]
pub struct Connection {
    /// JSON-RPC of a Solana node.
    #[arg(long, env = "AIXBLOCK_URL", default_value = "http://127.0.0.1:8899", global = true)]
    pub url: String,
    /// Seconds to wait for a node that does not answer.
    #[arg(long, env = "AIXBLOCK_PATIENCE", default_value_t = 60, global = true)]
    pub patience: u64,
    /// The key file of who acts.
    #[arg(long, env = "AIXBLOCK_KEYPAIR", global = true)]
    pub keypair: Option<PathBuf>,
    /// Content store with datasets, checkpoints and logs: a folder, s3://BUCKET/PREFIX, or one of them and the URLs of others
    /// to read from, with commas between them.
    #[arg(long, env = "AIXBLOCK_STORE", global = true)]
    pub store: Option<PathBuf>,
}

impl Connection {
    /// Connects, without asking the node anything yet.
    pub fn session(&self) -> Result<Session> {
        Ok(Session::new(chain::Rpc::new(chain::Settings {
            patience_seconds: self.patience,
            ..chain::Settings::at(self.url.clone())
        })))
    }

    /// Reads the key of who acts.
    pub fn key(&self) -> Result<Keypair> {
        let path = match &self.keypair {
            Some(path) => path.clone(),
            None => home()?.join(".config/solana/id.json"),
        };
        Ok(chain::key::read(&path)?)
    }

    /// The content store.
    pub fn store(&self) -> Result<PathBuf> {
        self.store.clone().map_or_else(|| Ok(data_folder()?.join("store")), Ok)
    }
}

/// Where the platform keeps what belongs to the user: `$XDG_DATA_HOME/aixblock` or `~/.local/share/aixblock`.
pub fn data_folder() -> Result<PathBuf> {
    match std::env::var_os("XDG_DATA_HOME").filter(|v| !v.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder).join("aixblock")),
        None => Ok(home()?.join(".local/share/aixblock")),
    }
}

/// What the set-up downloaded: `$AIXBLOCK_CACHE`, `$XDG_CACHE_HOME/aixblock` or `~/.cache/aixblock`.
pub fn cache_folder() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    match (set("AIXBLOCK_CACHE"), set("XDG_CACHE_HOME")) {
        (Some(folder), _) => Ok(folder),
        (None, Some(folder)) => Ok(folder.join("aixblock")),
        (None, None) => Ok(home()?.join(".cache/aixblock")),
    }
}

fn home() -> Result<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).context("HOME is not set: name the file or folder by its option")
}

/// Moves the embedded chain's clock by some seconds, or to a time.
pub async fn travel(connection: &Connection, seconds: Option<i64>, to: Option<&str>) -> Result<()> {
    let rpc = connection.session()?.rpc;
    let now = rpc.unix_seconds().await?;
    let target = match (seconds, to) {
        (Some(seconds), _) => now.checked_add(seconds).context("so many seconds do not fit")?,
        (None, Some(text)) => crate::months::read(text)?,
        (None, None) => now,
    };
    localnet::time_travel(&rpc, target).await?;
    println!("the chain's time is {}", crate::months::show(rpc.unix_seconds().await?));
    Ok(())
}

/// Reads an address in base 58.
pub fn address(text: &str) -> Result<Pubkey, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address: 32 bytes in base 58 are expected"))
}

//! The commands of people: each reads a key, does one thing on the chain, and says what happened.
mod admin;
mod audit_month;
mod bond;
mod close;
mod grant;
mod grant_view;
mod labels;
mod licence;
mod market;
mod panel;
mod rental;
mod report;
mod reserve;
mod rewards;
mod sol;
mod verify_programs;

pub use admin::AdminCommand;
pub use audit_month::audit;
pub use bond::BondCommand;
pub use close::CloseCommand;
pub use grant::GrantCommand;
pub use labels::LabelsCommand;
pub use licence::LicenceCommand;
pub use market::{MarketCommand, manifest_hash, name};
pub use panel::PanelCommand;
pub use rental::RentalCommand;
pub use report::ReportOptions;
pub use reserve::ReserveCommand;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// What no person sends: votes are those of `aixblock-oracle`.
    const OF_SOFTWARE: [&str; 4] =
        ["market::attest", "oracles::seal_vote", "oracles::seal_panel_vote", "oracles::show_panel_vote"];

    /// All source of this crate but the demo's and the platform's set-up.
    fn sources(folder: &Path) -> Vec<String> {
        let entries =
            std::fs::read_dir(folder).expect("the crate's sources").map(|entry| entry.expect("a file").path());
        let people =
            entries.filter(|path| !["demo", "platform.rs", "bonds.rs"].iter().any(|name| path.ends_with(name)));
        let read = |path: std::path::PathBuf| match path.is_dir() {
            true => sources(&path),
            false => vec![std::fs::read_to_string(&path).expect("source")],
        };
        people.flat_map(read).collect()
    }

    #[test]
    fn every_instruction_that_a_person_sends_has_a_command() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = sources(&root.join("src"));
        let mut without = vec![];
        for program in ["market", "rewards", "grants", "oracles", "rental", "proofs"] {
            let builders = root.join(format!("../chain/src/instruction/{program}.rs"));
            let builders = std::fs::read_to_string(builders).expect("builders");
            let names = builders.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next());
            for name in names {
                // as the files of this crate import the builders
                let called = |text: &String| {
                    let as_ix = [format!("{program} as ix"), format!("{program}::{{self as ix")];
                    let short = as_ix.iter().any(|import| text.contains(import));
                    let calls = [format!("{program}::{name}("), format!("{program}_ix::{name}(")];
                    let short_calls = [" ", "[", "("].map(|before| format!("{before}ix::{name}("));
                    calls.iter().any(|call| text.contains(call))
                        || short && short_calls.iter().any(|call| text.contains(call))
                };
                if !sources.iter().any(called) {
                    without.push(format!("{program}::{name}"));
                }
            }
        }
        assert_eq!(without, OF_SOFTWARE);
    }

    #[test]
    fn every_command_is_named_in_the_table_of_commands() {
        use clap::CommandFactory;
        fn leaves(command: &clap::Command, path: &str, all: &mut Vec<String>) {
            for sub in command.get_subcommands() {
                let path = format!("{path}{}", sub.get_name());
                match sub.has_subcommands() {
                    true => leaves(sub, &format!("{path} "), all),
                    false => all.push(path),
                }
            }
        }
        let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/commands.md"));
        let table = table.expect("docs/commands.md");
        let mut commands = vec![];
        leaves(&crate::Cli::command(), "", &mut commands);
        let times = |name: &String| table.lines().filter(|line| line.starts_with(&format!("| `{name}`"))).count();
        let wrong: Vec<_> = commands.iter().filter(|name| times(name) != 1).collect();
        assert!(wrong.is_empty(), "docs/commands.md names these not once: {wrong:?}");
        let rows = table.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, commands.len(), "docs/commands.md names a command that is none");
    }
}

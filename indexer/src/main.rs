//! `aixblock-indexer`: the indexer as a process of its own.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use indexer::{
    Settings,
    settings::{Commitment, SourceKind},
};
use std::path::PathBuf;

/// Follows the chain into SQL.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// TOML file with settings (see indexer.example.toml).
    #[arg(long, env = "AIXBLOCK_INDEXER_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// JSON-RPC server of the chain.
    #[arg(long, env = "AIXBLOCK_INDEXER_RPC_URL", global = true)]
    rpc_url: Option<String>,
    /// SQLite file.
    #[arg(long, env = "AIXBLOCK_INDEXER_DATABASE", global = true)]
    database: Option<PathBuf>,
    /// How blocks are found: auto, blocks, signatures.
    #[arg(long, env = "AIXBLOCK_INDEXER_SOURCE", global = true)]
    source: Option<SourceKind>,
    /// confirmed or finalized.
    #[arg(long, env = "AIXBLOCK_INDEXER_COMMITMENT", global = true)]
    commitment: Option<Commitment>,
    /// First slot to read when the database is empty.
    #[arg(long, env = "AIXBLOCK_INDEXER_START_SLOT", global = true)]
    start_slot: Option<u64>,
    /// Milliseconds between two questions when there is nothing new.
    #[arg(long, env = "AIXBLOCK_INDEXER_POLL_MS", global = true)]
    poll_ms: Option<u64>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Follow the chain (the default).
    Run,
    /// Derive events and projections again from the stored transactions.
    Rebuild,
    /// Print a digest of the tables, to compare two databases.
    Digest,
}

impl Arguments {
    fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = match &self.config {
            None => Settings::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} is not a settings file", path.display()))?
            }
        };
        settings.rpc_url = self.rpc_url.clone().unwrap_or(settings.rpc_url);
        settings.database = self.database.clone().unwrap_or(settings.database);
        settings.source = self.source.unwrap_or(settings.source);
        settings.commitment = self.commitment.unwrap_or(settings.commitment);
        settings.start_slot = self.start_slot.or(settings.start_slot);
        settings.poll_ms = self.poll_ms.unwrap_or(settings.poll_ms);
        Ok(settings)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let settings = arguments.settings()?;
    match arguments.command.unwrap_or(Command::Run) {
        Command::Run => indexer::run(settings, stop_signal()).await?,
        Command::Rebuild => {
            settings.store().await?.rebuild().await?;
            tracing::info!("projections rebuilt");
        }
        Command::Digest => println!("{}", settings.store().await?.digest().await?),
    }
    Ok(())
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

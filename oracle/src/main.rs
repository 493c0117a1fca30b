//! `aixblock-oracle`: an oracle as a process of its own.

use anyhow::{Context as _, bail};
use artefacts::Store;
use clap::Parser;
use oracle::{Memory, Oracle, Settings, SolanaNode, TrainerProcess};
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};
use tokio::signal::unix::{SignalKind, signal};

/// Re-executes sampled parts of training jobs and votes on chain.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// TOML file with settings (see oracle.example.toml).
    #[arg(long, env = "AIXBLOCK_ORACLE_CONFIG")]
    config: Option<PathBuf>,
    /// JSON-RPC of the chain.
    #[arg(long, env = "AIXBLOCK_ORACLE_RPC_URL")]
    rpc_url: Option<String>,
    /// Key file of a member of the oracle set.
    #[arg(long, env = "AIXBLOCK_ORACLE_KEYPAIR")]
    keypair: Option<PathBuf>,
    /// The content store: a folder, s3://BUCKET/PREFIX, or one of them and the URLs of others with commas between them.
    #[arg(long, env = "AIXBLOCK_ORACLE_STORE")]
    store: Option<PathBuf>,
    /// Program that replays.
    #[arg(long, env = "AIXBLOCK_ORACLE_TRAINER")]
    trainer: Option<PathBuf>,
    /// SQLite file of what the oracle remembers.
    #[arg(long, env = "AIXBLOCK_ORACLE_DATABASE")]
    database: Option<PathBuf>,
    /// Milliseconds between two looks at the chain.
    #[arg(long, env = "AIXBLOCK_ORACLE_POLL_MS")]
    poll_ms: Option<u64>,
    /// Seconds that artefacts may be missing before that is the trainer's fault.
    #[arg(long, env = "AIXBLOCK_ORACLE_UNAVAILABLE_GRACE_SECONDS")]
    unavailable_grace_seconds: Option<u64>,
    /// Stop when no audit is open.
    #[arg(long)]
    once: bool,
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
        settings.node.url = self.rpc_url.clone().unwrap_or(settings.node.url);
        settings.keypair = self.keypair.clone().unwrap_or(settings.keypair);
        settings.store = self.store.clone().unwrap_or(settings.store);
        settings.trainer = self.trainer.clone().unwrap_or(settings.trainer);
        settings.database = self.database.clone().unwrap_or(settings.database);
        settings.poll_ms = self.poll_ms.unwrap_or(settings.poll_ms);
        settings.unavailable_grace_seconds =
            self.unavailable_grace_seconds.unwrap_or(settings.unavailable_grace_seconds);
        Ok(settings)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = arguments.settings()?;
    let key = chain::key::read(&settings.keypair)?;
    let store = Store::open(&settings.store)?;
    if store.is_read_only() {
        let store = settings.store.display();
        bail!("{store} can only be read, and the oracle's reports need a place: set `store` to \"FOLDER,{store}\"");
    }
    let memory = Memory::open(&settings.database)
        .await
        .with_context(|| format!("cannot open the database {}", settings.database.display()))?;
    let replayer = TrainerProcess {
        program: settings.trainer.clone(),
        store: settings.store.clone(),
        replay_timeout: Duration::from_secs(settings.replay_timeout_seconds),
        self_test_timeout: Duration::from_secs(settings.self_test_timeout_seconds),
        nice: settings.replay_nice,
    };
    let node = SolanaNode::new(chain::Rpc::new(settings.node.clone()), key);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("interrupted"),
            _ = terminate.recv() => tracing::info!("asked to stop"),
        }
    };
    let oracle = Arc::new(Oracle { node, replayer, store, memory, settings });
    oracle.run(arguments.once, stop).await?;
    Ok(())
}

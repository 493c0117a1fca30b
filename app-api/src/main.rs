//! `aixblock-api`: the API as a process of its own.

use anyhow::Context as _;
use app_api::Settings;
use clap::Parser;
use std::{net::SocketAddr, path::PathBuf};

/// Serves the indexer's tables over HTTP.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// TOML file with settings (see api.example.toml).
    #[arg(long, env = "AIXBLOCK_API_CONFIG")]
    config: Option<PathBuf>,
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long, env = "AIXBLOCK_API_LISTEN")]
    listen: Option<SocketAddr>,
    /// The indexer's SQLite file.
    #[arg(long, env = "AIXBLOCK_API_DATABASE")]
    database: Option<PathBuf>,
}

impl Arguments {
    fn settings(self) -> anyhow::Result<Settings> {
        let mut settings = match &self.config {
            None => Settings::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} is not a settings file", path.display()))?
            }
        };
        settings.listen = self.listen.unwrap_or(settings.listen);
        settings.database = self.database.unwrap_or(settings.database);
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
    app_api::serve(Arguments::parse().settings()?, stop_signal()).await?;
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

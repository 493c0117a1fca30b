//! `aixblock up`: the platform on one machine until it is interrupted.
use crate::{
    bonds, commands,
    keys::Keys,
    local_config::LocalConfig,
    platform,
    stack::{Ports, Stack, StackOptions},
    trainer_process::Trainer,
};
use anyhow::{Context, Result};
use chain::Signer as _;
use clap::Args;
use std::{io::Write, path::PathBuf, time::Duration};

/// Options of `aixblock up`.
#[derive(Args, Debug)]
pub struct UpOptions {
    /// Settings of the local platform; the built-in ones where absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where keys, store, database and logs go. The keys are kept; the chain starts empty each time.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with the programs' bytecode.
    #[arg(long, default_value = "target/deploy")]
    programs: PathBuf,
    /// Port of the chain's JSON-RPC; 0 for any.
    #[arg(long, default_value_t = 8899)]
    rpc_port: u16,
    /// Port of the chain's WebSocket; 0 for any.
    #[arg(long, default_value_t = 8900)]
    ws_port: u16,
    /// Port of the API; 0 for any.
    #[arg(long, default_value_t = 8080)]
    api_port: u16,
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(options: UpOptions) -> Result<()> {
    let config = LocalConfig::load(options.config.as_deref())?;
    let data = match options.data {
        Some(folder) => folder,
        None => commands::data_folder()?.join("local"),
    };
    std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
    let data = data.canonicalize()?;
    forget_last_chain(&data)?;
    let keys = Keys::open(&data.join("keys"), config.oracles.count.saturating_add(config.oracles.panel))?;
    let ports = Ports { rpc: options.rpc_port, ws: options.ws_port, api: options.api_port };
    let mut stack =
        Stack::start(&StackOptions { config: &config, keys: &keys, programs: &options.programs, folder: &data, ports })
            .await?;
    let s = stack.session();
    platform::create_token(&s, &keys, &config).await?;
    platform::configure_market(&s, &keys, &config).await?;
    bonds::bond_oracles(&s, &keys, &config).await?;
    platform::configure_rewards(&s, &keys, &config).await?;
    platform::configure_grants(&s, &keys, &config).await?;
    platform::register_contributors(&s, &keys).await?;
    platform::open_first_months(&s, &keys, &config).await?;
    stack.start_oracles(&keys, keys.oracles.len()).await?;
    let digits = commands::cache_folder()?.join("datasets/digits.csv.gz");
    if digits.is_file() {
        Trainer::beside(data.join("store"))?.import_digits(&digits).await?;
    }
    println!("chain  {}", stack.rpc_url());
    println!("API    {}", stack.api_url());
    println!("keys   {}", data.join("keys").display());
    println!("store  {}", data.join("store").display());
    println!("logs   {}", data.join("logs").display());
    println!("token  {}", keys.mint.pubkey());
    for (name, key) in keys.people() {
        println!("       {name:<9} {}", key.pubkey());
    }
    println!("Running; Ctrl-C stops everything.");
    let outcome = until_interrupted(&mut stack).await;
    // whoever read the addresses above may have gone since
    let _ = writeln!(std::io::stdout(), "stopping");
    stack.stop().await;
    outcome
}

/// The embedded chain starts empty: what was derived from the last one would contradict it.
fn forget_last_chain(data: &std::path::Path) -> Result<()> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.contains(".sqlite") {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

async fn until_interrupted(stack: &mut Stack) -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut check = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            outcome = tokio::signal::ctrl_c() => return Ok(outcome?),
            _ = terminate.recv() => return Ok(()),
            _ = check.tick() => stack.check()?,
        }
    }
}

//! The whole platform on one machine: chain, indexer and API in this process, oracles as processes of their own.
use crate::{keys::Keys, local_config::LocalConfig, session::Session, trainer_process::sibling};
use anyhow::{Context, Result, bail};
use chain::{Pubkey, Rpc, Settings, event::Program};
use localnet::{Bytecode, GenesisProgram, Localnet, LocalnetConfig};
use solana_signer::Signer;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Lamports that each signer starts with.
const LAMPORTS: u64 = 100_000_000_000;
/// How often an oracle that ended is started again before `up` gives up.
const MAX_RESTARTS: u32 = 5;
/// Milliseconds between two looks of indexer and oracles at the chain.
const POLL_MS: u64 = 200;
/// How long a service may take to stop before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Ports of the platform; 0 chooses a free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    pub rpc: u16,
    pub ws: u16,
    pub api: u16,
}

/// What a stack is made of.
pub struct StackOptions<'a> {
    pub config: &'a LocalConfig,
    pub keys: &'a Keys,
    /// Folder with the programs' bytecode.
    pub programs: &'a Path,
    /// Where database, store and logs go.
    pub folder: &'a Path,
    pub ports: Ports,
}

/// A running platform.
pub struct Stack {
    /// Nothing once it is stopped.
    chain: Option<Localnet>,
    rpc_url: String,
    api_url: String,
    folder: PathBuf,
    shutdown: CancellationToken,
    services: Vec<(&'static str, JoinHandle<Result<()>>)>,
    oracles: Vec<OracleProcess>,
}

/// An oracle, and how to start it again.
struct OracleProcess {
    name: String,
    keypair: PathBuf,
    child: Child,
    restarts: u32,
}

impl Stack {
    /// Starts chain, indexer and API, and gives lamports to everybody who signs.
    pub async fn start(options: &StackOptions<'_>) -> Result<Self> {
        let program = |id: Pubkey, name: &str| {
            let path = options.programs.join(format!("{name}.so"));
            if !path.is_file() {
                bail!("{} is not there: build the programs with `make programs`", path.display());
            }
            Ok(GenesisProgram { id, bytecode: Bytecode::File(path), upgrade_authority: options.keys.admin.pubkey() })
        };
        let programs = Program::ALL.into_iter().map(|one| program(one.id(), one.name())).collect::<Result<_>>()?;
        let config = LocalnetConfig {
            rpc_port: options.ports.rpc,
            ws_port: options.ports.ws,
            slot_ms: options.config.chain.slot_milliseconds,
            start_unix_seconds: Some(options.config.start_unix()?),
            programs,
            ledger: None,
        };
        let chain = tokio::task::spawn_blocking(move || Localnet::start(config)).await??;
        let mut stack = Self {
            // told when it listens
            api_url: String::new(),
            rpc_url: chain.rpc_url(),
            chain: Some(chain),
            folder: options.folder.to_owned(),
            shutdown: CancellationToken::new(),
            services: Vec::new(),
            oracles: Vec::new(),
        };
        for wallet in options.keys.signers() {
            stack.rpc().airdrop(&wallet, LAMPORTS).await?;
        }
        stack.start_services(options.ports.api).await?;
        Ok(stack)
    }

    /// The chain's JSON-RPC.
    pub fn rpc_url(&self) -> String {
        self.rpc_url.clone()
    }

    /// The API.
    pub fn api_url(&self) -> String {
        self.api_url.clone()
    }

    /// A connection to the chain.
    pub fn session(&self) -> Session {
        Session::new(self.rpc())
    }

    fn rpc(&self) -> Rpc {
        Rpc::new(Settings::at(self.rpc_url()))
    }

    /// Moves the chain's clock to a time; a time that has passed changes nothing.
    pub async fn travel_to(&self, unix_seconds: i64) -> Result<()> {
        if self.rpc().unix_seconds().await? < unix_seconds {
            localnet::time_travel(&self.rpc(), unix_seconds).await?;
        }
        Ok(())
    }

    async fn start_services(&mut self, api_port: u16) -> Result<()> {
        let database = self.folder.join("indexer.sqlite");
        let settings = indexer::Settings {
            rpc_url: self.rpc_url(),
            database: database.clone(),
            poll_ms: POLL_MS,
            ..Default::default()
        };
        let stop = self.shutdown.clone().cancelled_owned();
        let task = tokio::spawn(async move { indexer::run(settings, stop).await.context("the indexer stopped") });
        self.services.push(("indexer", task));
        let listen = SocketAddr::from(([127, 0, 0, 1], api_port));
        let server = app_api::Server::bind(app_api::Settings { listen, database, ..Default::default() }).await?;
        self.api_url = format!("http://{}", server.address());
        let stop = self.shutdown.clone().cancelled_owned();
        let task = tokio::spawn(async move { server.run(stop).await.context("the API stopped") });
        self.services.push(("API", task));
        Ok(())
    }

    /// Starts a process for each of the first `count` oracles; each reads its own key file.
    pub async fn start_oracles(&mut self, keys: &Keys, count: usize) -> Result<()> {
        for place in 0..count {
            let (name, keypair) = (format!("oracle-{}", place + 1), keys.oracle_file(place));
            let child = self.spawn_oracle(&name, &keypair)?;
            self.oracles.push(OracleProcess { name, keypair, child, restarts: 0 });
        }
        Ok(())
    }

    fn spawn_oracle(&self, name: &str, keypair: &Path) -> Result<Child> {
        let (binary, logs) = (sibling("aixblock-oracle")?, self.folder.join("logs"));
        std::fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;
        let path = logs.join(format!("{name}.log"));
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("cannot write {}", path.display()))?;
        Command::new(&binary)
            .args(["--rpc-url", &self.rpc_url(), "--poll-ms", &POLL_MS.to_string()])
            // on a free port, which its log names
            .args(["--metrics-listen", "0", "--keypair"])
            .arg(keypair)
            .arg("--database")
            .arg(self.folder.join(format!("{name}.sqlite")))
            .arg("--store")
            .arg(self.folder.join("store"))
            .arg("--trainer")
            .arg(sibling("aixblock-trainer")?)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))
    }

    /// Starts oracles that ended again, and fails if one keeps ending or a service ended.
    pub fn check(&mut self) -> Result<()> {
        for place in 0..self.oracles.len() {
            let oracle = &mut self.oracles[place];
            let Some(status) = oracle.child.try_wait()? else { continue };
            if oracle.restarts == MAX_RESTARTS {
                let log = self.folder.join(format!("logs/{}.log", oracle.name));
                bail!(
                    "{} ended {} times, the last time with {status}: see {}",
                    oracle.name,
                    MAX_RESTARTS + 1,
                    log.display()
                );
            }
            tracing::warn!(oracle = oracle.name, %status, "ended; starting it again");
            let (name, keypair) = (oracle.name.clone(), oracle.keypair.clone());
            let child = self.spawn_oracle(&name, &keypair)?;
            let oracle = &mut self.oracles[place];
            oracle.child = child;
            oracle.restarts += 1;
        }
        match self.services.iter().find(|(_, task)| task.is_finished()) {
            Some((name, _)) => bail!("the {name} ended by itself: run with AIXBLOCK_LOG=info to see why"),
            None => Ok(()),
        }
    }

    /// Stops everything in order: oracles, API and indexer, chain.
    pub async fn stop(&mut self) {
        for oracle in &mut self.oracles {
            if let Some(status) = end(&mut oracle.child).await {
                tracing::debug!(%status, "oracle ended");
            }
        }
        self.shutdown.cancel();
        for (name, task) in self.services.drain(..) {
            match tokio::time::timeout(STOP_LIMIT, task).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => tracing::warn!(name, "ended with an error: {error:#}"),
                Ok(Err(error)) => tracing::warn!(name, "ended: {error}"),
                Err(_) => tracing::warn!(name, "did not stop in time"),
            }
        }
        if let Some(chain) = self.chain.take() {
            let _ = tokio::task::spawn_blocking(move || chain.stop()).await;
        }
    }
}

/// Asks a process to end, and ends it if it does not.
async fn end(child: &mut Child) -> Option<ExitStatus> {
    if let Some(id) = child.id() {
        let _ = Command::new("kill").arg(id.to_string()).status().await;
    }
    if let Ok(status) = tokio::time::timeout(STOP_LIMIT, child.wait()).await {
        return status.ok();
    }
    child.kill().await.ok();
    child.wait().await.ok()
}

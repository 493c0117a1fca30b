use crate::{GenesisProgram, LocalnetError, genesis, journey, ports};
use chain::{Pubkey, Rpc, Settings};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::{
    path::{Path, PathBuf},
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use surfpool_core::surfnet::{
    locker::SurfnetSvmLocker,
    svm::{SurfnetSvm, SurfnetSvmConfig},
};
use surfpool_types::{RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(5);
const RUNTIME_THREADS: usize = 2;
/// How often ports are chosen, where another process takes those that were free.
const CHOICES_OF_PORTS: u32 = 5;

/// What the local chain is made of.
#[derive(Debug, Clone)]
pub struct LocalnetConfig {
    /// Port of the JSON-RPC on 127.0.0.1; 0 chooses a free one.
    pub rpc_port: u16,
    /// Port of the WebSocket on 127.0.0.1; 0 chooses a free one.
    pub ws_port: u16,
    /// Milliseconds of a slot; 50 and more.
    pub slot_ms: u64,
    /// The chain's time at its start, in Unix seconds; the host's time where it is left out. A ledger that is opened again
    /// starts no earlier than its last block.
    pub start_unix_seconds: Option<i64>,
    /// Programs that are there from the first slot.
    pub programs: Vec<GenesisProgram>,
    /// SQLite file that keeps accounts and history across restarts; in memory where it is left out.
    pub ledger: Option<PathBuf>,
}

impl Default for LocalnetConfig {
    fn default() -> Self {
        Self { rpc_port: 8899, ws_port: 8900, slot_ms: 100, start_unix_seconds: None, programs: vec![], ledger: None }
    }
}

/// A running local chain. Dropping it stops it and frees its ports.
pub struct Localnet {
    rpc_port: u16,
    ws_port: u16,
    stop: Sender<SimnetCommand>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Localnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Localnet({})", self.rpc_url())
    }
}

impl Localnet {
    /// Starts the chain and returns when it answers. Blocks for some tenths of a second.
    pub fn start(config: LocalnetConfig) -> Result<Self, LocalnetError> {
        for _ in 1..CHOICES_OF_PORTS {
            match Self::start_once(ports::chosen(&config)?) {
                // a port that was free a moment ago: the library takes numbers, not listeners
                Err(error) if ports::is_lost(&error, &config) => tracing::debug!("{error}; choosing others"),
                outcome => return outcome,
            }
        }
        Self::start_once(ports::chosen(&config)?)
    }

    fn start_once(config: LocalnetConfig) -> Result<Self, LocalnetError> {
        ports::check(config.rpc_port, "--rpc-port")?;
        ports::check(config.ws_port, "--ws-port")?;
        let (svm, events, geyser) = build(&config)?;
        let locker = SurfnetSvmLocker::new(svm);
        let (stop, commands) = unbounded();
        let (sender, settings) = (stop.clone(), surfpool_config(&config));
        let run = move || -> Result<(), String> {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(RUNTIME_THREADS)
                .thread_name("localnet")
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?;
            let main = surfpool_core::runloops::start_local_surfnet_runloop(locker, settings, sender, commands, geyser);
            let outcome = runtime.block_on(main).map_err(|error| error.to_string());
            runtime.shutdown_timeout(STOP_LIMIT);
            outcome
        };
        let (ended, failure) = unbounded();
        let thread = std::thread::Builder::new().name("localnet".into()).spawn(move || {
            if let Err(error) = run() {
                tracing::error!(error, "the local chain ended");
                let _ = ended.send(error);
            }
        });
        let thread = thread.map_err(|error| LocalnetError::Start(error.to_string()))?;
        let chain = Self { rpc_port: config.rpc_port, ws_port: config.ws_port, stop, thread: Some(thread) };
        wait_for_start(&events, &failure)?;
        // the channel is unbounded and nobody else reads it
        std::thread::spawn(move || events.iter().for_each(|event| log(&event)));
        Ok(chain)
    }

    /// Url of the JSON-RPC.
    #[must_use]
    pub fn rpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.rpc_port)
    }

    /// Url of the WebSocket.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ws_port)
    }

    /// A client of this chain with default settings.
    #[must_use]
    pub fn rpc(&self) -> Rpc {
        Rpc::new(Settings::at(self.rpc_url()))
    }

    /// Moves the chain's time forward to `unix_seconds`.
    pub async fn time_travel(&self, unix_seconds: i64) -> Result<(), LocalnetError> {
        journey::time_travel(&self.rpc(), unix_seconds).await
    }

    /// Gives `wallet` lamports, and returns when they are there.
    pub async fn airdrop(&self, wallet: &Pubkey, lamports: u64) -> Result<(), LocalnetError> {
        Ok(self.rpc().airdrop(wallet, lamports).await?)
    }

    /// Stops the chain and waits until its ports are free. Dropping it does the same.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let _ = self.stop.send(SimnetCommand::Terminate(None));
        let _ = thread.join();
        for port in [self.rpc_port, self.ws_port] {
            if !ports::wait_until_free(port, STOP_LIMIT) {
                tracing::warn!(port, "the local chain stopped, but its port is still taken");
            }
        }
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        self.halt();
    }
}

type Parts = (SurfnetSvm, Receiver<SimnetEvent>, Receiver<surfpool_core::surfnet::GeyserEvent>);

fn build(config: &LocalnetConfig) -> Result<Parts, LocalnetError> {
    let settings =
        SurfnetSvmConfig { slot_time: config.slot_ms, instruction_profiling_enabled: false, ..Default::default() };
    let parts = match &config.ledger {
        Some(path) => SurfnetSvm::new_with_db(Some(&ledger_url(path)?), settings)
            .map_err(|error| LocalnetError::Ledger { path: path.clone(), reason: error.to_string() })?,
        None => SurfnetSvm::new(settings).map_err(|error| LocalnetError::Start(error.to_string()))?,
    };
    let (mut svm, events, geyser) = parts;
    for program in &config.programs {
        genesis::install(&mut svm, program)?;
    }
    if let Some(path) = &config.ledger {
        // the library adds its own templates to the ledger with each start, and each start gets slower by them
        let cleared = svm.registered_idls.clear();
        cleared.map_err(|error| LocalnetError::Ledger { path: path.clone(), reason: error.to_string() })?;
    }
    set_clock(&mut svm, config);
    Ok((svm, events, geyser))
}

fn ledger_url(path: &Path) -> Result<String, LocalnetError> {
    let failed = |reason: String| LocalnetError::Ledger { path: path.to_owned(), reason };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    path.to_str().map(str::to_owned).ok_or_else(|| failed("its name is not UTF-8".into()))
}

/// Sets the chain's time; it is kept as the time of the first slot, which the chain's other times are counted from.
fn set_clock(svm: &mut SurfnetSvm, config: &LocalnetConfig) {
    let host = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let wanted = config.start_unix_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(host);
    let blocks = svm.blocks.into_iter().map(|blocks| blocks.map(|(_, block)| block.block_time).max());
    let last_block = blocks.ok().flatten().and_then(|time| u64::try_from(time).ok()).unwrap_or(0);
    let now_ms = wanted.max(last_block.saturating_add(1)) * 1_000;
    let slots = svm.get_latest_absolute_slot().saturating_sub(svm.genesis_slot);
    svm.updated_at = now_ms;
    svm.genesis_updated_at = now_ms.saturating_sub(slots.saturating_mul(config.slot_ms));
    svm.reconstruct_sysvars();
}

fn surfpool_config(config: &LocalnetConfig) -> SurfpoolConfig {
    SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: config.slot_ms,
            instruction_profiling_enabled: false,
            ..Default::default()
        }],
        rpc: RpcConfig {
            bind_host: "127.0.0.1".into(),
            bind_port: config.rpc_port,
            ws_port: config.ws_port,
            ..Default::default()
        },
        ..Default::default()
    }
}

fn wait_for_start(events: &Receiver<SimnetEvent>, failure: &Receiver<String>) -> Result<(), LocalnetError> {
    let limit = crossbeam_channel::after(START_LIMIT);
    loop {
        crossbeam_channel::select! {
            recv(events) -> event => match event {
                Ok(SimnetEvent::CoreStarted(_)) => return Ok(()),
                Ok(SimnetEvent::Aborted(reason)) => return Err(LocalnetError::Start(reason)),
                Ok(event) => log(&event),
                Err(_) => {
                    let reason = failure.recv_timeout(STOP_LIMIT).unwrap_or_else(|_| "it ended at once".into());
                    return Err(LocalnetError::Start(reason));
                }
            },
            recv(failure) -> reason => {
                return Err(LocalnetError::Start(reason.unwrap_or_else(|_| "it ended at once".into())));
            },
            recv(limit) -> _ => {
                return Err(LocalnetError::Start(format!("no answer within {} s", START_LIMIT.as_secs())));
            },
        }
    }
}

fn log(event: &SimnetEvent) {
    match event {
        SimnetEvent::ErrorLog(_, text) => tracing::warn!(target: "localnet", "{text}"),
        SimnetEvent::WarnLog(_, text) => tracing::debug!(target: "localnet", "{text}"),
        SimnetEvent::Aborted(text) => tracing::error!(target: "localnet", "{text}"),
        SimnetEvent::InfoLog(_, text) | SimnetEvent::DebugLog(_, text) => tracing::trace!(target: "localnet", "{text}"),
        _ => {}
    }
}

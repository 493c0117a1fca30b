use std::{io, path::PathBuf};

/// Why the local chain does not start, stop or obey.
#[derive(Debug, thiserror::Error)]
pub enum LocalnetError {
    /// Another process listens on a port.
    #[error("port {port} is in use: stop the other process or choose {option}")]
    PortInUse {
        /// The port.
        port: u16,
        /// The option that chooses another.
        option: &'static str,
    },
    /// A port cannot be used for another reason.
    #[error("cannot listen on port {port}: {source}; choose {option}")]
    Port {
        /// The port.
        port: u16,
        /// The option that chooses another.
        option: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A program's bytecode cannot be read.
    #[error("cannot read the program {}: {source}; build it with scripts/build-programs.sh", path.display())]
    Bytecode {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder of the ledger cannot be used.
    #[error("cannot use the ledger {}: {reason}", path.display())]
    Ledger {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The chain does not start.
    #[error("the local chain does not start: {0}")]
    Start(String),
    /// Time only goes forward.
    #[error("cannot travel to {to}: the chain is at {now} already, and its time only goes forward")]
    Backwards {
        /// The chain's time, in Unix seconds.
        now: i64,
        /// The second that was asked for.
        to: i64,
    },
    /// The chain cannot be asked.
    #[error(transparent)]
    Rpc(#[from] chain::RpcError),
}

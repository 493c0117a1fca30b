//! A content-addressed store: a blob's address is the SHA-256 of its bytes.
//!
//! A store is a folder, a bucket of an S3-compatible service, or a place on a web server (which can only be read). All
//! three have the same layout: `<first two hex digits>/<64 hex digits>`, so that one can be copied to the other with any tool.
//! Several of them can be used as one. Whatever a store gives is checked against the address before it is used.

mod atomic;
pub mod bundle;
mod folder;
mod remote;
pub mod sealed;

pub use atomic::{WriteError, replace_file};
pub use remote::RemoteSettings;

use folder::Folder;
use protocol::digest::{Digest, content_address};
use remote::Remote;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Free space that a store leaves on its disk unless told otherwise, in bytes.
pub const DEFAULT_MIN_FREE_BYTES: u64 = 64 << 20;

/// Why a blob cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing is stored under the address.
    #[error("artefact {0} is missing from the store")]
    Missing(Digest),
    /// What is stored under the address has another hash.
    #[error("artefact {address} is corrupt: its bytes hash to {found}")]
    Corrupt {
        /// Address that was asked for.
        address: Digest,
        /// Hash of what is there.
        found: Digest,
    },
    /// What is stored under the address is longer than what belongs there can be.
    #[error("artefact {address} is corrupt: it is longer than {limit_bytes} bytes")]
    TooLong {
        /// Address that was asked for.
        address: Digest,
        /// The most bytes that the blob can have.
        limit_bytes: u64,
    },
    /// The blob could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The operating system or the service reports an error on reading.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file, folder or URL.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

/// A store of blobs. Several processes may use it at once.
#[derive(Debug, Clone)]
pub struct Store {
    location: PathBuf,
    /// The first is written to; each is asked for what those before it do not have.
    places: Vec<Place>,
    min_free_bytes: u64,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(Folder),
    Remote(Arc<Remote>),
}

/// What a location names: places with commas between them, or one folder, whose name may have commas too.
fn places_of(location: &Path) -> Vec<&Path> {
    match location.to_str() {
        Some(text) if text.split(',').any(Remote::is_remote) => text.split(',').map(Path::new).collect(),
        _ => vec![location],
    }
}

/// The folder that a store at `location` is written to; none where that is remote.
#[must_use]
pub fn folder_of(location: &Path) -> Option<&Path> {
    places_of(location).first().copied().filter(|place| !place.to_str().is_some_and(Remote::is_remote))
}

/// Whether a child process that reads the store at `location` needs the environment's `variable`: the settings of stores and
/// of data, and what signs in to a service, only where the store is there.
#[must_use]
pub fn reads_variable(location: &Path, variable: &str) -> bool {
    let s3 = || places_of(location).iter().any(|place| place.to_str().is_some_and(|place| place.starts_with("s3://")));
    ["AIXBLOCK_STORE_", "AIXBLOCK_DATA_"].iter().any(|start| variable.starts_with(start))
        || (variable.starts_with("AWS_") && s3())
}

impl Store {
    /// Opens the store at `location`: a folder, which is created where it is missing, `s3://BUCKET/PREFIX`, or a URL of a
    /// web server, with the settings that the environment gives ([`RemoteSettings::from_env`]). Of several with commas
    /// between them the first is written to, and each is asked for what those before it do not have.
    pub fn open(location: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::open_with(location.into(), RemoteSettings::from_env)
    }

    /// Opens a store, and uses what is remote of it with settings of its own.
    pub fn open_remote(location: impl Into<PathBuf>, settings: &RemoteSettings) -> Result<Self, StoreError> {
        Self::open_with(location.into(), || Ok(settings.clone()))
    }

    fn open_with(
        location: PathBuf,
        settings: impl Fn() -> Result<RemoteSettings, StoreError>,
    ) -> Result<Self, StoreError> {
        let open = |place: &Path| match place.to_str().filter(|text| Remote::is_remote(text)) {
            Some(url) => Ok::<_, StoreError>(Place::Remote(Arc::new(Remote::open(url, settings()?)?))),
            None => Ok(Place::Folder(Folder::open(place.to_owned())?)),
        };
        let places = places_of(&location).into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { location, places, min_free_bytes: DEFAULT_MIN_FREE_BYTES })
    }

    /// Keeps so many bytes of the disk free: a blob that would go below is refused. Says nothing about remote stores.
    #[must_use]
    pub fn with_min_free_bytes(mut self, bytes: u64) -> Self {
        self.min_free_bytes = bytes;
        self
    }

    /// What the store was opened with: its folder, or its URL.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.location
    }

    /// Whether the store can only be read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.places.first(), Some(Place::Remote(remote)) if remote.is_read_only())
    }

    /// File, or key of a remote store, that holds or would hold the blob at `address`.
    #[must_use]
    pub fn path_of(&self, address: &Digest) -> PathBuf {
        places_of(&self.location).first().unwrap_or(&Path::new("")).join(name_of(address))
    }

    /// Stores `bytes` and returns their address. A blob that is there and intact is left alone; a damaged one is replaced.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let address = content_address(bytes);
        match self.places.first() {
            // a blob that is longer is damaged too
            Some(place @ Place::Folder(folder)) if place.get(&address, bytes.len() as u64).is_err() => {
                folder.write(&name_of(&address), bytes, self.min_free_bytes)?;
            }
            // to read it first costs as much
            Some(Place::Remote(remote)) => remote.write(&name_of(&address), bytes)?,
            Some(Place::Folder(_)) | None => {}
        }
        Ok(address)
    }

    /// The blob at `address`, after checking its hash.
    pub fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        self.get_within(address, u64::MAX)
    }

    /// The blob at `address`, which can have `limit_bytes` at most: no more than that is read.
    pub fn get_within(&self, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let mut worst = StoreError::Missing(*address);
        for place in &self.places {
            match place.get(address, limit_bytes) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.says_more_than(&worst) => worst = error,
                Err(_) => {}
            }
        }
        Err(worst)
    }
}

impl Place {
    fn get(&self, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Folder(folder) => checked(address, folder.read(address, limit_bytes)?),
            Self::Remote(remote) => remote.read(address, limit_bytes),
        }
    }
}

impl StoreError {
    /// Of places that all do not give a blob: one that could not be asked leaves open whether the blob is there, and one
    /// that has a damaged blob says more than one that has none.
    fn says_more_than(&self, other: &Self) -> bool {
        let weight = |error: &Self| match error {
            Self::Missing(_) => 0,
            Self::Corrupt { .. } | Self::TooLong { .. } => 1,
            Self::Read { .. } | Self::Write(_) => 2,
        };
        weight(self) > weight(other)
    }
}

/// Where the blob at `address` is below a store's root.
fn name_of(address: &Digest) -> String {
    let name = address.to_string();
    format!("{}/{name}", &name[..2])
}

fn checked(address: &Digest, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let found = content_address(&bytes);
    if found == *address { Ok(bytes) } else { Err(StoreError::Corrupt { address: *address, found }) }
}

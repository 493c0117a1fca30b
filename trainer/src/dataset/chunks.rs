//! Reading a dataset in chunks: a chunk is fetched when a sample of it is needed, checked against the root, and kept while
//! there is room.

use super::DatasetError;
use artefacts::Store;
use protocol::chunked::{Head, MAX_HEAD_BYTES, decode_list};
use protocol::dataset_chunk::{Chunk, chunk_bytes};
use protocol::digest::Digest;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Variable that sets how many bytes of chunks a process keeps.
pub const CACHE_BYTES_VARIABLE: &str = "AIXBLOCK_DATA_CACHE_BYTES";
/// Bytes of chunks that a process keeps unless told otherwise.
pub const DEFAULT_CACHE_BYTES: u64 = 256 << 20;

/// Bytes of chunks that this process keeps: [`CACHE_BYTES_VARIABLE`], or the default.
pub fn cache_bytes() -> Result<u64, DatasetError> {
    match std::env::var(CACHE_BYTES_VARIABLE) {
        Ok(text) => text.parse().map_err(|_| DatasetError::CacheBytes(text)),
        Err(_) => Ok(DEFAULT_CACHE_BYTES),
    }
}

/// What reading has cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadStatistics {
    /// Chunks that were fetched.
    pub chunks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Times that a chunk was still there.
    pub hits: u64,
}

/// A dataset in chunks.
#[derive(Debug)]
pub struct ChunkReader {
    store: Store,
    head: Head,
    addresses: Vec<Digest>,
    cache: Mutex<Cache>,
}

/// The chunks that are in memory.
#[derive(Debug)]
struct Cache {
    limit_bytes: u64,
    used_bytes: u64,
    /// Counts uses, so that the chunk that was not used for the longest time is known.
    clock: u64,
    chunks: HashMap<u32, (Arc<Chunk>, u64)>,
    statistics: ReadStatistics,
}

impl Cache {
    fn get(&mut self, index: u32) -> Option<Arc<Chunk>> {
        self.clock += 1;
        let (chunk, used) = self.chunks.get_mut(&index)?;
        *used = self.clock;
        self.statistics.hits += 1;
        Some(chunk.clone())
    }

    fn put(&mut self, index: u32, chunk: &Arc<Chunk>) {
        self.statistics.chunks += 1;
        self.statistics.bytes += chunk.size_bytes();
        while self.used_bytes + chunk.size_bytes() > self.limit_bytes {
            let oldest = self.chunks.iter().min_by_key(|(_, (_, used))| *used).map(|(index, _)| *index);
            let Some((oldest, _)) = oldest.and_then(|index| self.chunks.remove(&index)) else { break };
            self.used_bytes -= oldest.size_bytes();
        }
        self.clock += 1;
        self.used_bytes += chunk.size_bytes();
        if let Some((replaced, _)) = self.chunks.insert(index, (chunk.clone(), self.clock)) {
            self.used_bytes -= replaced.size_bytes();
        }
    }
}

impl ChunkReader {
    /// Reads the head and the list of chunks of the dataset `root`, and will keep `cache_bytes` of chunks, at least one.
    pub fn open(store: &Store, root: &Digest, cache_bytes: u64) -> Result<Self, DatasetError> {
        let head = Head::decode(&store.get_within(root, MAX_HEAD_BYTES).map_err(DatasetError::Store)?)?;
        let list = store.get_within(&head.list, head.list_bytes()).map_err(DatasetError::Store)?;
        let addresses = decode_list(&head, &list)?;
        let cache = Cache {
            limit_bytes: cache_bytes,
            used_bytes: 0,
            clock: 0,
            chunks: HashMap::new(),
            statistics: ReadStatistics::default(),
        };
        Ok(Self { store: store.clone(), head, addresses, cache: Mutex::new(cache) })
    }

    /// What the dataset is.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What reading has cost so far.
    #[must_use]
    pub fn statistics(&self) -> ReadStatistics {
        self.cache().statistics
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        // nothing panics while it holds the lock, and a cache is never half right
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Chunk `index`, from memory or from the store.
    pub fn chunk(&self, index: u32) -> Result<Arc<Chunk>, DatasetError> {
        if let Some(chunk) = self.cache().get(index) {
            return Ok(chunk);
        }
        let address = self.addresses.get(index as usize).ok_or(DatasetError::Inconsistent("it has no such chunk"))?;
        // the store checks the hash, the list is under the root
        let bytes = self.store.get_within(address, chunk_bytes(&self.head, index)).map_err(DatasetError::Store)?;
        let chunk = Chunk::decode(&self.head, index, bytes);
        let chunk = Arc::new(chunk.map_err(|source| DatasetError::Chunk { index, source })?);
        self.cache().put(index, &chunk);
        Ok(chunk)
    }

    /// The chunk of `item`, and the item's place in it.
    pub fn locate(&self, item: u64) -> Result<(Arc<Chunk>, u32), DatasetError> {
        let per_chunk = u64::from(self.head.items_per_chunk);
        let index = u32::try_from(item / per_chunk).map_err(|_| DatasetError::Inconsistent("it has no such item"))?;
        let (chunk, place) = (self.chunk(index)?, (item % per_chunk) as u32);
        if place < chunk.items() { Ok((chunk, place)) } else { Err(DatasetError::Inconsistent("it has no such item")) }
    }
}

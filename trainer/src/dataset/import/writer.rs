//! Writing a dataset chunk by chunk.

use super::ImportError;
use artefacts::Store;
use protocol::chunked::{Head, Layout, MAX_CHUNKS, chunks_root, encode_list};
use protocol::dataset_chunk::{ChunkBuilder, ItemError, items_within};
use protocol::digest::Digest;

/// Bytes of a chunk unless told otherwise.
pub const DEFAULT_CHUNK_BYTES: u64 = 1 << 20;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Images, rows or tokens so far.
    pub items: u64,
    /// Bytes of their chunks.
    pub bytes: u64,
}

/// Where the chunks go, how long they are, and who hears of them.
pub struct Chunking<'a> {
    /// The store.
    pub store: &'a Store,
    /// Bytes of a chunk, about.
    pub chunk_bytes: u64,
    /// Is told after each chunk.
    pub tell: &'a mut dyn FnMut(Progress),
}

impl std::fmt::Debug for Chunking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunking")
            .field("store", self.store)
            .field("chunk_bytes", &self.chunk_bytes)
            .finish_non_exhaustive()
    }
}

/// A dataset that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The dataset's root.
    pub root: Digest,
    /// Its head.
    pub head: Head,
    /// Bytes of its chunks.
    pub bytes: u64,
    /// Names of the classes in their order, where they have some.
    pub names: Vec<String>,
}

/// Writes items into chunks, and the chunks into a store.
#[derive(Debug)]
pub struct DatasetWriter<'a, 'b> {
    chunking: &'b mut Chunking<'a>,
    layout: Layout,
    items_per_chunk: u32,
    chunk: ChunkBuilder,
    addresses: Vec<Digest>,
    written: Progress,
}

impl<'a, 'b> DatasetWriter<'a, 'b> {
    /// Will write items of `layout`.
    pub fn new(layout: Layout, chunking: &'b mut Chunking<'a>) -> Result<Self, ImportError> {
        layout.validate()?;
        Ok(Self {
            items_per_chunk: items_within(&layout, chunking.chunk_bytes),
            chunking,
            layout,
            chunk: ChunkBuilder::new(layout),
            addresses: Vec::new(),
            written: Progress { items: 0, bytes: 0 },
        })
    }

    /// Number of items so far.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.written.items + u64::from(self.chunk.items())
    }

    /// Adds the item that `add` puts into the chunk; `refused` says where a bad one stands.
    pub fn push(
        &mut self,
        add: impl FnOnce(&mut ChunkBuilder) -> Result<(), ItemError>,
        refused: impl FnOnce(ItemError) -> ImportError,
    ) -> Result<(), ImportError> {
        add(&mut self.chunk).map_err(refused)?;
        if self.chunk.items() >= self.items_per_chunk { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ImportError> {
        if self.addresses.len() >= MAX_CHUNKS as usize {
            return Err(ImportError::Options(format!("more than {MAX_CHUNKS} chunks: choose a larger --chunk-bytes")));
        }
        let chunk = std::mem::replace(&mut self.chunk, ChunkBuilder::new(self.layout));
        self.written.items += u64::from(chunk.items());
        let bytes = chunk.finish();
        self.written.bytes += bytes.len() as u64;
        self.addresses.push(self.chunking.store.put(&bytes)?);
        (self.chunking.tell)(self.written);
        Ok(())
    }

    /// Writes what is left, the list of the chunks and the head.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        if self.chunk.items() > 0 {
            self.flush()?;
        }
        if self.written.items == 0 {
            return Err(ImportError::Empty);
        }
        let store = self.chunking.store;
        let list = store.put(&encode_list(&self.addresses))?;
        let head = Head {
            layout: self.layout,
            items: self.written.items,
            items_per_chunk: self.items_per_chunk,
            chunks_root: chunks_root(&self.addresses),
            list,
        };
        // what cannot be read back is no dataset
        Head::decode(&head.encode())?;
        let root = store.put(&head.encode())?;
        Ok(Imported { root, head, bytes: self.written.bytes, names: Vec::new() })
    }
}

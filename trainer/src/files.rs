//! The files besides the dataset that a manifest names.

use artefacts::{Store, StoreError};
use protocol::manifest::Manifest;

/// The files besides the dataset that a manifest names, each where the manifest names one.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The module that is trained.
    pub module: Option<Vec<u8>>,
    /// The tokenizer that turns text into tokens.
    pub tokenizer: Option<Vec<u8>>,
    /// The weights that training starts from.
    pub start: Option<Vec<u8>>,
}

impl Files {
    /// The files of `manifest`, from `store`.
    pub fn fetch(store: &Store, manifest: &Manifest) -> Result<Self, StoreError> {
        let get = |address: Option<_>| address.map(|address| store.get(&address)).transpose();
        Ok(Self {
            module: get(manifest.model.module())?,
            tokenizer: get(manifest.model.tokenizer())?,
            start: get(manifest.start.as_ref().map(|start| start.weights))?,
        })
    }
}

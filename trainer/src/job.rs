//! A job ready to run: manifest, network and data, checked against each other.

use crate::dataset::{ChunkReader, Dataset, DatasetError, Samples, cache_bytes};
use crate::model::Network;
use crate::profile::TRAINER_VERSION;
use artefacts::{Store, StoreError};
use protocol::data_order::{BatchOrder, Split, TooFewSamples};
use protocol::digest::Digest;
use protocol::manifest::{Manifest, NumericProfile};
use protocol::manifest_form::ManifestError;

/// Why a job cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The manifest or the dataset is not in the store, or damaged there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The dataset cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The dataset is too small.
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    /// The manifest was made for another numeric contract.
    #[error("the manifest is for trainer version {wanted}, this build is {TRAINER_VERSION}: its bits would differ")]
    OtherTrainerVersion {
        /// What the manifest asks for.
        wanted: String,
    },
}

/// A job ready to run.
#[derive(Debug)]
pub struct Job {
    /// What decides the result.
    pub manifest: Manifest,
    /// The manifest's hash.
    pub manifest_hash: Digest,
    /// The model.
    pub network: Network,
    /// The data.
    pub samples: Samples,
    /// Which samples are held out.
    pub split: Split,
}

impl Job {
    /// Loads manifest and dataset from `store`.
    pub fn load(store: &Store, manifest_hash: &Digest) -> Result<Self, JobError> {
        let manifest = Manifest::decode(&store.get(manifest_hash)?)?;
        let root = manifest.dataset.root;
        if manifest.dataset.kind.is_chunked() {
            let reader = ChunkReader::open(store, &root, cache_bytes()?)?;
            let samples = Samples::of_chunks(reader, &manifest)?;
            return Self::on(manifest, samples);
        }
        let dataset = Dataset::decode(manifest.dataset.kind, &store.get(&root)?)?;
        Self::new(manifest, dataset)
    }

    /// The numeric profile of a job whose manifest is in `store`: to be entered before the job is loaded.
    pub fn numeric_profile(store: &Store, manifest_hash: &Digest) -> Result<NumericProfile, JobError> {
        Ok(Manifest::decode(&store.get(manifest_hash)?)?.numeric_profile)
    }

    /// A job of `manifest` on `dataset`.
    pub fn new(manifest: Manifest, dataset: Dataset) -> Result<Self, JobError> {
        let samples = Samples::new(dataset, &manifest)?;
        Self::on(manifest, samples)
    }

    fn on(manifest: Manifest, samples: Samples) -> Result<Self, JobError> {
        if manifest.trainer_version != TRAINER_VERSION {
            return Err(JobError::OtherTrainerVersion { wanted: manifest.trainer_version });
        }
        let split = samples.split(&manifest.dataset);
        let job =
            Self { manifest_hash: manifest.hash(), network: Network::new(&manifest.model), manifest, samples, split };
        job.batch_order()?;
        Ok(job)
    }

    /// The order in which training takes its samples.
    pub fn batch_order(&self) -> Result<BatchOrder, TooFewSamples> {
        let Manifest { sampler_seed, virtual_ranks, batch_per_rank, .. } = self.manifest;
        let order = self.samples.epoch_order(&self.manifest.dataset);
        BatchOrder::new(sampler_seed, self.split.clone(), order, virtual_ranks, batch_per_rank)
    }
}

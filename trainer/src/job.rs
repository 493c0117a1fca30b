//! A job ready to run: manifest, network and data, checked against each other.

use crate::dataset::{Batch, Dataset, DatasetError, Samples};
use crate::files::Files;
use crate::model::script_module::ScriptError;
use crate::model::{Network, NetworkError, Pass};
use crate::profile::TRAINER_VERSION;
use crate::state::TrainState;
use artefacts::{Store, StoreError};
use protocol::data_order::{BatchOrder, Split, TooFewSamples};
use protocol::digest::Digest;
use protocol::manifest::{FORMAT_VERSION, Manifest, Model, NumericProfile, Start};
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
    /// The model cannot be made ready.
    #[error(transparent)]
    Network(#[from] NetworkError),
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
        let files = Files::fetch(store, &manifest)?;
        let samples = Samples::load(store, &manifest, &files)?;
        Self::on(manifest, samples, &files)
    }

    /// The same job, but starting from the weights in `file`.
    pub fn load_started(store: &Store, manifest_hash: &Digest, start: Start, file: &[u8]) -> Result<Self, JobError> {
        let before = Manifest::decode(&store.get(manifest_hash)?)?;
        let manifest = Manifest { version: FORMAT_VERSION, start: Some(start), ..before.clone() };
        let files = Files { start: Some(file.to_vec()), ..Files::fetch(store, &Manifest { start: None, ..before })? };
        let samples = Samples::load(store, &manifest, &files)?;
        Self::on(manifest, samples, &files)
    }

    /// The numeric profile of a job whose manifest is in `store`: to be entered before the job is loaded.
    pub fn numeric_profile(store: &Store, manifest_hash: &Digest) -> Result<NumericProfile, JobError> {
        Ok(Manifest::decode(&store.get(manifest_hash)?)?.numeric_profile)
    }

    /// A job of `manifest` on `dataset`, with the other files that the manifest names.
    pub fn new(manifest: Manifest, dataset: Dataset, files: &Files) -> Result<Self, JobError> {
        let samples = Samples::new(dataset, &manifest, files)?;
        Self::on(manifest, samples, files)
    }

    fn on(manifest: Manifest, samples: Samples, files: &Files) -> Result<Self, JobError> {
        if manifest.trainer_version != TRAINER_VERSION {
            return Err(JobError::OtherTrainerVersion { wanted: manifest.trainer_version });
        }
        let split = samples.split(&manifest.dataset);
        let network = Network::load(&manifest, files)?;
        let job = Self { manifest_hash: manifest.hash(), network, manifest, samples, split };
        job.batch_order()?;
        if let Model::TorchScript { classes, .. } = job.manifest.model {
            // samples of its own: the replay of a segment reads no chunks but that segment's
            job.try_module(&job.samples.made_up(classes)?).map_err(NetworkError::from)?;
        }
        Ok(job)
    }

    /// Runs a pass of each sort, so that a module that cannot be trained is refused before anything is trained.
    fn try_module(&self, batch: &Batch) -> Result<(), ScriptError> {
        let state = TrainState::initial(self)?;
        let first_pass = || {
            tch::no_grad(|| self.network.scores(state.tensors(), &batch.inputs, Pass::Evaluation)).map(drop)?;
            let seed = self.manifest.init_seed;
            let pass = Pass::Training { seed, step: 0, virtual_rank: 0, micro_batch: 0 };
            self.network.loss(state.tensors(), &batch.inputs, &batch.targets, pass)?.f_backward()
        };
        first_pass().map_err(ScriptError::FirstPass)?;
        for (tensor, spec) in state.tensors().iter().zip(state.specs()) {
            if !tensor.f_grad()?.defined() {
                return Err(ScriptError::Unused(spec.name.clone()));
            }
        }
        Ok(())
    }

    /// The order in which training takes its samples.
    pub fn batch_order(&self) -> Result<BatchOrder, TooFewSamples> {
        let Manifest { sampler_seed, virtual_ranks, batch_per_rank, .. } = self.manifest;
        let order = self.samples.epoch_order(&self.manifest.dataset);
        BatchOrder::new(sampler_seed, self.split.clone(), order, virtual_ranks, batch_per_rank)
    }
}

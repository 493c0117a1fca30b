//! The state of a training run: everything that the next step depends on.

use crate::gradient::Gradient;
use crate::job::Job;
use crate::model::ParameterSpec;
use protocol::adamw::StepFactors;
use protocol::commitment::{TensorGroup, TensorValues};
use protocol::digest::Digest;
use protocol::tensor_blocks::{tensor_block_roots, tensor_leaf_count, tensor_root};
use std::ops::Range;
use std::sync::Arc;
use tch::{Device, Kind, TchError, Tensor};

/// One group of values for each parameter, in ascending order of the parameters' names.
pub type Values = Vec<Vec<f32>>;

/// What a forward pass needs of a state.
pub trait Weights {
    /// The parameters, in ascending order of their names; they require gradients.
    fn tensors(&self) -> &[Tensor];
    /// Steps done so far; also the number of the next step.
    fn steps_done(&self) -> u32;
    /// Where the parameters are.
    fn device(&self) -> Device {
        Device::Cpu
    }
}

impl Weights for TrainState {
    fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    fn steps_done(&self) -> u32 {
        self.steps_done
    }
}

/// Parameters, both moments of AdamW, and the number of steps done.
#[derive(Debug)]
pub struct TrainState {
    specs: Arc<[ParameterSpec]>,
    samples_per_step: u64,
    steps_done: u32,
    // shared with who hashes them
    parameters: Arc<Values>,
    first_moments: Arc<Values>,
    second_moments: Arc<Values>,
    /// The parameters as libtorch sees them.
    tensors: Vec<Tensor>,
}

impl TrainState {
    /// The state before step 0, as the manifest's seed or its start gives it.
    pub fn initial(job: &Job) -> Result<Self, TchError> {
        let parameters = job.network.initial_values(job.manifest.init_seed);
        let zeros: Values = parameters.iter().map(|values| vec![0.0; values.len()]).collect();
        Self::new(job, 0, parameters, zeros.clone(), zeros)
    }

    /// A state of these values, whose lengths fit the job's model.
    pub fn new(
        job: &Job,
        steps_done: u32,
        parameters: Values,
        first_moments: Values,
        second_moments: Values,
    ) -> Result<Self, TchError> {
        let specs = job.network.specs().to_vec();
        let tensors = specs
            .iter()
            .zip(&parameters)
            .map(|(spec, values)| Tensor::f_from_slice(values)?.f_reshape(&spec.shape)?.f_requires_grad_(true))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            specs: specs.into(),
            samples_per_step: job.manifest.samples_per_step(),
            steps_done,
            parameters: Arc::new(parameters),
            first_moments: Arc::new(first_moments),
            second_moments: Arc::new(second_moments),
            tensors,
        })
    }

    /// Steps done so far; also the number of the next step.
    #[must_use]
    pub fn steps_done(&self) -> u32 {
        self.steps_done
    }

    /// Specifications of the parameters.
    #[must_use]
    pub fn specs(&self) -> &[ParameterSpec] {
        &self.specs
    }

    /// The same, for another thread.
    #[must_use]
    pub fn shared_specs(&self) -> Arc<[ParameterSpec]> {
        Arc::clone(&self.specs)
    }

    /// The parameters as libtorch sees them; they require gradients.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Parameters, first moments and second moments.
    #[must_use]
    pub fn values(&self) -> [&Values; 3] {
        [&self.parameters, &self.first_moments, &self.second_moments]
    }

    /// One update of the optimiser with the mean gradient of the step, each value multiplied by `scale` where there is one.
    /// `factors` gives what the elements of a parameter of so many dimensions share. Copies the state's values first where a
    /// snapshot is alive.
    pub fn update(
        &mut self,
        factors: impl Fn(usize) -> StepFactors,
        gradient: &Gradient,
        scale: Option<f32>,
    ) -> Result<(), TchError> {
        let (first, second) = (Arc::make_mut(&mut self.first_moments), Arc::make_mut(&mut self.second_moments));
        let moments = first.iter_mut().zip(second);
        let mut scaled = Vec::new();
        for (((parameter, gradient), (first, second)), tensor) in
            Arc::make_mut(&mut self.parameters).iter_mut().zip(gradient.runs()).zip(moments).zip(&self.tensors)
        {
            let gradient = match scale {
                None => gradient,
                Some(scale) => {
                    scaled.clear();
                    scaled.extend(gradient.iter().map(|value| value * scale));
                    &scaled
                }
            };
            factors(tensor.dim()).update_all(gradient, parameter, first, second);
            let (shape, values) = (tensor.size(), parameter.as_ptr().cast());
            // SAFETY: the parameter has as many values as its tensor, and is neither moved nor changed while the view lives
            let updated = unsafe { Tensor::f_from_blob(values, &shape, &[], Kind::Float, Device::Cpu) }?;
            // a detached view shares the parameter's memory and records no history
            tensor.f_detach()?.f_copy_(&updated)?;
        }
        self.steps_done += 1;
        Ok(())
    }

    /// The state as it is now, for another thread.
    #[must_use]
    pub fn snapshot(&self) -> StateSnapshot {
        StateSnapshot {
            specs: self.shared_specs(),
            steps_done: self.steps_done,
            samples_drawn: u64::from(self.steps_done) * self.samples_per_step,
            values: [&self.parameters, &self.first_moments, &self.second_moments].map(Arc::clone),
        }
    }

    /// Root that commits to the state.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.snapshot().root()
    }

    /// Leaves under the root of a gradient, and under that of the state.
    #[must_use]
    pub fn leaf_counts(&self) -> (usize, usize) {
        let runs: Vec<[&[f32]; 1]> = self.parameters.iter().map(|values| [&values[..]]).collect();
        (tensor_leaf_count(&named(&self.specs, &runs)), self.with_tensors(|_, tensors| tensor_leaf_count(tensors)))
    }

    /// Calls `with` the group and the values that [`TrainState::root`] hashes.
    pub fn with_tensors<T>(&self, with: impl FnOnce(TensorGroup, &[TensorValues<'_>]) -> T) -> T {
        self.snapshot().with_tensors(with)
    }
}

/// A state at one moment.
#[derive(Debug)]
pub struct StateSnapshot {
    specs: Arc<[ParameterSpec]>,
    steps_done: u32,
    samples_drawn: u64,
    /// Parameters, first moments and second moments.
    values: [Arc<Values>; 3],
}

impl StateSnapshot {
    /// Root that commits to the state.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.with_tensors(tensor_root)
    }

    /// Roots of `blocks` of the leaves under [`StateSnapshot::root`].
    #[must_use]
    pub fn block_roots(&self, blocks: Range<usize>) -> Vec<Digest> {
        self.with_tensors(|group, tensors| tensor_block_roots(group, tensors, blocks))
    }

    fn with_tensors<T>(&self, with: impl FnOnce(TensorGroup, &[TensorValues<'_>]) -> T) -> T {
        let runs: Vec<[&[f32]; 3]> =
            (0..self.specs.len()).map(|place| self.values.each_ref().map(|values| values[place].as_slice())).collect();
        let group = TensorGroup::State { steps_done: self.steps_done, samples_drawn: self.samples_drawn };
        with(group, &named(&self.specs, &runs))
    }
}

/// Root that commits to a gradient of the parameters `specs`.
#[must_use]
pub fn gradient_root(specs: &[ParameterSpec], group: TensorGroup, gradient: &Gradient) -> Digest {
    let runs: Vec<[&[f32]; 1]> = gradient.runs().into_iter().map(|values| [values]).collect();
    tensor_root(group, &named(specs, &runs))
}

/// Roots of `blocks` of the leaves under [`gradient_root`].
#[must_use]
pub fn gradient_block_roots(
    specs: &[ParameterSpec],
    group: TensorGroup,
    gradient: &Gradient,
    blocks: Range<usize>,
) -> Vec<Digest> {
    let runs: Vec<[&[f32]; 1]> = gradient.runs().into_iter().map(|values| [values]).collect();
    tensor_block_roots(group, &named(specs, &runs), blocks)
}

/// Values with the names and shapes of their parameters.
fn named<'a, const N: usize>(specs: &'a [ParameterSpec], runs: &'a [[&'a [f32]; N]]) -> Vec<TensorValues<'a>> {
    let tensors = specs.iter().zip(runs);
    tensors.map(|(spec, runs)| TensorValues { name: &spec.name, shape: &spec.shape, runs }).collect()
}

//! The state of a run that nobody verifies: tensors on one device, updated by libtorch.

use crate::bridge::{BridgeError, adamw, scale_gradients};
use crate::job::Job;
use crate::state::{TrainState, Values, Weights};
use protocol::adamw::Settings;
use protocol::manifest::{Decay, Optimizer};
use tch::{Device, TchError, Tensor};

/// Parameters and both moments of AdamW on a device, and the number of steps done.
#[derive(Debug)]
pub struct DeviceState {
    device: Device,
    steps_done: u32,
    /// They require gradients.
    parameters: Vec<Tensor>,
    first_moments: Vec<Tensor>,
    second_moments: Vec<Tensor>,
}

impl Weights for DeviceState {
    fn tensors(&self) -> &[Tensor] {
        &self.parameters
    }

    fn steps_done(&self) -> u32 {
        self.steps_done
    }

    fn device(&self) -> Device {
        self.device
    }
}

impl DeviceState {
    /// A copy of `state` on `device`.
    pub fn copy_of(state: &TrainState, device: Device) -> Result<Self, TchError> {
        let [parameters, first, second] = state.values().map(|values| {
            let tensors = state.specs().iter().zip(values);
            tensors
                .map(|(spec, values)| Tensor::f_from_slice(values)?.f_reshape(&spec.shape)?.f_to(device))
                .collect::<Result<Vec<_>, TchError>>()
        });
        let parameters =
            parameters?.into_iter().map(|mut tensor| tensor.f_requires_grad_(true)).collect::<Result<_, _>>()?;
        Ok(Self { device, steps_done: state.steps_done(), parameters, first_moments: first?, second_moments: second? })
    }

    /// The same state in the processor's memory, for a checkpoint.
    pub fn to_host(&self, job: &Job) -> Result<TrainState, TchError> {
        let [parameters, first, second] =
            [&self.parameters[..], &self.first_moments, &self.second_moments].map(values_of);
        TrainState::new(job, self.steps_done, parameters?, first?, second?)
    }

    /// One update of the job's optimiser with the gradients that the parameters hold, times `scale`.
    pub fn update(&mut self, job: &Job, scale: f64) -> Result<(), BridgeError> {
        let optimizer = &job.manifest.optimizer;
        let Optimizer::Adamw { beta1, beta2, eps, weight_decay, decay, .. } = *optimizer;
        let learning_rate = optimizer.learning_rate(self.steps_done, job.manifest.steps);
        scale_gradients(&self.parameters, scale, optimizer.clip_norm())?;
        let moments = self.first_moments.iter().zip(&self.second_moments);
        let all = self.parameters.iter().zip(moments).map(|(parameter, (first, second))| [parameter, first, second]);
        let (decaying, others): (Vec<_>, Vec<_>) =
            all.partition(|[parameter, ..]| decay == Decay::All || parameter.dim() > 1);
        for (updated, weight_decay) in [(decaying, weight_decay), (others, 0.0)] {
            let settings = Settings { beta1, beta2, eps, weight_decay };
            adamw(&updated, &settings, learning_rate, self.steps_done + 1)?;
        }
        self.steps_done += 1;
        Ok(())
    }
}

fn values_of(tensors: &[Tensor]) -> Result<Values, TchError> {
    let copied = |tensor: &Tensor| {
        let mut values = vec![0.0f32; tensor.numel()];
        tensor.f_copy_data(&mut values, tensor.numel())?;
        Ok::<_, TchError>(values)
    };
    tensors.iter().map(copied).collect()
}

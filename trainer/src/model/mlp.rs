//! Fully connected layers with ReLU between them.

use super::{Named, ParameterSpec, linear_specs};
use tch::{TchError, Tensor};

fn layer_name(layer: usize) -> String {
    format!("layer{layer:03}")
}

pub(super) fn specs(inputs: u32, hidden: &[u32], classes: u32) -> Vec<ParameterSpec> {
    let widths: Vec<u32> = [inputs].into_iter().chain(hidden.iter().copied()).chain([classes]).collect();
    widths.windows(2).enumerate().flat_map(|(layer, pair)| linear_specs(&layer_name(layer), pair[0], pair[1])).collect()
}

/// `inputs` is `[samples, inputs]`.
pub(super) fn scores(parameters: &Named<'_>, hidden_layers: usize, inputs: &Tensor) -> Result<Tensor, TchError> {
    let mut activations = inputs.shallow_clone();
    for layer in 0..hidden_layers {
        let active = parameters.linear(&layer_name(layer), &activations)?.f_relu_()?;
        activations = parameters.drop_out(layer as u32, active)?;
    }
    parameters.linear(&layer_name(hidden_layers), &activations)
}

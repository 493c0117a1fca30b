//! A residual network: a convolution, stages of blocks of two convolutions with group normalisation and ReLU, the mean over
//! all places, and one fully connected layer.

use super::{Init, Named, ParameterSpec, fan_in_bound, linear_specs, norm_specs};
use tch::{TchError, Tensor};

/// Rows and columns of a block's convolutions.
const KERNEL: u32 = 3;

pub(super) struct Shape<'a> {
    /// Channels, height and width.
    pub(super) image: [i64; 3],
    pub(super) stages: &'a [u32],
    pub(super) blocks: u32,
    pub(super) groups: i64,
}

fn block_name(stage: usize, block: u32) -> String {
    format!("stage{stage}.block{block:03}")
}

/// A convolution without bias: the normalisation after it has one.
fn convolution_spec(name: String, inputs: u32, outputs: u32, kernel: u32) -> ParameterSpec {
    let init: Init = fan_in_bound(inputs * kernel * kernel);
    ParameterSpec::new(format!("{name}.weight"), &[outputs, inputs, kernel, kernel], init)
}

pub(super) fn specs(channels: u32, stages: &[u32], blocks: u32, classes: u32) -> Vec<ParameterSpec> {
    let mut before = stages.first().copied().unwrap_or(channels);
    let mut specs = vec![convolution_spec("stem".into(), channels, before, KERNEL)];
    specs.extend(norm_specs("stem.norm", before));
    for (stage, &width) in stages.iter().enumerate() {
        for block in 0..blocks {
            let name = block_name(stage, block);
            if block == 0 && stage > 0 {
                specs.push(convolution_spec(format!("{name}.shortcut"), before, width, 1));
            }
            specs.push(convolution_spec(format!("{name}.convolution1"), before, width, KERNEL));
            specs.extend(norm_specs(&format!("{name}.norm1"), width));
            specs.push(convolution_spec(format!("{name}.convolution2"), width, width, KERNEL));
            specs.extend(norm_specs(&format!("{name}.norm2"), width));
            before = width;
        }
    }
    specs.extend(linear_specs("head", before, classes));
    specs
}

/// `inputs` is `[samples, channels * height * width]`.
pub(super) fn scores(parameters: &Named<'_>, shape: &Shape<'_>, inputs: &Tensor) -> Result<Tensor, TchError> {
    let [channels, height, width] = shape.image;
    let images = inputs.f_reshape([-1, channels, height, width])?;
    let mut values = convolution(parameters, "stem", &images, 1)?;
    values = norm(parameters, "stem.norm", &values, shape)?.f_relu_()?;
    for stage in 0..shape.stages.len() {
        for block in 0..shape.blocks {
            let name = block_name(stage, block);
            let halves = block == 0 && stage > 0;
            let stride = if halves { 2 } else { 1 };
            let inner = convolution(parameters, &format!("{name}.convolution1"), &values, stride)?;
            let inner = norm(parameters, &format!("{name}.norm1"), &inner, shape)?.f_relu_()?;
            let inner = convolution(parameters, &format!("{name}.convolution2"), &inner, 1)?;
            let inner = norm(parameters, &format!("{name}.norm2"), &inner, shape)?;
            let shortcut =
                if halves { convolution(parameters, &format!("{name}.shortcut"), &values, stride)? } else { values };
            values = inner.f_add(&shortcut)?.f_relu_()?;
        }
    }
    let pooled = values.f_adaptive_avg_pool2d([1, 1])?.f_flatten(1, -1)?;
    parameters.linear("head", &parameters.drop_out(0, pooled)?)
}

/// Padded so that a stride of 1 keeps height and width.
fn convolution(parameters: &Named<'_>, name: &str, inputs: &Tensor, stride: i64) -> Result<Tensor, TchError> {
    let weight = parameters.get(&format!("{name}.weight"))?;
    let padding = (weight.size()[3] - 1) / 2;
    inputs.f_conv2d::<Tensor>(&weight, None, [stride, stride], [padding, padding], [1, 1], 1)
}

fn norm(parameters: &Named<'_>, name: &str, inputs: &Tensor, shape: &Shape<'_>) -> Result<Tensor, TchError> {
    let (scale, shift) = (parameters.get(&format!("{name}.weight"))?, parameters.get(&format!("{name}.bias"))?);
    inputs.f_group_norm(shape.groups, Some(&scale), Some(&shift), 1e-5, false)
}

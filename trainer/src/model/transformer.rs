//! A decoder-only transformer: learned positions, normalisation before each part, ReLU in the feed-forward part.

use super::{Init, Named, ParameterSpec, linear_specs, norm_specs};
use tch::{Kind, TchError, Tensor};

const EMBEDDING: Init = Init::Uniform { bound: 0.0625 };

pub(super) struct Shape {
    pub(super) width: i64,
    pub(super) heads: i64,
    pub(super) layers: u32,
    pub(super) vocab: i64,
}

fn block_name(layer: u32) -> String {
    format!("block{layer:03}")
}

pub(super) fn specs(vocab: u32, context: u32, width: u32, layers: u32) -> Vec<ParameterSpec> {
    let mut specs = vec![
        ParameterSpec::new("embedding.token", &[vocab, width], EMBEDDING),
        ParameterSpec::new("embedding.position", &[context, width], EMBEDDING),
    ];
    for block in (0..layers).map(block_name) {
        specs.extend(norm_specs(&format!("{block}.norm1"), width));
        specs.extend(linear_specs(&format!("{block}.attention.in"), width, 3 * width));
        specs.extend(linear_specs(&format!("{block}.attention.out"), width, width));
        specs.extend(norm_specs(&format!("{block}.norm2"), width));
        specs.extend(linear_specs(&format!("{block}.feed.in"), width, 4 * width));
        specs.extend(linear_specs(&format!("{block}.feed.out"), 4 * width, width));
    }
    specs.extend(norm_specs("head.norm", width));
    specs.extend(linear_specs("head.output", width, vocab));
    specs
}

/// `inputs` is `[samples, tokens]`, the result `[samples * tokens, vocab]`.
pub(super) fn scores(parameters: &Named<'_>, shape: &Shape, inputs: &Tensor) -> Result<Tensor, TchError> {
    let (_, tokens) = inputs.size2()?;
    let positions = parameters.get("embedding.position")?.f_narrow(0, 0, tokens)?;
    let embedded = Tensor::f_embedding(&parameters.get("embedding.token")?, inputs, -1, false, false)?;
    let mut stream = parameters.drop_out(0, embedded.f_add(&positions)?)?;
    let future = Tensor::f_ones([tokens, tokens], (Kind::Bool, inputs.device()))?.f_triu(1)?;
    for layer in 0..shape.layers {
        let block = block_name(layer);
        let normed = norm(parameters, &format!("{block}.norm1"), &stream, shape)?;
        let mixed = attention(parameters, &block, &normed, shape, &future)?;
        stream = stream.f_add(&parameters.drop_out(1 + 2 * layer, mixed)?)?;
        let normed = norm(parameters, &format!("{block}.norm2"), &stream, shape)?;
        let inner = parameters.linear(&format!("{block}.feed.in"), &normed)?.f_relu()?;
        let fed = parameters.linear(&format!("{block}.feed.out"), &inner)?;
        stream = stream.f_add(&parameters.drop_out(2 + 2 * layer, fed)?)?;
    }
    let normed = norm(parameters, "head.norm", &stream, shape)?;
    parameters.linear("head.output", &normed)?.f_reshape([-1, shape.vocab])
}

/// Scale and shift apart from the normalisation: in one kernel their gradients depend on the number of threads.
fn norm(parameters: &Named<'_>, name: &str, inputs: &Tensor, shape: &Shape) -> Result<Tensor, TchError> {
    inputs
        .f_layer_norm::<Tensor>([shape.width], None, None, 1e-5, false)?
        .f_mul(&parameters.get(&format!("{name}.weight"))?)?
        .f_add(&parameters.get(&format!("{name}.bias"))?)
}

fn attention(
    parameters: &Named<'_>,
    block: &str,
    inputs: &Tensor,
    shape: &Shape,
    future: &Tensor,
) -> Result<Tensor, TchError> {
    let (samples, tokens, _) = inputs.size3()?;
    let head_width = shape.width / shape.heads;
    let projected = parameters.linear(&format!("{block}.attention.in"), inputs)?;
    let parts = projected.f_reshape([samples, tokens, 3, shape.heads, head_width])?.f_permute([2, 0, 3, 1, 4])?;
    let (queries, keys, values) = (parts.f_select(0, 0)?, parts.f_select(0, 1)?, parts.f_select(0, 2)?);
    // IEEE square root of a constant: the same on every machine
    let scale = 1.0 / (head_width as f64).sqrt();
    let weights = queries
        .f_matmul(&keys.f_transpose(-2, -1)?)?
        .f_mul_scalar(scale)?
        .f_masked_fill(future, f64::NEG_INFINITY)?
        .f_softmax(-1, Kind::Float)?;
    let mixed = weights.f_matmul(&values)?.f_transpose(1, 2)?.f_reshape([samples, tokens, shape.width])?;
    parameters.linear(&format!("{block}.attention.out"), &mixed)
}

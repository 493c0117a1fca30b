//! A decoder-only transformer: learned positions, normalisation before each part, ReLU in the feed-forward part.

use super::{Init, Named, ParameterSpec, linear_specs, norm_specs};
use tch::{TchError, Tensor};

const EMBEDDING: Init = Init::Uniform { bound: 0.0625 };

pub(super) struct Shape {
    pub(super) width: i64,
    pub(super) heads: i64,
    pub(super) layers: u32,
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

/// `inputs` is `[samples, tokens]`, the result `[samples * tokens, vocab]`. Between them everything is `[samples * tokens, width]`:
/// what a fully connected layer gives is then no view, and can be changed in place at no cost.
pub(super) fn scores(parameters: &Named<'_>, shape: &Shape, inputs: &Tensor) -> Result<Tensor, TchError> {
    let (samples, tokens) = inputs.size2()?;
    let positions = parameters.get("embedding.position")?.f_narrow(0, 0, tokens)?;
    let embedded = Tensor::f_embedding(&parameters.get("embedding.token")?, inputs, -1, false, false)?;
    let embedded = embedded.f_add(&positions)?.f_reshape([samples * tokens, shape.width])?;
    let mut stream = parameters.drop_out(0, embedded)?;
    for layer in 0..shape.layers {
        let block = block_name(layer);
        let normed = norm(parameters, &format!("{block}.norm1"), &stream, shape)?;
        let mixed = attention(parameters, &block, &normed, shape, [samples, tokens])?;
        stream = parameters.drop_out(1 + 2 * layer, mixed)?.f_add_(&stream)?;
        let normed = norm(parameters, &format!("{block}.norm2"), &stream, shape)?;
        let inner = parameters.linear(&format!("{block}.feed.in"), &normed)?.f_relu_()?;
        let fed = parameters.linear(&format!("{block}.feed.out"), &inner)?;
        stream = parameters.drop_out(2 + 2 * layer, fed)?.f_add_(&stream)?;
    }
    let normed = norm(parameters, "head.norm", &stream, shape)?;
    parameters.linear("head.output", &normed)
}

fn norm(parameters: &Named<'_>, name: &str, inputs: &Tensor, shape: &Shape) -> Result<Tensor, TchError> {
    let (weight, bias) = (parameters.get(&format!("{name}.weight"))?, parameters.get(&format!("{name}.bias"))?);
    inputs.f_layer_norm([shape.width], Some(&weight), Some(&bias), 1e-5, false)
}

fn attention(
    parameters: &Named<'_>,
    block: &str,
    inputs: &Tensor,
    shape: &Shape,
    [samples, tokens]: [i64; 2],
) -> Result<Tensor, TchError> {
    let head_width = shape.width / shape.heads;
    let projected = parameters.linear(&format!("{block}.attention.in"), inputs)?;
    let heads = projected
        .f_chunk(3, -1)?
        .iter()
        .map(|part| part.f_reshape([samples, tokens, shape.heads, head_width])?.f_transpose(1, 2))
        .collect::<Result<Vec<_>, _>>()?;
    let mixed = Tensor::f_scaled_dot_product_attention::<Tensor>(
        &heads[0], &heads[1], &heads[2], None, 0.0, true, None, false,
    )?;
    let mixed = mixed.f_transpose(1, 2)?.f_reshape([samples * tokens, shape.width])?;
    parameters.linear(&format!("{block}.attention.out"), &mixed)
}

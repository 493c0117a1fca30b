//! One small computation for each operator, forward and backward, whose hash is known: what the self-test compares, and what
//! showed which of libtorch's kernels depend on processor or threads (docs/numerics.md).
//!
//! Sizes are above those at which libtorch shares work among threads, and no multiples of a vector register.

mod attention_and_norms;
mod elementwise;
mod places;
mod products;
mod sums;

use protocol::digest::{Digest, tagged};
use protocol::philox::{Purpose, Stream};
use tch::{Kind, TchError, Tensor};

/// A case that libtorch or the profile refuses.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {source}")]
pub struct OperatorError {
    name: &'static str,
    source: TchError,
}

/// A computation on made-up inputs.
pub(crate) struct Case {
    /// Name in the table of golden hashes: the operator's, and what is special about the case.
    name: &'static str,
    /// Shapes and ranges of the inputs; all have derivatives.
    inputs: Vec<Input>,
    compute: Compute,
}

type Compute = Box<dyn Fn(&[Tensor]) -> Result<Tensor, TchError>>;

/// Made-up numbers of `shape`, evenly spread between two bounds.
#[derive(Clone)]
struct Input {
    shape: Vec<i64>,
    low: f32,
    high: f32,
}

/// Numbers between -2 and 2.
fn any(shape: &[i64]) -> Input {
    between(shape, -2.0, 2.0)
}

fn between(shape: &[i64], low: f32, high: f32) -> Input {
    Input { shape: shape.to_vec(), low, high }
}

fn case(
    name: &'static str,
    inputs: &[Input],
    compute: impl Fn(&[Tensor]) -> Result<Tensor, TchError> + 'static,
) -> Case {
    Case { name, inputs: inputs.to_vec(), compute: Box::new(compute) }
}

/// Made-up numbers; the same for the same `id` and shape.
fn numbers(id: u32, input: &Input) -> Result<Tensor, TchError> {
    let mut stream = Stream::new(21, Purpose::Synthetic, id);
    let count = input.shape.iter().product::<i64>() as usize;
    let width = input.high - input.low;
    let values: Vec<f32> = (0..count).map(|_| input.low + stream.unit_f32() * width).collect();
    Tensor::f_from_slice(&values)?.f_reshape(&input.shape)
}

/// Made-up places below `bound`, with repetitions.
fn places(id: u32, shape: &[i64], bound: u32) -> Result<Tensor, TchError> {
    let mut stream = Stream::new(22, Purpose::Synthetic, id);
    let count = shape.iter().product::<i64>() as usize;
    let values: Vec<i64> = (0..count).map(|_| stream.below(bound).into()).collect();
    Tensor::f_from_slice(&values)?.f_reshape(shape)
}

/// The bytes of a tensor of numbers.
fn bytes(tensor: &Tensor) -> Result<Vec<u8>, TchError> {
    let flat = tensor.f_detach()?.f_to_kind(Kind::Float)?.f_contiguous()?.f_reshape([-1])?;
    let mut values = vec![0.0f32; flat.numel()];
    let count = values.len();
    flat.f_copy_data(&mut values, count)?;
    Ok(values.into_iter().flat_map(|value| value.to_bits().to_le_bytes()).collect())
}

impl Case {
    /// Hash over the result and the gradients of all inputs.
    fn hash(&self) -> Result<Digest, OperatorError> {
        self.compute_hash().map_err(|source| OperatorError { name: self.name, source })
    }

    fn compute_hash(&self) -> Result<Digest, TchError> {
        let inputs = (0..)
            .zip(&self.inputs)
            .map(|(id, input)| numbers(id, input)?.f_requires_grad_(true))
            .collect::<Result<Vec<_>, _>>()?;
        let result = (self.compute)(&inputs)?;
        let mut parts = vec![bytes(&result)?];
        if result.requires_grad() {
            // every element of the result counts with a factor of its own
            let shape = result.size();
            let factors = numbers(100, &any(&shape))?;
            result.f_mul(&factors)?.f_sum(Kind::Float)?.f_backward()?;
            for input in &inputs {
                let gradient = input.f_grad()?;
                if gradient.defined() {
                    parts.push(bytes(&gradient)?);
                }
            }
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Ok(tagged(b"aixblock/operator/v1", &parts))
    }
}

/// Hash and name of every case, in the order of names.
pub fn hashes() -> Vec<Result<(Digest, &'static str), OperatorError>> {
    let mut cases: Vec<Case> =
        [products::cases(), elementwise::cases(), sums::cases(), attention_and_norms::cases(), places::cases()]
            .into_iter()
            .flatten()
            .collect();
    cases.sort_by_key(|case| case.name);
    cases.iter().map(|case| Ok((case.hash()?, case.name))).collect()
}

//! Weights as a safetensors file.

use super::ParameterSpec;
use crate::state::Values;
use safetensors::tensor::{Dtype, SafeTensors};

/// Why a file does not hold a model's weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file is not safetensors.
    #[error("the weights are no safetensors file: {0}")]
    Format(#[from] safetensors::SafeTensorError),
    /// A parameter is not in the file.
    #[error("the weights have no tensor {0}, which the model needs")]
    Missing(String),
    /// A tensor that no parameter has.
    #[error("the weights have a tensor {0}, which the model does not know")]
    Unknown(String),
    /// A tensor has another kind or shape.
    #[error("tensor {name} of the weights is {found}, the model needs F32 {expected:?}")]
    Shape {
        /// Name of the tensor.
        name: String,
        /// Kind and shape in the file.
        found: String,
        /// Shape that the model needs.
        expected: Vec<i64>,
    },
}

/// The values of `spec` in `file`, where they are stored under `name`.
pub(crate) fn read_one(file: &SafeTensors<'_>, spec: &ParameterSpec, name: &str) -> Result<Vec<f32>, WeightsError> {
    let tensor = file.tensor(name).map_err(|_| WeightsError::Missing(name.to_owned()))?;
    let same_shape = tensor.shape().iter().map(|&size| size as i64).eq(spec.shape.iter().copied());
    if tensor.dtype() != Dtype::F32 || !same_shape {
        let found = format!("{:?} {:?}", tensor.dtype(), tensor.shape());
        return Err(WeightsError::Shape { name: name.to_owned(), found, expected: spec.shape.clone() });
    }
    let (values, _) = tensor.data().as_chunks::<4>();
    Ok(values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// The values of every parameter of `specs`, and of nothing else.
pub fn read(bytes: &[u8], specs: &[ParameterSpec]) -> Result<Values, WeightsError> {
    let file = SafeTensors::deserialize(bytes)?;
    let unknown = |name: &&str| specs.binary_search_by(|spec| spec.name.as_str().cmp(name)).is_err();
    if let Some(name) = file.names().into_iter().filter(unknown).min() {
        return Err(WeightsError::Unknown(name.to_owned()));
    }
    specs.iter().map(|spec| read_one(&file, spec, &spec.name)).collect()
}

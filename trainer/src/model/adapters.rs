//! Low-rank adapters: frozen weights, of which some get a product of two small trained matrices added.

use super::{Init, ParameterSpec, fan_in_bound};
use crate::state::Values;
use protocol::manifest::Lora;
use std::collections::BTreeMap;
use tch::{Device, TchError, Tensor};

/// Why a model cannot be adapted.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// A target that fits no layer.
    #[error("start.lora.targets names {0}, the model has no layer of that name with a weight of two dimensions")]
    NoSuchLayer(String),
    /// The rank is larger than the matrix.
    #[error(
        "start.lora.rank is {rank}, {layer} has a weight of {outputs} x {inputs}: choose at most the smaller number"
    )]
    RankTooLarge {
        /// The layer.
        layer: String,
        /// The rank asked for.
        rank: u32,
        /// Rows of its weight.
        outputs: i64,
        /// Columns of its weight.
        inputs: i64,
    },
    /// libtorch refused the values.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
}

/// Frozen weights and which of them are adapted.
#[derive(Debug)]
pub struct Adapters {
    lora: Lora,
    frozen: BTreeMap<String, Tensor>,
    layers: Vec<String>,
}

/// Names of the two matrices of a layer, as the Python library peft has them.
fn names(layer: &str) -> [String; 2] {
    [format!("{layer}.lora_A.weight"), format!("{layer}.lora_B.weight")]
}

fn layer_of(weight: &str) -> Option<&str> {
    weight.strip_suffix(".weight")
}

impl Adapters {
    /// Adapters of the layers that `lora` names, over weights of these specifications and values; and the specifications of
    /// what is trained, in ascending order of names.
    pub(super) fn new(
        lora: &Lora,
        specs: &[ParameterSpec],
        values: &Values,
    ) -> Result<(Self, Vec<ParameterSpec>), AdapterError> {
        let matrices = || specs.iter().filter(|spec| spec.shape.len() == 2);
        let layers_of = |target: &str| -> Vec<(&str, &ParameterSpec)> {
            let one = Lora { targets: vec![target.to_owned()], ..lora.clone() };
            matrices()
                .filter_map(|spec| layer_of(&spec.name).filter(|layer| one.adapts(layer)).map(|layer| (layer, spec)))
                .collect()
        };
        let (mut layers, mut trained) = (Vec::new(), Vec::new());
        for target in &lora.targets {
            let found = layers_of(target);
            if found.is_empty() {
                return Err(AdapterError::NoSuchLayer(target.clone()));
            }
            for (layer, spec) in found {
                let [outputs, inputs] = [spec.shape[0], spec.shape[1]];
                if i64::from(lora.rank) > outputs.min(inputs) {
                    let (layer, rank) = (layer.to_owned(), lora.rank);
                    return Err(AdapterError::RankTooLarge { layer, rank, outputs, inputs });
                }
                if !layers.iter().any(|known| known == layer) {
                    let [a, b] = names(layer);
                    let rank = i64::from(lora.rank);
                    trained.push(ParameterSpec {
                        name: a,
                        shape: vec![rank, inputs],
                        init: fan_in_bound(inputs as u32),
                    });
                    // the product starts as 0, so that the first step sees the model as it was given
                    trained.push(ParameterSpec { name: b, shape: vec![outputs, rank], init: Init::Zeros });
                    layers.push(layer.to_owned());
                }
            }
        }
        trained.sort_by(|left, right| left.name.cmp(&right.name));
        let frozen = specs
            .iter()
            .zip(values)
            .map(|(spec, values)| Ok((spec.name.clone(), Tensor::f_from_slice(values)?.f_reshape(&spec.shape)?)))
            .collect::<Result<_, TchError>>()?;
        Ok((Self { lora: lora.clone(), frozen, layers }, trained))
    }

    /// Moves the frozen weights to `device`.
    pub(super) fn move_to(&mut self, device: Device) -> Result<(), TchError> {
        for weight in self.frozen.values_mut() {
            *weight = weight.f_to(device)?;
        }
        Ok(())
    }

    /// What the manifest says about the adapters.
    #[must_use]
    pub fn lora(&self) -> &Lora {
        &self.lora
    }

    /// Names of all weights, in ascending order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.frozen.keys().map(String::as_str)
    }

    /// The weight `name` with its adapter added, where it has one: W + alpha / rank B A, each operation rounded. `trained`
    /// gives the adapters' matrices by name.
    pub fn weight<'a>(
        &self,
        name: &str,
        trained: impl Fn(&str) -> Option<&'a Tensor>,
    ) -> Result<Option<Tensor>, TchError> {
        let Some(weight) = self.frozen.get(name) else { return Ok(None) };
        let Some(layer) = layer_of(name).filter(|layer| self.layers.iter().any(|adapted| adapted == layer)) else {
            return Ok(Some(weight.shallow_clone()));
        };
        let [a, b] = names(layer);
        let (Some(a), Some(b)) = (trained(&a), trained(&b)) else { return Ok(None) };
        let scale = self.lora.alpha / f64::from(self.lora.rank);
        Ok(Some(weight.f_add(&b.f_mm(a)?.f_mul_scalar(scale)?)?))
    }
}

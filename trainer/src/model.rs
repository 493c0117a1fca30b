//! The models that a manifest can name. A model is a list of parameter specifications and a forward pass over them; all
//! operations are ones whose bits do not depend on the number of threads.

mod mlp;
mod transformer;

use protocol::manifest::Model;
use protocol::philox::{Purpose, Stream};
use tch::{Reduction, TchError, Tensor};

/// Name, shape and initial values of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSpec {
    /// Unique name; parameters are always in ascending order of names.
    pub name: String,
    /// Shape, row-major.
    pub shape: Vec<i64>,
    /// How it starts.
    pub init: Init,
}

/// How a parameter starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// Evenly spread over `[-bound, bound)`.
    Uniform {
        /// Half the width of the interval.
        bound: f32,
    },
    /// All zero.
    Zeros,
    /// All one.
    Ones,
}

impl ParameterSpec {
    fn new(name: impl Into<String>, shape: &[u32], init: Init) -> Self {
        Self { name: name.into(), shape: shape.iter().map(|&size| size.into()).collect(), init }
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product::<i64>() as usize
    }

    /// Whether the parameter has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Initial values under `seed`, for the parameter at `place` in name order.
    #[must_use]
    pub fn initial_values(&self, seed: u64, place: u32) -> Vec<f32> {
        match self.init {
            Init::Zeros => vec![0.0; self.len()],
            Init::Ones => vec![1.0; self.len()],
            Init::Uniform { bound } => {
                let mut stream = Stream::new(seed, Purpose::Weights, place);
                // 2u - 1 is exact, so the product rounds once
                (0..self.len()).map(|_| (2.0 * stream.unit_f32() - 1.0) * bound).collect()
            }
        }
    }
}

/// Bound of the usual uniform initialisation of a layer with so many inputs: one over their root.
fn fan_in_bound(inputs: u32) -> Init {
    Init::Uniform { bound: 1.0 / (inputs as f32).sqrt() }
}

/// A model ready to run: its parameters' specifications and its forward pass.
#[derive(Debug)]
pub struct Network {
    model: Model,
    specs: Vec<ParameterSpec>,
}

impl Network {
    /// The network of `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut specs = match model {
            Model::Mlp { inputs, hidden, classes } => mlp::specs(*inputs, hidden, *classes),
            Model::Transformer { vocab, context, width, layers, .. } => {
                transformer::specs(*vocab, *context, *width, *layers)
            }
        };
        specs.sort_by(|left, right| left.name.cmp(&right.name));
        Self { model: model.clone(), specs }
    }

    /// Specifications of the parameters, in ascending order of names.
    #[must_use]
    pub fn specs(&self) -> &[ParameterSpec] {
        &self.specs
    }

    /// Scores of every class: shape `[predictions, classes]`. `parameters` are in the order of [`Network::specs`].
    pub fn scores(&self, parameters: &[Tensor], inputs: &Tensor) -> Result<Tensor, TchError> {
        let named = Named { specs: &self.specs, parameters };
        match &self.model {
            Model::Mlp { hidden, .. } => mlp::scores(&named, hidden.len(), inputs),
            Model::Transformer { width, heads, layers, vocab, .. } => {
                let shape = transformer::Shape {
                    width: (*width).into(),
                    heads: (*heads).into(),
                    layers: *layers,
                    vocab: (*vocab).into(),
                };
                transformer::scores(&named, &shape, inputs)
            }
        }
    }

    /// Mean cross-entropy of the predictions.
    pub fn loss(&self, parameters: &[Tensor], inputs: &Tensor, targets: &Tensor) -> Result<Tensor, TchError> {
        self.scores(parameters, inputs)?.f_cross_entropy_loss::<Tensor>(targets, None, Reduction::Mean, -100, 0.0)
    }
}

/// Parameters by name.
struct Named<'a> {
    specs: &'a [ParameterSpec],
    parameters: &'a [Tensor],
}

impl Named<'_> {
    fn get(&self, name: &str) -> Result<&Tensor, TchError> {
        let place = self.specs.binary_search_by(|spec| spec.name.as_str().cmp(name)).ok();
        place
            .and_then(|place| self.parameters.get(place))
            .ok_or_else(|| TchError::Torch(format!("the model has no parameter {name}")))
    }

    /// Fully connected layer `name`.
    fn linear(&self, name: &str, inputs: &Tensor) -> Result<Tensor, TchError> {
        inputs.f_linear(self.get(&format!("{name}.weight"))?, Some(self.get(&format!("{name}.bias"))?))
    }
}

/// Specifications of a fully connected layer.
fn linear_specs(name: &str, inputs: u32, outputs: u32) -> [ParameterSpec; 2] {
    [
        ParameterSpec::new(format!("{name}.weight"), &[outputs, inputs], fan_in_bound(inputs)),
        ParameterSpec::new(format!("{name}.bias"), &[outputs], Init::Zeros),
    ]
}

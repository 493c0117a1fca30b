//! The models that a manifest can name. A model is a list of parameter specifications and a forward pass over them; all
//! operations are ones whose bits do not depend on the number of threads.

pub mod adapters;
mod mlp;
mod residual_cnn;
pub mod script_module;
mod transformer;
pub mod weights;

use crate::files::Files;
use crate::state::Values;
use adapters::{AdapterError, Adapters};
use protocol::dropout::{Place, fill_mask};
use protocol::manifest::{Lora, Manifest, Model};
use protocol::philox::{Purpose, Stream};
use script_module::{ScriptError, ScriptModule};
use tch::{Device, Kind, Reduction, TchError, Tensor};
use weights::WeightsError;

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

/// What a forward pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Nothing is dropped.
    Evaluation,
    /// Values are dropped by what these numbers give.
    Training {
        /// The job's seed.
        seed: u64,
        /// The step, from 0.
        step: u32,
        /// The virtual rank.
        virtual_rank: u32,
        /// Which part of the virtual rank's batch.
        micro_batch: u32,
    },
}

/// A model ready to run: its parameters' specifications and its forward pass.
#[derive(Debug)]
pub struct Network {
    model: Model,
    specs: Vec<ParameterSpec>,
    /// Values that the parameters start from; those of the seed where there are none.
    start: Option<Values>,
    /// Weights that stay as they are, under adapters.
    adapters: Option<Adapters>,
    /// The module of a model that somebody brought.
    module: Option<ScriptModule>,
}

/// Why a manifest's model cannot be made ready.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum NetworkError {
    #[error(transparent)]
    Script(#[from] ScriptError),
    #[error("start.weights do not fit: {0}")]
    Weights(#[from] WeightsError),
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    #[error("a file that the manifest names was not fetched")]
    NoFile,
}

impl Network {
    /// The network that `manifest` asks for, of the files that it names.
    pub fn load(manifest: &Manifest, files: &Files) -> Result<Self, NetworkError> {
        let network = match &manifest.model {
            Model::TorchScript { .. } => {
                Self::scripted(&manifest.model, files.module.as_ref().ok_or(NetworkError::NoFile)?)?
            }
            model => Self::new(model),
        };
        let Some(start) = &manifest.start else { return Ok(network) };
        let values = weights::read(files.start.as_ref().ok_or(NetworkError::NoFile)?, &network.specs)?;
        Ok(match &start.lora {
            None => network.starting_from(values),
            Some(lora) => network.adapted(lora, &values)?,
        })
    }

    fn scripted(model: &Model, file: &[u8]) -> Result<Self, ScriptError> {
        let (module, specs, values) = ScriptModule::load(file)?;
        Ok(Self { model: model.clone(), specs, start: Some(values), adapters: None, module: Some(module) })
    }

    /// The network of `model`, which is one of the models of this trainer; a model of another kind has no parameters.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut specs = match model {
            Model::Mlp { inputs, hidden, classes, .. } => mlp::specs(*inputs, hidden, *classes),
            Model::ResidualCnn { channels, stages, blocks, classes, .. } => {
                residual_cnn::specs(*channels, stages, *blocks, *classes)
            }
            Model::Transformer { vocab, context, width, layers, .. } => {
                transformer::specs(*vocab, *context, *width, *layers)
            }
            Model::TorchScript { .. } => Vec::new(),
        };
        specs.sort_by(|left, right| left.name.cmp(&right.name));
        Self { model: model.clone(), specs, start: None, adapters: None, module: None }
    }

    /// The same network, starting from `values`, in the order of [`Network::specs`].
    #[must_use]
    pub fn starting_from(self, values: Values) -> Self {
        Self { start: Some(values), ..self }
    }

    /// The same network with its weights frozen at `values`, in the order of [`Network::specs`], and adapters to be trained.
    pub fn adapted(self, lora: &Lora, values: &Values) -> Result<Self, AdapterError> {
        let (adapters, specs) = Adapters::new(lora, &self.specs, values)?;
        Ok(Self { specs, start: None, adapters: Some(adapters), ..self })
    }

    /// Moves what the network holds besides its parameters to CUDA device `index`.
    pub fn move_to_cuda(&mut self, index: usize) -> Result<(), TchError> {
        if let Some(adapters) = &mut self.adapters {
            adapters.move_to(Device::Cuda(index))?;
        }
        match &self.module {
            Some(module) => module.move_to_cuda(index).map_err(|error| TchError::Torch(error.to_string())),
            None => Ok(()),
        }
    }

    /// Specifications of the parameters that are trained, in ascending order of names.
    #[must_use]
    pub fn specs(&self) -> &[ParameterSpec] {
        &self.specs
    }

    /// The frozen weights and their adapters, where there are any.
    #[must_use]
    pub fn adapters(&self) -> Option<&Adapters> {
        self.adapters.as_ref()
    }

    /// Values before the first step.
    #[must_use]
    pub fn initial_values(&self, seed: u64) -> Values {
        match &self.start {
            Some(values) => values.clone(),
            None => (0..).zip(&self.specs).map(|(place, spec)| spec.initial_values(seed, place)).collect(),
        }
    }

    /// Every weight of the model by name, in ascending order, with the products of adapters added. `parameters` are in the order
    /// of [`Network::specs`].
    pub fn weights(&self, parameters: &[Tensor]) -> Result<Vec<(String, Tensor)>, TchError> {
        let all = self.named(parameters, Pass::Evaluation).all()?;
        let names: Vec<String> = match &self.adapters {
            Some(adapters) => adapters.names().map(str::to_owned).collect(),
            None => self.specs.iter().map(|spec| spec.name.clone()).collect(),
        };
        Ok(names.into_iter().zip(all).collect())
    }

    fn named<'a>(&'a self, parameters: &'a [Tensor], pass: Pass) -> Named<'a> {
        Named { specs: &self.specs, parameters, adapters: self.adapters.as_ref(), dropout: self.model.dropout(), pass }
    }

    /// Scores of every class: shape `[predictions, classes]`. `parameters` are in the order of [`Network::specs`].
    pub fn scores(&self, parameters: &[Tensor], inputs: &Tensor, pass: Pass) -> Result<Tensor, TchError> {
        let named = self.named(parameters, pass);
        match &self.model {
            Model::Mlp { hidden, .. } => mlp::scores(&named, hidden.len(), inputs),
            Model::ResidualCnn { channels, height, width, stages, blocks, groups, .. } => {
                let image = [*channels, *height, *width].map(i64::from);
                let shape = residual_cnn::Shape { image, stages, blocks: *blocks, groups: (*groups).into() };
                residual_cnn::scores(&named, &shape, inputs)
            }
            Model::Transformer { width, heads, layers, .. } => {
                let shape = transformer::Shape { width: (*width).into(), heads: (*heads).into(), layers: *layers };
                transformer::scores(&named, &shape, inputs)
            }
            Model::TorchScript { input, classes, .. } => {
                let module =
                    self.module.as_ref().ok_or_else(|| TchError::Torch("the module was not loaded".to_owned()))?;
                let parameters = named.all()?;
                scripted_scores(module, &parameters, inputs, input, *classes, pass != Pass::Evaluation)
            }
        }
    }

    /// Mean cross-entropy of the predictions.
    pub fn loss(
        &self,
        parameters: &[Tensor],
        inputs: &Tensor,
        targets: &Tensor,
        pass: Pass,
    ) -> Result<Tensor, TchError> {
        self.scores(parameters, inputs, pass)?.f_cross_entropy_loss::<Tensor>(targets, None, Reduction::Mean, -100, 0.0)
    }
}

/// Scores of a module, as `[predictions, classes]`: one prediction for each image, or for each token of text.
fn scripted_scores(
    module: &ScriptModule,
    parameters: &[Tensor],
    inputs: &Tensor,
    sample: &[u32],
    classes: u32,
    training: bool,
) -> Result<Tensor, TchError> {
    let shape: Vec<i64> = [-1].into_iter().chain(sample.iter().map(|&size| size.into())).collect();
    let inputs = inputs.f_reshape(&shape)?;
    let predictions = if inputs.kind() == Kind::Int64 { inputs.numel() as i64 } else { inputs.size()[0] };
    let scores = module.forward(parameters, &inputs, training)?;
    let (found, classes) = (scores.size(), i64::from(classes));
    if found.last() != Some(&classes) || scores.numel() as i64 != predictions * classes {
        let input = inputs.size();
        return Err(TchError::Torch(format!(
            "for inputs {input:?} forward returns scores {found:?}, {predictions} predictions of {classes} classes are expected"
        )));
    }
    scores.f_reshape([-1, classes])
}

/// Parameters by name.
struct Named<'a> {
    specs: &'a [ParameterSpec],
    parameters: &'a [Tensor],
    adapters: Option<&'a Adapters>,
    dropout: f64,
    pass: Pass,
}

impl Named<'_> {
    fn trained(&self, name: &str) -> Option<&Tensor> {
        let place = self.specs.binary_search_by(|spec| spec.name.as_str().cmp(name)).ok();
        place.and_then(|place| self.parameters.get(place))
    }

    /// Every parameter of the model, in ascending order of names.
    fn all(&self) -> Result<Vec<Tensor>, TchError> {
        match self.adapters {
            Some(adapters) => adapters.names().map(|name| self.get(name)).collect(),
            None => Ok(self.parameters.iter().map(Tensor::shallow_clone).collect()),
        }
    }

    fn get(&self, name: &str) -> Result<Tensor, TchError> {
        let found = match self.adapters {
            Some(adapters) => adapters.weight(name, |name| self.trained(name))?,
            None => self.trained(name).map(Tensor::shallow_clone),
        };
        found.ok_or_else(|| TchError::Torch(format!("the model has no parameter {name}")))
    }

    /// Fully connected layer `name`.
    fn linear(&self, name: &str, inputs: &Tensor) -> Result<Tensor, TchError> {
        inputs.f_linear(&self.get(&format!("{name}.weight"))?, Some(&self.get(&format!("{name}.bias"))?))
    }

    /// `values` with a share of them dropped, in training; `layer` numbers the model's places of dropout.
    fn drop_out(&self, layer: u32, values: Tensor) -> Result<Tensor, TchError> {
        let Pass::Training { seed, step, virtual_rank, micro_batch } = self.pass else { return Ok(values) };
        if self.dropout == 0.0 {
            return Ok(values);
        }
        let mut mask = vec![0.0f32; values.numel()];
        fill_mask(seed, Place { step, virtual_rank, micro_batch, layer }, self.dropout, &mut mask);
        let mask = Tensor::f_from_slice(&mask)?.f_reshape(values.size())?;
        match values.device() {
            Device::Cpu => values.f_mul(&mask),
            device => values.f_mul(&mask.f_to(device)?),
        }
    }
}

/// Specifications of a fully connected layer.
fn linear_specs(name: &str, inputs: u32, outputs: u32) -> [ParameterSpec; 2] {
    [
        ParameterSpec::new(format!("{name}.weight"), &[outputs, inputs], fan_in_bound(inputs)),
        ParameterSpec::new(format!("{name}.bias"), &[outputs], Init::Zeros),
    ]
}

/// Specifications of a normalisation's scale and shift.
fn norm_specs(name: &str, width: u32) -> [ParameterSpec; 2] {
    [
        ParameterSpec::new(format!("{name}.weight"), &[width], Init::Ones),
        ParameterSpec::new(format!("{name}.bias"), &[width], Init::Zeros),
    ]
}

//! What a manifest can train, and from which weights.

use crate::digest::Digest;
use serde::{Deserialize, Serialize};

/// What is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Model {
    /// Fully connected layers with ReLU between them; classifies vectors.
    Mlp {
        /// Length of an input vector.
        inputs: u32,
        /// Widths of the hidden layers, from the input on.
        hidden: Vec<u32>,
        /// Number of classes.
        classes: u32,
        /// Share of the values after each ReLU that training drops.
        #[serde(default, skip_serializing_if = "is_none")]
        dropout: f64,
    },
    /// A residual network of convolutions with group normalisation (He et al., "Deep residual learning for image
    /// recognition", 2015; Wu and He, "Group normalization", 2018); classifies images.
    ResidualCnn {
        /// Channels of an image: its values are channels, then rows, then columns.
        channels: u32,
        /// Rows of an image.
        height: u32,
        /// Columns of an image.
        width: u32,
        /// Channels of each stage; every stage but the first halves height and width.
        stages: Vec<u32>,
        /// Residual blocks of each stage, of two convolutions of 3 x 3 each.
        blocks: u32,
        /// Groups of each normalisation; divides every stage's channels.
        groups: u32,
        /// Number of classes.
        classes: u32,
        /// Share of the pooled values before the last layer that training drops.
        #[serde(default, skip_serializing_if = "is_none")]
        dropout: f64,
    },
    /// A decoder-only transformer over tokens; predicts the next token.
    Transformer {
        /// Number of tokens.
        vocab: u32,
        /// Tokens that it sees at once.
        context: u32,
        /// Width of the residual stream.
        width: u32,
        /// Attention heads of a layer; divides `width`.
        heads: u32,
        /// Number of layers.
        layers: u32,
        /// Share of the embeddings, and of what each part adds to the residual stream, that training drops.
        #[serde(default, skip_serializing_if = "is_none")]
        dropout: f64,
        /// Content address of a tokenizer (`tokenizer.json`) that turns the text into tokens; its bytes where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tokenizer: Option<Digest>,
    },
    /// A module that was exported from PyTorch as TorchScript; it starts from the weights that it holds.
    #[serde(rename = "torchscript")]
    TorchScript {
        /// Content address of the module's file.
        module: Digest,
        /// Shape of one sample, without the batch: of an image's values, or the number of tokens.
        input: Vec<u32>,
        /// Number of classes, or of tokens: the last dimension of what the module returns.
        classes: u32,
        /// Content address of a tokenizer, as for a transformer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tokenizer: Option<Digest>,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(dropout: &f64) -> bool {
    *dropout == 0.0
}

impl Model {
    /// The model's name in a manifest.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mlp { .. } => "mlp",
            Self::ResidualCnn { .. } => "residual-cnn",
            Self::Transformer { .. } => "transformer",
            Self::TorchScript { .. } => "torchscript",
        }
    }

    /// Share of values that training drops.
    #[must_use]
    pub fn dropout(&self) -> f64 {
        match self {
            Self::Mlp { dropout, .. } | Self::ResidualCnn { dropout, .. } | Self::Transformer { dropout, .. } => {
                *dropout
            }
            Self::TorchScript { .. } => 0.0,
        }
    }

    /// Content address of the module that is trained.
    #[must_use]
    pub fn module(&self) -> Option<Digest> {
        match self {
            Self::TorchScript { module, .. } => Some(*module),
            Self::Mlp { .. } | Self::ResidualCnn { .. } | Self::Transformer { .. } => None,
        }
    }

    /// Content address of the tokenizer that turns text into tokens.
    #[must_use]
    pub fn tokenizer(&self) -> Option<Digest> {
        match self {
            Self::Transformer { tokenizer, .. } | Self::TorchScript { tokenizer, .. } => *tokenizer,
            Self::Mlp { .. } | Self::ResidualCnn { .. } => None,
        }
    }

    /// The first field that version 1 of the format does not know, where one is used.
    pub(crate) fn beyond_version_1(&self) -> Option<&'static str> {
        match self {
            Self::ResidualCnn { .. } | Self::TorchScript { .. } => Some("model.kind"),
            Self::Transformer { tokenizer: Some(_), .. } => Some("model.tokenizer"),
            Self::Mlp { .. } | Self::Transformer { .. } => (self.dropout() != 0.0).then_some("model.dropout"),
        }
    }
}

/// Weights that training starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Content address of a safetensors file with every parameter of the model, under its name, in f32.
    pub weights: Digest,
    /// Adapters that are trained instead of the weights, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lora: Option<Lora>,
}

/// Low-rank adapters (Hu et al., "LoRA: low-rank adaptation of large language models", 2021): a layer's weight W becomes
/// W + `alpha` / `rank` B A, and only A and B are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lora {
    /// Rows of A and columns of B.
    pub rank: u32,
    /// Scale of the product, times `rank`.
    pub alpha: f64,
    /// Layers that are adapted: names, or their last parts, as `attention.in` for that layer of every block.
    pub targets: Vec<String>,
}

impl Lora {
    /// Whether `layer` is one of the targets.
    #[must_use]
    pub fn adapts(&self, layer: &str) -> bool {
        self.targets.iter().any(|target| {
            layer.strip_suffix(target.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_whole_parts_of_a_layers_name() {
        let lora = Lora { rank: 1, alpha: 1.0, targets: vec!["attention.in".into(), "head.output".into()] };
        for (layer, adapted) in [
            ("block000.attention.in", true),
            ("block000.xattention.in", false),
            ("block000.attention.inner", false),
            ("head.output", true),
            ("output", false),
        ] {
            assert_eq!(lora.adapts(layer), adapted, "{layer}");
        }
    }
}

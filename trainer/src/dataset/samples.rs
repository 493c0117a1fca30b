//! A dataset as a model sees it: numbered samples, of which some make a batch.

use super::{ChunkReader, Dataset, DatasetError};
use protocol::chunked::Layout;
use protocol::data_order::{EpochOrder, Split};
use protocol::manifest::{Dataset as Rule, HoldoutUnit, Manifest, Model};
use tch::Tensor;

/// Inputs and targets of some samples.
#[derive(Debug)]
pub struct Batch {
    /// Images and rows: f32 of shape `[samples, ..]` as the model takes them, pixels from 0 to 1. Texts: `[samples, context]`
    /// token numbers.
    pub inputs: Tensor,
    /// Class of each prediction, in the order of the model's scores.
    pub targets: Tensor,
    /// The same classes.
    pub classes: Vec<i64>,
}

/// A dataset as a model sees it.
#[derive(Debug)]
pub struct Samples {
    source: Source,
    /// Shape of one input.
    shape: Vec<i64>,
}

#[derive(Debug)]
enum Source {
    Memory(Dataset),
    Chunks(ChunkReader),
}

fn fits(what: &'static str, expected: u32, found: u32) -> Result<(), DatasetError> {
    if expected == found { Ok(()) } else { Err(DatasetError::DoesNotFitModel { what, expected, found }) }
}

const OTHER_MODEL: DatasetError = DatasetError::Inconsistent("the model is made for another kind of dataset");

/// Shape of one input of a model, after checking that it fits a dataset in chunks.
fn input_shape(layout: &Layout, model: &Model) -> Result<Vec<i64>, DatasetError> {
    match (*layout, model) {
        (Layout::Images { channels, height, width, .. }, Model::Mlp { inputs, classes, .. }) => {
            // at most a chunk's bytes
            fits("pixels in an image", *inputs, channels * height * width)?;
            fits("classes", *classes, layout.classes())?;
            Ok(vec![(*inputs).into()])
        }
        (Layout::Features { features, .. }, Model::Mlp { inputs, classes, .. }) => {
            fits("features", *inputs, features)?;
            fits("classes", *classes, layout.classes())?;
            Ok(vec![(*inputs).into()])
        }
        (Layout::Tokens { vocab: found, .. }, Model::Transformer { vocab, context, .. }) => {
            fits("different tokens", *vocab, found)?;
            Ok(vec![(*context).into()])
        }
        _ => Err(OTHER_MODEL),
    }
}

impl Samples {
    /// Checks that `dataset` fits the manifest's model.
    pub fn new(dataset: Dataset, manifest: &Manifest) -> Result<Self, DatasetError> {
        let shape = match (&dataset, &manifest.model) {
            (Dataset::Digits(digits), Model::Mlp { inputs, classes, .. }) => {
                fits("pixels in an image", *inputs, digits.features)?;
                fits("classes", *classes, digits.classes)?;
                vec![digits.features.into()]
            }
            (Dataset::Text(text), Model::Transformer { vocab, context, .. }) => {
                fits("different tokens", *vocab, text.alphabet.len() as u32)?;
                vec![(*context).into()]
            }
            _ => return Err(OTHER_MODEL),
        };
        Ok(Self { source: Source::Memory(dataset), shape })
    }

    /// Checks that a dataset in chunks is what the manifest says, and fits its model.
    pub fn of_chunks(reader: ChunkReader, manifest: &Manifest) -> Result<Self, DatasetError> {
        let layout = reader.head().layout;
        if layout.kind() != manifest.dataset.kind {
            return Err(DatasetError::Inconsistent("it is of another kind than the manifest says"));
        }
        let shape = input_shape(&layout, &manifest.model)?;
        Ok(Self { source: Source::Chunks(reader), shape })
    }

    /// The dataset's chunks, where it has some.
    #[must_use]
    pub fn chunks(&self) -> Option<&ChunkReader> {
        match &self.source {
            Source::Memory(_) => None,
            Source::Chunks(reader) => Some(reader),
        }
    }

    /// Items of one sample: 1, or the tokens of a window.
    fn items_per_sample(&self) -> u64 {
        let windows = match &self.source {
            Source::Memory(dataset) => matches!(dataset, Dataset::Text(_)),
            Source::Chunks(reader) => reader.head().layout.label_bytes() == 0,
        };
        if windows { (self.elements() as u64).max(1) } else { 1 }
    }

    /// Numbers of one input.
    fn elements(&self) -> usize {
        self.shape.iter().product::<i64>() as usize
    }

    /// Number of samples: images, rows, or windows of text that do not overlap.
    #[must_use]
    pub fn count(&self) -> u32 {
        let count = match &self.source {
            Source::Memory(Dataset::Digits(digits)) => digits.labels.len() as u64,
            // the last token is only predicted
            Source::Memory(Dataset::Text(text)) => {
                (text.tokens.len() as u64).saturating_sub(1) / self.items_per_sample()
            }
            Source::Chunks(reader) => match reader.head().layout {
                Layout::Tokens { .. } => (reader.head().items - 1) / self.items_per_sample(),
                Layout::Images { .. } | Layout::Features { .. } => reader.head().items,
            },
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Samples of a chunk, about; `None` for datasets of one blob.
    fn per_chunk(&self) -> Option<u32> {
        let items = u64::from(self.chunks()?.head().items_per_chunk);
        Some((items / self.items_per_sample()).max(1) as u32)
    }

    /// Which samples `rule` holds out.
    #[must_use]
    pub fn split(&self, rule: &Rule) -> Split {
        match (self.per_chunk(), rule.holdout_unit) {
            (None, _) => Split::listed(self.count(), &rule.holdout),
            (Some(_), HoldoutUnit::Sample) => Split::runs(self.count(), &rule.holdout, 1),
            (Some(per_chunk), HoldoutUnit::Chunk) => Split::runs(self.count(), &rule.holdout, per_chunk),
        }
    }

    /// How `rule` orders the training samples of an epoch.
    #[must_use]
    pub fn epoch_order(&self, rule: &Rule) -> EpochOrder {
        match (self.per_chunk(), rule.holdout_unit) {
            (None, _) => EpochOrder::Listed,
            (Some(per_chunk), HoldoutUnit::Chunk) => EpochOrder::cells(per_chunk, rule.mix_chunks),
            (Some(per_chunk), HoldoutUnit::Sample) => {
                let one_in = u64::from(rule.holdout.one_in.max(2));
                // what of a chunk is not held out, and so less than it has
                EpochOrder::cells((u64::from(per_chunk) * (one_in - 1) / one_in) as u32, rule.mix_chunks)
            }
        }
    }

    /// The samples of these numbers, each below [`Samples::count`].
    pub fn batch(&self, numbers: &[u32]) -> Result<Batch, DatasetError> {
        match &self.source {
            Source::Memory(Dataset::Digits(digits)) => {
                let (features, white) = (digits.features as usize, f32::from(digits.white));
                let image = |number: &u32| &digits.pixels[*number as usize * features..][..features];
                let inputs: Vec<f32> = numbers.iter().flat_map(image).map(|&pixel| f32::from(pixel) / white).collect();
                let classes = numbers.iter().map(|&number| digits.labels[number as usize].into()).collect();
                self.labelled(numbers, &inputs, classes)
            }
            Source::Memory(Dataset::Text(text)) => {
                let length = self.elements();
                let window = |number: &u32| {
                    text.tokens[*number as usize * length..][..=length].iter().map(|&token| i64::from(token))
                };
                self.windows(numbers, &numbers.iter().flat_map(window).collect::<Vec<_>>())
            }
            Source::Chunks(reader) => match reader.head().layout {
                Layout::Tokens { .. } => self.windows(numbers, &self.read_windows(reader, numbers)?),
                Layout::Images { .. } | Layout::Features { .. } => {
                    let (inputs, classes) = self.read_items(reader, numbers)?;
                    self.labelled(numbers, &inputs, classes)
                }
            },
        }
    }

    fn shape_of(&self, numbers: &[u32]) -> Vec<i64> {
        [&[numbers.len() as i64], &self.shape[..]].concat()
    }

    fn labelled(&self, numbers: &[u32], inputs: &[f32], classes: Vec<i64>) -> Result<Batch, DatasetError> {
        Ok(Batch {
            inputs: Tensor::f_from_slice(inputs)?.f_reshape(self.shape_of(numbers))?,
            targets: Tensor::f_from_slice(&classes)?,
            classes,
        })
    }

    /// `tokens` holds a window of each sample and the token after it.
    fn windows(&self, numbers: &[u32], tokens: &[i64]) -> Result<Batch, DatasetError> {
        let length = self.elements();
        let part = |from: usize| {
            tokens.chunks_exact(length + 1).flat_map(|window| &window[from..from + length]).copied().collect::<Vec<_>>()
        };
        let (inputs, classes) = (part(0), part(1));
        Ok(Batch {
            inputs: Tensor::f_from_slice(&inputs)?.f_reshape(self.shape_of(numbers))?,
            targets: Tensor::f_from_slice(&classes)?,
            classes,
        })
    }

    /// Places of `numbers` in ascending order of the numbers, so that each chunk is asked for once.
    fn in_order(numbers: &[u32]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..numbers.len()).collect();
        places.sort_unstable_by_key(|&place| numbers[place]);
        places
    }

    fn read_items(&self, reader: &ChunkReader, numbers: &[u32]) -> Result<(Vec<f32>, Vec<i64>), DatasetError> {
        let length = self.elements();
        let (mut inputs, mut classes) = (vec![0.0; numbers.len() * length], vec![0; numbers.len()]);
        for place in Self::in_order(numbers) {
            let (chunk, item) = reader.locate(numbers[place].into())?;
            let input = &mut inputs[place * length..][..length];
            if let Layout::Images { white, .. } = reader.head().layout {
                let white = f32::from(white);
                input.iter_mut().zip(chunk.pixels(item)).for_each(|(value, &pixel)| *value = f32::from(pixel) / white);
            } else {
                input.iter_mut().zip(chunk.features(item)).for_each(|(value, feature)| *value = feature);
            }
            classes[place] = chunk.label(item).into();
        }
        Ok((inputs, classes))
    }

    fn read_windows(&self, reader: &ChunkReader, numbers: &[u32]) -> Result<Vec<i64>, DatasetError> {
        let length = self.elements() + 1;
        let mut tokens = vec![0; numbers.len() * length];
        for place in Self::in_order(numbers) {
            let mut item = u64::from(numbers[place]) * self.items_per_sample();
            let mut window = &mut tokens[place * length..][..length];
            while !window.is_empty() {
                let (chunk, first) = reader.locate(item)?;
                let count = window.len().min((chunk.items() - first) as usize);
                let (part, rest) = std::mem::take(&mut window).split_at_mut(count);
                part.iter_mut().zip(first..).for_each(|(token, place)| *token = chunk.token(place).into());
                (window, item) = (rest, item + count as u64);
            }
        }
        Ok(tokens)
    }
}

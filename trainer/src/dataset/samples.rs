//! A dataset as a model sees it: numbered samples, of which some make a batch.

use super::{ChunkReader, Dataset, DatasetError, Digits, cache_bytes, fit};
use crate::files::Files;
use crate::tokenizer::Tokenizer;
use artefacts::Store;
use protocol::chunked::Layout;
use protocol::data_order::{EpochOrder, Split};
use protocol::manifest::{Dataset as Rule, HoldoutUnit, Manifest};
use tch::{Device, TchError, Tensor};

/// Inputs and targets of some samples.
#[derive(Debug)]
pub struct Batch {
    /// Images and rows: f32 of shape `[samples, values]`, pixels from 0 to 1. Texts: `[samples, context]` token numbers.
    pub inputs: Tensor,
    /// Class of each prediction, in the order of the model's scores.
    pub targets: Tensor,
    /// The same classes.
    pub classes: Vec<i64>,
}

impl Batch {
    /// The batch with its tensors on `device`; itself where that is the processor.
    pub fn on(self, device: Device) -> Result<Self, TchError> {
        if device == Device::Cpu {
            return Ok(self);
        }
        Ok(Self { inputs: self.inputs.f_to(device)?, targets: self.targets.f_to(device)?, ..self })
    }
}

/// A dataset as a model sees it.
#[derive(Debug)]
pub struct Samples {
    source: Source,
    /// Numbers of one input.
    length: u32,
}

#[derive(Debug)]
enum Source {
    Digits(Digits),
    /// The tokens of a text.
    Text(Vec<u32>),
    Chunks(Box<ChunkReader>),
}

impl Samples {
    /// The dataset of `manifest`, of which `store` has at least the root; `files` are the other files that it names.
    pub fn load(store: &Store, manifest: &Manifest, files: &Files) -> Result<Self, DatasetError> {
        let root = &manifest.dataset.root;
        if manifest.dataset.kind.is_chunked() {
            return Self::of_chunks(ChunkReader::open(store, root, cache_bytes()?)?, manifest);
        }
        let blob = store.get(root).map_err(DatasetError::Store)?;
        Self::new(Dataset::decode(manifest.dataset.kind, &blob)?, manifest, files)
    }

    /// Checks that `dataset` fits the manifest's model, and encodes a text where `files` have a tokenizer.
    pub fn new(dataset: Dataset, manifest: &Manifest, files: &Files) -> Result<Self, DatasetError> {
        let model = &manifest.model;
        Ok(match dataset {
            Dataset::Digits(digits) => {
                let length = fit::vectors("pixels in an image", digits.features, digits.classes, model)?;
                Self { source: Source::Digits(digits), length }
            }
            Dataset::Text(text) => {
                let (length, tokens) = match &files.tokenizer {
                    None => {
                        let length = fit::windows("different tokens", text.alphabet.len() as u32, model)?;
                        (length, text.tokens.iter().map(|&token| token.into()).collect())
                    }
                    Some(file) => {
                        let tokenizer = Tokenizer::read(file)?;
                        let length = fit::windows("tokens in its tokenizer", tokenizer.size(), model)?;
                        let byte = |&token: &u8| text.alphabet[usize::from(token)];
                        (length, tokenizer.encode(&text.tokens.iter().map(byte).collect::<Vec<u8>>())?)
                    }
                };
                Self { source: Source::Text(tokens), length }
            }
        })
    }

    /// Checks that a dataset in chunks is what the manifest says, and fits its model.
    pub fn of_chunks(reader: ChunkReader, manifest: &Manifest) -> Result<Self, DatasetError> {
        let layout = reader.head().layout;
        if layout.kind() != manifest.dataset.kind {
            return Err(DatasetError::Inconsistent("it is of another kind than the manifest says"));
        }
        let length = fit::of_layout(&layout, &manifest.model)?;
        Ok(Self { source: Source::Chunks(Box::new(reader)), length })
    }

    /// The dataset's chunks, where it has some.
    #[must_use]
    pub fn chunks(&self) -> Option<&ChunkReader> {
        match &self.source {
            Source::Digits(_) | Source::Text(_) => None,
            Source::Chunks(reader) => Some(reader),
        }
    }

    /// Whether a sample is a window of tokens.
    fn is_windows(&self) -> bool {
        match &self.source {
            Source::Digits(_) => false,
            Source::Text(_) => true,
            Source::Chunks(reader) => matches!(reader.head().layout, Layout::Tokens { .. }),
        }
    }

    /// Items of one sample: 1, or the tokens of a window.
    fn items_per_sample(&self) -> u64 {
        if self.is_windows() { u64::from(self.length).max(1) } else { 1 }
    }

    fn length(&self) -> usize {
        self.length as usize
    }

    /// Number of samples: images, rows, or windows of text that do not overlap.
    #[must_use]
    pub fn count(&self) -> u32 {
        let items = match &self.source {
            Source::Digits(digits) => digits.labels.len() as u64,
            Source::Text(tokens) => tokens.len() as u64,
            Source::Chunks(reader) => reader.head().items,
        };
        // the last token is only predicted
        let count = if self.is_windows() { items.saturating_sub(1) / self.items_per_sample() } else { items };
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
            Source::Digits(digits) => {
                let white = f32::from(digits.white);
                let image = |number: &u32| &digits.pixels[*number as usize * self.length()..][..self.length()];
                let inputs: Vec<f32> = numbers.iter().flat_map(image).map(|&pixel| f32::from(pixel) / white).collect();
                let classes = numbers.iter().map(|&number| digits.labels[number as usize].into()).collect();
                self.labelled(&inputs, classes)
            }
            Source::Text(tokens) => {
                let length = self.length();
                let window = |number: &u32| tokens[*number as usize * length..][..=length].iter().copied();
                self.windows(&numbers.iter().flat_map(window).map(i64::from).collect::<Vec<_>>())
            }
            Source::Chunks(reader) => match reader.head().layout {
                Layout::Tokens { .. } => self.windows(&self.read_windows(reader, numbers)?),
                Layout::Images { .. } | Layout::Features { .. } => {
                    let (inputs, classes) = self.read_items(reader, numbers)?;
                    self.labelled(&inputs, classes)
                }
            },
        }
    }

    /// Two samples that are in no dataset, of `classes` classes or tokens, so that a model can be tried without reading any.
    pub fn made_up(&self, classes: u32) -> Result<Batch, DatasetError> {
        let of = |place| if place % 2 == 0 { 0 } else { i64::from(classes) - 1 };
        if self.is_windows() {
            return self.windows(&(0..2 * (self.length() + 1)).map(of).collect::<Vec<_>>());
        }
        self.labelled(&vec![0.0; 2 * self.length()], (0..2).map(of).collect())
    }

    /// `inputs` and `classes` of whole samples, one after another.
    fn labelled(&self, inputs: &[f32], classes: Vec<i64>) -> Result<Batch, DatasetError> {
        Ok(Batch {
            inputs: Tensor::f_from_slice(inputs)?.f_reshape([-1, self.length.into()])?,
            targets: Tensor::f_from_slice(&classes)?,
            classes,
        })
    }

    /// `tokens` holds a window of each sample and the token after it.
    fn windows(&self, tokens: &[i64]) -> Result<Batch, DatasetError> {
        let length = self.length();
        let part = |from: usize| {
            tokens.chunks_exact(length + 1).flat_map(|window| &window[from..from + length]).copied().collect::<Vec<_>>()
        };
        let (inputs, classes) = (part(0), part(1));
        Ok(Batch {
            inputs: Tensor::f_from_slice(&inputs)?.f_reshape([-1, self.length.into()])?,
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
        let length = self.length();
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
        let length = self.length() + 1;
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

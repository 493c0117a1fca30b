//! What a program on the chain reads of a manifest: its shape and its optimiser. Reads the first version of the canonical form
//! and nothing else: of another it says nothing, so a job that it does not understand is convicted of nothing.

use crate::soft_float::F64;

const MAGIC: &[u8] = b"aixblock/manifest/v1\0";

/// The numbers of a manifest that decide its optimiser's arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestTerms {
    /// Virtual ranks V.
    pub virtual_ranks: u32,
    /// Steps T.
    pub steps: u32,
    /// Steps of a segment S.
    pub segment_len: u32,
    /// The optimiser.
    pub optimizer: OptimizerTerms,
}

/// AdamW's settings, see [`crate::manifest::Optimizer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptimizerTerms {
    /// Highest learning rate.
    pub lr: F64,
    /// Decay of the first moment.
    pub beta1: F64,
    /// Decay of the second moment.
    pub beta2: F64,
    /// Added to the root of the second moment.
    pub eps: F64,
    /// Share of a parameter that decays for each unit of learning rate.
    pub weight_decay: F64,
    /// How the learning rate changes.
    pub schedule: ScheduleTerms,
}

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleTerms {
    /// Steps of the rise.
    pub warmup_steps: u32,
    /// What comes after it.
    pub fall: Fall,
}

/// How the learning rate falls; `rest` is the share that is left at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fall {
    /// It stays.
    None,
    /// In a straight line.
    Linear { rest: F64 },
    /// Along half a cosine.
    Cosine { rest: F64 },
}

impl ManifestTerms {
    /// Reads a canonical manifest of version 1. `None` for any other bytes.
    #[must_use]
    #[inline(never)]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes.strip_prefix(MAGIC)?);
        if input.u32()? != 1 {
            return None;
        }
        let version_bytes = input.u64()?;
        // the name, the profile, both seeds
        input.skip(version_bytes)?;
        input.skip(1 + 8 + 8)?;
        let (virtual_ranks, _batch, steps, segment_len) = (input.u32()?, input.u32()?, input.u32()?, input.u32()?);
        match input.u8()? {
            1 => {
                input.skip(4)?;
                let hidden = input.u32()?;
                input.skip(u64::from(hidden) * 4 + 4)?;
            }
            2 => input.skip(5 * 4)?,
            _ => return None,
        }
        // the dataset's kind and root, the seed and the rule of what is held out
        input.skip(1 + 32 + 8 + 4)?;
        if input.u8()? != 1 {
            return None;
        }
        let [lr, beta1, beta2, eps, weight_decay] =
            [input.f64()?, input.f64()?, input.f64()?, input.f64()?, input.f64()?];
        let (tag, warmup_steps) = (input.u8()?, input.u32()?);
        let fall = match tag {
            1 => Fall::None,
            2 => Fall::Linear { rest: input.f64()? },
            3 => Fall::Cosine { rest: input.f64()? },
            _ => return None,
        };
        // what the result must reach
        let acceptance = input.u8()?;
        input.skip(4)?;
        let schedule = ScheduleTerms { warmup_steps, fall };
        let optimizer = OptimizerTerms { lr, beta1, beta2, eps, weight_decay, schedule };
        let whole = acceptance == 1 && input.0.is_empty();
        whole.then_some(Self { virtual_ranks, steps, segment_len, optimizer })
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn f64(&mut self) -> Option<F64> {
        self.u64().map(F64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Manifest, Optimizer, Schedule};

    const JOBS: [&str; 2] =
        [include_str!("../../trainer/jobs/digits.toml"), include_str!("../../trainer/jobs/tiny-text.toml")];

    #[test]
    fn the_terms_are_those_of_the_manifest_whatever_its_model_and_schedule() {
        for text in JOBS {
            let mut manifest = Manifest::from_toml(text).unwrap();
            let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, .. } = &manifest.optimizer;
            let bits = |value: &f64| F64(value.to_bits());
            let expected = [bits(lr), bits(beta1), bits(beta2), bits(eps), bits(weight_decay)];
            let falls = [
                (Schedule::Constant { warmup_steps: 3 }, Fall::None),
                (Schedule::Linear { warmup_steps: 3, final_ratio: 0.5 }, Fall::Linear { rest: F64(0.5f64.to_bits()) }),
                (
                    Schedule::Cosine { warmup_steps: 3, final_ratio: 0.25 },
                    Fall::Cosine { rest: F64(0.25f64.to_bits()) },
                ),
            ];
            for (schedule_form, fall) in falls {
                let Optimizer::Adamw { schedule, .. } = &mut manifest.optimizer;
                *schedule = schedule_form;
                let bytes = manifest.encode();
                let terms = ManifestTerms::read(&bytes).unwrap();
                let OptimizerTerms { lr, beta1, beta2, eps, weight_decay, schedule } = terms.optimizer;
                assert_eq!([lr, beta1, beta2, eps, weight_decay], expected);
                assert_eq!(schedule, ScheduleTerms { warmup_steps: 3, fall });
                let shape = manifest.shape();
                assert_eq!(
                    (terms.virtual_ranks, terms.steps, terms.segment_len),
                    (shape.virtual_ranks, shape.steps, shape.segment_len)
                );
                // nothing shorter or longer is read
                (0..bytes.len()).for_each(|end| assert_eq!(ManifestTerms::read(&bytes[..end]), None));
                assert_eq!(ManifestTerms::read(&[bytes, vec![0]].concat()), None);
            }
        }
    }
}

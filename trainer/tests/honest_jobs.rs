//! Random jobs, trained as ordered by any number of workers and threads, are never rejected.
//!
//! `AIXBLOCK_HONEST_JOBS` says how many (6), `AIXBLOCK_HONEST_SEED` which (1); a failure names the job by its seed.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::manifest::{
    DatasetKind, Decay, Holdout, HoldoutUnit, Manifest, Model, NumericProfile, Optimizer, Schedule,
};
use protocol::philox::{Purpose, Stream};
use protocol::report::{ReplayReport, TrainReport, Verdict};
use protocol::sampling::sampled_segments;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// What a random job is made with.
struct Dice(Stream);

impl Dice {
    fn of(seed: u64, job: u32) -> Self {
        Self(Stream::new(seed, Purpose::Synthetic, job))
    }

    /// From `low` to `high`, both possible.
    fn number(&mut self, low: u32, high: u32) -> u32 {
        low + self.0.below(high - low + 1)
    }

    fn real(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.0.unit_f32())
    }

    fn seed(&mut self) -> u64 {
        u64::from(self.0.next_u32()) << 32 | u64::from(self.0.next_u32())
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.below(choices.len() as u32) as usize]
    }

    /// `some` in one of three cases.
    fn maybe<T>(&mut self, some: T, none: T) -> T {
        if self.0.below(3) == 0 { some } else { none }
    }

    fn optimizer(&mut self, steps: u32) -> Optimizer {
        let warmup_steps = self.number(0, steps);
        let final_ratio = self.real(0.0, 1.0);
        let limit = self.real(0.01, 2.0);
        Optimizer::Adamw {
            lr: self.real(1e-4, 0.03),
            beta1: self.real(0.5, 0.95),
            beta2: self.real(0.9, 0.999),
            eps: 1e-8,
            weight_decay: self.real(0.0, 0.5),
            schedule: self.one_of(&[
                Schedule::Constant { warmup_steps },
                Schedule::Linear { warmup_steps, final_ratio },
                Schedule::Cosine { warmup_steps, final_ratio },
            ]),
            decay: self.one_of(&[Decay::All, Decay::Matrices]),
            clip_norm: self.maybe(Some(limit), None),
        }
    }

    /// A model for the data that `of` is for.
    fn model(&mut self, of: &Model) -> Model {
        let dropout = self.real(0.0, 0.5);
        let dropout = self.maybe(dropout, 0.0);
        match of {
            Model::Transformer { vocab, .. } => {
                let heads = self.number(1, 3);
                let width = heads * self.number(2, 9);
                let (context, layers) = (self.number(2, 14), self.number(1, 3));
                Model::Transformer { vocab: *vocab, context, width, heads, layers, dropout, tokenizer: None }
            }
            Model::Mlp { inputs, classes, .. } if self.0.below(2) == 0 => {
                let hidden = (0..self.number(0, 3)).map(|_| self.number(1, 40)).collect();
                Model::Mlp { inputs: *inputs, hidden, classes: *classes, dropout }
            }
            // the same images, as 4 rows of 5 pixels
            Model::Mlp { inputs: 20, classes, .. } => {
                let groups = self.number(1, 3);
                let stages = (0..self.number(1, 2)).map(|_| groups * self.number(1, 3)).collect();
                let blocks = self.number(1, 2);
                let (channels, height, width) = (1, 4, 5);
                Model::ResidualCnn { channels, height, width, stages, blocks, groups, classes: *classes, dropout }
            }
            other => panic!("no random model is like {other:?}"),
        }
    }

    /// The same items, in one blob as they are, or in chunks of some kind that the model takes.
    fn in_some_form(&mut self, workshop: &Workshop, manifest: Manifest) -> Manifest {
        let kinds: &[DatasetKind] = match manifest.model {
            Model::Mlp { .. } => &[DatasetKind::Images, DatasetKind::Features],
            Model::ResidualCnn { .. } => &[DatasetKind::Images],
            _ => &[DatasetKind::Tokens],
        };
        if self.0.below(2) == 0 {
            return manifest;
        }
        let mut manifest = workshop.in_chunks(manifest, self.one_of(kinds), self.number(100, 300).into());
        let mixed = self.number(1, 6);
        manifest.dataset.mix_chunks = self.maybe(None, Some(mixed));
        manifest.dataset.holdout_unit = self.one_of(&[HoldoutUnit::Sample, HoldoutUnit::Chunk]);
        manifest
    }

    fn job(&mut self, workshop: &Workshop) -> Manifest {
        let steps = self.number(1, 12);
        let base = if self.0.below(3) == 0 { workshop.text_job(steps) } else { workshop.image_job(steps) };
        let virtual_ranks = self.number(1, 8);
        let micro_batches = self.number(1, 3);
        let batch_per_rank = micro_batches * self.number(1, (48 / virtual_ranks / micro_batches).max(1));
        let model = self.model(&base.model);
        let mut manifest = Manifest {
            init_seed: self.seed(),
            sampler_seed: self.seed(),
            virtual_ranks,
            batch_per_rank,
            micro_batches,
            segment_len: self.number(1, steps),
            evaluate_every: self.number(0, 3),
            optimizer: self.optimizer(steps),
            model,
            ..base
        };
        manifest.dataset.holdout = Holdout { seed: self.seed(), one_in: self.number(2, 9) };
        let manifest = self.in_some_form(workshop, manifest);
        let profile = self.one_of(&NumericProfile::ALL);
        workshop.with_profile(manifest, profile)
    }
}

#[test]
fn no_honest_job_is_rejected() {
    let (jobs, seed) = (setting("AIXBLOCK_HONEST_JOBS", 6), setting("AIXBLOCK_HONEST_SEED", 1));
    let workshop = Workshop::new();
    for number in 0..u32::try_from(jobs).unwrap() {
        let mut dice = Dice::of(seed, number);
        let manifest = dice.job(&workshop);
        let (workers, threads) = (dice.number(1, manifest.virtual_ranks.min(4)), dice.number(1, 3).to_string());
        let said = format!("job {number} of seed {seed}, {workers} workers, {threads} threads: {manifest:?}");
        let mut launch = workshop.launch_command(&manifest, &format!("job {number}"), workers);
        let run: TrainReport = report(&launch.args(["--threads", &threads]).output().unwrap());
        let replay = |segments: &str, threads: u32| -> ReplayReport {
            let mut command = workshop.replay_command(&manifest, &run.log, segments);
            command.args(["--job-root", &run.job_root.to_string(), "--threads", &threads.to_string()]);
            report(&command.output().unwrap())
        };
        let whole = replay("all", dice.number(1, 3));
        assert_eq!((whole.verdict, &whole.reason), (Verdict::Match, &None), "{said}");
        assert_eq!(
            (whole.final_state_hash, whole.job_root),
            (Some(run.final_state_hash), Some(run.job_root)),
            "{said}"
        );
        let sample = sampled_segments([number as u8; 32], &[7; 64], 1, manifest.segments());
        let sampled = replay(&sample.iter().map(u32::to_string).collect::<Vec<_>>().join(","), dice.number(1, 3));
        assert_eq!((sampled.verdict, sampled.segments.len()), (Verdict::Match, sample.len()), "{said}");
        assert!(sampled.metric.unwrap().matches, "{said}");
        if jobs > 20 {
            eprintln!("{} of {jobs} jobs accepted: {workers} workers, {} segments", number + 1, manifest.segments());
        }
    }
}

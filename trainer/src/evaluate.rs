//! The metric: how often the model is right on the held-out samples.

use crate::job::Job;
use crate::model::Pass;
use crate::state::Weights;
use protocol::commitment::FinalMetric;
use tch::TchError;

/// Samples of one forward pass. Part of the numeric contract: another number may choose another kernel.
const BATCH: u32 = 64;

/// Counts right predictions on the held-out samples. The prediction is the first class with the highest score.
pub fn evaluate(job: &Job, state: &impl Weights) -> Result<FinalMetric, TchError> {
    let mut metric = FinalMetric { correct: 0, total: 0 };
    for samples in job.split.held_out_batches(BATCH) {
        let batch = job.samples.batch(&samples)?.on(state.device())?;
        let scores = tch::no_grad(|| job.network.scores(state.tensors(), &batch.inputs, Pass::Evaluation))?;
        let (rows, classes) = scores.size2()?;
        let mut values = vec![0.0f32; (rows * classes) as usize];
        scores.f_copy_data(&mut values, (rows * classes) as usize)?;
        for (scores, &class) in values.chunks_exact(classes as usize).zip(&batch.classes) {
            metric.total += 1;
            metric.correct += u64::from(first_highest(scores) as i64 == class);
        }
    }
    Ok(metric)
}

fn first_highest(scores: &[f32]) -> usize {
    scores
        .iter()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (place, &score)| if score > best.1 { (place, score) } else { best })
        .0
}

#[cfg(test)]
mod tests {
    use super::first_highest;

    #[test]
    fn of_equal_scores_the_first_wins_and_nan_never_does() {
        assert_eq!(first_highest(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(first_highest(&[f32::NAN, 0.5, f32::NAN]), 1);
        assert_eq!(first_highest(&[f32::NAN]), 0);
    }
}

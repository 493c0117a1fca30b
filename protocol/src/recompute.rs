//! One element of a training step, computed again without floating point (`soft_float`): what a program on the chain does
//! where somebody says that a step was reduced or updated wrongly. The same bits as the trainer's tree of sums and as
//! [`crate::adamw`], up to which NaN a NaN is.

use crate::manifest_terms::{Fall, OptimizerTerms, ScheduleTerms};
use crate::soft_float::{F32, F64};

/// The most virtual ranks whose gradients are computed with here.
pub const MAX_RANKS: usize = 16;

/// Mean of the ranks' values, in order of their numbers: neighbours are added first, a lone one moves up, and the sum is
/// multiplied by one over their number. `None` for no values or more than [`MAX_RANKS`].
#[must_use]
pub fn tree_mean(values: &[F32]) -> Option<F32> {
    let mut level = [F32(0); MAX_RANKS];
    let mut width = values.len();
    level.get_mut(..width)?.copy_from_slice(values);
    while width > 1 {
        for place in 0..width / 2 {
            level[place] = level[2 * place] + level[2 * place + 1];
        }
        if width % 2 == 1 {
            level[width / 2] = level[width - 1];
        }
        width = width.div_ceil(2);
    }
    let share = F32::from(1) / F32::from(u32::try_from(values.len()).ok().filter(|count| *count > 0)?);
    Some(level[0] * share)
}

/// What every element of a mean gradient of this `norm` is multiplied by, where it may be `limit` long
/// (`crate::clipping::factor`).
#[must_use]
pub fn clip_factor(norm: F64, limit: F64) -> F32 {
    if norm.at_most(limit) { F32::from(1) } else { (limit / norm).into() }
}

/// What every element of one step's update shares (`crate::adamw::StepFactors`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    beta1: F32,
    one_minus_beta1: F32,
    beta2: F32,
    one_minus_beta2: F32,
    eps: F32,
    step_size: F32,
    second_correction: F32,
    keep: F32,
}

impl Factors {
    /// Factors of step `step` (from 0) in a run of `steps`.
    #[must_use]
    #[inline(never)]
    pub fn new(optimizer: &OptimizerTerms, step: u32, steps: u32) -> Self {
        let OptimizerTerms { lr, beta1, beta2, eps, weight_decay, schedule, .. } = *optimizer;
        let learning_rate = lr * ratio(&schedule, step, steps);
        let update = step.wrapping_add(1);
        Self {
            beta1: beta1.into(),
            one_minus_beta1: (ONE - beta1).into(),
            beta2: beta2.into(),
            one_minus_beta2: (ONE - beta2).into(),
            eps: eps.into(),
            step_size: (learning_rate / (ONE - power(beta1, update))).into(),
            second_correction: (ONE / (ONE - power(beta2, update))).into(),
            keep: (ONE - learning_rate * weight_decay).into(),
        }
    }

    /// The same for parameters that do not decay.
    #[must_use]
    pub fn without_decay(self) -> Self {
        Self { keep: F32::from(1), ..self }
    }

    /// Parameter, first and second moment after an update with `gradient`.
    #[must_use]
    #[inline(never)]
    pub fn update(&self, gradient: F32, [parameter, first, second]: [F32; 3]) -> [F32; 3] {
        let first = self.beta1 * first + self.one_minus_beta1 * gradient;
        let second = self.beta2 * second + self.one_minus_beta2 * (gradient * gradient);
        let scale = (second * self.second_correction).sqrt() + self.eps;
        [parameter * self.keep - self.step_size * (first / scale), first, second]
    }

    /// Their bits.
    #[must_use]
    pub fn bits(&self) -> [u32; 8] {
        [
            self.beta1,
            self.one_minus_beta1,
            self.beta2,
            self.one_minus_beta2,
            self.eps,
            self.step_size,
            self.second_correction,
            self.keep,
        ]
        .map(|factor| factor.0)
    }

    /// The inverse of [`Factors::bits`].
    #[must_use]
    pub fn from_bits(bits: [u32; 8]) -> Self {
        let [beta1, one_minus_beta1, beta2, one_minus_beta2, eps, step_size, second_correction, keep] = bits.map(F32);
        Self { beta1, one_minus_beta1, beta2, one_minus_beta2, eps, step_size, second_correction, keep }
    }
}

const ONE: F64 = F64(0x3ff0_0000_0000_0000);
const HALF: F64 = F64(0x3fe0_0000_0000_0000);
const PI: F64 = F64(0x4009_21fb_5444_2d18);

/// `crate::adamw::power`.
#[inline(never)]
fn power(base: F64, exponent: u32) -> F64 {
    let (mut result, mut square, mut rest) = (ONE, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * square;
        }
        square = square * square;
        rest >>= 1;
    }
    result
}

/// `crate::manifest::Schedule::ratio`.
fn ratio(schedule: &ScheduleTerms, step: u32, steps: u32) -> F64 {
    let warmup = schedule.warmup_steps;
    if step < warmup {
        return (F64::from(step) + ONE) / F64::from(warmup);
    }
    let done = F64::from(step - warmup) / F64::from(steps.saturating_sub(warmup).max(1));
    match schedule.fall {
        Fall::None => ONE,
        Fall::Linear { rest } => ONE - done * (ONE - rest),
        // not negative, so the order of the bits is that of the numbers
        Fall::Cosine { rest } => {
            rest + (ONE - rest) * HALF * (ONE + cosine_of_pi_times(if done.0 > ONE.0 { ONE } else { done }))
        }
    }
}

/// `crate::adamw::cosine_of_pi_times`.
#[inline(never)]
fn cosine_of_pi_times(x: F64) -> F64 {
    let mirrored = x.0 > HALF.0;
    let angle = PI * if mirrored { ONE - x } else { x };
    let square = angle * angle;
    let mut sum = ONE;
    for term in [14u32, 12, 10, 8, 6, 4, 2] {
        sum = ONE - square / F64::from(term * (term - 1)) * sum;
    }
    if mirrored { F64(sum.0 ^ 1 << 63) } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clipping;
    use crate::manifest::{Decay, Optimizer, Schedule};
    use proptest::prelude::*;

    /// The trainer's way (`trainer/src/reduction.rs`).
    fn by_hardware(values: &[f32]) -> f32 {
        let mut level = values.to_vec();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| pair.iter().copied().reduce(|l, r| l + r).unwrap()).collect();
        }
        level[0] * (1.0 / values.len() as f32)
    }

    proptest! {
        #[test]
        fn the_mean_is_the_trainers_bit_for_bit(bits in prop::collection::vec(any::<u32>(), 1..=MAX_RANKS), small: bool) {
            let bits: Vec<u32> = bits.iter().map(|bits| if small { bits & 0x80ff_ffff } else { *bits }).collect();
            let soft: Vec<F32> = bits.iter().copied().map(F32).collect();
            let hard: Vec<f32> = bits.iter().copied().map(f32::from_bits).collect();
            prop_assert!(tree_mean(&soft).unwrap().same(F32(by_hardware(&hard).to_bits())));
        }
    }

    proptest! {
        #[test]
        fn an_update_is_the_trainers_bit_for_bit(
            lr in 0.0f64..1.0, betas in (0.0f64..1.0, 0.0f64..1.0), eps in 1e-12f64..1e-3, weight_decay in 0.0f64..0.5,
            warmup_steps in 0u32..40, rest in 0.0f64..1.0, fall in 0u8..3, steps in 1u32..3_000, place: prop::sample::Index,
            bits in prop::array::uniform4(any::<u32>()), plain: bool, values in prop::array::uniform4(-2.0f32..2.0),
            matrices: bool, dimensions in 0usize..4,
        ) {
            let step = place.index(steps as usize) as u32;
            let (fall, schedule) = match fall {
                0 => (Fall::None, Schedule::Constant { warmup_steps }),
                1 => (Fall::Linear { rest: F64(rest.to_bits()) }, Schedule::Linear { warmup_steps, final_ratio: rest }),
                _ => (Fall::Cosine { rest: F64(rest.to_bits()) }, Schedule::Cosine { warmup_steps, final_ratio: rest }),
            };
            let bits_of = |value: f64| F64(value.to_bits());
            let terms = OptimizerTerms {
                lr: bits_of(lr),
                beta1: bits_of(betas.0),
                beta2: bits_of(betas.1),
                eps: bits_of(eps),
                weight_decay: bits_of(weight_decay),
                schedule: ScheduleTerms { warmup_steps, fall },
                only_matrices_decay: matrices,
                clip_norm: None,
            };
            let decay = if matrices { Decay::Matrices } else { Decay::All };
            let (beta1, beta2) = betas;
            let hard = Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay, clip_norm: None }
                .step_factors(step, steps, dimensions);
            let soft = Factors::from_bits(Factors::new(&terms, step, steps).bits());
            let soft = if terms.decays(dimensions as u32) { soft } else { soft.without_decay() };
            let [gradient, mut parameter, mut first, mut second] = if plain { values } else { bits.map(f32::from_bits) };
            let before = [parameter, first, second].map(|value| F32(value.to_bits()));
            hard.update(gradient, &mut parameter, &mut first, &mut second);
            let after = soft.update(F32(gradient.to_bits()), before);
            for (soft, hard) in after.into_iter().zip([parameter, first, second]) {
                prop_assert!(soft.same(F32(hard.to_bits())), "{:08x} against {:08x}", soft.0, hard.to_bits());
            }
        }
    }

    proptest! {
        #[test]
        fn a_clipping_factor_is_the_trainers_bit_for_bit(bits: u64, norm in 0.0f64..8.0, any_bits: bool, limit in 1e-3f64..4.0) {
            let norm = if any_bits { f64::from_bits(bits) } else { norm };
            for norm in [norm, limit, f64::INFINITY, f64::NAN, 0.0] {
                let soft = clip_factor(F64(norm.to_bits()), F64(limit.to_bits()));
                prop_assert!(soft.same(F32(clipping::factor(norm, limit).to_bits())), "{norm} {limit}");
            }
        }
    }

    #[test]
    fn no_ranks_and_too_many_have_no_mean() {
        assert_eq!(tree_mean(&[]), None);
        assert_eq!(tree_mean(&[F32(0); MAX_RANKS + 1]), None);
    }
}

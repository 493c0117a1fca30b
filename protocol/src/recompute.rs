//! One element of a training step, computed again without floating point (`soft_float`): what a program on the chain does
//! where somebody says that a step was reduced or updated wrongly. The same bits as the trainer's tree of sums and as
//! [`crate::adamw`], up to which NaN a NaN is.

use crate::soft_float::F32;

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

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn no_ranks_and_too_many_have_no_mean() {
        assert_eq!(tree_mean(&[]), None);
        assert_eq!(tree_mean(&[F32(0); MAX_RANKS + 1]), None);
    }
}

//! Which values dropout keeps (Srivastava et al., "Dropout", 2014): a pure function of the job's seed and of the place in the
//! run, so that any process computes the same mask at any time.

use crate::philox::{Purpose, block};

/// Bits of a counter's third word that number the virtual rank; the micro-batch is above them.
const RANK_BITS: u32 = 10;
/// Bits of a counter's fourth word that hold the purpose; the layer is above them.
const PURPOSE_BITS: u32 = 8;

/// Where in a run a mask is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The step, from 0.
    pub step: u32,
    /// The virtual rank, below 1,024.
    pub virtual_rank: u32,
    /// The micro-batch, below 2^22.
    pub micro_batch: u32,
    /// The model's place of dropout, below 2^24.
    pub layer: u32,
}

/// Fills `mask` with 0 where a value is dropped, and with 1 / (1 - `rate`) where it is kept. Element `i` is dropped where word
/// `i mod 4` of Philox block (i / 4, step, virtual rank + 1024 micro-batch, purpose + 256 layer) under `seed` is below
/// `rate` times 2^32. A mask holds at most 2^34 elements.
pub fn fill_mask(seed: u64, place: Place, rate: f64, mask: &mut [f32]) {
    let key = [seed as u32, (seed >> 32) as u32];
    let threshold = (rate * 4_294_967_296.0) as u32;
    let kept = (1.0 / (1.0 - rate)) as f32;
    let rank = place.virtual_rank | place.micro_batch << RANK_BITS;
    let layer = Purpose::Dropout as u32 | place.layer << PURPOSE_BITS;
    for (index, four) in (0u32..).zip(mask.chunks_mut(4)) {
        let words = block([index, place.step, rank, layer], key);
        for (value, word) in four.iter_mut().zip(words) {
            *value = if word < threshold { 0.0 } else { kept };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { step: 3, virtual_rank: 2, micro_batch: 1, layer: 4 };

    fn mask(seed: u64, place: Place, rate: f64) -> Vec<f32> {
        let mut mask = vec![0.0; 4_001];
        fill_mask(seed, place, rate, &mut mask);
        mask
    }

    #[test]
    fn a_mask_drops_its_share_and_scales_the_rest() {
        for rate in [0.1, 0.5, 0.9] {
            let mask = mask(1, PLACE, rate);
            let dropped = mask.iter().filter(|&&value| value == 0.0).count() as f64;
            assert!((dropped / mask.len() as f64 - rate).abs() < 0.03, "{dropped} at {rate}");
            assert!(mask.iter().all(|&value| value == 0.0 || value == (1.0 / (1.0 - rate)) as f32));
        }
    }

    #[test]
    fn each_part_of_the_place_and_the_seed_give_another_mask() {
        let places = [
            PLACE,
            Place { step: 4, ..PLACE },
            Place { virtual_rank: 3, ..PLACE },
            Place { micro_batch: 2, ..PLACE },
            Place { layer: 5, ..PLACE },
        ];
        let mut masks: Vec<Vec<f32>> = places.iter().map(|place| mask(7, *place, 0.5)).collect();
        masks.push(mask(8, PLACE, 0.5));
        masks.push(mask(7 + (1 << 32), PLACE, 0.5));
        for (place, left) in masks.iter().enumerate() {
            assert!(!masks[place + 1..].contains(left), "{place}");
        }
    }

    #[test]
    fn an_element_is_the_documented_word() {
        let word = block([50, 3, 2 + 1024, 5 + 256 * 4], [9, 0])[1];
        let rate = f64::from(word) / 4_294_967_296.0;
        assert_eq!(mask(9, PLACE, rate)[201], (1.0 / (1.0 - rate)) as f32);
        assert_eq!(mask(9, PLACE, rate + 1e-9)[201], 0.0);
    }
}

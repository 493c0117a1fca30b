//! What the layout of a group of tensors says, the first leaf of the group's tree (`crate::tensor_blocks::tensor_root`): where an
//! element's values stand in a state, and how long a mean gradient is.

use crate::soft_float::F64;

/// The values that a state holds of each element: parameter, first and second moment.
const RUNS: u32 = 3;
/// What precedes the list of tensors: what kind of group it is.
const HEADER: usize = 13;

/// Tag of a mean gradient (`crate::commitment::TensorGroup`).
const MEAN: u8 = 3;

/// Where the values of an element stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementPlaces {
    /// Of its parameter, first and second moment, among all values of the state.
    pub values: [u64; 3],
    /// Dimensions of the tensor that it belongs to.
    pub dimensions: u32,
}

/// The norm that the mean gradient with this layout is committed to with. `None` where it is another group's layout.
#[must_use]
pub fn mean_norm(layout: &[u8]) -> Option<F64> {
    let (header, _) = layout.split_first_chunk::<HEADER>()?;
    let [MEAN, 0, 0, 0, 0, norm @ ..] = header else { return None };
    Some(F64(u64::from_le_bytes(*norm)))
}

/// Places of an element's values in the state whose layout this is. `element` is its place in the order of all parameters'
/// values, as in a gradient. `None` where the layout has no such element, or is none.
#[must_use]
#[inline(never)]
pub fn state_places(layout: &[u8], element: u64) -> Option<ElementPlaces> {
    let (mut rest, mut before) = (layout.get(HEADER..)?, 0u64);
    while !rest.is_empty() {
        let name = usize::try_from(u64::from_le_bytes(take(&mut rest)?)).ok()?;
        rest = rest.get(name..)?;
        let kind: [u8; 3] = take(&mut rest)?;
        let (runs, dimensions) = (u32::from_le_bytes(take(&mut rest)?), u32::from_le_bytes(take(&mut rest)?));
        if &kind != b"f32" || runs != RUNS {
            return None;
        }
        let mut values = 1u64;
        for _ in 0..dimensions {
            let size = u64::try_from(i64::from_le_bytes(take(&mut rest)?)).ok()?;
            values = values.checked_mul(size)?;
        }
        let within = element.checked_sub(before)?;
        if within < values {
            let first = before.checked_mul(RUNS.into())?.checked_add(within)?;
            let places = [first, first.checked_add(values)?, first.checked_add(values.checked_mul(2)?)?];
            return Some(ElementPlaces { values: places, dimensions });
        }
        before = before.checked_add(values)?;
    }
    None
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::{TensorGroup, TensorValues, layout_of};
    use crate::tensor_chunks::{chunk_count, each_chunk};

    fn layout(tensors: &[TensorValues<'_>]) -> (Vec<u8>, Vec<f32>) {
        let mut values = Vec::new();
        each_chunk(tensors, 0..chunk_count(tensors), |chunk| {
            values.extend(chunk.bytes().chunks(4).map(|value| f32::from_le_bytes(value.try_into().unwrap())));
        });
        (layout_of(TensorGroup::State { steps_done: 1, samples_drawn: 2 }, tensors), values)
    }

    #[test]
    fn every_elements_values_are_found_where_they_are_hashed_and_none_beyond() {
        let sizes = [(6usize, vec![2i64, 3]), (1, vec![]), (200, vec![5, 40]), (3, vec![3])];
        // element e has the parameter e, and moments that are 1,000 and 2,000 more
        let (mut at, mut runs) = (0, Vec::new());
        for (size, _) in &sizes {
            let run = |more: usize| (at..at + size).map(|element| (element + more) as f32).collect::<Vec<_>>();
            runs.push([run(0), run(1_000), run(2_000)]);
            at += size;
        }
        let slices: Vec<[&[f32]; 3]> = runs.iter().map(|[p, m, v]| [&p[..], &m[..], &v[..]]).collect();
        let tensors: Vec<TensorValues<'_>> = ["a", "bb", "c", "d"]
            .iter()
            .zip(&sizes)
            .zip(&slices)
            .map(|((name, (_, shape)), runs)| TensorValues { name, shape, runs })
            .collect();
        let (layout, values) = layout(&tensors);
        for element in 0..210u64 {
            let found = state_places(&layout, element).unwrap();
            let values = found.values.map(|place| values[place as usize]);
            assert_eq!(values, [0.0, 1_000.0, 2_000.0].map(|more| more + element as f32), "{element}");
            assert_eq!(found.dimensions, [2, 0, 2, 1][[6, 7, 207].partition_point(|end| *end <= element)], "{element}");
        }
        assert_eq!(state_places(&layout, 210), None);
        assert_eq!(state_places(&layout, u64::MAX), None);
        for end in 0..layout.len() {
            // a layout that was cut short has no element that it does not name in full
            let _ = state_places(&layout[..end], 209);
        }
    }

    #[test]
    fn the_norm_is_read_of_a_mean_gradient_and_of_nothing_else() {
        let tensors = [TensorValues { name: "a", shape: &[1], runs: &[&[2.0]] }];
        let layout_in = |group| layout_of(group, &tensors);
        let layout = layout_in(TensorGroup::ReducedGradient { norm_bits: 2.0f64.to_bits() });
        assert_eq!(mean_norm(&layout), Some(F64(2.0f64.to_bits())));
        (0..HEADER).for_each(|end| assert_eq!(mean_norm(&layout[..end]), None));
        let others = [
            TensorGroup::Gradient { virtual_rank: 0 },
            TensorGroup::State { steps_done: 0, samples_drawn: 2.0f64.to_bits() },
        ];
        others.into_iter().for_each(|group| assert_eq!(mean_norm(&layout_in(group)), None));
    }

    #[test]
    fn sizes_beyond_all_bounds_have_no_places() {
        let huge = TensorValues { name: "a", shape: &[i64::MAX, i64::MAX], runs: &[&[], &[], &[]] };
        let negative = TensorValues { name: "a", shape: &[-1], runs: &[&[], &[], &[]] };
        let gradient = TensorValues { name: "a", shape: &[4], runs: &[&[0.0; 4]] };
        for tensor in [huge, negative, gradient] {
            assert_eq!(state_places(&layout(&[tensor]).0, 0), None);
        }
    }
}

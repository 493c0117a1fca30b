//! Where an element's values stand in a state: read from the layout, the first leaf of the state's tree
//! (`crate::commitment::tensor_root`).

/// The values that a state holds of each element: parameter, first and second moment.
const RUNS: u32 = 3;
/// What precedes the list of tensors: what kind of group it is.
const HEADER: usize = 13;

/// Places of an element's parameter, first and second moment among all values of the state whose layout this is. `element` is
/// its place in the order of all parameters' values, as in a gradient. `None` where the layout has no such element, or is none.
#[must_use]
#[inline(never)]
pub fn state_places(layout: &[u8], element: u64) -> Option<[u64; 3]> {
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
            return Some([first, first.checked_add(values)?, first.checked_add(values.checked_mul(2)?)?]);
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
    use crate::commitment::{TensorGroup, TensorValues, each_leaf};

    fn layout(tensors: &[TensorValues<'_>]) -> (Vec<u8>, Vec<f32>) {
        let (mut first, mut values) = (None, Vec::new());
        each_leaf(TensorGroup::State { steps_done: 1, samples_drawn: 2 }, tensors, |_, bytes| match first {
            None => first = Some(bytes.to_vec()),
            Some(_) => values.extend(bytes.chunks(4).map(|value| f32::from_le_bytes(value.try_into().unwrap()))),
        });
        (first.unwrap(), values)
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
            let found = state_places(&layout, element).unwrap().map(|place| values[place as usize]);
            assert_eq!(found, [0.0, 1_000.0, 2_000.0].map(|more| more + element as f32), "{element}");
        }
        assert_eq!(state_places(&layout, 210), None);
        assert_eq!(state_places(&layout, u64::MAX), None);
        for end in 0..layout.len() {
            // a layout that was cut short has no element that it does not name in full
            let _ = state_places(&layout[..end], 209);
        }
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

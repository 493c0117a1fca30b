//! Clipping a gradient by its norm over all parameters (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent
//! neural networks", 2013), with bits that any machine computes.
//!
//! The norm is committed together with the mean gradient, so that whoever disputes one element needs that element and the
//! norm, and not the whole gradient.

/// Sums that are taken side by side; a parameter's element `i` belongs to sum `i mod LANES`.
const LANES: usize = 8;

/// Euclidean norm over all parameters, which come in ascending order of their names. The square of an f32 is exact in f64;
/// each parameter's squares are added in eight lanes, the lanes in pairs, and the parameters' sums one after another.
#[must_use]
pub fn global_norm<'a>(gradient: impl IntoIterator<Item = &'a [f32]>) -> f64 {
    gradient.into_iter().map(sum_of_squares).fold(0.0, |sum, of_parameter| sum + of_parameter).sqrt()
}

fn sum_of_squares(values: &[f32]) -> f64 {
    let mut lanes = [0.0f64; LANES];
    for run in values.chunks(LANES) {
        for (lane, value) in lanes.iter_mut().zip(run) {
            *lane += f64::from(*value) * f64::from(*value);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// What every element is multiplied by, where the gradient's norm is `norm` and may be `limit`. A norm that is no number
/// gives no number, so that a broken run stays visible.
#[must_use]
pub fn factor(norm: f64, limit: f64) -> f32 {
    if norm <= limit { 1.0 } else { (limit / norm) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_order_of_the_sum_is_the_documented_one() {
        let values: Vec<f32> = (0..19).map(|i| 1.0 + (i * i) as f32 * 1e-3).collect();
        let lane = |lane: usize| {
            values.iter().skip(lane).step_by(8).fold(0.0, |sum, value| sum + f64::from(*value) * f64::from(*value))
        };
        let whole = ((lane(0) + lane(1)) + (lane(2) + lane(3))) + ((lane(4) + lane(5)) + (lane(6) + lane(7)));
        let other = f64::from(0.3f32) * f64::from(0.3f32);
        assert_eq!(global_norm([&values[..], &[0.3]]).to_bits(), (whole + other).sqrt().to_bits());
    }

    proptest! {
        #[test]
        fn a_clipped_gradient_has_at_most_the_limit_as_its_norm(
            values in prop::collection::vec(-100.0f32..100.0, 1..200), limit in 0.01f64..10.0
        ) {
            let norm = global_norm([&values[..]]);
            let clipped: Vec<f32> = values.iter().map(|value| value * factor(norm, limit)).collect();
            prop_assert!(global_norm([&clipped[..]]) <= limit.min(norm) * (1.0 + 1e-6));
            if norm <= limit {
                prop_assert_eq!(clipped, values);
            }
        }
    }

    #[test]
    fn a_norm_that_is_no_number_is_not_hidden() {
        assert!((f32::INFINITY * factor(f64::INFINITY, 1.0)).is_nan());
        assert!(factor(f64::NAN, 1.0).is_nan());
    }
}

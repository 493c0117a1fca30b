//! Arithmetic modulo p = 2^255 - 19, as far as a program checks points of Curve25519 that somebody else computed: the runtime
//! multiplies points of the twisted Edwards form, and one equation leads from there to the u-coordinate of X25519 (RFC 7748).

/// A number below p.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element([u64; 4]);

const P: [u64; 4] = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];
/// 2^256 = 38 modulo p.
const FOLD: u64 = 38;

impl Element {
    /// Zero.
    pub const ZERO: Self = Self([0; 4]);
    /// One.
    pub const ONE: Self = Self([1, 0, 0, 0]);

    /// Reads 32 bytes, little endian; `None` where they are not below p.
    #[must_use]
    pub fn read(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = core::array::from_fn(|limb| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[8 * limb..8 * limb + 8]);
            u64::from_le_bytes(eight)
        });
        below_p(&limbs).then_some(Self(limbs))
    }

    /// 32 bytes, little endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (eight, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            eight.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        // both are below 2^255, so nothing is carried out
        let (sum, _) = add(&self.0, &other.0);
        Self(reduced(sum))
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let (raised, _) = add(&self.0, &P);
        Self(reduced(subtract(&raised, &other.0)))
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let mut wide = [0u64; 8];
        for (i, left) in self.0.iter().enumerate() {
            let mut carry = 0u64;
            for (j, right) in other.0.iter().enumerate() {
                (wide[i + j], carry) = multiply_add(*left, *right, wide[i + j], carry);
            }
            wide[i + 4] = carry;
        }
        let [l0, l1, l2, l3, high @ ..] = wide;
        let (mut limbs, mut carry) = ([l0, l1, l2, l3], 0);
        for (limb, high) in limbs.iter_mut().zip(high) {
            (*limb, carry) = multiply_add(high, FOLD, *limb, carry);
        }
        // what is over is at most 38, and after folding it once nothing but a rare single carry is
        for _ in 0..2 {
            let mut over = [0; 4];
            over[0] = carry * FOLD;
            let (folded, out) = add(&limbs, &over);
            (limbs, carry) = (folded, u64::from(out));
        }
        Self(reduced(limbs))
    }

    /// The inverse; zero for zero.
    #[must_use]
    pub fn inverse(self) -> Self {
        // Fermat: x^(p - 2)
        let exponent = subtract(&P, &[2, 0, 0, 0]);
        let mut power = Self::ONE;
        for bit in (0..255).rev() {
            power = power.times(power);
            if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
                power = power.times(self);
            }
        }
        power
    }
}

/// The low and the high half of `left * right + addend + carry`, which never overflows 128 bits.
fn multiply_add(left: u64, right: u64, addend: u64, carry: u64) -> (u64, u64) {
    let wide = u128::from(left) * u128::from(right) + u128::from(addend) + u128::from(carry);
    (wide as u64, (wide >> 64) as u64)
}

fn add(left: &[u64; 4], right: &[u64; 4]) -> ([u64; 4], bool) {
    let (mut sum, mut carry) = ([0; 4], false);
    for (place, limb) in sum.iter_mut().enumerate() {
        let (partial, first) = left[place].overflowing_add(right[place]);
        let (total, second) = partial.overflowing_add(u64::from(carry));
        (*limb, carry) = (total, first | second);
    }
    (sum, carry)
}

/// `left - right`, where right is not above left.
fn subtract(left: &[u64; 4], right: &[u64; 4]) -> [u64; 4] {
    let (mut difference, mut borrow) = ([0; 4], false);
    for (place, limb) in difference.iter_mut().enumerate() {
        let (partial, first) = left[place].overflowing_sub(right[place]);
        let (total, second) = partial.overflowing_sub(u64::from(borrow));
        (*limb, borrow) = (total, first | second);
    }
    difference
}

fn below_p(limbs: &[u64; 4]) -> bool {
    limbs.iter().rev().lt(P.iter().rev())
}

/// A number below 2^256, which is at most 2 p + 37, modulo p.
fn reduced(mut limbs: [u64; 4]) -> [u64; 4] {
    while !below_p(&limbs) {
        limbs = subtract(&limbs, &P);
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOP: [u64; 4] = [0xffff_ffff_ffff_ffec, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];

    /// Any element; the extremes often.
    fn element() -> impl Strategy<Value = Element> {
        let limb = prop_oneof![Just(0), Just(u64::MAX), any::<u64>()];
        prop_oneof![
            4 => [limb.clone(), limb.clone(), limb.clone(), limb].prop_map(|mut limbs| {
                limbs[3] &= u64::MAX >> 1;
                Element(reduced(limbs))
            }),
            1 => Just(Element(TOP)),
        ]
    }

    #[test]
    fn only_numbers_below_p_are_read() {
        let mut p = [0xff; 32];
        (p[0], p[31]) = (0xed, 0x7f);
        assert_eq!(Element::read(&p), None);
        p[0] = 0xec;
        assert_eq!(Element::read(&p), Some(Element(TOP)));
        p[31] = 0xff;
        assert_eq!(Element::read(&p), None);
    }

    #[test]
    fn minus_one_times_minus_one_is_one() {
        assert_eq!(Element(TOP).times(Element(TOP)), Element::ONE);
        assert_eq!(Element(TOP).plus(Element::ONE), Element::ZERO);
        assert_eq!(Element::ZERO.minus(Element::ONE), Element(TOP));
    }

    #[test]
    fn the_inverse_of_two_is_half_of_p_plus_one() {
        let two = Element([2, 0, 0, 0]);
        assert_eq!(two.inverse().times(two), Element::ONE);
        assert_eq!(two.inverse().0, [0xffff_ffff_ffff_fff7, u64::MAX, u64::MAX, 0x3fff_ffff_ffff_ffff]);
        assert_eq!(Element::ZERO.inverse(), Element::ZERO);
    }

    proptest! {
        #[test]
        fn sums_and_products_obey_the_laws_of_a_field(a in element(), b in element(), c in element()) {
            prop_assert_eq!(a.plus(b).minus(b), a);
            prop_assert_eq!(a.times(b), b.times(a));
            prop_assert_eq!(a.times(b.plus(c)), a.times(b).plus(a.times(c)));
            prop_assert_eq!(a.times(b).times(c), a.times(b.times(c)));
            prop_assert_eq!(Element::read(&a.times(b).to_bytes()), Some(a.times(b)));
            if a != Element::ZERO {
                prop_assert_eq!(a.times(a.inverse()), Element::ONE);
            }
        }
    }
}

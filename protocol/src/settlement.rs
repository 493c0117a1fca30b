//! Who gets what when an order is settled.
//!
//! The vault of an order holds the buyer's amount, the bonds of seller and challenger, and whatever strangers sent to it:
//!
//! ```text
//! held = amount + seller bond + challenge bond + surplus
//!
//! fee      = floor(payable * fee_bps / 10,000)                       -> treasury
//! payable  - fee                                                     -> seller
//! amount   - payable + surplus                                       -> buyer
//! seller's bond     back; if the seller was at fault, split: slash_challenger_bps to a challenger that was right (else to
//!                   the buyer), slash_buyer_bps to the buyer, the rest burned (to the buyer where tokens cannot be burned)
//! challenge bond    back, unless the challenger was wrong: then to the side that the verdict favoured
//! ```
//!
//! The parts add up to `held`, always. All amounts are base units of the order's token.

/// Basis points in a whole.
pub const BPS: u64 = 10_000;

/// `floor(amount * bps / 10,000)` without a product that overflows; `bps` above 10,000 counts as 10,000.
#[must_use]
pub const fn share(amount: u64, bps: u16) -> u64 {
    let bps = if (bps as u64) < BPS { bps as u64 } else { BPS };
    // at most amount - amount % BPS, and at most amount % BPS: neither the products nor the sum overflow
    amount / BPS * bps + amount % BPS * bps / BPS
}

/// What the vault of an order holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// What is really there.
    pub held: u64,
    /// What the buyer put in.
    pub amount: u64,
    /// What the seller put in when it accepted.
    pub seller_bond: u64,
    /// What the challenger put in.
    pub challenge_bond: u64,
}

/// How a challenge of a verdict ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Nobody challenged, or nobody judged the challenge: the bond goes back.
    Open,
    /// The challenger was right, or the other side gave up.
    Won,
    /// The challenger was wrong.
    Lost,
}

/// What was decided, and the terms that the order was opened under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What the seller's side is paid, fee included: at most the amount.
    pub payable: u64,
    /// Whether the seller loses its bond.
    pub at_fault: bool,
    /// Whether the verdict that could be challenged favoured the seller (else the buyer).
    pub favoured_seller: bool,
    /// How its challenge ended.
    pub challenge: Challenge,
    /// The market's share of what is paid.
    pub fee_bps: u16,
    /// Share of a lost bond for a challenger that was right.
    pub slash_challenger_bps: u16,
    /// Share of a lost bond for the buyer.
    pub slash_buyer_bps: u16,
    /// Whether tokens can be burned (not those of the native mint).
    pub burnable: bool,
}

/// Where the vault's tokens go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// To the seller, its bond included.
    pub seller: u64,
    /// The fee.
    pub treasury: u64,
    /// To the buyer.
    pub buyer: u64,
    /// To the challenger, its bond included.
    pub challenger: u64,
    /// Out of existence.
    pub burned: u64,
    /// Part of the seller's bond that it lost; in the other parts already.
    pub slashed: u64,
}

/// Splits a vault. `None` where it holds less than it should, or more is payable than the amount: then nothing may move.
#[must_use]
pub fn split(escrow: &Escrow, ruling: &Ruling) -> Option<Shares> {
    let owed = escrow.amount.checked_add(escrow.seller_bond)?.checked_add(escrow.challenge_bond)?;
    let surplus = escrow.held.checked_sub(owed)?;
    let returned = escrow.amount.checked_sub(ruling.payable)?;
    // from here on every sum is a part of `held`
    let fee = share(ruling.payable, ruling.fee_bps);
    let mut shares =
        Shares { seller: ruling.payable - fee, treasury: fee, buyer: returned + surplus, ..Shares::default() };
    if ruling.at_fault {
        let bond = escrow.seller_bond;
        let to_challenger = share(bond, ruling.slash_challenger_bps);
        let to_buyer = share(bond, ruling.slash_buyer_bps).min(bond - to_challenger);
        let rest = bond - to_challenger - to_buyer;
        let (challenger, buyer) =
            if ruling.challenge == Challenge::Won { (to_challenger, to_buyer) } else { (0, to_challenger + to_buyer) };
        shares.slashed = bond;
        shares.challenger += challenger;
        shares.buyer += buyer;
        if ruling.burnable {
            shares.burned = rest;
        } else {
            shares.buyer += rest;
        }
    } else {
        shares.seller += escrow.seller_bond;
    }
    match (ruling.challenge, ruling.favoured_seller) {
        (Challenge::Open | Challenge::Won, _) => shares.challenger += escrow.challenge_bond,
        (Challenge::Lost, true) => shares.seller += escrow.challenge_bond,
        (Challenge::Lost, false) => shares.buyer += escrow.challenge_bond,
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ESCROW: Escrow = Escrow { held: 1_137, amount: 1_000, seller_bond: 101, challenge_bond: 33 };
    const RULING: Ruling = Ruling {
        payable: 1_000,
        at_fault: false,
        favoured_seller: true,
        challenge: Challenge::Open,
        fee_bps: 250,
        slash_challenger_bps: 3_000,
        slash_buyer_bps: 5_000,
        burnable: true,
    };

    fn shares(ruling: Ruling) -> Shares {
        split(&ESCROW, &ruling).unwrap()
    }

    #[test]
    fn a_seller_that_delivered_gets_its_price_less_the_fee_and_its_bond() {
        let expected = Shares { seller: 975 + 101, treasury: 25, buyer: 3, challenger: 33, ..Shares::default() };
        assert_eq!(shares(RULING), expected);
        let lost = Ruling { challenge: Challenge::Lost, ..RULING };
        assert_eq!(shares(lost), Shares { seller: 975 + 101 + 33, challenger: 0, ..expected });
    }

    #[test]
    fn a_lost_bond_goes_to_the_challenger_that_was_right_the_buyer_and_the_fire() {
        let ruling = Ruling { payable: 0, at_fault: true, challenge: Challenge::Won, ..RULING };
        let expected = Shares { buyer: 1_003 + 50, challenger: 33 + 30, burned: 21, slashed: 101, ..Shares::default() };
        assert_eq!(shares(ruling), expected);
        let native = Ruling { burnable: false, ..ruling };
        assert_eq!(shares(native), Shares { buyer: 1_003 + 50 + 21, burned: 0, ..expected });
        let alone = Ruling { challenge: Challenge::Open, ..ruling };
        assert_eq!(shares(alone), Shares { buyer: 1_003 + 80, challenger: 33, ..expected });
        let wrong = Ruling { challenge: Challenge::Lost, favoured_seller: false, ..ruling };
        assert_eq!(shares(wrong), Shares { buyer: 1_003 + 80 + 33, challenger: 0, ..expected });
    }

    #[test]
    fn a_part_is_paid_and_the_rest_returned() {
        let ruling = Ruling { payable: 399, challenge: Challenge::Won, ..RULING };
        let expected = Shares { seller: 390 + 101, treasury: 9, buyer: 601 + 3, challenger: 33, ..Shares::default() };
        assert_eq!(shares(ruling), expected);
    }

    #[test]
    fn nothing_moves_where_the_vault_is_short_or_more_is_payable_than_there_is() {
        assert_eq!(split(&Escrow { held: 1_133, ..ESCROW }, &RULING), None);
        assert!(split(&Escrow { held: 1_134, ..ESCROW }, &RULING).is_some());
        assert_eq!(split(&ESCROW, &Ruling { payable: 1_001, ..RULING }), None);
        assert_eq!(split(&Escrow { amount: u64::MAX, ..ESCROW }, &RULING), None);
    }

    fn amount() -> impl Strategy<Value = u64> {
        prop_oneof![0..=30_000u64, any::<u64>(), u64::MAX - 20_000..=u64::MAX]
    }

    fn challenge() -> impl Strategy<Value = Challenge> {
        prop_oneof![Just(Challenge::Open), Just(Challenge::Won), Just(Challenge::Lost)]
    }

    proptest! {
        #[test]
        fn a_share_is_the_floor_of_the_exact_product(amount in amount(), bps in 0..=10_000u16) {
            prop_assert_eq!(u128::from(share(amount, bps)), u128::from(amount) * u128::from(bps) / 10_000);
            prop_assert_eq!(share(amount, 10_000), amount);
        }

        #[test]
        fn the_parts_add_up_to_what_is_held(
            parts in [amount(), amount(), amount(), amount()], payable in amount(), challenge in challenge(),
            flags in [any::<bool>(), any::<bool>(), any::<bool>()], bps in [0..=10_000u16, 0..=10_000u16, 0..=10_000u16],
        ) {
            let [amount, seller_bond, challenge_bond, surplus] = parts;
            let held = parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part));
            let payable = if amount == u64::MAX { payable } else { payable % (amount + 1) };
            let [at_fault, favoured_seller, burnable] = flags;
            let [fee_bps, slash_challenger_bps, slash_buyer_bps] = bps;
            let ruling = Ruling {
                payable, at_fault, favoured_seller, challenge, fee_bps, slash_challenger_bps, slash_buyer_bps, burnable,
            };
            let escrow = Escrow { held: held.unwrap_or(u64::MAX), amount, seller_bond, challenge_bond };
            match split(&escrow, &ruling) {
                None => prop_assert!(held.is_none()),
                Some(s) => {
                    let sum = [s.seller, s.treasury, s.buyer, s.challenger, s.burned].iter().map(|p| u128::from(*p)).sum::<u128>();
                    prop_assert_eq!(sum, u128::from(escrow.held));
                    prop_assert!(s.burned <= s.slashed && (burnable || s.burned == 0));
                    let won = if challenge == Challenge::Lost { challenge_bond } else { 0 };
                    prop_assert!(!at_fault || s.seller <= payable + won, "a bond that is lost comes back");
                    if held.is_some() && !at_fault {
                        prop_assert!(s.buyer >= amount - payable + surplus);
                    }
                }
            }
        }
    }
}

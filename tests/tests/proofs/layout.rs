//! What proofs reads of the market is where the market writes it, and what the market reads of a verdict stays where it is.
use anchor_lang::{Discriminator, bytemuck};
use market::state as owned;
use proofs::{foreign::ForeignAccount, order as view, state::Verdict};
use std::mem::{offset_of, size_of};

macro_rules! same_places {
    ($owner:ty, $view:ty: $($field:ident)*) => {{
        let mut bytes = 0;
        $(
            assert_eq!(offset_of!($owner, $field), offset_of!($view, $field), stringify!($field));
            bytes += {
                let value: $view = bytemuck::Zeroable::zeroed();
                size_of_val(&value.$field)
            };
        )*
        assert_eq!((size_of::<$owner>(), size_of::<$view>()), (bytes, bytes), "a field is not compared");
    }};
}

#[test]
fn the_view_of_an_order_is_the_order() {
    same_places!(owned::Order, view::OrderView:
        listing buyer seller mint rent_payer challenger manifest_hash content_root result_root result_log audit_seed id seq
        quantity amount seller_bond challenge_bond payable released fee refunded rewarded burned audit_slot opened_at
        accept_by deliver_by audit_by dispute_until answer_by resolve_by settled_at delivery_seconds audit_seconds
        dispute_seconds answer_seconds resolve_seconds award_seconds listing_version oracle_set votes_for votes_against
        fee_bps award_category seller_bond_bps challenge_bond_bps slash_challenger_bps slash_buyer_bps state kind judge
        verdict allow_partial disputed answered resolution awarded bump vault_bump);
    assert_eq!(owned::Order::DISCRIMINATOR, <view::OrderView as ForeignAccount>::DISCRIMINATOR);
    assert_eq!(view::MARKET, market::ID);
}

#[test]
fn the_codes_of_states_and_judges_are_the_markets() {
    use market::state::{judge, order_state};
    let codes = [
        view::SUBMITTED,
        view::DISPUTED,
        view::RELEASED,
        view::REFUNDED,
        view::BY_ORACLES,
        view::BY_PROOF,
        view::BY_GOLD,
    ];
    assert_eq!(
        codes,
        [
            order_state::SUBMITTED,
            order_state::DISPUTED,
            order_state::RELEASED,
            order_state::REFUNDED,
            judge::ORACLES,
            judge::PROOF,
            judge::GOLD,
        ]
    );
    use proofs::state::verdict_kind;
    let kinds = (verdict_kind::TRAINING, verdict_kind::PROOF, verdict_kind::GOLD);
    assert_eq!(kinds, (judge::ORACLES, judge::PROOF, judge::GOLD));
}

#[test]
fn the_market_finds_a_verdicts_fields_where_they_were_agreed() {
    let places = [
        offset_of!(Verdict, order),
        offset_of!(Verdict, rent_payer),
        offset_of!(Verdict, opened_at),
        offset_of!(Verdict, payable_bps),
        offset_of!(Verdict, kind),
        offset_of!(Verdict, state),
        offset_of!(Verdict, blame),
    ];
    assert_eq!(places, [0, 32, 64, 72, 74, 75, 76]);
}

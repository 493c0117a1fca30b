//! A program that reads another program's accounts repeats their layout (`foreign_views.rs`), because it cannot depend on the
//! other's crate. Here each repeated field is compared with the type that owns it. One module for each program that reads.

/// Size of the field that `of` names.
fn bytes<T, F>(_of: impl Fn(&T) -> &F) -> usize {
    size_of::<F>()
}

/// Compares discriminator and owner of a view with those of the type that it is a view of, and place and size of each field
/// that both have. The fields must be all that the view shows: the rest of it are the gaps, whose bytes are given.
macro_rules! same_layout {
    ($view:ty, $owner:ty, gaps: $gaps:expr, $($field:ident)*) => {{
        use anchor_lang::{Discriminator, Owner};
        assert_eq!(<$view>::DISCRIMINATOR, <$owner as Discriminator>::DISCRIMINATOR, stringify!($view));
        assert_eq!(<$view>::PROGRAM, <$owner as Owner>::OWNER, stringify!($view));
        let mut covered = $gaps;
        $(
            let places = (std::mem::offset_of!($view, $field), std::mem::offset_of!($owner, $field));
            assert_eq!(places.0, places.1, "{} is elsewhere in {}", stringify!($field), stringify!($view));
            let sizes = (crate::bytes(|view: &$view| &view.$field), crate::bytes(|owner: &$owner| &owner.$field));
            assert_eq!(sizes.0, sizes.1, "{} has another size in {}", stringify!($field), stringify!($view));
            covered += sizes.0;
        )*
        assert_eq!(covered, size_of::<$view>(), "a field of {} is not compared", stringify!($view));
        assert!(size_of::<$view>() <= size_of::<$owner>());
    }};
}

mod oracles_reads {
    use market::state;
    use oracles::{foreign::ForeignAccount, foreign_views::*};

    #[test]
    fn the_windows_of_the_market_where_they_are() {
        let gaps = 248 + 25;
        same_layout!(ConfigView, state::Config, gaps: gaps,
            audit_seconds dispute_seconds answer_seconds resolve_seconds bump);
    }

    #[test]
    fn the_oracle_sets_of_the_market_where_they_are() {
        same_layout!(OracleSetView, state::OracleSet, gaps: 2 + 1, members min_bond version count retired bump);
        assert_eq!(MAX_ORACLES, state::MAX_ORACLES);
    }

    #[test]
    fn the_orders_of_the_market_where_they_are() {
        let gaps = 32 + 64 + 128 + 16 + 16 + 48 + 16 + 16 + 8 + 16 + 12 + 8 + 1 + 1 + 1;
        same_layout!(OrderView, state::Order, gaps: gaps,
            buyer seller challenger audit_seed id amount payable opened_at audit_by resolve_by settled_at audit_seconds
            resolve_seconds oracle_set votes_for votes_against slash_challenger_bps slash_buyer_bps state judge verdict disputed answered resolution bump);
    }

    #[test]
    fn the_codes_of_the_market_as_they_are() {
        assert_eq!(MARKET, market::ID);
        assert_eq!(
            (order_state::AUDITING, order_state::DISPUTED, order_state::RELEASED, order_state::REFUNDED),
            (
                state::order_state::AUDITING,
                state::order_state::DISPUTED,
                state::order_state::RELEASED,
                state::order_state::REFUNDED
            )
        );
        assert_eq!((JUDGE_ORACLES, OVERTURNED), (state::judge::ORACLES, state::resolution::OVERTURNED));
        let own = (verdict::NONE, verdict::ACCEPT, verdict::REJECT);
        assert_eq!(own, (state::verdict::NONE, state::verdict::ACCEPT, state::verdict::REJECT));
    }
}

mod rental_reads {
    use market::state;
    use rental::{foreign::ForeignAccount, foreign_views::*};

    #[test]
    fn the_settings_of_the_market_where_they_are() {
        same_layout!(ConfigView, state::Config, gaps: 64 + 8 + 52 + 10,
            treasury mints accept_seconds fee_bps paused bump);
    }

    #[test]
    fn the_listings_of_the_market_where_they_are() {
        same_layout!(ListingView, state::Listing, gaps: 128 + 8 + 4,
            seller mint metadata_hash id price version kind unit active bump);
    }

    #[test]
    fn the_codes_of_the_market_as_they_are() {
        assert_eq!(MARKET, market::ID);
        assert_eq!((PAUSE_ORDERS, MAX_MINTS), (state::pause::ORDERS, state::MAX_MINTS));
        assert_eq!((KIND_COMPUTE, UNIT_HOUR), (state::listing_kind::COMPUTE, state::unit::HOUR));
    }
}

mod market_reads {
    use market::{foreign::ForeignAccount, views::*};

    #[test]
    fn the_verdicts_of_proofs_where_they_are() {
        same_layout!(VerdictView, proofs::state::Verdict, gaps: 0,
            order rent_payer opened_at payable_bps kind state blame);
    }

    #[test]
    fn the_verdicts_of_panels_where_those_of_proofs_are() {
        use ::oracles::state::{Panel, panel_state};
        use anchor_lang::{Discriminator, Owner};
        use proofs::state::{Verdict, verdict_kind, verdict_state};
        use std::mem::offset_of;
        assert_eq!(VerdictView::OR, Some((Panel::OWNER, PANEL)));
        assert_eq!(PANEL, <Panel as Discriminator>::DISCRIMINATOR);
        macro_rules! same {
            ($($field:ident)*) => {[$((offset_of!(Panel, $field), offset_of!(Verdict, $field))),*]};
        }
        for (panel, verdict) in same!(order rent_payer opened_at payable_bps kind state blame seq) {
            assert_eq!(panel, verdict);
        }
        assert_eq!((panel_state::FINAL, market::state::judge::ORACLES), (verdict_state::FINAL, verdict_kind::TRAINING));
    }

    #[test]
    fn the_seals_of_oracles_where_they_are() {
        same_layout!(SealsView, ::oracles::state::Seals, gaps: 0, order rent_payer opened_at sealed commitments);
    }

    #[test]
    fn the_bonds_of_oracles_where_they_are() {
        same_layout!(OracleView, ::oracles::state::Oracle, gaps: 0, authority rent_payer bond unbonding);
    }
}

mod grants_reads {
    use grants::{foreign::ForeignAccount, foreign_views::*};

    #[test]
    fn the_months_of_rewards_where_they_are() {
        same_layout!(EpochView, rewards::state::Epoch, gaps: 72 + 12, rent_payer vault seq start end index bump);
    }

    #[test]
    fn the_contributors_of_rewards_where_they_are() {
        same_layout!(ContributorView, rewards::state::Contributor, gaps: 0,
            wallet destination lifetime_points seq before_last before_previous last_epoch previous_epoch profit_index
            profit_owed profit_paid bump);
        assert_eq!(REWARDS, rewards::ID);
    }
}

/// The addresses that programs write down instead of deriving them each time.
#[test]
fn the_only_accounts_of_a_kind_are_where_their_programs_look_for_them() {
    use anchor_lang::bytemuck::Zeroable;
    use e2e_tests::address;
    {
        use grants::{loaded::Placed, state::Config};
        assert!(Config::zeroed().is_at(&address::grants::config()), "the configuration of grants is elsewhere");
    }
    {
        use market::{loaded::Placed, state::Config};
        assert!(Config::zeroed().is_at(&address::market::config()), "the configuration of the market is elsewhere");
    }
    {
        use oracles::{loaded::Placed, state::Config};
        assert!(Config::zeroed().is_at(&address::oracles::config()), "the configuration of oracles is elsewhere");
    }
    {
        use rewards::{
            loaded::Placed,
            state::{Config, Schedule},
        };
        assert!(Config::zeroed().is_at(&address::rewards::config()), "the configuration of rewards is elsewhere");
        assert!(Schedule::zeroed().is_at(&address::rewards::schedule()), "the schedule of rewards is elsewhere");
    }
}

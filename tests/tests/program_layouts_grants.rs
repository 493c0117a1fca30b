//! A program that reads another program's accounts repeats their layout (`foreign_views.rs`), because it cannot depend on the
//! other's crate. Here each repeated field is compared with the type that owns it.
use anchor_lang::{Discriminator, Owner};
use grants::foreign::ForeignAccount;
use std::mem::{offset_of, size_of};

/// Compares discriminator, owner, and place and size of each field of a view with those of the type that it is a view of.
macro_rules! same_layout {
    ($view:ty, $owner:ty: $($field:ident)*) => {{
        assert_eq!(<$view>::DISCRIMINATOR, <$owner as Discriminator>::DISCRIMINATOR, stringify!($view));
        assert_eq!(<$view>::PROGRAM, <$owner as Owner>::OWNER, stringify!($view));
        let mut covered = 0;
        $(
            let places = (offset_of!($view, $field), offset_of!($owner, $field));
            assert_eq!(places.0, places.1, "{} is elsewhere in {}", stringify!($field), stringify!($view));
            let sizes = (bytes(|view: &$view| &view.$field), bytes(|owner: &$owner| &owner.$field));
            assert_eq!(sizes.0, sizes.1, "{} has another size in {}", stringify!($field), stringify!($view));
            covered += sizes.0;
        )*
        covered
    }};
}

/// Size of the field that `of` names.
fn bytes<T, F>(_of: impl Fn(&T) -> &F) -> usize {
    size_of::<F>()
}

#[test]
fn grants_reads_the_months_of_rewards_where_they_are() {
    use grants::foreign_views::EpochView;
    let covered = same_layout!(EpochView, rewards::state::Epoch: rent_payer vault seq start end);
    assert_eq!(covered, size_of::<EpochView>(), "a field of the view is not compared");
}

#[test]
fn grants_reads_the_contributors_of_rewards_where_they_are() {
    use grants::foreign_views::ContributorView;
    let covered = same_layout!(ContributorView, rewards::state::Contributor:
        wallet destination lifetime_points seq before_last before_previous last_epoch previous_epoch profit_index
        profit_owed profit_paid bump);
    assert_eq!(covered, size_of::<ContributorView>(), "a field of the view is not compared");
}

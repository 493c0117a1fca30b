use anchor_lang::Address;
use e2e_tests::{Forge, LISTING, Market, address::market as at, instruction::market as ix, passed, refused, terms_of};
use market::{
    MarketError, events,
    instructions::ListingTerms,
    state::{Listing, Reputation, listing_kind},
};

#[test]
fn a_listing_carries_its_terms_and_grows_a_version_with_each_change() {
    let mut m = Market::new();
    let terms = ListingTerms { price: 5, unit: 2, active: false, metadata_hash: [9; 32], ..m.listing_terms() };
    let receipt = passed(m.world.send(ix::update_listing(m.seller, LISTING, terms)));
    let listing: Listing = m.world.read(&m.listing());
    assert_eq!((listing.seller, listing.id.get(), listing.kind), (m.seller, LISTING, listing_kind::COMPUTE));
    assert_eq!((listing.version.get(), listing.seq.get(), listing.price.get(), listing.active), (2, 2, 5, 0));
    let event: events::ListingChanged = receipt.event(&market::ID);
    assert_eq!((event.listing, event.version, event.price, event.active), (m.listing(), 2, 5, false));
    assert_eq!((event.metadata_hash, event.uri, event.unit), ([9; 32], terms.uri, 2));
}

#[test]
fn listings_out_of_range_are_refused() {
    let mut m = Market::new();
    let (seller, good) = (m.seller, m.listing_terms());
    for kind in [0, 5, 255] {
        refused(m.world.send(ix::create_listing(seller, 8, kind, good)), MarketError::UnknownKind);
    }
    let free = ListingTerms { price: 0, ..good };
    refused(m.world.send(ix::create_listing(seller, 8, 1, free)), MarketError::ListingOutOfRange);
    refused(m.world.send(ix::update_listing(seller, LISTING, free)), MarketError::ListingOutOfRange);
    let other = ListingTerms { mint: m.world.mint(), ..good };
    refused(m.world.send(ix::create_listing(seller, 8, 1, other)), MarketError::MintNotAllowed);
    // the mint that was passed is the one that is meant
    let swapped = ix::create_listing(seller, 8, 1, other).swap(&other.mint, &good.mint);
    let swapped = swapped.swap(&at::reputation(&seller, &other.mint), &at::reputation(&seller, &good.mint));
    refused(m.world.send(swapped), MarketError::MintNotAllowed);
    for kind in 1..=4 {
        let (unit, content_root) = terms_of(kind);
        let terms = ListingTerms { unit, content_root, ..good };
        passed(m.world.send(ix::create_listing(seller, 80 + u64::from(kind), kind, terms)));
    }
    assert!(m.world.send(ix::create_listing(seller, LISTING, 1, good)).is_err(), "a number is used once");
}

#[test]
fn a_kind_of_listing_has_its_own_units_and_content_where_it_is_about_content() {
    let m = Market::new();
    let units = [(1, vec![1, 2]), (2, vec![3]), (3, vec![3]), (4, vec![4])];
    for (kind, units) in units {
        for unit in 0..=5 {
            let terms = ListingTerms { unit, content_root: terms_of(kind).1, ..m.listing_terms() };
            let create = ix::create_listing(m.seller, 20, kind, terms);
            if units.contains(&unit) {
                passed(m.world.simulate(create));
            } else {
                refused(m.world.simulate(create), MarketError::UnitNotOfKind);
            }
        }
        let (unit, root) = terms_of(kind);
        let content_root = if root == [0; 32] { [1; 32] } else { [0; 32] };
        let terms = ListingTerms { unit, content_root, ..m.listing_terms() };
        refused(m.world.simulate(ix::create_listing(m.seller, 20, kind, terms)), MarketError::ContentRootMismatch);
    }
}

#[test]
fn a_listings_mint_never_changes() {
    let mut m = Market::new();
    let other = m.world.mint();
    let mut mints = m.settings().mints;
    mints[1] = other;
    passed(m.world.send(ix::update_config(m.world.admin, market::instructions::Settings { mints, ..m.settings() })));
    for mint in [other, Address::default()] {
        let terms = ListingTerms { mint, ..m.listing_terms() };
        refused(m.world.send(ix::update_listing(m.seller, LISTING, terms)), MarketError::MintIsFixed);
    }
    passed(m.world.send(ix::update_listing(m.seller, LISTING, m.listing_terms())));
}

#[test]
fn a_sellers_first_listing_in_a_mint_creates_its_reputation_and_later_ones_leave_it_alone() {
    let mut m = Market::new();
    let (seller, admin) = (m.seller, m.world.admin);
    let other = m.world.mint();
    let mut mints = m.settings().mints;
    mints[1] = other;
    passed(m.world.send(ix::update_config(admin, market::instructions::Settings { mints, ..m.settings() })));
    let released = m.order_in(market::state::order_state::RELEASED);
    assert!(m.world.is_gone(&at::reputation(&seller, &other)));
    // lamports that somebody sent there do not stand in the way
    m.world.svm.airdrop(&at::reputation(&seller, &other), 1_000_000).unwrap();
    let terms = ListingTerms { mint: other, ..m.listing_terms() };
    passed(m.world.send(ix::create_listing(seller, 20, 1, terms)));
    passed(m.world.send(ix::create_listing(seller, 21, 1, m.listing_terms())));
    let [first, second]: [Reputation; 2] = [m.mint, other].map(|mint| m.world.read(&at::reputation(&seller, &mint)));
    assert_eq!((first.seller, first.mint, first.rent_payer, first.released.get()), (seller, m.mint, seller, 1));
    assert_eq!((second.seller, second.mint, second.rent_payer, second.released.get()), (seller, other, seller, 0));
    assert_eq!(m.order(released).seller, seller);
}

#[test]
fn a_listing_closes_when_its_last_order_is_settled_and_returns_its_rent() {
    let mut m = Market::new();
    let (a, b) = (m.open(), m.open());
    refused(m.world.send(ix::close_listing(m.seller, LISTING)), MarketError::ListingBusy);
    passed(m.world.send(ix::cancel_order(m.settlement(a))));
    refused(m.world.send(ix::close_listing(m.seller, LISTING)), MarketError::ListingBusy);
    passed(m.world.send(ix::cancel_order(m.settlement(b))));
    let (rent, before) = (m.world.lamports(&m.listing()), m.world.lamports(&m.seller));
    let receipt = passed(m.world.send(ix::close_listing(m.seller, LISTING)));
    assert_eq!(receipt.event::<events::ListingClosed>(&market::ID).listing, m.listing());
    assert_eq!(m.world.lamports(&m.seller) - before, rent);
    assert!(m.world.is_gone(&m.listing()));
    // the orders that it had can still be closed
    m.world.pass(1);
    passed(m.world.send(ix::close_order(a, m.buyer)));
}

#[test]
fn two_sellers_use_the_same_number_for_two_listings() {
    let mut m = Market::new();
    passed(m.world.send(ix::create_listing(m.stranger, LISTING, 1, m.listing_terms())));
    assert_ne!(at::listing(&m.stranger, LISTING), m.listing());
    refused(
        m.world.send(
            ix::update_listing(m.stranger, LISTING, m.listing_terms())
                .swap(&at::listing(&m.stranger, LISTING), &m.listing()),
        ),
        MarketError::NotSeller,
    );
}

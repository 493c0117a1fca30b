use anchor_lang::Address;
use e2e_tests::{LISTING, Market, address::market as at, instruction::market as ix, passed, refused};
use market::{
    MarketError, events,
    instructions::ListingTerms,
    state::{Listing, listing_kind},
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
    // zero fills the unused places of the configuration, and is no mint
    for mint in [Address::default(), m.world.mint()] {
        let terms = ListingTerms { mint, ..good };
        refused(m.world.send(ix::create_listing(seller, 8, 1, terms)), MarketError::MintNotAllowed);
        refused(m.world.send(ix::update_listing(seller, LISTING, terms)), MarketError::MintNotAllowed);
    }
    for kind in 1..=4 {
        passed(m.world.send(ix::create_listing(seller, 80 + u64::from(kind), kind, good)));
    }
    assert!(m.world.send(ix::create_listing(seller, LISTING, 1, good)).is_err(), "a number is used once");
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
    passed(m.world.send(ix::close_order(a, m.buyer)));
}

#[test]
fn two_sellers_use_the_same_number_for_two_listings() {
    let mut m = Market::new();
    passed(m.world.send(ix::create_listing(m.stranger, LISTING, 1, m.listing_terms())));
    assert_ne!(at::listing(&m.stranger, LISTING), m.listing());
    refused(
        m.world.send(e2e_tests::Forge::swap(
            ix::update_listing(m.stranger, LISTING, m.listing_terms()),
            &at::listing(&m.stranger, LISTING),
            &m.listing(),
        )),
        MarketError::NotSeller,
    );
}

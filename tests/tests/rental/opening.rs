//! What a rental agrees to, and where its deposit goes before it starts.
use anchor_lang::{ErrorCode, prelude::ProgramError};
use e2e_tests::{
    ACCEPT, FEE_BPS, Forge, METADATA, OK, Outcome, TokenKind, World,
    address::market as market_at,
    address::rental as at,
    compare,
    instruction::rental::{self as ix, OpenRental, RentalTerms},
    no, passed, refused,
    rental_world::{DEPOSIT, HOURS, RATE, RENTERS_PURSE, Rentals},
};
use market::state::{Config, Listing, listing_kind, unit};
use rental::{RentalError, state::rental_state};

#[test]
fn a_rental_holds_its_whole_price_and_the_terms_of_its_opening() {
    for kind in TokenKind::ALL {
        let mut r = Rentals::in_token(kind);
        let address = r.open();
        let rental = r.rental(&address);
        assert_eq!((r.vault(&address), r.balances()), (DEPOSIT, [0, 0, RENTERS_PURSE - DEPOSIT]), "{kind:?}");
        assert_eq!((rental.state, rental.fee_bps.get()), (rental_state::REQUESTED, FEE_BPS));
        assert_eq!((rental.rate.get(), rental.hours.get(), rental.deposit.get()), (RATE, HOURS, DEPOSIT));
        assert_eq!(rental.accept_by.get(), r.world.now() + ACCEPT);
        assert_eq!((rental.renter, rental.provider, rental.mint), (r.renter, r.provider, r.token.mint));
    }
}

#[test]
fn a_rental_is_opened_within_the_limits_that_the_renter_saw() {
    let mut r = Rentals::new();
    let with = |r: &Rentals, change: fn(&mut RentalTerms)| {
        let mut open = r.open_ix(1);
        change(&mut open.terms);
        ix::open_rental(open)
    };
    type Change = fn(&mut RentalTerms);
    let rows: [(&str, Change, Outcome); 7] = [
        ("as seen", |_| (), OK),
        ("no hours", |t| t.hours = 0, no(RentalError::NoHours)),
        ("above the limit", |t| t.max_total -= 1, no(RentalError::PriceAboveLimit)),
        ("another version", |t| t.expected_version = 2, no(RentalError::ListingChanged)),
        ("other metadata", |t| t.expected_metadata = [1; 32], no(RentalError::ListingChanged)),
        ("ten years and an hour", |t| (t.hours, t.max_total) = (87_601, u64::MAX), no(RentalError::Overflow)),
        // the token program's own word
        ("more than it has", |t| (t.hours, t.max_total) = (500, u64::MAX), no(ProgramError::Custom(1))),
    ];
    compare(&r.world, rows.into_iter().map(|(name, change, ends)| (name.into(), with(&r, change), ends)).collect());
    let own = OpenRental { renter: r.provider, funding: r.tokens_of(&r.provider), ..r.open_ix(1) };
    refused(r.world.send(ix::open_rental(own)), RentalError::SelfRental);
    r.put_listing(u64::MAX / 2);
    let open = OpenRental { terms: RentalTerms { max_total: u64::MAX, ..r.open_ix(1).terms }, ..r.open_ix(1) };
    refused(r.world.send(ix::open_rental(open)), RentalError::Overflow);
}

#[test]
fn only_an_active_listing_of_compute_by_the_hour_is_rented() {
    type Change = fn(&mut Listing);
    let cases: [(Change, RentalError); 4] = [
        (|l| l.active = 0, RentalError::ListingInactive),
        (|l| l.unit = unit::JOB, RentalError::NotByTheHour),
        (|l| l.kind = listing_kind::MODEL, RentalError::NotByTheHour),
        (|l| l.version = 2.into(), RentalError::ListingChanged),
    ];
    for (change, error) in cases {
        let mut r = Rentals::new();
        let mut listing: Listing = r.world.read(&r.listing);
        change(&mut listing);
        r.world.put_account(r.listing, market::ID, &listing);
        refused(r.world.send(ix::open_rental(r.open_ix(1))), error);
    }
}

#[test]
fn the_markets_pause_of_orders_and_its_mints_count_for_the_opening_alone() {
    let mut r = Rentals::new();
    let (address, treasury, mint) = (r.open(), r.treasury, r.token.mint);
    let set = |r: &mut Rentals, change: &dyn Fn(&mut Config)| {
        r.world.put_market_config(|config| {
            (config.treasury, config.mints[0]) = (treasury, mint);
            change(config);
        });
    };
    set(&mut r, &|config| config.paused = market::state::pause::ORDERS);
    refused(r.world.send(ix::open_rental(r.open_ix(9))), RentalError::Paused);
    set(&mut r, &|config| config.mints[0] = treasury);
    refused(r.world.send(ix::open_rental(r.open_ix(9))), RentalError::MintNotAllowed);
    set(&mut r, &|config| config.paused = !market::state::pause::ORDERS);
    r.world.simulate(ix::open_rental(r.open_ix(9))).unwrap();
    // whatever is paused and no longer allowed, an open rental goes on under its own fee
    set(&mut r, &|config| (config.paused, config.mints[0], config.fee_bps) = (u8::MAX, treasury, 1_000.into()));
    passed(r.world.send(ix::start_rental(r.provider, address)));
    passed(r.world.send(ix::extend_rental(r.renter, r.payment(address), 1)));
    r.world.pass(3_600);
    passed(r.withdraw(address));
    assert_eq!(r.balances()[1], RATE * u64::from(FEE_BPS) / 10_000);
    passed(r.world.send(r.stop_ix(r.renter, address)));
}

#[test]
fn a_token_that_others_can_move_is_not_taken() {
    for (extension, length, error) in [
        (1, 108, RentalError::MintTakesFees),
        (14, 64, RentalError::MintHasHook),
        (12, 32, RentalError::MintHasDelegate),
        (9, 0, RentalError::MintExtensionRefused),
    ] {
        let mut world = World::new();
        let token = world.token_with_extension(extension, length);
        let mut r = Rentals::with(world, token);
        refused(r.world.send(ix::open_rental(r.open_ix(1))), error);
    }
}

#[test]
fn a_provider_starts_before_the_deadline_and_anyone_returns_the_deposit_from_it_on() {
    let mut r = Rentals::new();
    let (address, stranger, renter) = (r.open(), r.stranger, r.renter);
    let (start, cancel) = (ix::start_rental(r.provider, address), ix::cancel_rental(stranger, r.payment(address)));
    r.world.pass(ACCEPT - 1);
    refused(r.world.send(cancel.clone()), RentalError::DeadlineNotPassed);
    r.world.simulate(start.clone()).unwrap();
    r.world.simulate(ix::cancel_rental(renter, r.payment(address))).unwrap();
    r.world.pass(1);
    refused(r.world.send(start), RentalError::DeadlinePassed);
    passed(r.world.send(cancel));
    assert_eq!((r.balances(), r.world.is_gone(&at::vault(&address))), ([0, 0, RENTERS_PURSE], true));
    assert_eq!(r.rental(&address).state, rental_state::ENDED);
}

#[test]
fn a_renter_takes_the_deposit_back_before_the_start_in_every_kind_of_token() {
    for kind in TokenKind::ALL {
        let mut r = Rentals::in_token(kind);
        let (address, renter) = (r.open(), r.renter);
        // what strangers sent to the vault goes to the renter and blocks nothing
        if kind != TokenKind::Native {
            r.world.donate(&at::vault(&address), 5);
        }
        let given = if kind == TokenKind::Native { 0 } else { 5 };
        let lamports = r.world.lamports(&renter);
        passed(r.world.send(ix::cancel_rental(renter, r.payment(address))));
        assert_eq!(r.balances(), [0, 0, RENTERS_PURSE + given], "{kind:?}");
        assert_eq!(r.rental(&address).returned.get(), DEPOSIT + given);
        passed(r.world.send(ix::close_rental(address, renter)));
        let rent = r.world.rent(165) + r.world.rent(8 + size_of::<rental::state::Rental>());
        assert_eq!((r.world.lamports(&renter), r.world.is_gone(&address)), (lamports + rent, true), "{kind:?}");
        // the number can be used again
        passed(r.world.send(ix::open_rental(r.open_ix(1))));
    }
}

#[test]
fn a_rental_is_opened_with_the_markets_own_accounts() {
    let mut r = Rentals::new();
    let copy = |r: &mut Rentals, of, owner| {
        let (address, data) = (r.world.wallet(), r.world.svm.get_account(&of).unwrap().data);
        r.world.put(address, owner, data);
        address
    };
    let (config, listing) = (market_at::config(), r.listing);
    let (config_copy, config_forged) = (copy(&mut r, config, market::ID), copy(&mut r, config, rental::ID));
    let (listing_copy, listing_forged) = (copy(&mut r, listing, market::ID), copy(&mut r, listing, rental::ID));
    let other = r.world.token(TokenKind::Classic);
    let (renter, stranger, token) = (r.renter, r.stranger, r.token);
    let of_other_mint = r.world.fund_with(&renter, &other, DEPOSIT);
    let strangers = r.world.fund_with(&stranger, &token, DEPOSIT);
    let running = r.open();
    let open = ix::open_rental(r.open_ix(70));
    let (rental, funding) = (at::rental(&renter, 70), r.tokens_of(&renter));
    let seeds = || no(ErrorCode::ConstraintSeeds);
    let owner = || no(ProgramError::IllegalOwner);
    let rows = [
        ("config: a copy elsewhere", config, config_copy, seeds()),
        ("config: not the market's", config, config_forged, owner()),
        ("config: a listing", config, listing, no(ProgramError::AccountDataTooSmall)),
        ("listing: a copy elsewhere", listing, listing_copy, seeds()),
        ("listing: not the market's", listing, listing_forged, owner()),
        ("listing: the config", listing, config, no(ProgramError::InvalidAccountData)),
        ("rental: another number's", rental, at::rental(&renter, 71), seeds()),
        ("vault: another rental's", at::vault(&rental), at::vault(&running), seeds()),
        // the token program's own words: the owner does not sign, the mints differ
        ("funding: a stranger's", funding, strangers, no(ProgramError::Custom(4))),
        ("funding: of another mint", funding, of_other_mint, no(ProgramError::Custom(3))),
        ("funding: another rental's vault", funding, at::vault(&running), no(ProgramError::Custom(4))),
        ("mint: another", token.mint, other.mint, no(RentalError::MintNotAllowed)),
        ("token program: another", token.program, rewards::ID, no(ProgramError::IncorrectProgramId)),
    ];
    let rows = rows.into_iter().map(|(name, from, to, ends)| (name.into(), open.clone().swap(&from, &to), ends));
    compare(&r.world, rows.collect());
    assert_eq!(r.open_ix(70).terms.expected_metadata, METADATA);
    passed(r.world.send(open));
}

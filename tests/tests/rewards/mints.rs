//! Tokens of Token-2022.
use e2e_tests::{
    DELAY, POINT, POOL, REVIEW, Rewards, START, SUPPLY, Token, address::TOKEN_2022_PROGRAM as TOKEN_2022, category,
    instruction::rewards as ix, passed, refused, settings,
};
use rewards::{RewardsError, instructions::Settings};

/// Makes the world's mint one of Token-2022, with these extensions (type, length).
fn extended(extensions: &[(u16, u16)]) -> Rewards {
    let mut r = Rewards::uninitialized();
    r.token_program = TOKEN_2022;
    let (mint, funding) = (r.mint, r.funding);
    r.world.tamper(&mint, |a| {
        a.owner = TOKEN_2022;
        if !extensions.is_empty() {
            a.data.resize(165, 0);
            a.data.push(1);
        }
        for (kind, length) in extensions {
            a.data.extend(kind.to_le_bytes());
            a.data.extend(length.to_le_bytes());
            a.data.extend(vec![0; usize::from(*length)]);
        }
        a.lamports = 1_000_000_000;
    });
    r.world.tamper(&funding, |a| a.owner = TOKEN_2022);
    r
}

#[test]
fn a_month_of_token_2022_is_paid_like_any_other() {
    // interest-bearing amounts are a display's matter
    for extensions in [&[][..], &[(10, 52)]] {
        let mut r = extended(extensions);
        let (admin, token, issuer) = (r.world.admin, r.token(), r.issuer);
        passed(r.world.send(ix::initialize(admin, token, settings())));
        passed(r.world.send(ix::set_category(admin, POINT, category(1, 1, 5_000))));
        passed(r.world.send(ix::set_issuer(admin, issuer, 10_000, true)));
        r.schedule(1, &[POOL]);
        assert_eq!(r.config().lifetime_allocation.get(), SUPPLY / 10_000 * 975);
        r.world.set_time(START - 1);
        passed(r.world.send(r.open_until_ix(0, START - 1, START)));
        r.world.set_time(START);
        passed(r.world.send(ix::close_epoch(0)));
        passed(r.world.send(r.convert_ix(5)));
        passed(r.world.send(r.open_ix(1, START)));
        let wallet = r.contributor();
        let tokens = r.tokens_of(&wallet);
        passed(r.award(1, wallet, 400));
        passed(r.world.send(r.deposit_ix(1_000)));
        passed(r.world.send(r.claim_profit_ix(wallet)));
        r.world.set_time(r.epoch(1).end.get());
        passed(r.world.send(ix::close_epoch(1)));
        r.world.pass(REVIEW);
        passed(r.world.send(r.finalize_ix(1)));
        passed(r.world.send(r.claim_ix(1, wallet)));
        assert_eq!((r.world.tokens(&tokens), r.reserve()), (200 + POOL / 2, 800 + POOL / 2));
        let terms = ix::SpendTerms { amount: 9, destination: tokens, purpose: [0; 32] };
        passed(r.world.send(ix::propose_spend(admin, 0, terms)));
        r.world.pass(DELAY);
        passed(r.world.send(r.execute_ix(0, tokens)));
        r.world.pass(e2e_tests::CLAIM);
        passed(r.world.send(r.expire_ix(1)));
        assert!(r.world.is_gone(&e2e_tests::address::rewards::epoch_vault(1)));
    }
}

#[test]
fn mints_whose_tokens_are_not_safe_in_a_vault_are_refused() {
    let refusals = [
        (1, RewardsError::MintTakesFees),
        (14, RewardsError::MintHasHook),
        (12, RewardsError::MintHasDelegate),
        // not transferable, accounts frozen by default, pausable, closable, unknown
        (9, RewardsError::MintExtensionRefused),
        (6, RewardsError::MintExtensionRefused),
        (26, RewardsError::MintExtensionRefused),
        (3, RewardsError::MintExtensionRefused),
        (999, RewardsError::MintExtensionRefused),
    ];
    for (kind, error) in refusals {
        // behind one that is harmless
        let mut r = extended(&[(18, 64), (kind, 40)]);
        let (admin, token) = (r.world.admin, r.token());
        let settings = Settings { below_bps: 1, ..settings() };
        refused(r.world.send(ix::initialize(admin, token, settings)), error);
    }
}

#[test]
fn a_mint_and_the_other_token_program_do_not_go_together() {
    let mut r = extended(&[]);
    let (admin, token) = (r.world.admin, r.token());
    let other = Token::classic(token.mint);
    assert!(r.world.send(ix::initialize(admin, other, settings())).is_err());
    passed(r.world.send(ix::initialize(admin, token, settings())));
}

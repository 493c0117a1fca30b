use anchor_lang::Address;
use e2e_tests::{
    Forge, POINT, START,
    address::rewards as rewards_at,
    category,
    grants_world::{BOND, DAY, EPOCH, Grants, MIN_POINTS, POOL, VOTING},
    instruction::{
        grants::{self as ix, OpenProposal, ProposalTerms},
        rewards as rewards_ix,
    },
    passed, refused,
};
use grants::{GrantsError, state::bond_state};
use protocol::{calendar::next_month_start, points::PointsHistory};

#[test]
fn terms_out_of_range_are_refused() {
    let mut g = Grants::new();
    let good = g.terms(&[1, 2]);
    let (mut gap, mut tail, mut late_tail) = (good, good, good);
    gap.amounts[0] = 0;
    tail.amounts[2] = 1;
    late_tail.due[7] = 1;
    let bad = [
        ProposalTerms { recipient: Address::default(), ..good },
        ProposalTerms { metadata_hash: [0; 32], ..good },
        ProposalTerms { count: 0, ..good },
        ProposalTerms { count: 3, ..good },
        ProposalTerms { count: 9, ..good },
        ProposalTerms { count: 255, ..good },
        gap,
        tail,
        late_tail,
    ];
    for terms in bad {
        refused(g.world.send(g.open_ix(terms)), GrantsError::TermsOutOfRange);
    }
    let mut huge = g.terms(&[u64::MAX, 1]);
    refused(g.world.send(g.open_ix(huge)), GrantsError::Overflow);
    huge.amounts = [u64::MAX, 0, 0, 0, 0, 0, 0, 0];
    huge.due[1] = 0;
    refused(g.world.send(g.open_ix(ProposalTerms { count: 1, ..huge })), GrantsError::FundsShort);
    passed(g.world.send(g.open_ix(good)));
}

#[test]
fn milestones_are_due_after_the_vote_in_order_and_within_five_years() {
    let mut g = Grants::new();
    let (ends, latest) = (g.world.now() + VOTING, g.world.now() + 5 * 366 * DAY);
    let due = |first: i64, second: i64| {
        let mut terms = g.terms(&[1, 2]);
        (terms.due[0], terms.due[1]) = (first, second);
        g.open_ix(terms)
    };
    let bad = [
        due(ends, ends + 5),
        due(ends + 5, ends + 5),
        due(ends + 6, ends + 5),
        due(ends + 1, latest + 1),
        due(i64::MIN, i64::MAX),
    ];
    let (soonest, farthest) = (due(ends + 1, ends + 2), due(latest - 1, latest));
    for call in bad {
        refused(g.world.send(call), GrantsError::DueOutOfRange);
    }
    passed(g.world.simulate(farthest));
    passed(g.world.send(soonest));
}

#[test]
fn eight_milestones_are_the_most() {
    let mut g = Grants::new();
    let id = g.approved(&[1, 2, 3, 4, 5, 6, 7, 8]);
    for index in 0..8 {
        g.deliver(id, index);
    }
    assert_eq!((g.proposal(id).paid.get(), g.config().disbursed.get()), (36, 36));
}

#[test]
fn a_proposal_asks_for_at_most_what_is_free() {
    let mut g = Grants::new();
    refused(g.world.send(g.open_ix(g.terms(&[POOL, 1]))), GrantsError::FundsShort);
    let id = g.approved(&[POOL - 10]);
    refused(g.world.send(g.open_ix(g.terms(&[11]))), GrantsError::FundsShort);
    passed(g.world.send(g.open_ix(g.terms(&[10]))));
    assert_eq!(g.proposal(id).committed.get(), POOL - 10);
}

#[test]
fn proposals_are_numbered_in_order() {
    let mut g = Grants::new();
    let at = |id| {
        let (proposer, token, funding) = (g.proposer, g.token, g.tokens_of(&g.proposer));
        ix::open_proposal(OpenProposal { proposer, id, epoch: EPOCH, funding, token, terms: g.terms(&[1]) })
    };
    let (zero, one) = (at(0), at(1));
    refused(g.world.send(one.clone()), GrantsError::ProposalOutOfOrder);
    passed(g.world.send(zero.clone()));
    assert!(g.world.send(zero).is_err());
    passed(g.world.send(one));
}

#[test]
fn a_proposer_needs_points_from_before_the_month() {
    let mut g = Grants::new();
    let new = PointsHistory::default().count(EPOCH - 1, MIN_POINTS - 1).unwrap().count(EPOCH, 1_000_000).unwrap();
    let [poor, just] = [g.contributor(MIN_POINTS - 1), g.contributor(MIN_POINTS)];
    let recent = g.contributor(0);
    g.put_history(&recent, new);
    for proposer in [poor, recent] {
        refused(g.world.send(g.open_by_ix(&proposer, g.terms(&[1]))), GrantsError::TooFewPoints);
    }
    passed(g.world.send(g.open_by_ix(&just, g.terms(&[1]))));
    // in the next month the recent points count
    g.world.set_time(next_month_start(START));
    passed(g.world.send(g.open_by_ix(&recent, g.terms(&[1]))));
    let nobody = g.stranger;
    refused(
        g.world.send(g.open_by_ix(&nobody, g.terms(&[1]))),
        anchor_lang::prelude::ProgramError::UninitializedAccount,
    );
}

#[test]
fn the_snapshot_is_the_epoch_that_holds_the_present_on_both_sides_of_its_ends() {
    let mut g = Grants::new();
    let end = next_month_start(START);
    let of = |g: &Grants, epoch| {
        let (proposer, token, funding) = (g.proposer, g.token, g.tokens_of(&g.proposer));
        let id = g.config().next_proposal.get();
        ix::open_proposal(OpenProposal { proposer, id, epoch, funding, token, terms: g.terms(&[1]) })
    };
    for (now, right, wrong) in [(START, EPOCH, EPOCH + 1), (end - 1, EPOCH, EPOCH + 1), (end, EPOCH + 1, EPOCH)] {
        g.world.set_time(now);
        refused(g.world.send(of(&g, wrong)), GrantsError::NotTheEpoch);
        let id = g.config().next_proposal.get();
        passed(g.world.send(of(&g, right)));
        assert_eq!(g.proposal(id).snapshot_epoch.get(), right);
    }
    g.world.set_time(START - 1);
    refused(g.world.send(of(&g, EPOCH)), GrantsError::NotTheEpoch);
}

#[test]
fn an_epoch_stands_for_no_other_number() {
    let mut g = Grants::new();
    let call = g.open_ix(g.terms(&[1]));
    let other = call.clone().swap(&rewards_at::epoch(EPOCH), &rewards_at::epoch(EPOCH + 1));
    refused(g.world.send(other), anchor_lang::ErrorCode::ConstraintSeeds);
    let copy = g.world.wallet();
    let data = g.world.svm.get_account(&rewards_at::epoch(EPOCH)).unwrap().data;
    g.world.put(copy, rewards::ID, data);
    refused(g.world.send(call.swap(&rewards_at::epoch(EPOCH), &copy)), anchor_lang::ErrorCode::ConstraintSeeds);
}

#[test]
fn points_and_months_of_the_real_rewards_carry_a_proposal() {
    let mut g = Grants::new();
    let (admin, payer, token) = (g.world.admin, g.world.payer, g.token);
    let funding = g.tokens_of(&admin);
    passed(g.world.send(rewards_ix::initialize(admin, token, e2e_tests::settings())));
    let mut pools = [0; 12];
    pools[0] = 5;
    let year = rewards_ix::MonthPools { first_month: 1, count: 1, pools };
    passed(g.world.send(rewards_ix::set_schedule(admin, token.mint, year)));
    let [january, february] = [START, next_month_start(START)];
    let open_epoch = |index, start| {
        let end = next_month_start(start);
        rewards_ix::open_epoch(rewards_ix::OpenEpoch { admin, index, start, end, funding, token })
    };
    passed(g.world.send(open_epoch(0, january)));

    // two wallets earn in the time before the token
    let (proposer, voter) = (g.proposer, g.voters[0]);
    passed(g.world.send(rewards_ix::set_category(admin, POINT, category(1, 1, 5_000))));
    passed(g.world.send(rewards_ix::set_issuer(admin, admin, 10_000, true)));
    for (source, wallet) in [([1; 32], proposer), ([2; 32], voter)] {
        g.world.tamper(&rewards_at::contributor(&wallet), |account| *account = solana_account::Account::default());
        let destination = g.tokens_of(&wallet);
        passed(g.world.send(rewards_ix::register(wallet, destination)));
        let award =
            rewards_ix::IssueAward { payer, issuer: admin, wallet, epoch: 0, source, category: POINT, quantity: 700 };
        passed(g.world.send(rewards_ix::issue_award(award)));
    }
    let funding_of_bond = g.tokens_of(&proposer);
    let open = |g: &Grants, epoch| {
        let (funding, terms) = (funding_of_bond, g.terms(&[1]));
        ix::open_proposal(OpenProposal { proposer, id: 0, epoch, funding, token, terms })
    };
    // in epoch 0 nobody has points of an earlier one
    refused(g.world.send(open(&g, 0)), GrantsError::TooFewPoints);
    g.world.set_time(february);
    passed(g.world.send(rewards_ix::close_epoch(0)));
    passed(g.world.send(rewards_ix::convert_tge(admin, 5, funding, token)));
    passed(g.world.send(open_epoch(1, february)));
    refused(g.world.send(open(&g, 0)), GrantsError::NotTheEpoch);
    passed(g.world.send(open(&g, 1)));
    passed(g.vote(0, 0, 1));
    assert_eq!(g.proposal(0).votes_for.get(), 700);
}

#[test]
fn a_proposal_keeps_the_settings_that_it_was_opened_under() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    let harder = ix::Settings {
        quorum_points: 1_000_000,
        approval_bps: 9_999,
        proposal_bond: 2 * BOND,
        bond_floor_points: 1_000_000,
        voting_seconds: 1,
        review_seconds: 1,
        ..g.settings()
    };
    passed(g.world.send(ix::update_config(g.world.admin, harder)));
    passed(g.vote(0, id, 1));
    passed(g.vote(1, id, 2));
    let p = g.proposal(id);
    assert_eq!((p.bond.get(), p.ends_at.get(), p.approval_bps.get()), (BOND, START + VOTING, 5_000));
    g.finish(id);
    assert_eq!((g.proposal(id).state, g.proposal(id).bond_state), (2, bond_state::RETURNABLE));
    passed(g.world.send(g.bond_ix(id)));
    passed(g.world.send(g.submit_ix(id, 0)));
    assert_eq!(g.proposal(id).review_by.get(), g.world.now() + e2e_tests::grants_world::REVIEW);
}

#[test]
fn a_bond_is_paid_in_full_or_there_is_no_proposal() {
    let mut g = Grants::new();
    let proposer = g.proposer;
    g.give(&proposer, BOND - 1);
    assert!(g.world.send(g.open_ix(g.terms(&[1]))).is_err());
    assert_eq!((g.config().next_proposal.get(), g.config().bonds.get()), (0, 0));
    passed(g.world.send(ix::update_config(g.world.admin, ix::Settings { proposal_bond: 0, ..g.settings() })));
    let id = g.open(&[1]);
    assert_eq!((g.proposal(id).bond_state, g.purse(&proposer)), (bond_state::NONE, BOND - 1));
    g.finish(id);
    assert_eq!(g.proposal(id).bond_state, bond_state::NONE);
    refused(g.world.send(g.bond_ix(id)), GrantsError::NoBond);
    passed(g.world.send(ix::close_proposal(id, proposer)));
}

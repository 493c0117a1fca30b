use anchor_lang::{Address, Discriminator, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, OK, Outcome,
    address::{TOKEN_PROGRAM, grants as at, rewards as rewards_at},
    compare,
    grants_world::{Grants, VOTING},
    instruction::grants as ix,
    no, passed,
};
use grants::{
    GrantsError,
    state::{Ballot, choice},
};
use solana_instruction::{Instruction, error::InstructionError};

/// Every instruction on a proposal that it is right for: name, call.
fn calls(g: &mut Grants) -> Vec<(&'static str, Instruction)> {
    let voted: [u64; 4] = std::array::from_fn(|_| {
        let id = g.open(&[1, 2]);
        passed(g.vote(0, id, choice::FOR));
        id
    });
    g.world.pass(VOTING);
    let [voting, idle, submitted, accepted] = voted;
    for id in [idle, submitted, accepted] {
        passed(g.world.send(ix::tally(id)));
    }
    passed(g.world.send(g.submit_ix(submitted, 0)));
    g.accept(accepted, 0);
    let open = g.open(&[1]);
    vec![
        ("fund", g.fund_ix(1)),
        ("open_proposal", g.open_ix(g.terms(&[1]))),
        ("cancel_proposal", ix::cancel_proposal(g.proposer, open)),
        ("vote", ix::vote(g.voters[1], open, choice::FOR)),
        ("tally", ix::tally(voting)),
        ("submit_milestone", g.submit_ix(idle, 0)),
        ("review_milestone", g.review_ix(submitted, 0, true)),
        ("disburse", g.pay_ix(accepted, 0)),
        ("return_bond", g.bond_ix(idle)),
        ("set_pause", ix::set_pause(g.world.admin, 0)),
    ]
}

#[test]
fn no_account_is_taken_for_another() {
    let mut g = Grants::new();
    let (mint, stranger) = (g.world.mint(), g.stranger);
    let calls = calls(&mut g);
    let next = at::proposal(g.config().next_proposal.get());
    let copy = g.world.wallet();
    let config = g.world.svm.get_account(&at::config()).unwrap().data;
    g.world.put(copy, grants::ID, config.clone());
    let [foreign, renamed, twin] = std::array::from_fn(|_| g.world.wallet());
    g.world.put(foreign, market::ID, config);
    let proposal = g.world.svm.get_account(&at::proposal(0)).unwrap().data;
    g.world.put(twin, grants::ID, proposal.clone());
    g.world.put(renamed, grants::ID, [Ballot::DISCRIMINATOR, &proposal[8..]].concat());
    let fake_vault = g.world.other_tokens(&at::config(), &g.token.mint, 1_000_000);
    let other = g.tokens_of(&stranger);
    let mut rows: Vec<(String, Instruction, Outcome)> = Vec::new();
    for (name, call) in &calls {
        rows.push((format!("{name} as it is"), call.clone(), OK));
        let names = |address: &Address| call.accounts.iter().any(|meta| meta.pubkey == *address);
        let mut swap = |what: &str, from: Address, to: Address, outcome: Outcome| {
            if names(&from) {
                rows.push((format!("{name} with {what}"), call.clone().swap(&from, &to), outcome));
            }
        };
        swap("a copy of the configuration", at::config(), copy, no(ErrorCode::ConstraintSeeds));
        swap("another program's configuration", at::config(), foreign, no(ProgramError::IllegalOwner));
        swap("another vault", at::vault(), fake_vault, no(ErrorCode::ConstraintSeeds));
        swap("another mint", g.token.mint, mint, no(GrantsError::WrongMint));
        swap("the wrong token program", TOKEN_PROGRAM, market::ID, no(ProgramError::IncorrectProgramId));
        swap("the wrong event authority", at::event_authority(), stranger, no(ErrorCode::ConstraintSeeds));
        swap(
            "another program's contributor",
            rewards_at::contributor(&g.proposer),
            foreign,
            no(ProgramError::IllegalOwner),
        );
        for id in (0..g.config().next_proposal.get()).filter(|_| *name != "open_proposal") {
            swap("a copy of a proposal", at::proposal(id), twin, no(ErrorCode::ConstraintSeeds));
            swap("another kind of account", at::proposal(id), renamed, no(ProgramError::InvalidAccountData));
            swap("nothing as proposal", at::proposal(id), next, no(ProgramError::UninitializedAccount));
        }
        if *name == "disburse" {
            swap("a stranger's tokens", g.tokens_of(&g.recipient), other, no(GrantsError::WrongTokenAccount));
            swap(
                "the vault as destination",
                g.tokens_of(&g.recipient),
                at::vault(),
                no(ErrorCode::ConstraintDuplicateMutableAccount),
            );
        }
        for meta in &call.accounts {
            if meta.is_signer {
                let unsigned = call.clone().unsigned(&meta.pubkey);
                rows.push((
                    format!("{name} without a signature"),
                    unsigned,
                    no(ProgramError::MissingRequiredSignature),
                ));
            }
            // lamports of a wallet are not data, and a signer may pay from a read-only place only by failing later
            if meta.is_writable && !meta.is_signer {
                let read_only = call.clone().read_only(&meta.pubkey);
                let new = [next, at::ballot(&at::proposal(4), &g.voters[1])].contains(&meta.pubkey);
                let outcome =
                    if new { Some(InstructionError::PrivilegeEscalation) } else { no(ErrorCode::ConstraintMut) };
                rows.push((format!("{name} with {} read-only", meta.pubkey), read_only, outcome));
            }
        }
    }
    assert!(rows.len() > 80, "{}", rows.len());
    compare(&g.world, rows);
}

#[test]
fn a_proposal_pays_nothing_of_another() {
    let mut g = Grants::new();
    let [rich, poor] = [g.approved(&[1_000_000]), g.approved(&[1])];
    g.accept(poor, 0);
    let call = g.pay_ix(poor, 0);
    // the accepted milestone belongs to the one, the amount would be the other's
    let crossed = call.clone().swap(&at::proposal(poor), &at::proposal(rich));
    compare(
        &g.world,
        vec![("disburse".into(), call, OK), ("crossed".into(), crossed, no(GrantsError::WrongMilestoneState))],
    );
}

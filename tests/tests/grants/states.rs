use e2e_tests::{
    OK, compare,
    grants_world::{Grants, VOTING},
    instruction::grants as ix,
    no,
};
use grants::{
    GrantsError as E,
    state::{choice, proposal_state as state},
};

#[test]
fn every_instruction_is_refused_in_every_state_that_it_is_not_for() {
    let base = Grants::new();
    let mut rows = Vec::new();
    for in_state in [state::VOTING, state::APPROVED, state::REJECTED, state::COMPLETED, state::CANCELLED] {
        let mut g = base.clone();
        let id = g.proposal_in(in_state);
        let is = |right: bool| if right { OK } else { no(E::WrongState) };
        let (voting, approved) = (in_state == state::VOTING, in_state == state::APPROVED);
        let pays = approved || in_state == state::CANCELLED;
        let over = in_state > state::APPROVED;
        // what comes after the state's own check says how far it got
        let calls = vec![
            ("vote", ix::vote(g.voters[2], id, choice::FOR), is(voting)),
            ("tally", ix::tally(id), if voting { no(E::VoteNotOver) } else { is(false) }),
            (
                "cancel by the proposer",
                ix::cancel_proposal(g.proposer, id),
                if approved { no(E::MayNotCancel) } else { is(voting) },
            ),
            (
                "cancel by the administrator",
                ix::cancel_proposal(g.world.admin, id),
                if voting { no(E::MayNotCancel) } else { is(approved) },
            ),
            ("submit", g.submit_ix(id, 0), is(approved)),
            ("review", g.review_ix(id, 0, true), if approved { no(E::WrongMilestoneState) } else { is(false) }),
            ("disburse", g.pay_ix(id, 0), if pays { no(E::WrongMilestoneState) } else { is(false) }),
            ("expire", ix::expire_proposal(id), if approved { no(E::MilestoneNotLate) } else { is(false) }),
            (
                "close",
                ix::close_proposal(id, g.proposer),
                match in_state {
                    state::REJECTED => OK,
                    _ if over => no(E::StillOwes),
                    _ => is(false),
                },
            ),
            (
                "return of the bond",
                g.bond_ix(id),
                if voting || in_state == state::REJECTED { no(E::NoBond) } else { OK },
            ),
        ];
        let named = |(name, call, outcome): (&str, _, _)| (format!("{name} in state {in_state}"), call, outcome);
        compare(&g.world, calls.clone().into_iter().map(named).collect());
        rows.extend(calls.into_iter().map(|(name, ..)| name));
        if voting {
            g.world.pass(VOTING);
            compare(&g.world, vec![("tally at the end".into(), ix::tally(id), OK)]);
        }
    }
    assert_eq!(rows.len(), 50);
}

use super::{FEBRUARY, JANUARY, address, padded};
use chain::event::{Event, GrantsEvent};
use grants::{events as g, state as grants_state};
use solana_pubkey::Pubkey;

/// A funded pool and a proposal of two milestones: voted on, with a vote that is changed, paid once, and then late.
#[must_use]
pub fn grant() -> Vec<Event> {
    use grants_state::{bond_state, choice, end_reason, proposal_state};
    let proposal = address("proposal");
    let mut events = vec![
        GrantsEvent::ConfigChanged(g::ConfigChanged {
            seq: 1,
            admin: address("admin"),
            pending_admin: Pubkey::default(),
            reviewer: address("reviewer"),
            mint: address("mint"),
            allocation: 525_000,
            quorum_points: 100,
            min_points: 10,
            proposal_bond: 50,
            bond_floor_points: 20,
            voting_seconds: 600,
            review_seconds: 60,
            approval_bps: 5_000,
            paused: 0,
        }),
        GrantsEvent::GrantsFunded(g::GrantsFunded { seq: 2, by: address("admin"), amount: 9_000, funded: 9_000 }),
        GrantsEvent::ProposalOpened(g::ProposalOpened {
            proposal,
            seq: 1,
            id: 0,
            proposer: address("who-0"),
            recipient: address("who-1"),
            metadata_hash: [7; 32],
            uri: padded("https://example.org/proposal"),
            count: 2,
            amounts: [1_000, 2_000, 0, 0, 0, 0, 0, 0],
            due: [FEBRUARY, FEBRUARY + 600, 0, 0, 0, 0, 0, 0],
            total: 3_000,
            bond: 50,
            bond_floor_points: 20,
            quorum_points: 100,
            approval_bps: 5_000,
            snapshot_epoch: 1,
            opened_at: JANUARY,
            ends_at: JANUARY + 600,
            bonds: 50,
        }),
    ];
    let votes = [
        ("who-0", choice::FOR, 1, (100, 0)),
        ("who-1", choice::AGAINST, 1, (100, 300)),
        ("who-1", choice::FOR, 2, (400, 0)),
    ];
    for (seq, (who, choice, votes, (votes_for, votes_against))) in (2..).zip(votes) {
        events.push(GrantsEvent::VoteCast(g::VoteCast {
            proposal,
            seq,
            voter: address(who),
            choice,
            weight: if who == "who-0" { 100 } else { 300 },
            votes,
            votes_for,
            votes_against,
            abstained: 0,
            voters: if who == "who-0" { 1 } else { 2 },
        }));
    }
    let decided = |seq, state, reason, bond_state, committed, bonds| {
        let pool_committed = committed;
        let e = g::ProposalDecided {
            proposal,
            seq,
            state,
            reason,
            bond_state,
            committed,
            funded: 9_000,
            pool_committed,
            bonds,
        };
        GrantsEvent::ProposalDecided(e)
    };
    let submitted = |seq, evidence| {
        GrantsEvent::MilestoneSubmitted(g::MilestoneSubmitted {
            proposal,
            seq,
            index: 0,
            evidence,
            review_by: FEBRUARY,
        })
    };
    let reviewed = |seq, accepted| {
        GrantsEvent::MilestoneReviewed(g::MilestoneReviewed {
            proposal,
            seq,
            index: 0,
            by: address("reviewer"),
            accepted,
        })
    };
    let (approved, cancelled) = (proposal_state::APPROVED, proposal_state::CANCELLED);
    events.extend([
        decided(5, approved, end_reason::NONE, bond_state::RETURNABLE, 3_000, 50),
        GrantsEvent::BondReturned(g::BondReturned {
            proposal,
            seq: 6,
            destination: address("tokens-0"),
            amount: 50,
            bonds: 0,
        }),
        submitted(7, [1; 32]),
        reviewed(8, false),
        submitted(9, [2; 32]),
        reviewed(10, true),
        GrantsEvent::MilestonePaid(g::MilestonePaid {
            proposal,
            seq: 11,
            index: 0,
            destination: address("tokens-1"),
            amount: 1_000,
            paid: 1_000,
            committed: 2_000,
            state: approved,
            pool_committed: 2_000,
            disbursed: 1_000,
        }),
        decided(12, cancelled, end_reason::LATE, bond_state::RETURNED, 0, 0),
        GrantsEvent::BallotClosed(g::BallotClosed { proposal, voter: address("who-1"), seq: 3 }),
        GrantsEvent::ProposalClosed(g::ProposalClosed { proposal, seq: 13 }),
    ]);
    events.into_iter().map(Event::Grants).collect()
}

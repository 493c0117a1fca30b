use super::{BOND, JANUARY, address, market_journey};
use chain::event::{Event, MarketEvent as M, OraclesEvent as E};
use market::{
    events as m,
    state::{judged_by, resolution, verdict},
};
use oracles::{events as o, state::panel_state};
use protocol::panel::{MAX_MEMBERS, ballot};
use solana_pubkey::Pubkey;

/// What a panel of `panelist-0..` does about an order.
struct Panel {
    order: Pubkey,
    opened_at: i64,
    seq: u64,
    events: Vec<E>,
}

impl Panel {
    fn next(&mut self) -> (Pubkey, u64) {
        self.seq += 1;
        (self.order, self.seq)
    }

    fn convened(mut self) -> Self {
        let ((order, seq), opened_at) = (self.next(), self.opened_at);
        self.events.push(E::PanelConvened(o::PanelConvened {
            order,
            seq,
            opened_at,
            oracle_set: 2,
            size: 3,
            min_bond: 100,
            slot: 40,
            seal_by: JANUARY + 900,
            rent_payer: address("who-0"),
        }));
        self
    }

    fn postponed(mut self) -> Self {
        let (order, seq) = self.next();
        self.events.push(E::PanelPostponed(o::PanelPostponed { order, seq, slot: 600 }));
        self
    }

    fn drawn(mut self) -> Self {
        let (order, seq) = self.next();
        let mut members = [Pubkey::default(); MAX_MEMBERS];
        for (seat, member) in members.iter_mut().zip([0, 1, 2].map(panelist)) {
            *seat = member;
        }
        self.events.push(E::PanelDrawn(o::PanelDrawn { order, seq, seed: [6; 32], members }));
        self
    }

    fn sealed(mut self, members: u8) -> Self {
        for member in 0..members {
            let ((order, seq), opened_at) = (self.next(), self.opened_at);
            let (oracle, commitment, sealed) = (panelist(member), [member + 1; 32], member + 1);
            let event = o::PanelVoteSealed { order, seq, opened_at, oracle, commitment, sealed };
            self.events.push(E::PanelVoteSealed(event));
        }
        self
    }

    /// The first member accepts, the others reject what every oracle should have rejected.
    fn voted(mut self) -> Self {
        for member in 0..3 {
            let ((order, seq), opened_at) = (self.next(), self.opened_at);
            let decides = member == 2;
            self.events.push(E::PanelVoted(o::PanelVoted {
                order,
                seq,
                opened_at,
                oracle: panelist(member),
                ballot: if member == 0 { ballot::ACCEPT } else { ballot::REJECT_PLAIN },
                reason: if member == 0 { 0 } else { 7 },
                report: [member + 4; 32],
                votes_for: 1,
                votes_against: member,
                state: if decides { panel_state::FINAL } else { panel_state::SITTING },
                payable_bps: 0,
                blame: decides.into(),
            }));
        }
        self
    }

    fn closed(mut self) -> Self {
        let (order, seq) = self.next();
        self.events.push(E::PanelClosed(o::PanelClosed { order, seq }));
        self
    }

    /// What the panel is about is opened again at its address; the panel's account is there or not.
    fn of_the_next_opening(mut self, seq: u64) -> Self {
        (self.opened_at, self.seq) = (self.opened_at + 60, seq);
        self
    }
}

fn panelist(place: u8) -> Pubkey {
    address(&format!("panelist-{place}"))
}

/// Panels on two disputes. One comes to a verdict and is closed, and sits again about the next order at that address; the other
/// never sits, and is convened again, for the next order, in the account that nobody closed.
#[must_use]
pub fn panels() -> Vec<Event> {
    let about = |order| Panel { order: address(order), opened_at: JANUARY, seq: 0, events: Vec::new() };
    let first = about("order-0").convened().postponed().drawn().sealed(3).voted().closed();
    let second = about("order-1").convened();
    let again = first.of_the_next_opening(0).convened().drawn().sealed(1);
    let seq = second.seq;
    let other = second.of_the_next_opening(seq).convened().drawn();
    [again.events, other.events].concat().into_iter().map(Event::Oracles).collect()
}

/// The life of an order whose accepting verdict a panel overturned, up to there.
#[must_use]
pub fn judged_by_a_panel() -> Vec<Event> {
    let order = address("order-0");
    let mut events = market_journey(1);
    events.retain(|event| !matches!(event.name(), "OrderSettled" | "OrderAwarded" | "OrderClosed"));
    let told = [
        M::OrderDisputed(m::OrderDisputed {
            order,
            seq: 7,
            by: address("buyer"),
            reason: [1; 32],
            bond: BOND,
            answer_by: JANUARY + 600,
            resolve_by: JANUARY + 1_200,
        }),
        M::DisputeAnswered(m::DisputeAnswered { order, seq: 8, by: address("seller"), evidence: [2; 32] }),
        M::OrderJudged(m::OrderJudged {
            order,
            seq: 9,
            by: judged_by::PANEL,
            verdict: verdict::ACCEPT,
            resolution: resolution::OVERTURNED,
            payable: 0,
            dispute_until: JANUARY + 900,
        }),
    ];
    events.extend(told.map(Event::Market));
    events
}

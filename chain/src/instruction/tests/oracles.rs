use super::{A, B, C, Instruction, Pubkey};
use crate::instruction::oracles;

/// Name, instruction and signers of every instruction of oracles.
pub(super) fn instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let settings = oracles::Settings { min_bond: 1, unbonding_seconds: 1, slash_bps: 1, panel_set: 2, panel_size: 3 };
    let vote = oracles::PanelVote { ballot: 1, reason: 0, report: [5; 32], salt: [6; 32] };
    let token = oracles::Token::classic(C);
    let record = oracles::RecordVote {
        payer: A,
        order: C,
        oracle_set: 1,
        oracle: B,
        token,
        challenger_tokens: None,
        buyer_tokens: Some(B),
    };
    vec![
        ("initialize", oracles::initialize(A, C, settings), vec![A]),
        ("propose_admin", oracles::propose_admin(A, B), vec![A]),
        ("accept_admin", oracles::accept_admin(B), vec![B]),
        ("update_config", oracles::update_config(A, settings), vec![A]),
        ("register_oracle", oracles::register_oracle(A, B, token), vec![A, B]),
        ("deposit_bond", oracles::deposit_bond(A, B, token, 1), vec![A]),
        ("request_unbond", oracles::request_unbond(A, 1), vec![A]),
        ("withdraw_bond", oracles::withdraw_bond(A, B, token), vec![A]),
        ("seal_vote", oracles::seal_vote(A, C, 1, [5; 32]), vec![A]),
        ("close_seals", oracles::close_seals(C, None, A), vec![]),
        ("record_vote", oracles::record_vote(record), vec![A]),
        ("close_record", oracles::close_record(C, A), vec![]),
        ("convene_panel", oracles::convene_panel(A, C, 1, 2), vec![A]),
        ("draw_panel", oracles::draw_panel(C, 1, 2), vec![]),
        ("seal_panel_vote", oracles::seal_panel_vote(A, C, [5; 32]), vec![A]),
        ("show_panel_vote", oracles::show_panel_vote(A, C, vote), vec![A]),
        ("close_panel", oracles::close_panel(C, A), vec![]),
        ("close_oracle", oracles::close_oracle(A, B, B, token), vec![A]),
    ]
}

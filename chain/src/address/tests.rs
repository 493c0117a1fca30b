use super::*;

fn pda(seeds: &[&[u8]], program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(seeds, program).0
}

#[test]
fn addresses_of_the_market_come_from_the_seeds_in_its_design() {
    let (wallet, program) = (Pubkey::new_from_array([3; 32]), market::PROGRAM);
    assert_eq!(market::config(), pda(&[b"config"], &program));
    assert_eq!(market::oracle_set(2), pda(&[b"oracles", &[2, 0, 0, 0]], &program));
    assert_eq!(market::listing(&wallet, 5), pda(&[b"listing", wallet.as_ref(), &[5, 0, 0, 0, 0, 0, 0, 0]], &program));
    let order = market::order(&wallet, 300);
    assert_eq!(order, pda(&[b"order", wallet.as_ref(), &[44, 1, 0, 0, 0, 0, 0, 0]], &program));
    assert_eq!(market::vault(&order), pda(&[b"vault", order.as_ref()], &program));
    assert_eq!(market::issuer_authority(), pda(&[b"issuer"], &program));
    assert_eq!(market::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn addresses_of_rewards_come_from_the_seeds_in_its_design() {
    let (wallet, program) = (Pubkey::new_from_array([3; 32]), rewards::PROGRAM);
    assert_eq!(rewards::config(), pda(&[b"config"], &program));
    assert_eq!(rewards::reserve(), pda(&[b"reserve"], &program));
    assert_eq!(rewards::issuer(&wallet), pda(&[b"issuer", wallet.as_ref()], &program));
    assert_eq!(rewards::category(258), pda(&[b"category", &[2, 1]], &program));
    assert_eq!(rewards::epoch(1), pda(&[b"epoch", &[1, 0, 0, 0]], &program));
    assert_eq!(rewards::epoch_vault(1), pda(&[b"epoch_vault", &[1, 0, 0, 0]], &program));
    assert_eq!(rewards::contributor(&wallet), pda(&[b"contributor", wallet.as_ref()], &program));
    assert_eq!(rewards::points(1, &wallet), pda(&[b"points", &[1, 0, 0, 0], wallet.as_ref()], &program));
    assert_eq!(rewards::award(&[9; 32]), pda(&[b"award", &[9; 32]], &program));
    assert_eq!(rewards::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn addresses_of_grants_come_from_the_seeds_in_its_design() {
    let (wallet, program) = (Pubkey::new_from_array([3; 32]), grants::PROGRAM);
    assert_eq!(grants::config(), pda(&[b"config"], &program));
    assert_eq!(grants::vault(), pda(&[b"vault"], &program));
    let proposal = grants::proposal(300);
    assert_eq!(proposal, pda(&[b"proposal", &[44, 1, 0, 0, 0, 0, 0, 0]], &program));
    assert_eq!(grants::ballot(&proposal, &wallet), pda(&[b"ballot", proposal.as_ref(), wallet.as_ref()], &program));
    assert_eq!(grants::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn addresses_of_oracles_come_from_the_seeds_in_its_design() {
    let (wallet, program) = (Pubkey::new_from_array([3; 32]), oracles::PROGRAM);
    assert_eq!(oracles::config(), pda(&[b"config"], &program));
    assert_eq!(oracles::oracle(&wallet), pda(&[b"oracle", wallet.as_ref()], &program));
    assert_eq!(oracles::vault(&wallet), pda(&[b"bond", wallet.as_ref()], &program));
    assert_eq!(oracles::record(&wallet), pda(&[b"record", wallet.as_ref()], &program));
    assert_eq!(oracles::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn addresses_of_rental_come_from_the_seeds_in_its_design() {
    let (wallet, program) = (Pubkey::new_from_array([3; 32]), rental::PROGRAM);
    let one = rental::rental(&wallet, 300);
    assert_eq!(one, pda(&[b"rental", wallet.as_ref(), &[44, 1, 0, 0, 0, 0, 0, 0]], &program));
    assert_eq!(rental::vault(&one), pda(&[b"rental_vault", one.as_ref()], &program));
    assert_eq!(rental::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn addresses_of_proofs_come_from_the_seeds_in_its_design() {
    let (order, wallet, program) = (Pubkey::new_from_array([4; 32]), Pubkey::new_from_array([3; 32]), proofs::PROGRAM);
    assert_eq!(proofs::verdict(&order), pda(&[b"verdict", order.as_ref()], &program));
    assert_eq!(proofs::claim(&order, &wallet), pda(&[b"claim", order.as_ref(), wallet.as_ref()], &program));
    assert_eq!(proofs::event_authority(), pda(&[b"__event_authority"], &program));
}

#[test]
fn a_token_account_is_the_one_that_wallets_derive() {
    // USDC of the wallet that the token program's documentation uses
    let wallet: Pubkey = "vines1vzrYbzLMRdu58ou5XTby4qAqVRLmqo36NKPTg".parse().unwrap();
    let mint: Pubkey = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v".parse().unwrap();
    assert_eq!(
        token_account(&wallet, &mint),
        pda(
            &[wallet.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()],
            &spl_associated_token_account_interface::program::ID
        )
    );
}

//! Rentals, bonds, grants and the reserve, by the binary that a user runs on a chain that runs the real programs.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
#[path = "support/people.rs"]
mod people;

use chain::{Pubkey, Signer, address, instruction::token};
use people::{People, chain_support::Job};
use std::path::Path;

const PURSE: u64 = 1_000_000;
const DAY: i64 = 86_400;
/// 2026-01-05T09:00:00Z: no test meets a month's end that it did not travel to.
const START: i64 = 1_767_603_600;

#[tokio::test(flavor = "multi_thread")]
async fn a_rental_is_paid_in_part_and_stopped_early_and_the_rest_goes_back() {
    // of Token-2022, without an option that says so
    let p = People::with(address::TOKEN_2022_PROGRAM, None, &[("provider", 0), ("renter", PURSE)]).await;
    let listing = p.run("provider", &["rental", "list", "--price", "36000"], "listing");
    p.fails("provider", &["rental", "open", &listing, "--hours", "2"], "72000 are needed");
    p.fails("renter", &["rental", "open", &listing, "--hours", "2", "--max-total", "71999"], "PriceAboveLimit");
    let rental = p.run("renter", &["rental", "open", &listing, "--hours", "2"], "rental");
    assert_eq!(p.tokens("renter").await, PURSE - 72_000);
    p.fails("provider", &["rental", "withdraw", &rental], "WrongState");
    p.fails("renter", &["rental", "start", &rental], "NotProvider");
    p.run("provider", &["rental", "start", &rental], "started");

    p.pass(1_800);
    let paid = p.run("provider", &["rental", "withdraw", &rental], "paid");
    let paid: u64 = paid.split(' ').next().unwrap().parse().unwrap();
    // 10 base units a second, less the fee of 2.5 %; the chain's clock goes on between two commands
    assert!((17_550..18_500).contains(&paid), "{paid}");
    assert_eq!(p.tokens("provider").await, paid);
    assert_eq!(p.run("renter", &["rental", "show", &rental], "state"), "running");

    // a reader that has read enough does not make a command fail aloud
    p.output_to_nobody("renter", &["rental", "show", &rental]);

    p.pass(600);
    p.fails("admin", &["rental", "stop", &rental], "NotAParty");
    p.run("renter", &["rental", "stop", &rental], "paid");
    let state: rental::state::Rental = p.world.rpc.get(&rental.parse().unwrap()).await.unwrap();
    let earned = 10 * u64::try_from(state.ended_at.get() - state.started_at.get()).unwrap();
    assert!((24_000..72_000).contains(&earned), "{earned}");
    let fee = earned * 250 / 10_000;
    assert_eq!([p.tokens("provider").await, p.tokens("admin").await], [earned - fee, fee]);
    assert_eq!(p.tokens("renter").await, PURSE - earned);
    p.run("renter", &["close", "rental", &rental], "closed");

    // one that never starts is taken back in full
    let other = p.run("renter", &["rental", "open", &listing, "--hours", "1", "--id", "2"], "rental");
    assert_eq!(p.run("renter", &["rental", "cancel", &other], "returned"), "36000");
    p.run("provider", &["update-listing", "--active", "false"], "listing");
    p.fails("renter", &["rental", "open", &listing, "--hours", "1", "--id", "3"], "ListingInactive");
    p.run("provider", &["close", "listing"], "closed");
}

/// Settings of oracles whose least bond is 100.
const BONDS: &str = "min_bond = 100\nunbonding_seconds = 2592000\nslash_bps = 1000\npanel_set = 0\npanel_size = 0\n";

/// Ana, Ben and Cleo, oracles with bonds of 500, 300 and 299, a set of them that asks for 300, and an armed order of 2,000.
async fn bonded_oracles() -> (People, Pubkey) {
    let purses = [("seller", 0), ("buyer", PURSE), ("ana", 500), ("ben", 500), ("cleo", 500)];
    let p = People::new(&purses).await;
    // half of a lost bond for the buyer, the rest is burned
    let settings = p.output("admin", &["admin", "show", "market"]);
    let settings = p.file("market.toml", &settings.replace("slash_buyer_bps = 0", "slash_buyer_bps = 5000"));
    p.run("admin", &["admin", "set", "market", "--settings", &settings], "set");
    let (mint, settings) = (p.world.mint.to_string(), p.file("oracles.toml", BONDS));
    let initialize = ["admin", "initialize", "oracles", "--settings", &settings, "--mint", &mint];
    p.fails("ana", &initialize, "NotUpgradeAuthority");
    p.run("admin", &initialize, "initialized");
    p.fails("ana", &["bond", "deposit", "--amount", "500"], "run `aixblock bond register`");
    for (oracle, bond) in [("ana", "500"), ("ben", "300"), ("cleo", "299")] {
        p.run(oracle, &["bond", "register"], "oracle");
        p.fails(oracle, &["bond", "deposit", "--amount", "99"], "BondTooSmall");
        assert_eq!(p.run(oracle, &["bond", "deposit", "--amount", bond], "bonded"), bond);
    }
    let keys = ["ana", "ben", "cleo"].map(|oracle| p.address(oracle));
    let set = ["admin", "oracle-set", &keys[0], &keys[1], &keys[2], "--threshold", "2", "--min-bond", "300"];
    assert_eq!(p.run("admin", &set, "oracle set"), "1");
    let job = Job { oracle_set: 1, manifest_hash: [5; 32], root: [6; 32], log: [7; 32] };
    let order = p.world.submitted_order(p.key("seller"), p.key("buyer"), 1, job).await;
    p.run("ana", &["arm", &order.to_string()], "audit armed");
    p.seal(order, &["ana", "ben", "cleo"]).await;
    (p, order)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_votes_with_its_bond_and_is_refused_without_enough() {
    let (p, order) = bonded_oracles().await;
    let name = order.to_string();
    let is_not_bonded = |outcome: Result<_, chain::SendError>| {
        outcome.unwrap_err().failure().unwrap().is_market(::market::MarketError::NotBonded)
    };
    p.vote(order, "ana").await.unwrap();
    assert!(is_not_bonded(p.vote(order, "cleo").await), "299 are bonded and 300 asked for");
    // what is on its way out does not count, until the request is taken back
    p.fails("ben", &["bond", "request", "--amount", "250"], "BondTooSmall");
    p.run("ben", &["bond", "request", "--amount", "1"], "requested");
    assert!(is_not_bonded(p.vote(order, "ben").await));
    p.run("ben", &["bond", "request", "--amount", "0"], "the request is taken back");
    p.vote(order, "ben").await.unwrap();
    assert_eq!(p.run("buyer", &["show", &name], "state"), "audited");

    p.fails("ana", &["bond", "record", &name], "votes are recorded once it is released or refunded");
    p.pass(60);
    p.run("seller", &["release", &name], "paid");
    assert_eq!(p.run("ana", &["bond", "record", &name], "recorded"), "3 of 3 members; 0 are not registered");
    assert_eq!(p.run("ana", &["bond", "record", &name], "recorded"), "0 of 3 members; 0 are not registered");
    assert_eq!(p.run("ana", &["bond", "show"], "votes"), "1: 1 as the order ended, 0 not, 0 overturned");
    let cleo = p.run("buyer", &["bond", "show", &p.address("cleo")], "votes");
    assert_eq!(cleo, "0: 0 as the order ended, 0 not, 0 overturned");

    p.run("ana", &["bond", "request", "--amount", "500"], "requested");
    p.fails("ana", &["bond", "withdraw"], "StillUnbonding");
    p.fails("ana", &["close", "record", &name], "RecordNeeded");
    p.pass(30 * DAY);
    assert_eq!(p.run("ana", &["bond", "withdraw"], "withdrawn"), "500");
    assert_eq!(p.tokens("ana").await, 500);
    p.run("ana", &["close", "oracle"], "closed");
    p.run("ben", &["close", "seals", &name], "closed");
    p.run("ana", &["close", "record", &name], "closed");
    p.run("buyer", &["close", "order", &name], "closed");
    p.run("admin", &["admin", "retire-oracle-set", "1"], "retired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_a_judged_dispute_overturned_costs_its_oracle_a_part_of_its_bond() {
    let (p, order) = bonded_oracles().await;
    let name = order.to_string();
    for oracle in ["ana", "ben"] {
        p.vote(order, oracle).await.unwrap();
    }
    p.run("buyer", &["dispute", &name, "--reason", "the replay was of another job"], "disputed");
    // the seller is silent: a member of the set answers for a judgement
    p.run("ana", &["answer", &name, "--evidence", "it was not"], "answered");
    // no panel is set up here, so that nobody judges before the administrator's half of the window
    let refused = |who: &str, arguments: &[&str], reason: &str| {
        let said = String::from_utf8_lossy(&p.try_run(who, arguments).stderr).into_owned();
        assert!(said.contains(reason), "{said}");
    };
    refused("ana", &["panel", "convene", &name], "without panels");
    refused("ana", &["panel", "show", &name], "has no panel");
    refused("admin", &["resolve", &name, "--payable", "0"], "PanelSits");
    p.output("admin", &["travel", "--seconds", "400"]);
    p.run("admin", &["resolve", &name, "--payable", "0"], "resolved");
    p.run("seller", &["refund", &name], "refunded");
    assert_eq!(p.tokens("buyer").await, PURSE);
    p.run("seller", &["bond", "record", &name], "recorded 3 of 3");
    // a tenth of 500 and of 300, half of each for the buyer
    for (oracle, bond, lost) in [("ana", "450", "50"), ("ben", "270", "30"), ("cleo", "299", "0")] {
        assert_eq!(p.run(oracle, &["bond", "show"], "lost"), lost);
        assert!(p.run(oracle, &["bond", "show"], "bond").starts_with(&format!("{bond}, of which")));
    }
    assert_eq!(p.tokens("buyer").await, PURSE + 25 + 15);
}

/// A month in which Ada earned 700 points and Ben 300, and the month after it, in which they vote.
async fn two_months() -> People {
    let p = People::with(address::TOKEN_PROGRAM, Some(START), &[("ada", 1_000), ("ben", 0)]).await;
    let admin = p.world.admin.pubkey();
    let mint =
        [token::create_account(admin, admin, p.world.token), token::mint_to(p.world.token, admin, admin, 100 * PURSE)];
    p.world.rpc.send(&mint, &[&p.world.admin]).await.unwrap();
    p.run("admin", &["admin", "category", "1", "--name", "code", "--weight", "10", "--max", "100"], "category");
    p.run("admin", &["admin", "issuer", &p.address("admin"), "--cap", "10000"], "issuer");
    p.run("admin", &["schedule-months", "--first", "1", "--pool", "1000"], "scheduled");
    p.run("admin", &["open-month"], "epoch 0:");
    for (who, units) in [("ada", "70"), ("ben", "30")] {
        p.run(who, &["register"], "contributor");
        let award = ["award", &p.address(who), "--link", who, "--category", "1", "--quantity", units];
        p.run("admin", &award, "awarded");
    }
    p.output("admin", &["travel", "--to", "2026-02-01T00:00:00Z"]);
    p.run("ada", &["close-month", "0"], "closed");
    p.run("admin", &["convert-tge", "--pool", "5000"], "epoch 0 shares");
    p.run("admin", &["open-month"], "epoch 1:");
    p
}

const GRANTS: &str = "quorum_points = 500
min_points = 10
proposal_bond = 100
bond_floor_points = 100
voting_seconds = 604800
review_seconds = 604800
approval_bps = 5000
";

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_goes_from_its_proposal_to_a_paid_milestone() {
    let p = two_months().await;
    let settings = p.file("grants.toml", &format!("{GRANTS}reviewer = \"{}\"\n", p.address("admin")));
    let mint = p.world.mint.to_string();
    let initialize = ["admin", "initialize", "grants", "--settings", &settings, "--mint", &mint];
    p.fails("admin", &initialize, "--allocation");
    p.run("admin", &[&initialize[..], &["--allocation", "1000000"]].concat(), "initialized");
    assert_eq!(p.run("admin", &["grant", "fund", "--amount", "10000"], ""), "10000 free in the pool");
    let (text, evidence) = (p.file("proposal.md", "Port the trainer"), p.file("evidence.txt", "It runs"));

    let ask = ["grant", "propose", "--text", &text, "--milestone"];
    p.fails("ada", &[&ask[..], &["5000"]].concat(), "is not a milestone like");
    p.fails("ada", &[&ask[..], &["5000@2026-02-05T00:00:00Z"]].concat(), "DueOutOfRange");
    let two = ["5000@2026-03-01T00:00:00Z", "--milestone", "2000@2026-04-01T00:00:00Z"];
    assert_eq!(p.run("ada", &[&ask[..], &two].concat(), "proposal"), "0");
    assert_eq!(p.tokens("ada").await, 900);
    p.fails("admin", &["grant", "vote", "0", "for"], "run `aixblock register`");
    assert_eq!(p.run("ada", &["grant", "vote", "0", "against"], "voted with"), "700 points");
    p.run("ada", &["grant", "vote", "0", "for"], "voted with");
    assert_eq!(p.run("ben", &["grant", "vote", "0", "against"], "voted with"), "300 points");
    let points = p.run("ben", &["grant", "show", "0"], "points");
    assert_eq!(points, "700 for, 300 against, 0 abstained, of 2 voters");
    p.fails("ben", &["grant", "tally", "0"], "VoteNotOver");
    p.fails("ben", &["grant", "tally", "1"], "proposal 1: there is no proposal at");
    p.fails("ada", &["grant", "submit", "0", "--evidence", &evidence], "the proposal is voting");
    p.pass(7 * DAY);
    assert_eq!(p.run("ben", &["grant", "tally", "0"], ""), "approved");
    assert_eq!(p.run("ben", &["grant", "return-bond", "0"], "returned 100 to"), p.address("ada"));

    p.fails("ben", &["grant", "submit", "0", "--evidence", &evidence], "NotRecipient");
    p.run("ada", &["grant", "submit", "0", "--evidence", &evidence], "milestone 0 submitted");
    p.fails("ben", &["grant", "disburse", "0"], "no milestone of proposal 0 is accepted");
    p.run("admin", &["grant", "review", "0", "refuse"], "milestone 0 refused");
    p.run("ada", &["grant", "submit", "0", "--evidence", &evidence], "milestone 0 submitted");
    p.fails("ben", &["grant", "review", "0", "accept"], "NotReviewer");
    p.run("admin", &["grant", "review", "0", "accept"], "milestone 0 accepted");
    p.run("ben", &["grant", "disburse", "0"], "paid 5000");
    assert_eq!(p.tokens("ada").await, 1_000 + 5_000);
    let shown = p.output("ben", &["grant", "show", "0"]);
    assert!(shown.contains("paid           5000 of 7000"), "{shown}");

    // the second milestone is never submitted: what it was promised returns to the pool
    p.fails("ben", &["grant", "expire", "0"], "MilestoneNotLate");
    p.output("ben", &["travel", "--to", "2026-04-01T00:00:00Z"]);
    assert_eq!(p.run("ben", &["grant", "expire", "0"], "cancelled:"), "a milestone was late");
    assert_eq!(p.run("ben", &["grant", "show"], "free"), "5000");
    p.run("ben", &["close", "ballot", "0", "--wallet", &p.address("ada")], "closed");
    p.run("ada", &["close", "proposal", "0"], "closed");
    assert_eq!(stored(&p.path("store")), 2, "text and evidence");
}

/// Blobs in a content store.
fn stored(folder: &Path) -> usize {
    let count = |entry: std::fs::DirEntry| if entry.path().is_dir() { stored(&entry.path()) } else { 1 };
    std::fs::read_dir(folder).unwrap().map(|entry| count(entry.unwrap())).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reserve_pays_what_was_announced_after_its_delay_within_the_limit() {
    let p = two_months().await;
    // what the program says is what it can be told
    let settings = p.output("admin", &["admin", "show", "rewards"]);
    let wider = p.file("rewards.toml", &settings.replace("outflow_limit = 0", "outflow_limit = 600"));
    p.fails("ada", &["admin", "set", "rewards", "--settings", &wider], "NotAdmin");
    p.fails("admin", &["admin", "set", "market", "--settings", &wider], "admin show");
    p.run("admin", &["admin", "set", "rewards", "--settings", &wider], "set");
    assert_eq!(p.output("admin", &["admin", "show", "rewards"]), std::fs::read_to_string(&wider).unwrap());

    p.run("ada", &["deposit-profit", "--amount", "1000"], "deposited");
    assert_eq!(p.run("ben", &["reserve", "show"], "holds"), "1000");
    let to = p.address("ben");
    let pay = |amount| ["reserve", "propose", "--to", &to, "--purpose", "prizes", "--amount", amount];
    assert_eq!(p.run("admin", &pay("600"), "spend"), "0");
    assert_eq!(p.run("admin", &pay("1"), "spend"), "1");
    p.fails("ben", &["reserve", "execute", "0"], "SpendNotDue");
    p.pass(DAY);
    assert_eq!(p.run("ben", &["reserve", "execute", "0"], "paid 600;"), "400 left in the reserve");
    p.fails("ben", &["reserve", "execute", "1"], "OutflowLimit");
    p.run("admin", &["reserve", "cancel", "1"], "cancelled");
    p.fails("ben", &["reserve", "show", "1"], "there is no spend of the reserve");
    assert_eq!(p.tokens("ben").await, 600);

    // the month of the points is paid; then nothing keeps their account
    p.run("ben", &["close-month", "0"], "final");
    p.fails("ben", &["close", "points", "0"], "ShareUnclaimed");
    assert_eq!(p.run("ben", &["claim", "0"], "claimed"), "1500 for 300 points");
    p.run("ben", &["close", "points", "0"], "closed");
    p.fails("ben", &["close", "award", "--link", "ada"], "AwardCounts");
    let elsewhere: Pubkey = p.world.token.account_of(&p.key("ada").pubkey());
    p.fails("ben", &["set-destination", &elsewhere.to_string()], "WrongDestination");
    p.run("admin", &["admin", "pause", "rewards", "awards"], "done");
    let award = ["award", &to, "--link", "more", "--category", "1"];
    p.fails("admin", &award, "AwardsPaused");
    p.run("admin", &["admin", "pause", "rewards"], "done");
    p.run("admin", &award, "awarded");
    p.run("admin", &["void-award", "--link", "more", "--reason", "twice"], "taken back");
}

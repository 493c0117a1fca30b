//! `aixblock verify ORDER`: everything comes from the order's account and the store.
pub(crate) use crate::proven::people::chain_support as support;

use crate::shop::{NOWHERE, Shop};
use chain::instruction::{market as build, oracles::seal_vote};
use chain::{Keypair, Pubkey, Signer};
use market::state::{Order, verdict};
use oracle::judge::Judgement;
use protocol::digest::Digest;
use protocol::report::{DifferingPart, TrainReport, reason_code};
use protocol::seal::{self, Subject};
use std::process::Command;
use support::{Job, World};

const SALT: [u8; 32] = [7; 32];

/// Draws the seed of the order's audit.
pub(crate) async fn arm(world: &World, order: Pubkey, oracle_set: u32, payer: &Keypair) {
    while let Err(error) = world.rpc.send(&[build::arm_audit(order, oracle_set)], &[payer]).await {
        let failure = error.failure().unwrap_or_else(|| panic!("{error}"));
        assert!(failure.is_market(market::MarketError::AuditTooEarly), "{error}");
    }
}

/// Seals and shows the verdict, reason and report of each member.
pub(crate) async fn vote(
    world: &World,
    order: Pubkey,
    oracle_set: u32,
    root: Digest,
    members: &[(&Keypair, (u8, u16, Digest))],
) {
    let state: Order = world.rpc.get(&order).await.unwrap();
    for (key, (verdict, ..)) in members {
        let member = key.pubkey();
        let (order_bytes, oracle) = (order.as_array(), member.as_array());
        let subject =
            Subject { order: order_bytes, opened_at: state.opened_at.get(), audit_seed: &state.audit_seed, oracle };
        let commitment = seal::commitment(&subject, *verdict, &SALT);
        world.rpc.send(&[seal_vote(member, order, oracle_set, commitment)], &[key]).await.unwrap();
    }
    for (key, (verdict, reason, report)) in members {
        let vote =
            build::Vote { result_root: root.0, verdict: *verdict, reason: *reason, report: report.0, salt: SALT };
        world.rpc.send(&[build::attest(key.pubkey(), order, oracle_set, None, vote)], &[key]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_verified_by_its_address_alone() {
    let world = support::world().await;
    let (seller, buyer) = (world.wallet(0).await, world.wallet(10_000).await);
    let oracle_set = world.oracle_set(&[world.admin.pubkey()]).await;
    let shop = Shop::new();
    let url = world.net.rpc_url();
    let verify = |order: Pubkey| shop.verify(&order.to_string(), &[&order.to_string(), "--url", &url]);
    let job_of = |run: &TrainReport, root: Digest| Job {
        oracle_set,
        manifest_hash: shop.manifest.hash().0,
        root: root.0,
        log: run.log.0,
    };

    let honest = shop.train(None);
    let order = world.submitted_order(&seller, &buyer, 1, job_of(&honest, honest.job_root)).await;
    let verified = verify(order);
    assert_eq!((verified.status, &verified.json["whole"]), (0, &true.into()), "{}", verified.json);
    assert_eq!(verified.json["order"], order.to_string());

    let cheat = shop.train(Some("lazy-rank-zero"));
    let order = world.submitted_order(&seller, &buyer, 2, job_of(&cheat, cheat.job_root)).await;
    let verified = verify(order);
    assert_eq!(verified.status, 2, "{}", verified.json);
    assert_eq!(verified.fault().unwrap().part, DifferingPart::Gradient { virtual_rank: 3 });
    shop.evidence(&order.to_string()).check().unwrap();

    // an honest log under a root that is not its own
    let order = world.submitted_order(&seller, &buyer, 3, job_of(&honest, cheat.job_root)).await;
    let verified = verify(order);
    assert_eq!((verified.status, verified.fault().unwrap().part), (2, DifferingPart::JobRoot), "{}", verified.json);
    tokio::task::spawn_blocking(move || world.net.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_an_audit_shows_who_found_what_and_which_reports_are_none() {
    let world = support::world().await;
    let (seller, buyer) = (world.wallet(0).await, world.wallet(10_000).await);
    let oracles = [world.wallet(0).await, world.wallet(0).await, world.wallet(0).await];
    let oracle_set = world.oracle_set(&oracles.each_ref().map(Keypair::pubkey)).await;
    let shop = Shop::new();
    let cheat = shop.train(Some("lazy-rank-zero"));
    let job = Job { oracle_set, manifest_hash: shop.manifest.hash().0, root: cheat.job_root.0, log: cheat.log.0 };
    let order = world.submitted_order(&seller, &buyer, 1, job).await;
    arm(&world, order, oracle_set, &buyer).await;
    let Judgement::Proven { reason, report, .. } = shop.judged(&cheat).await else { panic!("no proof") };
    assert_eq!(reason, reason_code::GRADIENT);
    let (honest, none) = (shop.store.put(&report).unwrap(), shop.store.put(b"<script>alert(1)</script>").unwrap());
    let votes = [
        (verdict::REJECT, reason, honest),
        (verdict::ACCEPT, reason_code::NONE, none),
        (verdict::ACCEPT, reason_code::NONE, NOWHERE),
    ];
    let members: Vec<_> = oracles.iter().zip(votes).collect();
    vote(&world, order, oracle_set, cheat.job_root, &members).await;

    let out = shop.folder.path().join("pages/audit.html");
    let mut command = Command::new(e2e_tests::binary("aixblock"));
    command.args(["report", &order.to_string(), "--url", &world.net.rpc_url(), "--store"]).arg(shop.store.root());
    // no key is needed, so none can be found
    command.arg("--out").arg(&out).env("HOME", shop.folder.path().join("nobody")).env_remove("AIXBLOCK_KEYPAIR");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        said.contains("3 cast, 3 on the page") && said.contains("the reports of 2 of them cannot be used"),
        "{said}"
    );
    let page = std::fs::read_to_string(&out).unwrap();
    for expected in [
        "<td>2 for, 1 against</td>",
        "step 0: the gradient of virtual rank 3 differs, says oracle 1",
        "rejects: a gradient differs",
        "the report cannot be used: it is no report of a replay",
        "<span class=\"key fault\">3 differ</span>",
        "<td>not known</td><td>not known</td></tr>",
        "Loss, as the log commits to it",
        &oracles[2].pubkey().to_string(),
        &honest.to_string(),
    ] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    assert!(!page.contains("<script"), "{page}");
    tokio::task::spawn_blocking(move || world.net.stop()).await.unwrap();
}

//! `aixblock verify ORDER`: everything comes from the order's account and the store.
#[path = "../../../chain/localnet/tests/support/mod.rs"]
mod support;

use crate::shop::Shop;
use chain::{Pubkey, Signer};
use protocol::digest::Digest;
use protocol::report::{DifferingPart, TrainReport};
use support::Job;

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

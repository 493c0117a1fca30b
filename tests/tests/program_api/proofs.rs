use super::served::{served, shows};
use e2e_tests::{BUYER_SECRET, Labelled, Proofs, SALT, Sold, address::proofs as at, instruction::proofs as ix, passed};
use proofs::state::{Claim, Verdict};
use protocol::licence_keys;
use serde_json::json;

#[tokio::test]
async fn claims_and_verdicts_are_answered_as_their_accounts_are() {
    let mut p = Proofs::new();
    p.world.keep_history();
    let buyer = p.buyer;
    let sold = Sold::full(2, Some(1));
    let [faulty, claimed] = [(); 2].map(|()| p.licence(&sold));
    for order in [faulty, claimed] {
        passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(1))));
    }
    let (key, cipher) = (sold.key, sold.cipher[1].clone());
    let prove = ix::ProveChunk { payer: buyer, order: faulty, claimant: buyer, key, cipher };
    passed(p.world.send(ix::prove_chunk(prove)));
    passed(p.world.send(ix::close_claim(buyer, faulty)));
    let wrong_key = p.order(|order| {
        sold.delivered(order);
        order.result_root = [1; 32];
    });
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sold.sealed);
    passed(p.world.send(ix::prove_key(buyer, wrong_key, &evidence, sold.sealed)));
    let job = Labelled::usual(7);
    let labels = p.labelled(&job);
    passed(p.world.send(ix::open_gold(buyer, labels, &job.task, SALT, &job.gold)));
    let (answers, siblings) = job.leaf(0);
    passed(p.world.send(ix::open_answers(labels, &answers, 0, &siblings)));

    let api = served(&p.world).await;
    for (order, kind, state, fault) in
        [(faulty, "proof", "final", "chunk"), (wrong_key, "proof", "final", "key"), (labels, "gold", "open", "none")]
    {
        let (address, opened_at) = (at::verdict(&order), p.world.read::<Verdict>(&at::verdict(&order)).opened_at.get());
        let data = api.data(&format!("verdicts/{address}")).await;
        shows(
            &data,
            &json!({
                "order": order.to_string(), "kind": kind, "state": state, "fault": fault, "opened_at": opened_at,
                "payable_bps": 0, "closed": false,
            }),
        );
        assert_eq!(api.data(&format!("verdicts?order={order}")).await, json!([data]));
    }
    shows(&api.data(&format!("verdicts/{}", at::verdict(&faulty))).await, &json!({ "chunk": 1, "gold": null }));
    let open: Verdict = p.world.read(&at::verdict(&labels));
    shows(
        &api.data(&format!("verdicts/{}", at::verdict(&labels))).await["gold"],
        &json!({
            "answers_by": open.answers_by.get(), "items": 1_000, "count": 10, "floor_bps": 5_000, "full_bps": 9_000,
            "compared": open.compared.get().count_ones(), "correct": open.correct.get().count_ones(),
        }),
    );
    let claim: Claim = p.world.read(&at::claim(&claimed, &buyer));
    let data = api.data(&format!("chunk-claims/{}", at::claim(&claimed, &buyer))).await;
    let hex = |bytes: [u8; 32]| protocol::digest::Digest(bytes).to_string();
    shows(
        &data,
        &json!({
            "order": claimed.to_string(), "claimant": buyer.to_string(), "chunk": claim.chunk.get(), "closed": false,
            "plain_hash": hex(claim.plain_hash), "cipher_hash": hex(claim.cipher_hash),
        }),
    );
    assert_eq!(api.data("chunk-claims?closed=false").await, json!([data]));

    for leaf in 1..4 {
        let (answers, siblings) = job.leaf(leaf);
        passed(p.world.send(ix::open_answers(labels, &answers, leaf, &siblings)));
    }
    passed(p.world.send(ix::finish_gold(labels)));
    let done: Verdict = p.world.read(&at::verdict(&labels));
    let data = served(&p.world).await.data(&format!("verdicts/{}", at::verdict(&labels))).await;
    shows(&data, &json!({ "state": "final", "payable_bps": done.payable_bps.get() }));
    shows(&data["gold"], &json!({ "compared": 10, "correct": 7 }));
}

use super::Journey;
use crate::{BUYER_SECRET, Labelled, Proofs, SALT, Sold, Trained, instruction::proofs as proofs_ix, passed};
use market::state::order_state as state;
use proofs::state::{MAX_RANKS, REDUCED, SLOTS};
use protocol::{digest::Digest, labelling::GoldItem, licence_keys, manifest::Optimizer};

/// Each at its most: a full chunk at the deepest place, all gold items in one leaf of a large tree.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut p = Proofs::new();
    let (buyer, sold) = (p.buyer, Sold::full(1, Some(0)));
    let mut run = |p: &mut Proofs, name: &str, i| journey.send(&mut p.world, "proofs", name, i);
    let (chunk, root) = sold.deepest_chunk();
    let order = p.order(|order| {
        sold.delivered(order);
        order.content_root = root.0;
    });
    run(&mut p, "open_chunk", proofs_ix::open_chunk(buyer, order, &chunk));
    let (key, cipher) = (sold.key, sold.cipher[0].clone());
    let prove = proofs_ix::ProveChunk { payer: buyer, order, claimant: buyer, key, cipher };
    run(&mut p, "prove_chunk", proofs_ix::prove_chunk(prove));
    run(&mut p, "close_claim", proofs_ix::close_claim(buyer, order));
    let wrong = p.order(|order| {
        sold.delivered(order);
        order.result_root = [1; 32];
    });
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sold.sealed);
    run(&mut p, "prove_key", proofs_ix::prove_key(buyer, wrong, &evidence, sold.sealed));
    let mut job = Trained::new(4, MAX_RANKS as u32, 1_000, |step, rank, element| (step + rank) as f32 - element as f32);
    job.reduced[1][900] += 1.0;
    job.commit();
    let trained = p.trained(&job);
    run(&mut p, "open_segment", proofs_ix::open_segment(buyer, trained, &job.step(1)));
    run(&mut p, "open_step", proofs_ix::open_step(buyer, trained, &job.step(1)));
    for slot in 0..=REDUCED {
        let value = job.value(1, slot, 900);
        run(&mut p, "open_leaf", proofs_ix::open_leaf(buyer, trained, &value));
        run(&mut p, "open_values", proofs_ix::open_values(buyer, trained, &value));
    }
    let prover = |order| proofs_ix::Prover { payer: buyer, order, claimant: buyer };
    run(&mut p, "prove_reduction", proofs_ix::prove_reduction(prover(trained)));
    run(&mut p, "close_evidence", proofs_ix::close_evidence(buyer, trained));
    let mut job = Trained::new(300, 2, 1_000, |step, rank, element| (step + rank) as f32 - element as f32);
    let Optimizer::Adamw { clip_norm, .. } = &mut job.manifest.optimizer;
    *clip_norm = Some(1.0);
    job.order_anew();
    job.states[300][0][900] += 1.0;
    job.commit();
    let updated = p.trained(&job);
    p.show_step(buyer, updated, &job.step(298));
    passed(p.world.send(proofs_ix::open_step(buyer, updated, &job.step(299))));
    run(&mut p, "open_manifest", proofs_ix::open_manifest(buyer, updated, job.manifest.encode()));
    let layout = job.layout(299);
    for write in proofs_ix::write_layout(buyer, updated, &layout.layout) {
        run(&mut p, "write_layout", write);
    }
    run(&mut p, "open_layout", proofs_ix::open_layout(buyer, updated, 900, &layout));
    let mean = job.mean_layout(299);
    p.write_layout(buyer, updated, &mean.layout);
    run(&mut p, "open_norm", proofs_ix::open_norm(buyer, updated, &mean));
    for slot in REDUCED..SLOTS {
        let value = job.value(299, slot, 900);
        passed(
            p.world.send_all(&[
                proofs_ix::open_leaf(buyer, updated, &value),
                proofs_ix::open_values(buyer, updated, &value),
            ]),
        );
    }
    run(&mut p, "prove_update", proofs_ix::prove_update(prover(updated)));
    let mut job = Trained::new(4, 2, 1, |_, _, _| 0.0);
    job.log.segments[1].start_root = Digest::ZERO;
    let broken = p.trained(&job);
    passed(p.world.send(proofs_ix::open_segment(buyer, broken, &job.step(1))));
    run(&mut p, "prove_break", proofs_ix::prove_break(prover(broken), &job.step(2)));
    job.log.end.metric.correct = 11;
    let impossible = p.trained(&job);
    passed(p.world.send(proofs_ix::open_segment(buyer, impossible, &job.step(1))));
    run(&mut p, "prove_log", proofs_ix::prove_log(prover(impossible)));
    let gold = (0..64).map(|item| GoldItem { item: 2 * item, label: 7 }).collect();
    let job = Labelled::new(vec![7; 100_000], gold, 5_000, 9_000);
    let order = p.labelled(&job);
    let (answers, siblings) = job.leaf(0);
    run(&mut p, "open_gold", proofs_ix::open_gold(buyer, order, &job.task, SALT, &job.gold));
    run(&mut p, "open_answers", proofs_ix::open_answers(order, &answers, 0, &siblings));
    run(&mut p, "finish_gold", proofs_ix::finish_gold(order));
    p.change(&order, |order| order.state = state::RELEASED);
    run(&mut p, "close_verdict", proofs_ix::close_verdict(order, buyer));
}

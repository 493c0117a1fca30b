//! Every mode of `aixblock-trainer launch --dishonest`: the fault is named, and an oracle votes against it or waits for data.
use crate::shop::{Shop, report_of};
use oracle::judge::Judgement;
use protocol::chunked::{Head, decode_list};
use protocol::evidence::Evidence;
use protocol::manifest::FORMAT_VERSION;
use protocol::report::DifferingPart::{self, *};
use protocol::report::reason_code;

/// The part, and the step where it is certain, that verification and oracle name; the evidence that is left.
async fn caught(shop: &Shop, mode: &str, part: DifferingPart, step: Option<u32>, reason: u16) -> Evidence {
    let run = shop.train(Some(mode));
    let verified = shop.verify_run(&run);
    let fault = verified.fault().unwrap_or_else(|| panic!("{mode}: {}", verified.json));
    assert_eq!((verified.status, verified.verdict(), fault.part), (2, "fault", part), "{mode}: {fault}");
    if step.is_some() {
        assert_eq!(fault.step, step, "{mode}: {fault}");
    }
    let evidence = shop.evidence("verified");
    evidence.check().unwrap();
    assert_eq!((&evidence.fault, evidence.job.job_root), (&fault, run.job_root), "{mode}");
    if matches!(part, Batch | Gradient { .. } | ReducedGradient | Loss | State) {
        assert!(
            evidence.step.is_some() && evidence.replayed.is_some(),
            "{mode}: a step is there as committed and replayed"
        );
    }
    let judgement = shop.judged(&run).await;
    assert!(
        matches!(judgement, Judgement::Proven { accept: false, reason: found, .. } if found == reason),
        "{mode}: {judgement:?}"
    );
    assert_eq!(report_of(&judgement).fault, Some(fault), "{mode}");
    evidence
}

/// The same with data that somebody withholds: nobody can say that the work is wrong, and an oracle waits before it votes.
async fn undecided(mode: &str, what: &str) {
    let shop = Shop::new();
    let run = shop.train(Some(mode));
    let verified = shop.verify_run(&run);
    assert_eq!((verified.status, verified.verdict(), verified.fault()), (1, "undecided", None), "{}", verified.json);
    assert_eq!(verified.json["reason_code"], reason_code::UNAVAILABLE);
    let withheld = verified.json["withheld"].as_array().unwrap();
    assert!(withheld.len() == 1 && withheld[0]["what"].as_str().unwrap().contains(what), "{withheld:?}");
    let judgement = shop.judged(&run).await;
    assert!(matches!(judgement, Judgement::Unavailable { .. }), "{judgement:?}");
}

#[tokio::test]
async fn skipped_steps_are_another_gradient() {
    caught(&Shop::new(), "skip-steps", Gradient { virtual_rank: 0 }, Some(1), reason_code::GRADIENT).await;
}

#[tokio::test]
async fn other_data_under_the_right_batch_is_another_gradient() {
    caught(&Shop::new(), "wrong-data", Gradient { virtual_rank: 0 }, Some(0), reason_code::GRADIENT).await;
}

#[tokio::test]
async fn repeated_data_is_another_batch() {
    caught(&Shop::new(), "repeated-data", Batch, Some(1), reason_code::BATCH).await;
}

#[tokio::test]
async fn easy_data_is_another_batch() {
    caught(&Shop::new(), "easy-data", Batch, None, reason_code::BATCH).await;
}

#[tokio::test]
async fn a_lazy_rank_is_named() {
    let shop = Shop::new();
    let lazy = Gradient { virtual_rank: 3 };
    caught(&shop, "lazy-rank-zero", lazy, Some(0), reason_code::GRADIENT).await;
    caught(&shop, "lazy-rank-copied", lazy, Some(0), reason_code::GRADIENT).await;
    caught(&shop, "lazy-rank-stale", lazy, Some(1), reason_code::GRADIENT).await;
}

#[tokio::test]
async fn a_wrong_reducer_is_another_mean_of_the_right_gradients() {
    let shop = Shop::new();
    for mode in ["reducer-order", "reducer-drops-rank"] {
        let evidence = caught(&shop, mode, ReducedGradient, Some(0), reason_code::REDUCED_GRADIENT).await;
        let (committed, replayed) = (evidence.step.unwrap().record, evidence.replayed.unwrap());
        assert_eq!(committed.gradient_roots, replayed.gradient_roots, "{mode}");
        assert!(["gradients", "mean_gradient", "state_before"].iter().all(|blob| evidence.blobs.contains_key(*blob)));
    }
}

#[tokio::test]
async fn a_wrong_optimiser_is_another_state_after_the_right_mean() {
    let shop = Shop::new();
    for mode in ["learning-rate", "no-weight-decay"] {
        let evidence = caught(&shop, mode, State, Some(0), reason_code::STATE).await;
        assert_eq!(evidence.step.unwrap().record.reduced_root, evidence.replayed.unwrap().reduced_root, "{mode}");
        // the values within a segment are the trainer's own
        assert!(evidence.element.is_none(), "{mode}");
    }
}

#[tokio::test]
async fn where_a_segment_ends_the_wrong_value_itself_is_opened() {
    let shop = Shop::with(|manifest| manifest.segment_len = 1);
    let evidence = caught(&shop, "learning-rate", State, Some(0), reason_code::STATE).await;
    let element = evidence.element.unwrap();
    assert_eq!(element.committed.root, evidence.step.unwrap().record.state_root);
    assert_ne!(element.committed_bits, element.replayed_bits);
}

#[tokio::test]
async fn a_start_from_other_weights_is_another_initial_state() {
    let evidence = caught(&Shop::new(), "wrong-start", InitialState, Some(0), reason_code::INITIAL_STATE).await;
    assert_eq!(evidence.element.unwrap().run, 0);
}

#[tokio::test]
async fn a_spliced_checkpoint_is_caught_at_the_seam_however_it_is_hidden() {
    let shop = Shop::new();
    let hidden = caught(&shop, "spliced-checkpoint", State, Some(1), reason_code::STATE).await;
    // the state that was inserted is served as the next segment's checkpoint
    assert!(hidden.element.is_some());
    let open = caught(&shop, "broken-link", SegmentLink, None, reason_code::LOG).await;
    assert_eq!(open.fault.segment, Some(1));
    assert_ne!(open.segment.unwrap().record.start_root, open.segment_before.unwrap().record.end_root);
}

#[tokio::test]
async fn a_forged_loss_or_metric_is_named() {
    let shop = Shop::new();
    caught(&shop, "forged-loss", Loss, Some(0), reason_code::LOSS).await;
    caught(&shop, "forged-metric", Metric, None, reason_code::METRIC).await;
    let evaluated = Shop::with(|manifest| (manifest.version, manifest.evaluate_every) = (FORMAT_VERSION, 1));
    caught(&evaluated, "forged-evaluation", Evaluation, Some(1), reason_code::METRIC).await;
}

#[tokio::test]
async fn another_jobs_proof_is_of_another_manifest() {
    caught(&Shop::new(), "other-jobs-proof", Manifest, None, reason_code::LOG).await;
}

#[tokio::test]
async fn withheld_data_is_no_verdict_but_a_reason_to_wait() {
    undecided("withheld-checkpoint", "checkpoint at the start of segment 1").await;
    undecided("withheld-log", "log").await;
}

#[tokio::test]
async fn over_a_dataset_in_chunks_cheats_are_named_as_over_any_other() {
    let shop = Shop::of_chunks();
    caught(&shop, "wrong-data", Gradient { virtual_rank: 0 }, Some(0), reason_code::GRADIENT).await;
    caught(&shop, "repeated-data", Batch, Some(1), reason_code::BATCH).await;
    caught(&shop, "easy-data", Batch, None, reason_code::BATCH).await;
}

#[tokio::test]
async fn a_missing_chunk_of_the_dataset_is_a_reason_to_wait() {
    let shop = Shop::of_chunks();
    let run = shop.train(None);
    let equal = shop.verify_run(&run);
    assert_eq!((equal.status, equal.verdict()), (0, "equal"), "{}", equal.json);
    let head = Head::decode(&shop.store.get(&shop.manifest.dataset.root).unwrap()).unwrap();
    for chunk in decode_list(&head, &shop.store.get(&head.list).unwrap()).unwrap() {
        std::fs::remove_file(shop.store.path_of(&chunk)).unwrap();
    }
    let [log, manifest] = [run.log, run.manifest_hash].map(|digest| digest.to_string());
    let verified = shop.verify("anew", &["--log", &log, "--manifest-hash", &manifest]);
    assert_eq!((verified.status, verified.verdict(), verified.fault()), (1, "undecided", None), "{}", verified.json);
    assert!(verified.json["reason"].as_str().unwrap().contains("missing"), "{}", verified.json);
    let judgement = shop.judged(&run).await;
    assert!(matches!(judgement, Judgement::Unavailable { .. }), "{judgement:?}");
}

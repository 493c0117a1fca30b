//! Training jobs: one wrong sum, or one contradiction, is computed again on chain and convicts; nothing right does.
use anchor_lang::Address;
use e2e_tests::{
    Proofs, Trained, address::proofs as at, instruction::proofs as ix, instruction::proofs::Prover, passed, refused,
};
use market::state::{judge, order_state};
use proofs::{
    ProofsError, events,
    state::{Evidence, MAX_RANKS, REDUCED, SLOTS, Verdict, fault, verdict_kind, verdict_state},
};
use protocol::{
    commitment::FinalMetric,
    contradiction::Contradiction,
    digest::Digest,
    opening::{StepOpening, ValueOpening},
};

/// A value that differs from rank to rank, step to step and element to element.
pub(crate) fn gradient(step: u32, rank: u32, element: usize) -> f32 {
    ((step * 31 + rank * 7 + element as u32 * 13) % 97) as f32 * 0.013 - 0.6
}

fn prover(p: &Proofs, order: Address) -> Prover {
    Prover { payer: p.stranger, order, claimant: p.buyer }
}

#[test]
fn a_wrong_reduction_is_proven_by_one_value_and_a_right_one_is_not() {
    let mut p = Proofs::new();
    let mut job = Trained::new(7, 3, 300, gradient);
    // one bit of one value of one step
    let wrong = job.reduced[4][211].to_bits() ^ 1;
    job.reduced[4][211] = f32::from_bits(wrong);
    job.commit();
    let (order, buyer) = (p.trained(&job), p.buyer);
    for (step, element) in [(4, 210), (3, 211), (0, 0), (6, 299)] {
        p.show_element(buyer, order, &job, step, element);
        refused(p.prove_reduction(buyer, order), ProofsError::StepIsRight);
    }
    p.show_element(buyer, order, &job, 4, 211);
    // anybody may prove with anybody's evidence
    let receipt = passed(p.world.send(ix::prove_reduction(prover(&p, order))));
    let event: events::FaultProven = receipt.event(&proofs::ID);
    assert_eq!((event.order, event.fault, event.chunk, event.blame), (order, fault::REDUCTION, 4, false));
    let verdict: Verdict = p.world.read(&at::verdict(&order));
    assert_eq!(
        (verdict.kind, verdict.state, verdict.payable_bps.get()),
        (verdict_kind::TRAINING, verdict_state::FINAL, 0)
    );
    assert_eq!((verdict.rent_payer, verdict.blame), (p.stranger, 0));
    refused(p.prove_reduction(buyer, order), ProofsError::AlreadyJudged);
    let before = p.world.lamports(&buyer);
    passed(p.world.send(ix::close_evidence(buyer, order)));
    assert!(p.world.is_gone(&at::evidence(&order, &buyer)) && p.world.lamports(&buyer) > before);
}

#[test]
fn all_oracles_are_to_blame_for_what_all_of_them_replay() {
    for (step, blame) in [(0, true), (1, true), (2, false), (5, false), (6, true)] {
        let mut p = Proofs::new();
        let mut job = Trained::new(7, 2, 3, gradient);
        job.reduced[step as usize][1] += 1.0;
        job.commit();
        let (order, buyer) = (p.trained(&job), p.buyer);
        p.show_element(buyer, order, &job, step, 1);
        let event: events::FaultProven = passed(p.prove_reduction(buyer, order)).event(&proofs::ID);
        assert_eq!((event.blame, event.chunk), (blame, step.into()), "step {step}");
    }
}

#[test]
fn the_chain_computes_the_means_of_any_bits_as_the_trainer_does() {
    // corners of the format in all combinations, and a walk through random bits
    let corners =
        [0, 0x8000_0000, 1, 0x8000_0001, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff, 0xff7f_ffff, 0x3f80_0000, 0x3f80_0001];
    let special = [0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc1_2345];
    let mut walk = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        walk ^= walk << 13;
        walk ^= walk >> 7;
        walk ^= walk << 17;
        (walk >> 32) as u32
    };
    let mut p = Proofs::new();
    for ranks in 1..=MAX_RANKS as u32 {
        let bits: Vec<Vec<u32>> = (0..ranks)
            .map(|_| {
                (0..12)
                    .map(|element| match (element, random()) {
                        (0..4, roll) => corners[roll as usize % corners.len()],
                        (4, roll) => special[roll as usize % special.len()],
                        // near each other, so that sums cancel
                        (5..8, roll) => 0x3f00_0000 | (roll & 0x8000_007f),
                        (_, roll) => roll,
                    })
                    .collect()
            })
            .collect();
        let job = Trained::new(2, ranks, 12, |_, rank, element| f32::from_bits(bits[rank as usize][element]));
        let (order, buyer) = (p.trained(&job), p.buyer);
        for element in 0..12 {
            p.show_element(buyer, order, &job, 0, element);
            refused(p.prove_reduction(buyer, order), ProofsError::StepIsRight);
        }
    }
}

#[test]
fn which_nan_a_sum_is_convicts_nobody_but_a_number_in_its_place_does() {
    let nan_of = |bits: u32| {
        let mut job = Trained::new(2, 2, 1, |_, rank, _| [f32::INFINITY, f32::NEG_INFINITY][rank as usize]);
        job.reduced[0][0] = f32::from_bits(bits);
        job.commit();
        job
    };
    let mut p = Proofs::new();
    let buyer = p.buyer;
    for (bits, right) in
        [(0x7fc0_0000, true), (0xffc0_0000, true), (0x7f80_0001, true), (0x7f80_0000, false), (0, false)]
    {
        let job = nan_of(bits);
        let order = p.trained(&job);
        p.show_element(buyer, order, &job, 0, 0);
        let proven = p.prove_reduction(buyer, order);
        if right { refused(proven, ProofsError::StepIsRight) } else { drop(passed(proven)) }
    }
}

#[test]
fn nothing_is_proven_before_every_value_is_shown() {
    let mut p = Proofs::new();
    let mut job = Trained::new(3, 3, 5, gradient);
    job.reduced[2][4] += 1.0;
    job.commit();
    let (order, buyer) = (p.trained(&job), p.buyer);
    let show = |slot, element| {
        let value = job.value(2, slot, element);
        [ix::open_leaf(buyer, order, &value), ix::open_values(buyer, order, &value)]
    };
    passed(p.world.send(ix::open_segment(buyer, order, &job.step(2))));
    refused(p.world.send(show(0, 4)[0].clone()), ProofsError::NothingShown);
    refused(p.prove_reduction(buyer, order), ProofsError::NothingShown);
    passed(p.world.send(ix::open_step(buyer, order, &job.step(2))));
    for slot in [0, 1, 2] {
        passed(p.world.send_all(&show(slot, 4)));
        refused(p.prove_reduction(buyer, order), ProofsError::NothingShown);
    }
    // the mean of another element: what was shown of the first is forgotten
    passed(p.world.send_all(&show(REDUCED, 3)));
    refused(p.prove_reduction(buyer, order), ProofsError::NothingShown);
    passed(p.world.send_all(&show(REDUCED, 4)));
    refused(p.prove_reduction(buyer, order), ProofsError::NothingShown);
    for slot in [0, 1, 2] {
        passed(p.world.send_all(&show(slot, 4)));
    }
    passed(p.prove_reduction(buyer, order));
}

#[test]
fn only_what_the_result_root_holds_is_shown() {
    let mut p = Proofs::new();
    let (job, other) = (Trained::new(5, 2, 200, gradient), Trained::new(5, 2, 200, |s, r, e| gradient(s, r, e) + 1.0));
    let (order, buyer) = (p.trained(&job), p.buyer);
    refused(p.world.send(ix::open_segment(buyer, order, &other.step(0))), ProofsError::NotInResult);
    let foreign_segment = StepOpening { segment: other.step(0).segment, ..job.step(0) };
    refused(p.world.send(ix::open_segment(buyer, order, &foreign_segment)), ProofsError::NotInResult);
    passed(p.world.send(ix::open_segment(buyer, order, &job.step(2))));
    refused(p.world.send(ix::open_step(buyer, order, &job.step(0))), ProofsError::NotInResult);
    passed(p.world.send(ix::open_step(buyer, order, &job.step(2))));
    let leaf = |value: &ix::ShownValue| ix::open_leaf(buyer, order, value);
    refused(p.world.send(leaf(&job.value(3, 0, 7))), ProofsError::NotInResult);
    // a rank's value as another's, as the mean's, at another place, and of a rank that there is not
    let of_0 = job.value(2, 0, 7);
    for (slot, element) in [(1, 7), (REDUCED as u8, 7), (0, 128), (2, 7), (SLOTS as u8, 7), (255, 7), (0, u64::MAX)] {
        let wrong = ix::ShownValue { slot, element, ..of_0.clone() };
        refused(p.world.send(leaf(&wrong)), ProofsError::NotInResult);
    }
    passed(p.world.send(leaf(&of_0)));
    let forged = ValueOpening { chunk: job.value(2, 1, 7).opening.chunk, ..of_0.opening.clone() };
    let forged = ix::ShownValue { opening: forged, ..of_0.clone() };
    refused(p.world.send(ix::open_values(buyer, order, &forged)), ProofsError::OtherChunk);
    passed(p.world.send(ix::open_values(buyer, order, &of_0)));
    // beyond the last value of a short chunk
    let beyond = ix::ShownValue { element: 200, ..job.value(2, 0, 199) };
    passed(p.world.send(leaf(&beyond)));
    refused(p.world.send(ix::open_values(buyer, order, &beyond)), ProofsError::OtherChunk);
}

#[test]
fn a_log_that_contradicts_itself_is_proven_without_a_replay_and_a_sound_one_is_not() {
    let sound = || Trained::new(5, 2, 3, gradient);
    let mut p = Proofs::new();
    let buyer = p.buyer;
    let job = sound();
    let order = p.trained(&job);
    assert_eq!(Contradiction::of(&job.log, &job.manifest), None);
    for step in 0..5 {
        p.show_step(buyer, order, &job.step(step));
        refused(p.world.send(ix::prove_log(prover(&p, order))), ProofsError::NoContradiction);
    }
    // what is wrong, and in which segment and place it shows
    type Change = (&'static str, fn(&mut Trained), u32, Option<u32>);
    let changes: [Change; 10] = [
        ("another manifest", |job| job.log.manifest_hash = Digest([9; 32]), 0, None),
        ("an impossible metric", |job| job.log.end.metric.correct = 11, 0, None),
        ("a missing segment", |job| job.log.segments.truncate(2), 0, None),
        ("a segment out of place", |job| job.log.segments[1].index = 2, 1, None),
        ("another first step", |job| job.log.segments[1].first_step = 3, 1, None),
        ("another final state", |job| job.log.end.state_root = Digest([9; 32]), 2, None),
        ("a step out of place", |job| job.log.steps[3].step = 4, 1, Some(1)),
        ("a lazy rank", |job| job.log.steps[2].gradient_roots.truncate(1), 1, Some(0)),
        ("another state at the segment's end", |job| job.log.steps[3].state_root = Digest([9; 32]), 1, Some(1)),
        ("a missing step", |_| (), 2, Some(0)),
    ];
    for (what, change, segment, place) in changes {
        let mut job = sound();
        change(&mut job);
        if place.is_some() {
            job.seal();
        }
        if what == "a missing step" {
            // the last segment has one step; another job's two make its tree too wide
            let mut longer = Trained::new(6, 2, 3, gradient);
            longer.log.shape.steps = 5;
            longer.log.manifest_hash = job.manifest.hash();
            longer.manifest = job.manifest;
            job = longer;
        }
        let order = p.trained(&job);
        let found = Contradiction::of(&job.log, &job.manifest);
        let expected = match place {
            Some(place) => Contradiction::Step { segment, place },
            None => Contradiction::Segment { segment },
        };
        assert_eq!(found, Some(expected), "{what}");
        let opening = expected.opening(&job.log).unwrap_or_else(|| panic!("{what}"));
        passed(p.world.send(ix::open_segment(buyer, order, &opening)));
        if place.is_some() {
            passed(p.world.send(ix::open_step(buyer, order, &opening)));
        }
        let event: events::FaultProven = passed(p.world.send(ix::prove_log(prover(&p, order)))).event(&proofs::ID);
        assert_eq!((event.fault, event.chunk, event.blame), (fault::LOG, u64::from(segment) * 2, true), "{what}");
    }
}

#[test]
fn a_segment_that_begins_elsewhere_than_the_one_before_it_ended_is_proven() {
    let mut p = Proofs::new();
    let mut job = Trained::new(6, 2, 3, gradient);
    let sound = p.trained(&job);
    let buyer = p.buyer;
    passed(p.world.send(ix::open_segment(buyer, sound, &job.step(2))));
    let prove =
        |job: &Trained, order, next| ix::prove_break(Prover { payer: buyer, order, claimant: buyer }, &job.step(next));
    refused(p.world.send(prove(&job, sound, 4)), ProofsError::NoContradiction);
    job.log.segments[2].start_root = Digest([9; 32]);
    assert_eq!(Contradiction::of(&job.log, &job.manifest), Some(Contradiction::Break { segment: 1 }));
    let order = p.trained(&job);
    passed(p.world.send(ix::open_segment(buyer, order, &job.step(2))));
    // the one before, and itself, are not the one after
    for other in [0, 2] {
        refused(p.world.send(prove(&job, order, other)), ProofsError::NotInResult);
    }
    let event: events::FaultProven = passed(p.world.send(prove(&job, order, 4))).event(&proofs::ID);
    assert_eq!((event.fault, event.chunk, event.blame), (fault::LOG, 2, true));
}

#[test]
fn a_step_after_another_shows_the_state_between_them() {
    let mut p = Proofs::new();
    let job = Trained::new(6, 2, 3, gradient);
    let (order, buyer) = (p.trained(&job), p.buyer);
    let evidence = |p: &Proofs| p.world.read::<Evidence>(&at::evidence(&order, &buyer));
    p.show_step(buyer, order, &job.step(3));
    assert_eq!(evidence(&p).before_root, [0; 32]);
    p.show_step(buyer, order, &job.step(2));
    assert_eq!(evidence(&p).before_root, job.log.segments[1].start_root.0);
    passed(p.world.send(ix::open_step(buyer, order, &job.step(3))));
    assert_eq!(evidence(&p).before_root, job.log.steps[2].state_root.0);
    assert_eq!(evidence(&p).after_root, job.log.steps[3].state_root.0);
}

#[test]
fn only_disputed_training_jobs_are_tried_and_only_by_evidence_about_them() {
    let mut p = Proofs::new();
    let mut job = Trained::new(3, 2, 3, gradient);
    job.reduced[0][0] += 1.0;
    job.commit();
    let (order, buyer) = (p.trained(&job), p.buyer);
    p.show_element(buyer, order, &job, 0, 0);
    for state in [order_state::AUDITING, order_state::AUDITED, order_state::RELEASED] {
        p.change(&order, |order| order.state = state);
        refused(p.prove_reduction(buyer, order), ProofsError::NotDisputed);
        refused(p.world.send(ix::open_segment(buyer, order, &job.step(0))), ProofsError::NotDisputed);
    }
    p.change(&order, |order| (order.state, order.judge) = (order_state::DISPUTED, judge::PROOF));
    refused(p.prove_reduction(buyer, order), ProofsError::NotAJob);
    // closed and opened again under the same number, and disputed again
    p.change(&order, |order| {
        order.judge = judge::ORACLES;
        order.opened_at = (order.opened_at.get() + 1).into();
    });
    refused(p.prove_reduction(buyer, order), ProofsError::StaleClaim);
    let stranger = p.stranger;
    let mut others = ix::open_step(stranger, order, &job.step(0));
    others.accounts[1].pubkey = at::evidence(&order, &buyer);
    refused(p.world.send(others), ProofsError::NotClaimant);
}

#[test]
fn an_evaluation_that_the_manifest_does_not_ask_for_or_that_is_missing_is_a_contradiction() {
    let mut p = Proofs::new();
    let buyer = p.buyer;
    let mut job = Trained::new(6, 2, 3, gradient);
    job.manifest.evaluate_every = 2;
    job.order_anew();
    for (segment, flawed, change) in [
        (0, false, None),
        (1, false, None),
        (0, true, Some(Some(FinalMetric { correct: 1, total: 2 }))),
        (1, true, Some(None)),
    ] {
        let mut job = job.clone();
        if let Some(metric) = change {
            job.log.segments[segment as usize].metric = metric;
        }
        let found = flawed.then_some(Contradiction::Manifest { segment, place: 0 });
        assert_eq!(Contradiction::of(&job.log, &job.manifest), found);
        let order = p.trained(&job);
        p.show_step(buyer, order, &job.step(segment * 2));
        refused(p.world.send(ix::prove_log(prover(&p, order))), ProofsError::NoContradiction);
        passed(p.world.send(ix::open_manifest(buyer, order, job.manifest.encode())));
        let proven = p.world.send(ix::prove_log(prover(&p, order)));
        if flawed { drop(passed(proven)) } else { refused(proven, ProofsError::NoContradiction) }
    }
    // more right predictions than predictions need no manifest
    job.log.segments[1].metric = Some(FinalMetric { correct: 3, total: 2 });
    let order = p.trained(&job);
    passed(p.world.send(ix::open_segment(buyer, order, &job.step(2))));
    passed(p.world.send(ix::prove_log(prover(&p, order))));
}

#[test]
fn a_job_of_another_shape_than_its_manifest_is_a_contradiction() {
    let mut p = Proofs::new();
    let mut job = Trained::new(4, 2, 3, gradient);
    job.manifest.segment_len = 3;
    job.log.manifest_hash = job.manifest.hash();
    let (order, buyer) = (p.trained(&job), p.buyer);
    p.show_step(buyer, order, &job.step(0));
    refused(p.world.send(ix::prove_log(prover(&p, order))), ProofsError::NoContradiction);
    passed(p.world.send(ix::open_manifest(buyer, order, job.manifest.encode())));
    passed(p.world.send(ix::prove_log(prover(&p, order))));
}

#[test]
fn jobs_of_more_ranks_than_fit_are_not_convicted() {
    let mut p = Proofs::new();
    let job = Trained::new(2, MAX_RANKS as u32 + 1, 1, gradient);
    let (order, buyer) = (p.trained(&job), p.buyer);
    passed(p.world.send(ix::open_segment(buyer, order, &job.step(0))));
    refused(p.world.send(ix::open_step(buyer, order, &job.step(0))), ProofsError::TooManyRanks);
}

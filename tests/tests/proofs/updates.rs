//! The optimiser's update of one element is computed again on chain, whatever the manifest asks of it.
use super::training::gradient;
use e2e_tests::{Proofs, Trained, instruction::proofs as ix, passed, refused};
use proofs::{
    ProofsError, events,
    state::{AFTER, REDUCED, SLOTS, fault},
};
use protocol::manifest::{Decay, Optimizer, Schedule};

#[test]
fn a_wrong_update_is_proven_by_one_element_and_a_right_one_is_not() {
    let mut p = Proofs::new();
    let mut job = Trained::new(7, 2, 300, gradient);
    let (buyer, sound) = (p.buyer, p.trained(&job));
    for at in [(0, 0), (1, 99), (2, 100), (3, 299), (6, 150)] {
        p.show_update(buyer, sound, &job, at, 0);
        refused(p.prove_update(buyer, sound), ProofsError::StepIsRight);
    }
    // one bit of the parameter, or of a moment, after step 3
    for run in 0..3 {
        let mut wrong = job.clone();
        wrong.states[4][run][211] = f32::from_bits(job.states[4][run][211].to_bits() ^ 1);
        wrong.commit();
        let order = p.trained(&wrong);
        p.show_update(buyer, order, &wrong, (3, 210), 0);
        refused(p.prove_update(buyer, order), ProofsError::StepIsRight);
        p.show_update(buyer, order, &wrong, (3, 211), 0);
        let event: events::FaultProven = passed(p.prove_update(buyer, order)).event(&proofs::ID);
        assert_eq!((event.fault, event.chunk, event.blame), (fault::UPDATE, 3, false));
    }
    // a trainer that does not update at all
    job.states[5] = job.states[4].clone();
    job.commit();
    let lazy = p.trained(&job);
    p.show_update(buyer, lazy, &job, (4, 17), 0);
    passed(p.prove_update(buyer, lazy));
}

#[test]
fn the_chain_computes_updates_of_every_schedule_as_the_trainer_does() {
    let schedules = [
        Schedule::Constant { warmup_steps: 0 },
        Schedule::Linear { warmup_steps: 3, final_ratio: 0.1 },
        Schedule::Cosine { warmup_steps: 5, final_ratio: 0.05 },
    ];
    let mut p = Proofs::new();
    let buyer = p.buyer;
    for schedule in schedules {
        // of many sizes, so that moments become subnormal and more
        let sizes = [1.0, 1e-3, 1e-20, 1e-38, 3e-42, 0.0, -0.0, 1e15, -2.5e38];
        let size = move |step: u32, rank, element: usize| sizes[element % 9] * gradient(step, rank, element);
        let mut job = Trained::new(41, 3, 9, size);
        let Optimizer::Adamw { schedule: ordered, .. } = &mut job.manifest.optimizer;
        *ordered = schedule;
        job.order_anew();
        let order = p.trained(&job);
        for step in [0, 1, 4, 5, 20, 40] {
            for element in 0..9 {
                p.show_update(buyer, order, &job, (step, element), 0);
                refused(p.prove_update(buyer, order), ProofsError::StepIsRight);
            }
        }
    }
}

#[test]
fn clipped_gradients_and_vectors_that_do_not_decay_are_updated_on_chain_as_by_the_trainer() {
    let mut p = Proofs::new();
    let buyer = p.buyer;
    // norms below the limit and above it
    for limit in [1e6, 0.25] {
        let mut job = Trained::new(6, 2, 150, gradient);
        let Optimizer::Adamw { decay, clip_norm, .. } = &mut job.manifest.optimizer;
        (*decay, *clip_norm) = (Decay::Matrices, Some(limit));
        job.order_anew();
        let order = p.trained(&job);
        // of the matrix and of the vector
        for (step, element) in [(1, 99), (5, 100)] {
            p.show_update(buyer, order, &job, (step, element), 0);
            refused(p.prove_update(buyer, order), ProofsError::NothingShown);
            p.show_norm(buyer, order, &job, step);
            refused(p.prove_update(buyer, order), ProofsError::StepIsRight);
        }
        // whoever does not clip, or lets vectors decay, is convicted
        let mut other = job.clone();
        let Optimizer::Adamw { decay, clip_norm, .. } = &mut other.manifest.optimizer;
        if limit < 1.0 {
            *clip_norm = None
        } else {
            *decay = Decay::All
        }
        other.update();
        other.manifest = job.manifest.clone();
        other.commit();
        let order = p.trained(&other);
        p.show_update(buyer, order, &other, (1, 120), 0);
        p.show_norm(buyer, order, &other, 1);
        let event: events::FaultProven = passed(p.prove_update(buyer, order)).event(&proofs::ID);
        assert_eq!((event.fault, event.chunk), (fault::UPDATE, 1));
    }
}

#[test]
fn a_norm_is_shown_of_the_steps_own_mean_gradient_after_the_manifest() {
    let mut p = Proofs::new();
    let mut job = Trained::new(3, 2, 5, gradient);
    let Optimizer::Adamw { clip_norm, .. } = &mut job.manifest.optimizer;
    *clip_norm = Some(0.5);
    job.order_anew();
    let (order, buyer) = (p.trained(&job), p.buyer);
    let layout = job.mean_layout(1);
    p.show_step(buyer, order, &job.step(1));
    p.write_layout(buyer, order, &layout.layout);
    refused(p.world.send(ix::open_norm(buyer, order, &layout)), ProofsError::NothingShown);
    passed(p.world.send(ix::open_manifest(buyer, order, job.manifest.encode())));
    refused(p.world.send(ix::open_norm(buyer, order, &job.mean_layout(0))), ProofsError::NotInResult);
    passed(p.world.send(ix::open_norm(buyer, order, &layout)));
    // another norm
    let mut forged = layout.layout.clone();
    forged[5] ^= 1;
    p.write_layout(buyer, order, &forged);
    refused(p.world.send(ix::open_norm(buyer, order, &layout)), ProofsError::NotInResult);
    // the state's layout is no mean gradient's
    let state = job.layout(1);
    p.write_layout(buyer, order, &state.layout);
    refused(p.world.send(ix::open_norm(buyer, order, &state)), ProofsError::NotInResult);
}

#[test]
fn an_update_is_judged_by_all_its_values_and_the_orders_own_manifest() {
    let mut p = Proofs::new();
    let mut job = Trained::new(3, 2, 5, gradient);
    job.states[2][0][4] += 1.0;
    job.commit();
    let (order, buyer) = (p.trained(&job), p.buyer);
    for without in REDUCED..SLOTS {
        p.show_update(buyer, order, &job, (1, 4), without);
        refused(p.prove_update(buyer, order), ProofsError::NothingShown);
    }
    // without the manifest, or with another
    p.show_step(buyer, order, &job.step(0));
    passed(p.world.send(ix::open_step(buyer, order, &job.step(1))));
    refused(p.prove_update(buyer, order), ProofsError::NothingShown);
    let mut kinder = job.manifest.clone();
    kinder.steps += 1;
    refused(p.world.send(ix::open_manifest(buyer, order, kinder.encode())), ProofsError::OtherManifest);
    // values of a state without its layout, and a layout of another state, or cut short
    refused(p.world.send(ix::open_leaf(buyer, order, &job.value(1, AFTER, 4))), ProofsError::NothingShown);
    let layout = job.layout(1);
    passed(p.world.send_all(&ix::write_layout(buyer, order, &layout.layout)));
    refused(p.world.send(ix::open_layout(buyer, order, 4, &job.layout(2))), ProofsError::NotInResult);
    refused(p.world.send(ix::open_layout(buyer, order, 5, &layout)), ProofsError::NotInResult);
    passed(p.world.send_all(&ix::write_layout(buyer, order, &layout.layout[..layout.layout.len() - 1])));
    refused(p.world.send(ix::open_layout(buyer, order, 4, &layout)), ProofsError::NotInResult);
    p.show_update(buyer, order, &job, (1, 4), 0);
    passed(p.prove_update(buyer, order));
}

//! Decoders outside of the programs: of what trainers, nodes, child processes and makers of tokens hand in.
use crate::Target;
use chain::event::{Event, Program};
use protocol::{
    audit_seed,
    chunked::{Head, Layout, decode_list},
    codec::Reader,
    dataset_chunk::{Chunk, ChunkBuilder, chunk_bytes},
    digest::Digest,
    job_log::{JobLog, decode_segment, decode_steps},
    labelling::Task,
    manifest::Manifest,
    manifest_terms::ManifestTerms,
    merkle::{self, Proof},
    report::{ReplayReport, SelfTestReport, TrainReport},
    tensor_layout, tensor_tree, upgradeable,
};
use serde_json::from_slice;

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, takes_call: false }
}

pub(crate) const TARGETS: &[Target] = &[
    target("dataset", dataset),
    target("events", events),
    target("job_log", job_log),
    target("labelling_task", labelling_task),
    target("manifest", manifest),
    target("merkle_proof", merkle_proof),
    target("mint_extensions", mint_extensions),
    target("program_data", program_data),
    target("reports", reports),
    target("slot_hashes", slot_hashes),
    target("state_layout", state_layout),
];

/// A dataset's head, the list of its chunks or a chunk, from whoever serves them: the length of a head, the head, and what
/// came for one of the others.
fn dataset(bytes: &[u8]) {
    let Some((&length, rest)) = bytes.split_first() else { return };
    let Some((head, blob)) = rest.split_at_checked(length.into()) else { return };
    let Ok(decoded) = Head::decode(head) else { return };
    assert_eq!(decoded.encode(), head, "a dataset's head has two encodings");
    assert!(decoded.items_in(decoded.chunks() - 1) > 0 && decoded.items_in(decoded.chunks()) == 0);
    assert!(decode_list(&decoded, blob).is_err(), "a root that nobody hashed has chunks");
    for index in [0, decoded.chunks() - 1] {
        let Ok(chunk) = Chunk::decode(&decoded, index, blob.to_vec()) else { continue };
        assert_eq!(chunk_bytes(&decoded, index), blob.len() as u64);
        let mut again = ChunkBuilder::new(decoded.layout);
        for item in 0..chunk.items() {
            let label = chunk.label(item).into();
            let pushed = match decoded.layout {
                Layout::Images { .. } => again.push_image(chunk.pixels(item), label),
                Layout::Features { .. } => again.push_features(&chunk.features(item).collect::<Vec<_>>(), label),
                Layout::Tokens { .. } => again.push_token(chunk.token(item)),
            };
            assert_eq!(pushed, Ok(()), "a chunk holds an item that cannot be written");
        }
        assert_eq!(again.finish(), blob, "a chunk has two encodings");
    }
}

/// Events that a program's inner instructions hold, as the indexer reads them from a node.
fn events(bytes: &[u8]) {
    for program in Program::ALL {
        if let Ok(event) = Event::decode(program, bytes) {
            let _ = event.fields();
            assert_eq!(event.encode()[8..], bytes[8..], "{} has two encodings", event.name());
        }
    }
}

/// The log of a job, from its trainer.
fn job_log(bytes: &[u8]) {
    if let Ok(log) = JobLog::decode(bytes) {
        assert_eq!(log.encode(), bytes, "a job log has two encodings");
        if log.verify().is_ok() {
            let _ = log.job_root();
            (0..log.shape.segments()).for_each(|index| assert!(!log.steps_of(index).is_empty()));
        }
    }
    let reader = || Reader::new(bytes, b"", "any bytes");
    let _ = reader().map(|mut input| drop(decode_steps(&mut input)));
    let _ = reader().map(|mut input| drop(decode_segment(&mut input)));
}

/// A labelling task, from a buyer.
fn labelling_task(bytes: &[u8]) {
    if let Ok(task) = Task::decode(bytes) {
        assert_eq!(task.encode(), bytes, "a labelling task has two encodings");
    }
}

/// A manifest in its three forms, from a buyer.
fn manifest(bytes: &[u8]) {
    let terms = ManifestTerms::read(bytes);
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert_eq!(manifest.encode(), bytes, "a manifest has two encodings");
        let shape = manifest.shape();
        let same = |terms: ManifestTerms| terms.steps == shape.steps && terms.virtual_ranks == shape.virtual_ranks;
        assert!(terms.is_some_and(same), "the chain cannot read a manifest, or reads another");
        use_manifest(&manifest);
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let read = [Manifest::from_toml(text).ok(), Manifest::from_json(text).ok()];
        for manifest in read.into_iter().flatten().filter(|manifest| manifest.validate().is_ok()) {
            let again = Manifest::decode(&manifest.encode());
            assert_eq!(again.ok().map(|again| again.hash()), Some(manifest.hash()), "a manifest has two hashes");
            use_manifest(&manifest);
        }
    }
}

/// What oracles and trainers ask of a manifest that was found valid.
fn use_manifest(manifest: &Manifest) {
    let segments = manifest.segments();
    let last = manifest.segment_steps(segments - 1);
    assert_eq!((manifest.segment_steps(0).start, last.end), (0, manifest.steps));
    let _ = (manifest.samples_per_step(), manifest.shape().segments());
    let _ = (manifest.optimizer.step_factors(last.start, manifest.steps, 2), manifest.optimizer.clip_norm());
}

/// A proof that a leaf is under a root, from whoever opens one on chain. None can be made up.
fn merkle_proof(bytes: &[u8]) {
    let (chunks, rest) = bytes.as_chunks::<32>();
    let Some(([root, leaf], siblings)) = chunks.split_first_chunk() else { return };
    let mut numbers = [0; 16];
    let length = rest.len().min(16);
    numbers[..length].copy_from_slice(&rest[..length]);
    let (index, count) = numbers.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let siblings = siblings.iter().map(|sibling| Digest(*sibling)).collect();
    let proof = Proof { index: number(index), count: number(count), siblings };
    let (root, leaf) = (Digest(*root), Digest(*leaf));
    assert!(!merkle::verify(&root, &leaf, &proof), "a root that nobody hashed is proven");
    assert!(!tensor_tree::verify(&root, &leaf, &proof), "a root of tensors that nobody hashed is proven");
}

/// The extensions of a mint, from whoever made it: what is taken holds known ones only, each within the account.
fn mint_extensions(bytes: &[u8]) {
    if market::tokens::screen_extensions(bytes).is_err() {
        return;
    }
    let mut at = 166;
    while let Some([a, b, c, d]) = bytes.get(at..at + 4) {
        match u16::from_le_bytes([*a, *b]) {
            0 => return,
            kind => assert!(matches!(kind, 10 | 18..=23 | 25), "extension {kind} is taken"),
        }
        at += 4 + usize::from(u16::from_le_bytes([*c, *d]));
        assert!(at <= bytes.len(), "an extension ends outside of the account");
    }
}

/// The loader's record of a program, which names who may initialize.
fn program_data(bytes: &[u8]) {
    let authority = upgradeable::upgrade_authority(bytes);
    assert!(authority.is_none_or(|authority| bytes[13..45] == authority));
    assert!(upgradeable::bytecode(bytes).is_none_or(|program| bytes.ends_with(program)));
}

/// What the child processes that run training code print.
fn reports(bytes: &[u8]) {
    let _ = from_slice::<ReplayReport>(bytes).map(|report| report.reason_code());
    let _ = from_slice::<TrainReport>(bytes);
    let _ = from_slice::<SelfTestReport>(bytes);
}

/// The sysvar of slot hashes: the seed of an audit is drawn from it, or it is not.
fn slot_hashes(bytes: &[u8]) {
    let Some((slot, rest)) = bytes.split_first_chunk() else { return };
    let _ = audit_seed::draw(rest, u64::from_le_bytes(*slot), &[7; 32]);
}

/// A layout, from whoever shows one on chain: three different places for each element, or a norm.
fn state_layout(bytes: &[u8]) {
    let Some((element, layout)) = bytes.split_first_chunk() else { return };
    if let Some(places) = tensor_layout::state_places(layout, u64::from_le_bytes(*element)) {
        let [parameter, first, second] = places.values;
        assert!(parameter < first && first < second && second - first == first - parameter);
    }
    let _ = tensor_layout::mean_norm(layout);
}

//! The seeds of the fuzz targets (`fuzz/`): every call, account and event of the programs' journeys, as real as they are
//! tested, and samples of the other formats. Written anew by each run of the tests, so they never lag behind a layout.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

use anchor_lang::prelude::ProgramError;
use e2e_tests::{EVENT_TAG, Idl, Journey, Receipt, SCENARIOS, World, passed, root};
use fuzz::{
    PROGRAMS,
    call::{Call, CallAccount},
};
use protocol::{
    chunked::{Head, Layout, TokenWidth},
    commitment::{FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord, steps_root},
    dataset_chunk::{Chunk, ChunkBuilder},
    digest::Digest,
    job_log::JobLog,
    manifest::Manifest,
    merkle,
    report::{ReplayReport, SelfTestReport, Verdict},
};
use solana_instruction::Instruction;
use std::{collections::BTreeMap, fs};

/// Writes a seed of `target`.
fn write(target: &str, name: &str, bytes: &[u8]) {
    assert!(fuzz::targets().iter().any(|known| known.name == target), "{target} is not in fuzz/src");
    let folder = root().join("target/fuzz/seeds").join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

/// Keeps what it sees as seeds, and what the program compiled for this machine answers to each call.
#[derive(Default)]
struct Seeds(BTreeMap<String, u64>);

impl Journey for Seeds {
    fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt {
        let targets = PROGRAMS.iter().find(|targets| targets.program == program);
        let targets = targets.unwrap_or_else(|| panic!("{program} is not fuzzed: add it in fuzz/src/programs.rs"));
        let call = call(world, &instruction);
        assert_eq!(Call::decode(&call.encode()), call, "{program}.{name}");
        write(targets.calls.name, name, &call.encode());
        self.0.insert(name.into(), (targets.answer)(call));

        let receipt = passed(world.send(instruction.clone()));
        for meta in &instruction.accounts {
            let account = world.svm.get_account(&meta.pubkey).filter(|a| a.owner == instruction.program_id);
            if let Some(account) = account.filter(|account| !account.data.is_empty()) {
                write(targets.accounts.name, &format!("{name}.{}", meta.pubkey), &account.data);
            }
        }
        for event in receipt.event_data(&instruction.program_id) {
            write("events", &format!("{program}.{name}"), &[EVENT_TAG.as_slice(), &event].concat());
        }
        receipt
    }
}

fn call(world: &World, instruction: &Instruction) -> Call {
    let metas = &instruction.accounts;
    let account = |(place, meta): (usize, &solana_instruction::AccountMeta)| {
        let before = metas[..place].iter().position(|before| before.pubkey == meta.pubkey);
        if let Some(before) = before {
            return CallAccount { repeats: u8::try_from(before).ok(), ..CallAccount::default() };
        }
        let account = world.svm.get_account(&meta.pubkey).unwrap_or_default();
        // the runtime joins the flags of an account that is passed twice
        let any = |flag: fn(&solana_instruction::AccountMeta) -> bool| {
            metas.iter().any(|other| other.pubkey == meta.pubkey && flag(other))
        };
        CallAccount {
            repeats: None,
            signer: any(|meta| meta.is_signer),
            writable: any(|meta| meta.is_writable),
            executable: account.executable,
            address: meta.pubkey,
            owner: account.owner,
            lamports: account.lamports,
            // bytecode and long lists: their beginning
            data: account.data[..account.data.len().min(1_500)].to_vec(),
        }
    };
    Call { accounts: metas.iter().enumerate().map(account).collect(), data: instruction.data.clone() }
}

#[test]
fn seeds_of_calls_get_through_the_decoding_of_their_program() {
    for (program, travel) in SCENARIOS {
        let mut seeds = Seeds::default();
        travel(&mut seeds);
        // with no clock and no other programs at hand most calls end early, but not before they are decoded
        let refused = [
            ProgramError::InvalidInstructionData,
            ProgramError::NotEnoughAccountKeys,
            ProgramError::MissingRequiredSignature,
            ProgramError::InvalidSeeds,
            ProgramError::IncorrectProgramId,
        ];
        let refused = refused.map(u64::from);
        let stopped: Vec<_> = seeds.0.iter().filter(|(_, answer)| refused.contains(answer)).collect();
        assert!(stopped.is_empty(), "{program}: {stopped:?}");
    }
}

#[test]
fn every_program_and_account_type_of_an_idl_is_fuzzed() {
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    let fuzzed = PROGRAMS.iter().map(|targets| {
        (targets.program.to_owned(), sorted(targets.account_types.iter().map(|name| (*name).to_owned()).collect()))
    });
    let described = Idl::all().into_iter().map(|idl| (idl.program, idl.accounts.into_keys().collect::<Vec<_>>()));
    let (fuzzed, described): (BTreeMap<_, _>, BTreeMap<_, _>) = (fuzzed.collect(), described.collect());
    assert_eq!(fuzzed, described, "fuzz/src/programs.rs, and idl/: list the same programs and account types there");
}

#[test]
fn seeds_of_other_formats_are_read() {
    let text = fs::read_to_string(root().join("trainer/jobs/digits.toml")).unwrap();
    let manifest = Manifest::from_toml(&text).unwrap();
    write("manifest", "digits.toml", text.as_bytes());
    write("manifest", "digits.json", &serde_json::to_vec(&manifest).unwrap());
    write("manifest", "digits", &manifest.encode());

    let mut mint = vec![0; 166];
    mint[165] = 1;
    for (kind, length) in [(18u16, 64u16), (19, 90), (10, 52), (0, 0)] {
        mint.extend([kind.to_le_bytes(), length.to_le_bytes()].concat());
        mint.resize(mint.len() + usize::from(length), 1);
    }
    assert_eq!(market::tokens::screen_extensions(&mint), Ok(()));
    write("mint_extensions", "metadata", &mint);
    write("job_log", "one_step", &job_log().encode());
    for layout in [
        Layout::Images { channels: 1, height: 2, width: 3, white: 16, classes: 3 },
        Layout::Features { features: 2, classes: 3 },
        Layout::Tokens { width: TokenWidth::Two, vocab: 1_000 },
    ] {
        write("dataset", layout.kind().name(), &dataset(layout));
    }
    for (name, report) in [("replay", replay_report()), ("self_test", self_test_report())] {
        write("reports", name, &report);
    }
    // of no root: a proof that holds would be the finding
    let leaves: Vec<Digest> = (0..5u8).map(|leaf| merkle::leaf(b"seed", &[leaf])).collect();
    let proof = merkle::prove(&leaves, 3).unwrap();
    let digests = [&[Digest::ZERO, leaves[3]], &proof.siblings[..]].concat();
    let numbers = [proof.index.to_le_bytes(), proof.count.to_le_bytes()].concat();
    let digests: Vec<u8> = digests.iter().flat_map(|digest| digest.0).collect();
    write("merkle_proof", "of_five", &[digests, numbers].concat());
    let layout = e2e_tests::Trained::new(1, 1, 130, |_, _, _| 1.0).layout(0).layout;
    write("state_layout", "two_tensors", &[129u64.to_le_bytes().to_vec(), layout].concat());
    let record = World::new().svm.get_account(&e2e_tests::address::program_data(&market::ID)).unwrap().data;
    write("program_data", "market", &record[..45]);
    write("slot_hashes", "sysvar", &[100u64.to_le_bytes().to_vec(), e2e_tests::slot_hashes(90..130)].concat());
}

/// The head of a dataset of two items, after its length, and its chunk.
fn dataset(layout: Layout) -> Vec<u8> {
    let mut chunk = ChunkBuilder::new(layout);
    for label in [0, 2] {
        let pushed = match layout {
            Layout::Images { .. } => chunk.push_image(&[7; 6], label),
            Layout::Features { .. } => chunk.push_features(&[0.5, -1.0], label),
            Layout::Tokens { .. } => chunk.push_token(300 + label),
        };
        pushed.unwrap();
    }
    let head = Head { layout, items: 2, items_per_chunk: 2, chunks_root: Digest::ZERO, list: Digest::ZERO };
    let chunk = chunk.finish();
    Chunk::decode(&head, 0, chunk.clone()).unwrap();
    let head = head.encode();
    [&[u8::try_from(head.len()).unwrap()], &head[..], &chunk].concat()
}

/// The shortest log that does not contradict itself.
fn job_log() -> JobLog {
    let [start, end, checkpoint] = [1, 2, 3].map(|n| Digest([n; 32]));
    let step = StepRecord {
        step: 0,
        batch_root: start,
        gradient_roots: vec![start, end],
        reduced_root: end,
        state_root: end,
        loss_bits: 1f32.to_bits(),
    };
    let segment = SegmentRecord {
        index: 0,
        first_step: 0,
        start_root: start,
        end_root: end,
        steps_root: steps_root(std::slice::from_ref(&step)),
        start_checkpoint: checkpoint,
        metric: Some(FinalMetric { correct: 0, total: 2 }),
    };
    let log = JobLog {
        manifest_hash: Digest::ZERO,
        shape: JobShape { virtual_ranks: 2, steps: 1, segment_len: 1 },
        steps: vec![step],
        segments: vec![segment],
        end: JobEnd { checkpoint, state_root: end, metric: FinalMetric { correct: 1, total: 2 } },
    };
    log.verify().unwrap();
    log
}

fn replay_report() -> Vec<u8> {
    let report = ReplayReport {
        verdict: Verdict::Unavailable,
        reason: Some("a checkpoint is missing".into()),
        manifest_hash: Digest::ZERO,
        log: Digest::ZERO,
        job_root: None,
        fault: None,
        segments: Vec::new(),
        metric: None,
        final_state_hash: Some(Digest::ZERO),
        seconds: 0.5,
        sample_signature: Some("00".repeat(64)),
    };
    serde_json::to_vec(&report).unwrap()
}

fn self_test_report() -> Vec<u8> {
    let report = SelfTestReport {
        compatible: true,
        trainer_version: "1".into(),
        expected: Digest::ZERO,
        found: Digest::ZERO,
        differing: Vec::new(),
    };
    serde_json::to_vec(&report).unwrap()
}

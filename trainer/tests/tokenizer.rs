//! Text becomes the tokens that the library `tokenizers` makes of it (`tests/tokenizers/make.py` asked it), and a job on tokens
//! is the same everywhere.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, complaint, report};
use proptest::prelude::*;
use protocol::manifest::{Manifest, Model, NumericProfile};
use protocol::report::{TrainReport, Verdict};
use trainer::dataset::import::text_from_bytes;
use trainer::tokenizer::Tokenizer;

const TEXT: &[u8] = include_bytes!("../jobs/tiny-text.txt");
const FILES: [(&[u8], &[u8], u32); 2] = [
    (include_bytes!("tokenizers/words.json"), include_bytes!("tokenizers/words.expected.json"), 420),
    (include_bytes!("tokenizers/text.json"), include_bytes!("tokenizers/text.expected.json"), 330),
];

#[test]
fn text_becomes_the_tokens_that_the_library_makes_of_it() {
    for (file, expected, size) in FILES {
        let tokenizer = Tokenizer::read(file).unwrap();
        assert_eq!(tokenizer.size(), size);
        let expected: Vec<(String, Vec<u32>)> = serde_json::from_slice(expected).unwrap();
        assert!(expected.len() > 100);
        for (text, tokens) in expected {
            assert_eq!(tokenizer.encode(text.as_bytes()).unwrap(), tokens, "{text:?}");
        }
    }
}

#[test]
fn what_is_not_done_here_is_refused_by_name() {
    let good = std::str::from_utf8(FILES[0].0).unwrap();
    let cases = [
        ("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}", "a normalizer"),
        ("\"dropout\":null", "\"dropout\":0.1", "dropout"),
        ("\"unk_token\":null", "\"unk_token\":\"?\"", "unknown"),
        ("\"end_of_word_suffix\":null", "\"end_of_word_suffix\":\"</w>\"", "within words"),
        ("\"ignore_merges\":false", "\"ignore_merges\":true", "ignore_merges"),
        ("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "Unigram"),
        ("\"pre_tokenizer\":{\"type\":\"ByteLevel\"", "\"pre_tokenizer\":{\"type\":\"Whitespace\"", "Whitespace"),
        ("\"!\":0", "\"!\":5000", "without a gap"),
        ("\"!\":0", "\"no\":0", "has no"),
    ];
    for (from, to, reason) in cases {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from} is not in the file");
        let error = Tokenizer::read(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
    }
    assert!(Tokenizer::read(b"{}").is_err());
    assert!(Tokenizer::read(FILES[0].0).unwrap().encode(&[0xff]).unwrap_err().to_string().contains("UTF-8"));
}

proptest! {
    #[test]
    fn a_damaged_file_is_an_error_or_a_tokenizer_that_encodes(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), words: bool, text: String
    ) {
        let mut file = FILES[usize::from(words)].0.to_vec();
        for (place, byte) in places {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if let Ok(tokenizer) = Tokenizer::read(&file) {
            let tokens = tokenizer.encode(text.as_bytes()).unwrap();
            prop_assert!(tokens.len() <= text.len() + 1 && tokens.iter().all(|token| *token < tokenizer.size()));
        }
    }
}

fn job(workshop: &Workshop, text: &[u8], tokenizer: &[u8], vocab: u32) -> Manifest {
    let dataset = text_from_bytes(text).unwrap();
    let tokenizer = Some(workshop.store.put(tokenizer).unwrap());
    let model = Model::Transformer { vocab, context: 6, width: 16, heads: 2, layers: 1, dropout: 0.0, tokenizer };
    let manifest = Manifest { model, numeric_profile: NumericProfile::CanonicalAvx2V2, ..workshop.text_job(8) };
    workshop.on_dataset(manifest, &dataset)
}

#[test]
fn a_job_on_tokens_ends_in_the_same_job_root_with_any_number_of_workers_and_replays() {
    let workshop = Workshop::new();
    let manifest = job(&workshop, TEXT, FILES[0].0, 420);
    let [one, four] = [1, 4].map(|workers| workshop.train(&manifest, &format!("with {workers}"), workers));
    assert_eq!(one.job_root, four.job_root);
    let replay = workshop.replay(&manifest, &one.log, "all");
    assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(one.final_state_hash)));
    // fewer tokens than bytes: one prediction for each token of a window
    let windows = Tokenizer::read(FILES[0].0).unwrap().encode(TEXT).unwrap().len().saturating_sub(1) / 6;
    assert_eq!(one.total, windows.div_ceil(5) as u64 * 6);
}

#[test]
fn a_tokenizer_that_does_not_fit_is_refused() {
    let workshop = Workshop::new();
    for (text, tokenizer, vocab, reason) in [
        (TEXT, FILES[0].0, 419, "420"),
        (TEXT, b"{}", 420, "no tokenizer.json"),
        (&[0xff, 0xfe, 0x20, 0x41][..], FILES[0].0, 420, "UTF-8"),
    ] {
        let manifest = job(&workshop, text, tokenizer, vocab);
        let said = complaint(&workshop.launch_command(&manifest, &manifest.hash().to_string(), 1).output().unwrap());
        assert!(said.contains(reason) && !said.contains("restart"), "{reason}: {said}");
    }
    let _: TrainReport =
        report(&workshop.launch_command(&job(&workshop, TEXT, FILES[1].0, 330), "good", 1).output().unwrap());
}

//! Every function of `protocol` that takes bytes is fuzzed, or it says here why not.
use std::{fs, path::Path};

/// Functions of `protocol/src` by file and name, with the target that runs them (`fuzz/src/decoders.rs`).
const FUZZED: &[(&str, &str, &str)] = &[
    ("audit_seed", "draw", "slot_hashes"),
    ("chunked", "decode", "dataset"),
    ("chunked", "decode_list", "dataset"),
    ("dataset_chunk", "push_image", "dataset"),
    ("job_log", "decode", "job_log"),
    ("job_log", "decode_steps", "job_log"),
    ("job_log", "decode_segment", "job_log"),
    ("labelling", "decode", "labelling_task"),
    ("manifest_form", "decode", "manifest"),
    ("manifest_form", "from_toml", "manifest"),
    ("manifest_form", "from_json", "manifest"),
    ("manifest_terms", "read", "manifest"),
    ("merkle", "verify", "merkle_proof"),
    ("tensor_layout", "mean_norm", "state_layout"),
    ("tensor_layout", "state_places", "state_layout"),
    ("tensor_tree", "verify", "merkle_proof"),
    ("upgradeable", "bytecode", "program_data"),
    ("upgradeable", "upgrade_authority", "program_data"),
];

/// Functions that hash or copy what they are given, whatever it is.
const TAKE_ANY_BYTES: &[(&str, &str)] = &[
    ("codec", "bytes"),
    ("commitment", "layout_leaf"),
    ("codec", "new"),
    ("digest", "content_address"),
    ("digest", "tagged"),
    ("hkdf", "derive"),
    ("labelling", "answers_leaf"),
    ("labelling", "answers_leaves"),
    ("merkle", "leaf"),
    ("tensor_tree", "chunk_leaf"),
];

/// Names of the public functions of a source file that take bytes, text, a reader or a proof.
fn decoders(source: &str) -> Vec<String> {
    let parts = source.split("pub fn ").skip(1);
    let taken = parts.filter_map(|part| {
        let (name, rest) = part.split_once('(')?;
        let (parameters, _) = rest.split_once(')')?;
        // without `&mut Writer`s and the like: what is read from
        let reads = ["&[u8]", "text: &str", "Reader<", "&Proof"].iter().any(|kind| parameters.contains(kind));
        reads.then(|| name.to_owned())
    });
    taken.collect()
}

#[test]
fn every_decoder_of_protocol_has_a_target() {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/src")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        found.extend(decoders(&fs::read_to_string(path).unwrap()).into_iter().map(|name| (file.clone(), name)));
    }
    let known = |file: &str, name: &str| {
        FUZZED.iter().any(|known| (known.0, known.1) == (file, name)) || TAKE_ANY_BYTES.contains(&(file, name))
    };
    let missed: Vec<_> = found.iter().filter(|(file, name)| !known(file, name)).collect();
    assert!(missed.is_empty(), "{missed:?}: fuzz them in fuzz/src/decoders.rs, and list them here");

    let there = |file: &str, name: &str| found.iter().any(|found| (found.0.as_str(), found.1.as_str()) == (file, name));
    for (file, name, target) in FUZZED {
        assert!(there(file, name), "{file}.rs has no {name} any more: remove it here");
        assert!(fuzz::targets().iter().any(|known| known.name == *target), "there is no target {target}");
    }
    for (file, name) in TAKE_ANY_BYTES {
        assert!(there(file, name), "{file}.rs has no {name} any more: remove it here");
    }
}

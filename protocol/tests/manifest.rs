//! The manifest's forms and rules.

use proptest::prelude::*;
use protocol::digest::Digest;
use protocol::manifest::{
    Acceptance, Dataset, DatasetKind, FORMAT_VERSION, Holdout, HoldoutUnit, Manifest, Model, NumericProfile, Optimizer,
    Schedule,
};
use protocol::manifest_check::InvalidManifest;
use protocol::manifest_form::ManifestError;

fn schedules() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        any::<u32>().prop_map(|warmup_steps| Schedule::Constant { warmup_steps }),
        (any::<u32>(), 0.0..=1.0)
            .prop_map(|(warmup_steps, final_ratio)| Schedule::Linear { warmup_steps, final_ratio }),
        (any::<u32>(), 0.0..=1.0)
            .prop_map(|(warmup_steps, final_ratio)| Schedule::Cosine { warmup_steps, final_ratio }),
    ]
}

fn models() -> impl Strategy<Value = (Model, DatasetKind)> {
    let classified = prop::sample::select(vec![DatasetKind::Digits, DatasetKind::Images, DatasetKind::Features]);
    let sequences = prop::sample::select(vec![DatasetKind::Text, DatasetKind::Tokens]);
    prop_oneof![
        (1u32..100, prop::collection::vec(1u32..100, 0..4), 2u32..100, classified)
            .prop_map(|(inputs, hidden, classes, kind)| (Model::Mlp { inputs, hidden, classes }, kind)),
        (2u32..300, 1u32..64, 1u32..9, 1u32..9, 1u32..5, sequences).prop_map(
            |(vocab, context, heads, of_head, layers, kind)| {
                (Model::Transformer { vocab, context, width: heads * of_head, heads, layers }, kind)
            }
        ),
    ]
}

prop_compose! {
    fn manifests()(
        // TOML's integers are signed
        seeds in [0u64..1 << 63, 0u64..1 << 63, 0u64..1 << 63],
        virtual_ranks in 1u32..64,
        batch_per_rank in 1u32..64,
        steps in 1u32..1000,
        segment_len in 1u32..1000,
        (model, kind) in models(),
        root: [u8; 32],
        one_in in 2u32..20,
        mix_chunks in prop::option::of(1u32..1000),
        by_chunk: bool,
        numeric_profile in prop::sample::select(&NumericProfile::ALL[..]),
        lr in 1e-6f64..1.0,
        beta1 in 0.0f64..1.0,
        beta2 in 0.0f64..1.0,
        eps in 1e-12f64..1e-3,
        weight_decay in 0.0f64..1.0,
        schedule in schedules(),
        minimum_ppm in 0u32..=1_000_000,
    ) -> Manifest {
        Manifest {
            version: FORMAT_VERSION,
            trainer_version: "1+torch-2.13.0".into(),
            numeric_profile,
            init_seed: seeds[0],
            sampler_seed: seeds[1],
            virtual_ranks,
            batch_per_rank,
            steps,
            segment_len: segment_len.min(steps),
            model,
            dataset: Dataset {
                kind,
                root: Digest(root),
                holdout: Holdout { seed: seeds[2], one_in },
                mix_chunks: mix_chunks.filter(|_| kind.is_chunked()),
                holdout_unit: if by_chunk && kind.is_chunked() { HoldoutUnit::Chunk } else { HoldoutUnit::Sample },
            },
            optimizer: Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule },
            acceptance: Acceptance::Accuracy { minimum_ppm },
        }
    }
}

proptest! {
    #[test]
    fn every_form_reads_back_to_the_same_hash(manifest in manifests()) {
        let json = serde_json::to_string(&manifest).unwrap();
        let text = toml::to_string(&manifest).unwrap();
        for again in [Manifest::decode(&manifest.encode()), Manifest::from_json(&json), Manifest::from_toml(&text)] {
            let again = again.unwrap();
            prop_assert_eq!(again.hash(), manifest.hash());
            prop_assert_eq!(&again, &manifest);
        }
    }

    #[test]
    fn a_changed_byte_is_an_error_or_another_manifest(manifest in manifests(), place: prop::sample::Index, flip in 1u8..) {
        let mut bytes = manifest.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(other) = Manifest::decode(&bytes) {
            prop_assert_ne!(&other, &manifest);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes: Vec<u8>) {
        prop_assert!(Manifest::decode(&bytes).is_err());
    }

    #[test]
    fn a_cut_or_longer_encoding_is_an_error(manifest in manifests(), cut: prop::sample::Index) {
        let mut bytes = manifest.encode();
        prop_assert!(Manifest::decode(&bytes[..cut.index(bytes.len())]).is_err());
        bytes.push(0);
        prop_assert!(Manifest::decode(&bytes).is_err());
    }

    #[test]
    fn segments_cover_every_step_once(manifest in manifests()) {
        let steps: Vec<u32> = (0..manifest.segments()).flat_map(|index| manifest.segment_steps(index)).collect();
        prop_assert_eq!(steps, (0..manifest.steps).collect::<Vec<_>>());
    }

    #[test]
    fn a_learning_rate_stays_between_zero_and_its_peak(manifest in manifests(), step in 0u32..1000) {
        let Optimizer::Adamw { lr, .. } = manifest.optimizer;
        let rate = manifest.optimizer.learning_rate(step.min(manifest.steps - 1), manifest.steps);
        prop_assert!((-1e-9..=lr * (1.0 + 1e-9)).contains(&rate), "{} of {}", rate, lr);
    }
}

fn digits_job() -> &'static str {
    include_str!("../../trainer/jobs/digits.toml")
}

#[test]
fn the_jobs_of_the_trainer_are_valid() {
    Manifest::from_toml(digits_job()).unwrap();
    Manifest::from_toml(include_str!("../../trainer/jobs/tiny-text.toml")).unwrap();
}

#[test]
fn an_unknown_field_is_an_error_that_names_it() {
    let error = Manifest::from_toml(&format!("momentum = 1\n{}", digits_job())).unwrap_err().to_string();
    assert!(error.contains("momentum"), "{error}");
}

#[test]
fn nonsense_is_an_error_that_names_the_field() {
    let cases = [
        ("steps = 300", "steps = 0", "steps"),
        ("segment_len = 10", "segment_len = 301", "segment_len"),
        ("virtual_ranks = 4", "virtual_ranks = 0", "virtual_ranks"),
        ("lr = 0.004", "lr = nan", "optimizer.lr"),
        ("beta2 = 0.99", "beta2 = 1.0", "optimizer.beta2"),
        ("one_in = 5", "one_in = 1", "one_in"),
        ("inputs = 64", "inputs = 0", "model.inputs"),
        ("kind = \"digits\"", "kind = \"text\"", "mlp"),
        ("kind = \"digits\"", "kind = \"tokens\"", "mlp"),
        ("kind = \"digits\"", "kind = \"digits\"\nmix_chunks = 4", "mix_chunks"),
        ("kind = \"digits\"", "kind = \"digits\"\nholdout_unit = \"chunk\"", "holdout_unit"),
        ("kind = \"digits\"", "kind = \"images\"\nmix_chunks = 0", "mix_chunks"),
    ];
    for (from, to, named) in cases {
        let text = digits_job().replace(from, to);
        assert_ne!(text, digits_job(), "{from} is not in the job");
        let error = Manifest::from_toml(&text).unwrap_err();
        assert!(matches!(error, ManifestError::Invalid(_)), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let error = Manifest::from_toml(&digits_job().replace("version = 1\n", "version = 2\n")).unwrap_err();
    assert!(matches!(error, ManifestError::Invalid(InvalidManifest::Version(2))), "{error}");
}

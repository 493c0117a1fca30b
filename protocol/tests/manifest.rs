//! The manifest's forms and rules.

use proptest::prelude::*;
use protocol::digest::Digest;
use protocol::manifest::{
    Acceptance, Dataset, DatasetKind, Decay, FORMAT_VERSION, Holdout, HoldoutUnit, Lora, Manifest, Model,
    NumericProfile, Optimizer, Schedule, Start, VERSION_1,
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
    let dropout = || prop_oneof![Just(0.0), 0.001f64..0.999];
    let images = (1u32..4, 1u32..20, 1u32..20);
    let stages = (1u32..4, prop::collection::vec(1u32..9, 1..4), 1u32..4);
    let of_images = prop::sample::select(vec![DatasetKind::Digits, DatasetKind::Images]);
    let classified = prop::sample::select(vec![DatasetKind::Digits, DatasetKind::Images, DatasetKind::Features]);
    let any_kind = || {
        prop::sample::select(vec![
            DatasetKind::Digits,
            DatasetKind::Text,
            DatasetKind::Images,
            DatasetKind::Features,
            DatasetKind::Tokens,
        ])
    };
    let sequences = any_kind().prop_filter("tokens", |kind| kind.is_sequence());
    let sizes = (2u32..300, 1u32..64, 1u32..9, 1u32..9, 1u32..5);
    prop_oneof![
        (1u32..100, prop::collection::vec(1u32..100, 0..4), 2u32..100, dropout(), classified).prop_map(
            |(inputs, hidden, classes, dropout, kind)| (Model::Mlp { inputs, hidden, classes, dropout }, kind)
        ),
        (sizes, dropout(), prop::option::of(any::<[u8; 32]>()), sequences).prop_map(
            |((vocab, context, heads, of_head, layers), dropout, tokenizer, kind)| {
                let tokenizer = tokenizer.map(Digest).filter(|_| kind == DatasetKind::Text);
                let width = heads * of_head;
                (Model::Transformer { vocab, context, width, heads, layers, dropout, tokenizer }, kind)
            }
        ),
        (images, stages, 2u32..100, dropout(), of_images).prop_map(
            |(image, (groups, stages, blocks), classes, dropout, kind)| {
                let ((channels, height, width), stages) = (image, stages.into_iter().map(|of_group| of_group * groups));
                let stages = stages.collect();
                let model = Model::ResidualCnn { channels, height, width, stages, blocks, groups, classes, dropout };
                (model, kind)
            }
        ),
        (any::<[u8; 32]>(), prop::collection::vec(1u32..30, 1..4), 2u32..100, any_kind()).prop_map(
            |(module, input, classes, kind)| {
                let tokenizer = (kind == DatasetKind::Text).then_some(Digest(module));
                (Model::TorchScript { module: Digest(module), input, classes, tokenizer }, kind)
            }
        ),
    ]
}

fn starts() -> impl Strategy<Value = Option<Start>> {
    let lora = (1u32..64, 0.5f64..64.0, prop::collection::vec("[a-z.]{1,20}", 1..4))
        .prop_map(|(rank, alpha, targets)| Lora { rank, alpha, targets });
    prop::option::of(
        (any::<[u8; 32]>(), prop::option::of(lora))
            .prop_map(|(weights, lora)| Start { weights: Digest(weights), lora }),
    )
}

prop_compose! {
    fn manifests()(
        // TOML's integers are signed
        seeds in [0u64..1 << 63, 0u64..1 << 63, 0u64..1 << 63],
        virtual_ranks in 1u32..64,
        (micro_batches, of_micro_batch) in (1u32..9, 1u32..9),
        evaluate_every in 0u32..9,
        start in starts(),
        (all_decay, clip_norm) in (any::<bool>(), prop::option::of(0.1f64..10.0)),
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
            // modules are refused under the profile that does not check operators
            numeric_profile: match model {
                Model::TorchScript { .. } => NumericProfile::CanonicalAvx2V2,
                _ => numeric_profile,
            },
            init_seed: seeds[0],
            sampler_seed: seeds[1],
            virtual_ranks,
            batch_per_rank: micro_batches * of_micro_batch,
            micro_batches,
            steps,
            segment_len: segment_len.min(steps),
            evaluate_every,
            model,
            dataset: Dataset {
                kind,
                root: Digest(root),
                holdout: Holdout { seed: seeds[2], one_in },
                mix_chunks: mix_chunks.filter(|_| kind.is_chunked()),
                holdout_unit: if by_chunk && kind.is_chunked() { HoldoutUnit::Chunk } else { HoldoutUnit::Sample },
            },
            optimizer: Optimizer::Adamw {
                lr,
                beta1,
                beta2,
                eps,
                weight_decay,
                schedule,
                decay: if all_decay { Decay::All } else { Decay::Matrices },
                clip_norm,
            },
            acceptance: Acceptance::Accuracy { minimum_ppm },
            start,
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
    fn what_version_1_does_not_know_needs_version_2(manifest in manifests()) {
        let first = Manifest { version: VERSION_1, ..manifest.clone() };
        match manifest.beyond_version_1() {
            None => {
                let again = Manifest::decode(&first.encode()).unwrap();
                prop_assert_eq!(&again, &first);
                prop_assert_ne!(again.hash(), manifest.hash());
            }
            Some(field) => prop_assert_eq!(first.validate(), Err(InvalidManifest::NeedsNewerVersion(field))),
        }
    }

    #[test]
    fn every_file_that_a_run_needs_is_listed(manifest in manifests()) {
        let listed = manifest.artefacts();
        prop_assert_eq!(listed[0], manifest.dataset.root);
        let start = manifest.start.as_ref().map(|start| start.weights);
        let of_model = [manifest.model.module(), manifest.model.tokenizer()];
        prop_assert!(of_model.into_iter().chain([start]).flatten().all(|address| listed[1..].contains(&address)));
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
    Manifest::from_toml(include_str!("../../trainer/jobs/digits-residual.toml")).unwrap();
    Manifest::from_toml(include_str!("../../trainer/jobs/tiny-text.toml")).unwrap();
}

#[test]
fn an_unknown_field_is_an_error_that_names_it() {
    let error = Manifest::from_toml(&format!("momentum = 1\n{}", digits_job())).unwrap_err().to_string();
    assert!(error.contains("momentum"), "{error}");
}

/// The hash that orders of this job carried before version 2 of the format was there.
#[test]
fn a_manifest_of_version_1_keeps_its_hash() {
    let digits = include_str!("manifests/digits-v1.toml");
    let manifest = Manifest::from_toml(digits).unwrap();
    assert_eq!(manifest.hash().to_string(), "fdcaced485c3de9aa3663adfa9a8dc00a26419efe0eacffd3b0ad464653ed23e");
    assert_eq!(Manifest::decode(&manifest.encode()).unwrap(), manifest);
}

#[test]
fn weights_that_do_not_decay_are_those_of_one_dimension() {
    let text = digits_job().replace("weight_decay = 0.05", "weight_decay = 0.05\ndecay = \"matrices\"");
    let optimizer = Manifest::from_toml(&text).unwrap().optimizer;
    let (mut bias, mut matrix) = ([1.0f32, 0.0, 0.0], [1.0f32, 0.0, 0.0]);
    for (values, dimensions) in [(&mut bias, 1), (&mut matrix, 2)] {
        let [parameter, first, second] = values;
        optimizer.step_factors(100, 300, dimensions).update(0.0, parameter, first, second);
    }
    assert_eq!(bias[0], 1.0);
    assert!(matrix[0] < 1.0);
}

fn image_model(groups: &str) -> String {
    format!("kind = \"residual-cnn\"\nchannels = 1\nheight = 8\nwidth = 8\nstages = [8, 16]\nblocks = 1\n{groups}")
}

fn lora(fields: &str) -> String {
    format!("[start]\nweights = \"{}\"\nlora = {{ {fields} }}\n[acceptance]", Digest::ZERO)
}

#[test]
fn a_module_needs_the_profile_that_checks_operators() {
    let module = format!("kind = \"torchscript\"\nmodule = \"{}\"\ninput = [64]", Digest::ZERO);
    let text = digits_job()
        .replace("kind = \"mlp\"\ninputs = 64\nhidden = [128]", &module)
        .replace("canonical-avx2-v2", "canon-avx2");
    let error = Manifest::from_toml(&text).unwrap_err();
    assert!(error.to_string().contains("canonical-avx2-v2"), "{error}");
}

/// What stands in the place of the job's model, and which kinds of dataset it can be trained on.
#[test]
fn a_model_trains_on_the_kinds_of_dataset_that_have_its_shape() {
    let digest = Digest::ZERO;
    let transformer = "kind = \"transformer\"\nvocab = 9\ncontext = 4\nwidth = 8\nheads = 2\nlayers = 1\n#";
    let tokenizer = transformer.replace('#', &format!("tokenizer = \"{digest}\"\n#"));
    let module = format!("kind = \"torchscript\"\nmodule = \"{digest}\"\ninput = [64]");
    let images = image_model("groups = 2");
    let cases = [
        ("kind = \"mlp\"\ninputs = 64\nhidden = [128]", &["digits", "images", "features"][..]),
        (images.as_str(), &["digits", "images"]),
        (transformer, &["text", "tokens"]),
        (tokenizer.as_str(), &["text"]),
        (module.as_str(), &["digits", "text", "images", "features", "tokens"]),
    ];
    for (model, fitting) in cases {
        for kind in ["digits", "text", "images", "features", "tokens"] {
            let text = digits_job()
                .replace("kind = \"mlp\"\ninputs = 64\nhidden = [128]\n", &format!("{model}\n"))
                .replace("#\nclasses = 10\n", "")
                .replace("kind = \"digits\"", &format!("kind = \"{kind}\""));
            let read = Manifest::from_toml(&text);
            assert_eq!(read.is_ok(), fitting.contains(&kind), "{kind}: {text} {read:?}");
            if let Err(error) = read {
                assert!(matches!(error, ManifestError::Invalid(_)), "{error}");
            }
        }
    }
}

#[test]
fn a_dataset_in_chunks_needs_version_2() {
    let digits = include_str!("manifests/digits-v1.toml");
    for kind in ["images", "features"] {
        let text = digits.replace("kind = \"digits\"", &format!("kind = \"{kind}\""));
        let error = Manifest::from_toml(&text).unwrap_err();
        let expected = InvalidManifest::NeedsNewerVersion("dataset.kind");
        assert!(matches!(&error, ManifestError::Invalid(found) if *found == expected), "{error}");
        assert!(Manifest::from_toml(&text.replace("version = 1\n", "version = 2\n")).is_ok());
    }
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
        ("batch_per_rank = 16", "batch_per_rank = 16\nmicro_batches = 3", "micro_batches"),
        ("batch_per_rank = 16", "batch_per_rank = 16\nmicro_batches = 0", "micro_batches"),
        ("classes = 10", "classes = 10\ndropout = 1.0", "model.dropout"),
        ("classes = 10", "classes = 10\ndropout = -0.0", "model.dropout"),
        ("beta1 = 0.9", "beta1 = 0.9\nclip_norm = 0.0", "clip_norm"),
        ("kind = \"mlp\"\ninputs = 64\nhidden = [128]", &image_model("groups = 3"), "groups"),
        ("kind = \"mlp\"\ninputs = 64\nhidden = [128]", &image_model("groups = 0"), "groups"),
        ("[acceptance]", &lora("rank = 0, alpha = 1.0, targets = [\"a\"]"), "rank"),
        ("[acceptance]", &lora("rank = 1, alpha = 0.0, targets = [\"a\"]"), "alpha"),
        ("[acceptance]", &lora("rank = 1, alpha = 1.0, targets = []"), "targets"),
        ("[acceptance]", &lora("rank = 1, alpha = 1.0, targets = [\"\"]"), "targets"),
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
    let error = Manifest::from_toml(&digits_job().replace("version = 2\n", "version = 3\n")).unwrap_err();
    assert!(matches!(error, ManifestError::Invalid(InvalidManifest::Version(3))), "{error}");
}

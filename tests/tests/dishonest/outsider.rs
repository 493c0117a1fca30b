//! What an outsider gets from `aixblock verify` for an honest result, and for questions that have no answer.
use crate::shop::{NOWHERE, Shop, Verified};
use oracle::judge::Judgement;
use protocol::manifest::Acceptance;
use protocol::report::reason_code;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[tokio::test]
async fn an_honest_result_is_equal_and_what_was_replayed_is_not_replayed_again() {
    let shop = Shop::new();
    let run = shop.train(None);
    let [log, manifest] = [run.log, shop.manifest.hash()].map(|digest| digest.to_string());
    let job = ["--log", &log, "--manifest-hash", &manifest];
    let part = shop.verify("one", &[&job[..], &["--segments", "2,0"]].concat());
    assert_eq!((part.status, &part.json["whole"], &part.json["equal_segments"]), (0, &false.into(), &2.into()));
    assert_eq!(part.json["metric"]["matches"], true);

    // as after an interruption: the end of a line is missing
    let progress = shop.folder.path().join("one/progress.jsonl");
    let text = std::fs::read_to_string(&progress).unwrap();
    std::fs::write(&progress, &text[..text.len() - 20]).unwrap();
    let whole = shop.verify("one", &job);
    assert_eq!((whole.status, &whole.json["whole"]), (0, &true.into()), "{}", whole.json);
    assert_eq!((&whole.json["equal_segments"], &whole.json["resumed_segments"]), (&3.into(), &1.into()));
    let again = shop.verify("one", &job);
    assert_eq!((again.status, &again.json["resumed_segments"]), (0, &3.into()));
    let anew = shop.verify("one", &[&job[..], &["--anew"]].concat());
    assert_eq!((anew.status, &anew.json["resumed_segments"]), (0, &0.into()));
    let sample = shop.verify("sample", &[&job[..], &["--sample", "0"]].concat());
    assert_eq!((sample.status, &sample.json["equal_segments"]), (0, &2.into()));
    let judgement = shop.judged(&run).await;
    assert!(matches!(judgement, Judgement::Proven { accept: true, reason: reason_code::NONE, .. }), "{judgement:?}");
}

#[test]
fn an_interrupted_verification_says_so_and_goes_on_where_it_stopped() {
    let shop = Shop::with(|manifest| (manifest.steps, manifest.segment_len) = (600, 5));
    let run = shop.train(None);
    let [log, manifest] = [run.log, shop.manifest.hash()].map(|digest| digest.to_string());
    let job = ["--log", &log, "--manifest-hash", &manifest];
    let mut child = shop.verify_command("run", &job).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = messages.find(|line| line.as_ref().unwrap().contains("equal"));
    assert!(first.is_some(), "no segment came out equal: {}", child.wait().unwrap());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    messages.for_each(drop);
    let stopped = Verified::of(&child.wait_with_output().unwrap());
    assert_eq!((stopped.status, stopped.verdict()), (1, "undecided"), "{}", stopped.json);
    assert!(stopped.json["reason"].as_str().unwrap().contains("interrupted"), "{}", stopped.json);
    let whole = shop.verify("run", &job);
    assert_eq!((whole.status, &whole.json["whole"]), (0, &true.into()), "{}", whole.json);
    let (resumed, before) = (&whole.json["resumed_segments"], &stopped.json["equal_segments"]);
    assert!(resumed.as_u64().unwrap() > 0 && resumed == before, "{resumed} {before}");
}

#[test]
fn what_was_found_equal_does_not_hide_a_checkpoint_that_is_gone() {
    let shop = Shop::new();
    let run = shop.train(None);
    assert_eq!(shop.verify_run(&run).status, 0);
    std::fs::remove_file(shop.store.path_of(&run.final_checkpoint)).unwrap();
    let verified = shop.verify_run(&run);
    assert_eq!((verified.status, verified.verdict()), (1, "undecided"));
    assert!(verified.json["reason"].as_str().unwrap().contains("final checkpoint"), "{}", verified.json);
}

#[test]
fn a_true_result_below_the_minimum_is_not_what_was_ordered() {
    let shop = Shop::with(|manifest| manifest.acceptance = Acceptance::Accuracy { minimum_ppm: 1_000_000 });
    let run = shop.train(None);
    let verified = shop.verify_run(&run);
    assert_eq!((verified.status, &verified.json["reason_code"]), (2, &reason_code::NOT_ACCEPTED.into()));
    // and stays so when nothing is left to replay
    assert_eq!(shop.verify_run(&run).status, 2);
}

#[test]
fn what_cannot_be_found_is_undecided_and_a_wrong_question_is_refused() {
    let shop = Shop::new();
    let nowhere = NOWHERE.to_string();
    let verified = shop.verify("none", &["--log", &nowhere, "--manifest-hash", &nowhere]);
    assert_eq!((verified.status, verified.json["withheld"].as_array().unwrap().len()), (1, 2));
    let refused = |arguments: &[&str]| {
        let output = Command::new(e2e_tests::binary("aixblock")).arg("verify").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, message) = refused(&["--log", &nowhere]);
    assert!(status == Some(1) && message.contains("--manifest-hash"), "{message}");
    let (status, message) = refused(&[]);
    assert!(status == Some(1) && message.contains("ORDER"), "{message}");
}

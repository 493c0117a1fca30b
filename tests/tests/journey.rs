//! The whole journey by the binaries that a user runs.
use e2e_tests::{binary, root};
use serde_json::Value;
use std::process::Command;

fn text<'a>(report: &'a Value, path: &str) -> &'a str {
    report.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} is no text in {report:#}"))
}

fn number(report: &Value, path: &str) -> f64 {
    report.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} is no number in {report:#}"))
}

#[test]
fn honest_work_is_paid_dishonest_work_is_not_and_two_months_are_split() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let output = Command::new(binary("aixblock"))
        .args(["demo", "--work-dir"])
        .arg(folder.path().join("demo"))
        .arg("--programs")
        .arg(root().join("target/deploy"))
        .output()
        .expect("the demo starts");
    let story = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{story}\n{}", String::from_utf8_lossy(&output.stderr));
    let file = std::fs::read(folder.path().join("demo/report.json")).expect("the demo leaves a report");
    let report: Value = serde_json::from_slice(&file).expect("the report is JSON");

    assert_eq!(text(&report, "/training/final_state_hash"), text(&report, "/training/replay_hash"));
    assert_eq!(number(&report, "/training/virtual_ranks"), 4.0);
    assert_eq!(number(&report, "/training/world_size"), 2.0);
    assert!(number(&report, "/training/steps") >= 200.0);
    assert!(number(&report, "/training/test_accuracy") >= 0.95);
    assert_eq!(number(&report, "/audit/oracles"), 3.0);
    assert_eq!((number(&report, "/audit/votes_for"), number(&report, "/audit/votes_against")), (3.0, 0.0));
    assert!(number(&report, "/audit/sampled") >= 3.0);

    // 100 tokens less 2.5 % for the treasury, against all 100 back
    assert_eq!(text(&report, "/honest_order/state"), "released");
    assert_eq!(text(&report, "/honest_order/paid"), "97500000");
    assert_eq!(text(&report, "/honest_order/fee"), "2500000");
    assert_eq!(text(&report, "/honest_order/refunded"), "0");
    assert_eq!(text(&report, "/dishonest_order/state"), "refunded");
    assert_eq!(text(&report, "/dishonest_order/paid"), "0");
    assert_eq!(text(&report, "/dishonest_order/refunded"), "100000000");

    for (place, points, distributed, reserve, paid, share) in [
        (0, "400", "5000000000", "5000000000", "5000000000", "1250000000"),
        (1, "1000", "10000000000", "0", "10000000000", "1000000000"),
    ] {
        let month = report.pointer(&format!("/months/{place}")).expect("two months");
        assert_eq!(text(month, "/total_points"), points);
        assert_eq!(text(month, "/pool"), "10000000000");
        assert_eq!(text(month, "/distributed"), distributed);
        assert_eq!(text(month, "/reserve"), reserve);
        assert_eq!(text(month, "/paid"), paid);
        let claims = month["claims"].as_array().expect("claims");
        let holder = claims.iter().find(|claim| claim["points"] == "100").expect("a holder of 100 points");
        assert_eq!(text(holder, "/amount"), share);
    }
    assert!(number(&report, "/api/compared") > 20.0);
    assert_eq!(number(&report, "/api/mismatches"), 0.0);
}

//! Datasets and labels, sold by the binary that a user runs on a chain that runs the real programs.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
#[path = "support/people.rs"]
mod people;

use chain::{Pubkey, Signer, address, instruction::market};
use people::People;
use protocol::{content, licence::REQUEST_MAGIC, licence_keys};
use std::{fs, path::PathBuf};

const PURSE: u64 = 1_000_000;
const PRICE: &str = "40000";

async fn seller_and_buyer() -> People {
    People::new(&[("seller", 0), ("buyer", PURSE)]).await
}

/// Seals a folder and lists it; returns the listing and the folder.
fn dataset(p: &People) -> (String, PathBuf) {
    let folder = p.path("digits");
    fs::create_dir_all(folder.join("images")).unwrap();
    fs::write(folder.join("labels.csv"), "0,7\n".repeat(1_000)).unwrap();
    fs::write(folder.join("images/0.bin"), [7; 3_000]).unwrap();
    let index = p.run("seller", &["licence", "seal", folder.to_str().unwrap()], "index");
    let listing = p.run("seller", &["licence", "list", &index, "--kind", "dataset", "--price", PRICE], "listing");
    (listing, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_sold_and_a_wrong_delivery_is_proven_and_refunded() {
    let p = seller_and_buyer().await;
    let (listing, folder) = dataset(&p);

    // as promised
    let order = p.run("buyer", &["licence", "order", &listing], "order");
    p.fails("buyer", &["licence", "open", &order, "--to", "nowhere"], "no licence was delivered");
    p.run("seller", &["licence", "deliver", &order], "delivered");
    let out = p.path("bought");
    p.run("buyer", &["licence", "open", &order, "--to", out.to_str().unwrap()], "");
    for file in ["labels.csv", "images/0.bin"] {
        assert_eq!(fs::read(out.join(file)).unwrap(), fs::read(folder.join(file)).unwrap());
    }
    p.fails("buyer", &["licence", "prove", &order], "there is nothing to prove");
    p.run("buyer", &["travel", "--seconds", "60"], "");
    assert_eq!(p.run("seller", &["release", &order], "paid"), "39000 fee 1000 refunded 0");

    // another key than the content is encrypted with
    let other = p.path("other.key");
    fs::write(&other, "11".repeat(32)).unwrap();
    let order = p.run("buyer", &["licence", "order", &listing, "--id", "2"], "order");
    p.run("seller", &["licence", "deliver", &order, "--key-file", other.to_str().unwrap()], "delivered");
    let out = p.path("bought-2");
    p.fails(
        "buyer",
        &["licence", "open", &order, "--to", out.to_str().unwrap()],
        "chunk 0 is not what the seller promised",
    );
    assert!(!out.exists(), "nothing is opened by half");
    p.run("buyer", &["licence", "prove", &order], "proven: chunk 0");
    assert_eq!(p.tokens("buyer").await, PURSE - 40_000);

    // a sealed key that does not hold what its hash says
    let order = p.run("buyer", &["licence", "order", &listing, "--id", "3"], "order");
    deliver_wrong_key(&p, order.parse().unwrap()).await;
    let open = ["licence", "open", &order, "--to", out.to_str().unwrap()];
    p.fails("buyer", &open, "does not open to the key of the order");
    p.run("buyer", &["licence", "prove", &order], "proven: the sealed key");
    assert_eq!(p.tokens("buyer").await, PURSE - 40_000);
    assert_eq!(p.tokens("seller").await, 39_000);
}

/// Seals one key and commits to the hash of another, which no honest client does.
async fn deliver_wrong_key(p: &People, order: Pubkey) {
    let seller = p.key("seller");
    let state: ::market::state::Order = p.world.rpc.get(&order).await.unwrap();
    let accept = market::Deposit {
        actor: seller.pubkey(),
        order,
        seller: seller.pubkey(),
        mint: p.world.mint,
        token_program: address::TOKEN_PROGRAM,
    };
    let store = artefacts::Store::open(p.path("store")).unwrap();
    let request = store.get(&protocol::digest::Digest(state.manifest_hash)).unwrap();
    let buyer = request.strip_prefix(REQUEST_MAGIC).unwrap().try_into().unwrap();
    let sealed_key = licence_keys::seal(&[1; 32], &buyer, &[2; 32]).unwrap();
    let licence = market::DeliveredLicence { key_hash: content::key_hash(&[3; 32]).0, sealed_key };
    let instructions = [market::accept_order(accept), market::deliver_licence(seller.pubkey(), order, licence)];
    p.world.rpc.send(&instructions, &[seller]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_paid_by_their_agreement_with_hidden_gold() {
    let p = seller_and_buyer().await;
    let brief = p.file("brief.txt", "1,000 images; 7 where you see a seven");
    let gold = p.file("gold.csv", &(0..10).map(|n| format!("{},7\n", 100 * n)).collect::<String>());
    // wrong about items 0, 100 and 200: seven of ten are right
    let answers: String = (0..1_000).map(|item| if [0, 100, 200].contains(&item) { "8\n" } else { "7\n" }).collect();
    let answers = p.file("answers.txt", &answers);

    let listing = p.run("seller", &["labels", "list", "--price", "40"], "listing");
    let scale = ["--items", "1000", "--floor-bps", "5000", "--full-bps", "9000"];
    let commit = [&["labels", "commit", "--brief", &brief, "--gold", &gold][..], &scale].concat();
    let task = p.run("buyer", &commit, "task");
    let order = p.run("buyer", &["labels", "order", &listing, "--task", &task], "order");
    p.run("seller", &["labels", "answer", &order, "--answers", &answers], "submitted");
    p.fails("seller", &["labels", "open", &order], "there is no verdict of proofs");
    p.run("buyer", &["labels", "reveal", &order], "10 gold labels");
    p.fails("buyer", &["labels", "finish", &order], "CountNotOver");
    p.run("seller", &["labels", "open", &order], "4 leaves");
    // (7,000 - 5,000) / (9,000 - 5,000)
    assert_eq!(p.run("seller", &["labels", "finish", &order], "7 of 10 right:"), "5000 bps are payable");
    assert_eq!(p.run("seller", &["release", &order], "paid"), "19500 fee 500 refunded 20000");
    assert_eq!(p.tokens("buyer").await, PURSE - 20_000);
}

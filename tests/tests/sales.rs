//! Datasets and labels, sold by the binary that a user runs on a chain that runs the real programs.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
#[path = "../../chain/localnet/tests/support/mod.rs"]
mod support;

use chain::{Keypair, Pubkey, Signer, address, instruction::market};
use e2e_tests::binary;
use protocol::{content, licence::REQUEST_MAGIC, licence_keys};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};
use support::World;

/// A seller and a buyer with folders of their own, and a store that both see.
struct People {
    world: World,
    folder: tempfile::TempDir,
    seller: Keypair,
    buyer: Keypair,
}

const PURSE: u64 = 1_000_000;
const PRICE: &str = "40000";

impl People {
    async fn new() -> Self {
        let world = support::world().await;
        let (seller, buyer) = (world.wallet(0).await, world.wallet(PURSE).await);
        let people = Self { world, folder: tempfile::tempdir().unwrap(), seller, buyer };
        for (who, key) in [("seller", &people.seller), ("buyer", &people.buyer)] {
            chain::key::write(&people.path(&format!("{who}.json")), key).unwrap();
        }
        people
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn try_run(&self, who: &str, arguments: &[&str]) -> Output {
        Command::new(binary("aixblock"))
            .args(arguments)
            .args(["--url", &self.world.net.rpc_url(), "--keypair"])
            .arg(self.path(&format!("{who}.json")))
            .arg("--store")
            .arg(self.path("store"))
            .env("XDG_DATA_HOME", self.path(&format!("home-{who}")))
            .output()
            .unwrap()
    }

    /// What a command prints after `name` and a space.
    fn run(&self, who: &str, arguments: &[&str], name: &str) -> String {
        let output = self.try_run(who, arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{arguments:?}: no {name:?} in\n{text}")).trim().to_owned()
    }

    fn fails(&self, who: &str, arguments: &[&str], because: &str) {
        let output = self.try_run(who, arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && message.contains(because), "{arguments:?}: {message}");
    }

    async fn tokens(&self, key: &Keypair) -> u64 {
        self.world.rpc.token_amount(&address::token_account(&key.pubkey(), &self.world.mint)).await.unwrap()
    }

    /// Seals a folder and lists it; returns the listing and the folder.
    fn dataset(&self) -> (String, PathBuf) {
        let folder = self.path("digits");
        fs::create_dir_all(folder.join("images")).unwrap();
        fs::write(folder.join("labels.csv"), "0,7\n".repeat(1_000)).unwrap();
        fs::write(folder.join("images/0.bin"), [7; 3_000]).unwrap();
        let index = self.run("seller", &["licence", "seal", folder.to_str().unwrap()], "index");
        let listing =
            self.run("seller", &["licence", "list", &index, "--kind", "dataset", "--price", PRICE], "listing");
        (listing, folder)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_sold_and_a_wrong_delivery_is_proven_and_refunded() {
    let p = People::new().await;
    let (listing, folder) = p.dataset();

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
    assert_eq!(p.tokens(&p.buyer).await, PURSE - 40_000);

    // a sealed key that does not hold what its hash says
    let order = p.run("buyer", &["licence", "order", &listing, "--id", "3"], "order");
    deliver_wrong_key(&p, order.parse().unwrap()).await;
    let open = ["licence", "open", &order, "--to", out.to_str().unwrap()];
    p.fails("buyer", &open, "does not open to the key of the order");
    p.run("buyer", &["licence", "prove", &order], "proven: the sealed key");
    assert_eq!(p.tokens(&p.buyer).await, PURSE - 40_000);
    assert_eq!(p.tokens(&p.seller).await, 39_000);
}

/// Seals one key and commits to the hash of another, which no honest client does.
async fn deliver_wrong_key(p: &People, order: Pubkey) {
    let state: ::market::state::Order = p.world.rpc.get(&order).await.unwrap();
    let accept = market::Deposit {
        actor: p.seller.pubkey(),
        order,
        seller: p.seller.pubkey(),
        mint: p.world.mint,
        token_program: address::TOKEN_PROGRAM,
    };
    let store = artefacts::Store::open(p.path("store")).unwrap();
    let request = store.get(&protocol::digest::Digest(state.manifest_hash)).unwrap();
    let buyer = request.strip_prefix(REQUEST_MAGIC).unwrap().try_into().unwrap();
    let sealed_key = licence_keys::seal(&[1; 32], &buyer, &[2; 32]).unwrap();
    let licence = market::DeliveredLicence { key_hash: content::key_hash(&[3; 32]).0, sealed_key };
    let instructions = [market::accept_order(accept), market::deliver_licence(p.seller.pubkey(), order, licence)];
    p.world.rpc.send(&instructions, &[&p.seller]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_paid_by_their_agreement_with_hidden_gold() {
    let p = People::new().await;
    let write = |name: &str, text: String| {
        fs::write(p.path(name), text).unwrap();
        p.path(name).to_str().unwrap().to_owned()
    };
    let brief = write("brief.txt", "1,000 images; 7 where you see a seven".into());
    let gold = write("gold.csv", (0..10).map(|n| format!("{},7\n", 100 * n)).collect());
    // wrong about items 0, 100 and 200: seven of ten are right
    let answers = (0..1_000).map(|item| if [0, 100, 200].contains(&item) { "8\n" } else { "7\n" }).collect();
    let answers = write("answers.txt", answers);

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
    assert_eq!(p.tokens(&p.buyer).await, PURSE - 20_000);
}

//! A node that is down, late or lossy costs time and loses nothing.
#![allow(clippy::unwrap_used)]

mod support;

use chain::{Keypair, Rpc, RpcError, SendError, Settings, Signer, address, instruction::market as build};
use localnet::{Localnet, LocalnetConfig, free_port};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};

/// A way to the node that can be cut.
struct Wire {
    port: u16,
    up: Arc<AtomicBool>,
}

async fn wire(target: u16) -> Wire {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let up = Arc::new(AtomicBool::new(true));
    let open = Arc::clone(&up);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let open = Arc::clone(&open);
            tokio::spawn(async move {
                if !open.load(Ordering::SeqCst) {
                    return;
                }
                let mut node = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                let cut = async {
                    while open.load(Ordering::SeqCst) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut node) => {}
                    () = cut => {}
                }
            });
        }
    });
    Wire { port, up }
}

fn patient(port: u16, patience_seconds: u64) -> Rpc {
    let url = format!("http://127.0.0.1:{port}");
    Rpc::new(Settings { patience_seconds, request_timeout_ms: 2_000, resend_ms: 200, ..Settings::at(url) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_late_is_waited_for_and_one_that_never_does_is_named() {
    let admin = Keypair::new();
    let port = free_port().unwrap();
    let settings = LocalnetConfig { rpc_port: port, ..support::config(&admin.pubkey()) };
    let late = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(700));
        Localnet::start(settings).unwrap()
    });
    assert!(patient(port, 20).slot().await.is_ok());
    late.await.unwrap().stop();

    let nobody = free_port().unwrap();
    let started = Instant::now();
    let error = patient(nobody, 1).slot().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(matches!(error, RpcError::Down { .. }));
    let text = error.to_string();
    assert!(text.contains(&format!("http://127.0.0.1:{nobody} did not answer for 1 s")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_lands_once_through_an_outage() {
    let world = support::world().await;
    let node = world.rpc.settings().url.rsplit(':').next().unwrap().parse().unwrap();
    let wire = wire(node).await;
    let rpc = patient(wire.port, 30);
    let admin = world.admin.pubkey();
    let seq = async || world.rpc.get::<market::state::Config>(&address::market::config()).await.unwrap().seq.get();
    let before = seq().await;
    let prepared = rpc.prepare(&[build::set_pause(admin, 1)], &[&world.admin]).await.unwrap();
    let bytes = prepared.to_bytes();

    wire.up.store(false, Ordering::SeqCst);
    let (sender, again) = (rpc.clone(), chain::Prepared::from_bytes(&bytes).unwrap());
    let sending = tokio::spawn(async move { sender.submit(&again).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!sending.is_finished());
    wire.up.store(true, Ordering::SeqCst);
    let confirmed = sending.await.unwrap().unwrap();
    assert_eq!(confirmed.signature, prepared.signature());
    // the same bytes again, as after a restart: the same answer, and nothing happens twice
    assert_eq!(rpc.submit(&prepared).await.unwrap(), confirmed);
    assert_eq!(seq().await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_transaction_says_so_and_a_send_signs_again() {
    let world = support::world().await;
    let node = world.rpc.settings().url.rsplit(':').next().unwrap().parse().unwrap();
    let wire = wire(node).await;
    let rpc = patient(wire.port, 60);
    let admin = world.admin.pubkey();
    let prepared = rpc.prepare(&[build::set_pause(admin, 1)], &[&world.admin]).await.unwrap();
    let instruction = build::set_pause(admin, 2);
    let (sender, key) = (rpc.clone(), world.admin.insecure_clone());
    let sending = tokio::spawn(async move { sender.send(&[instruction], &[&key]).await });
    wire.up.store(false, Ordering::SeqCst);
    let height = prepared.last_valid_block_height();
    let started = Instant::now();
    while world.rpc.call("getBlockHeight", |client| client.get_block_height()).await.unwrap() <= height + 1 {
        assert!(started.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("a blockhash lives {:?} at slots of 50 ms", started.elapsed());
    wire.up.store(true, Ordering::SeqCst);
    let error = rpc.submit(&prepared).await.unwrap_err();
    assert!(matches!(error, SendError::Expired { .. }), "{error}");
    assert!(sending.await.unwrap().is_ok());
    let config: market::state::Config = world.rpc.get(&address::market::config()).await.unwrap();
    assert_eq!(config.paused, 2);
}

//! What a client does while the node that it uses is gone.
use chain::{Keypair, Rpc, Settings, Signer, instruction::token};
use localnet::{Localnet, LocalnetConfig, free_port};
use std::time::{Duration, Instant};
use tokio::{io::copy_bidirectional, net::TcpListener, net::TcpStream};

const OUTAGE: Duration = Duration::from_secs(30);

/// A way to the node that opens only after the outage.
async fn opens_after(outage: Duration, from: u16, to: u16) {
    tokio::time::sleep(outage).await;
    let listener = TcpListener::bind(("127.0.0.1", from)).await.expect("the port is free");
    while let Ok((mut client, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut node = TcpStream::connect(("127.0.0.1", to)).await.expect("the node is there");
            let _ = copy_bidirectional(&mut client, &mut node).await;
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_begun_while_the_node_is_down_for_30_seconds_lands_once() {
    let (rpc_port, ws_port, way) = (free_port().expect("port"), free_port().expect("port"), free_port().expect("port"));
    let config = LocalnetConfig { rpc_port, ws_port, ..Default::default() };
    let chain = tokio::task::spawn_blocking(move || Localnet::start(config)).await.expect("no panic").expect("starts");
    let (payer, mint) = (Keypair::new(), Keypair::new());
    chain.airdrop(&payer.pubkey(), 1_000_000_000).await.expect("lamports");

    tokio::spawn(opens_after(OUTAGE, way, rpc_port));
    let rpc = Rpc::new(Settings::at(format!("http://127.0.0.1:{way}")));
    let begin = Instant::now();
    let rent_lamports = rpc.rent_lamports(token::MINT_BYTES).await.expect("patience is longer than the outage");
    let create = token::create_mint(token::CreateMint {
        payer: payer.pubkey(),
        token: token::Token::classic(mint.pubkey()),
        authority: payer.pubkey(),
        decimals: 6,
        rent_lamports,
    });
    rpc.send(&create, &[&payer, &mint]).await.expect("it lands");
    assert!(begin.elapsed() >= OUTAGE);
    let account = chain.rpc().raw_account(&mint.pubkey()).await.expect("answers").expect("the mint is there");
    assert_eq!(account.lamports, rent_lamports);
    tokio::task::spawn_blocking(move || chain.stop()).await.expect("stops");
}

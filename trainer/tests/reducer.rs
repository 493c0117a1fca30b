//! The canonical backend: the same bits for any number of ranks and any timing; lost, silent and hostile peers are errors.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Fault, Proxy};
use common::ranks::{PATIENCE, connect, in_threads};
use proptest::prelude::*;
use protocol::digest::Digest;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tch::Tensor;
use trainer::bridge::{BridgeError, CanonicalPlace, Listener, Patience, ProcessGroup, StopSwitch};

/// Values whose sum depends on the order of additions.
fn values(rank: u32, count: usize) -> Vec<f32> {
    let mut state = u64::from(rank) + 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 - 8_388_608.0) * f32::powi(2.0, (state >> 33) as i32 % 30 - 40)
        })
        .collect()
}

/// The sum of all ranks' values along the tree, level by level.
fn tree_sum(world_size: u32, count: usize) -> Vec<u32> {
    let mut level: Vec<Vec<f32>> = (0..world_size).map(|rank| values(rank, count)).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => left.iter().zip(right).map(|(left, right)| left + right).collect(),
                lone => lone[0].clone(),
            })
            .collect();
    }
    level[0].iter().map(|value| value.to_bits()).collect()
}

fn all_reduce(group: &ProcessGroup, count: usize) -> Result<Vec<u32>, BridgeError> {
    let mut tensor = Tensor::from_slice(&values(group.rank(), count));
    group.all_reduce(&mut tensor)?;
    let mut sum = vec![0f32; count];
    tensor.copy_data(&mut sum, count);
    Ok(sum.iter().map(|value| value.to_bits()).collect())
}

/// What an all-reduce that has to fail says.
fn failure(group: &ProcessGroup, count: usize) -> String {
    all_reduce(group, count).map(|_| "it did not fail").unwrap_err().to_string()
}

#[test]
fn every_rank_gets_the_sum_along_the_tree() {
    // shares that are empty, smaller than a frame, several frames, and no multiple of anything
    let counts = [1, 3, 17, 1_000, 65_536 * 4, 1_000_003];
    for world_size in 1..=5 {
        let sums = in_threads(world_size, |group| counts.map(|count| all_reduce(group, count).unwrap()));
        for (place, count) in counts.into_iter().enumerate() {
            let expected = tree_sum(world_size, count);
            assert!(sums.iter().all(|sums| sums[place] == expected), "{world_size} ranks, {count} values");
        }
    }
}

#[test]
fn broadcast_gather_and_barrier_reach_every_rank() {
    let gathered = in_threads(3, |group| {
        let mut tensor = Tensor::from_slice(&[i64::from(group.rank()), 7]);
        group.broadcast(&mut tensor).unwrap();
        assert_eq!(tensor.int64_value(&[0]), 0);
        group.barrier().unwrap();
        let all = group.all_gather(&Tensor::from_slice(&[i64::from(group.rank()) * 10])).unwrap();
        all.iter().map(|one| one.int64_value(&[0])).collect::<Vec<_>>()
    });
    assert!(gathered.iter().all(|all| *all == [0, 10, 20]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn slow_and_jerky_connections_change_nothing(seed in any::<u64>(), count in 1usize..400_000) {
        let listener = Listener::on("127.0.0.1").unwrap();
        let proxy = Proxy::to(listener.port(), Fault::Jerky { seed });
        let address = proxy.address();
        let sums = common::ranks::pair(listener, address, PATIENCE, |group| all_reduce(group, count).unwrap());
        let expected = tree_sum(2, count);
        prop_assert!(sums.iter().all(|sum| *sum == expected));
    }
}

#[test]
fn a_connection_that_is_cut_or_stalls_is_an_error_on_both_sides() {
    for (fault, said) in [
        (Fault::CutAfter { bytes: 300_000 }, "is lost"),
        (Fault::StallAfter { bytes: 300_000 }, "nothing was heard of it"),
    ] {
        let listener = Listener::on("127.0.0.1").unwrap();
        let proxy = Proxy::to(listener.port(), fault);
        let patience = Patience { silence: Duration::from_millis(500), ..PATIENCE };
        let errors = common::ranks::pair(listener, proxy.address(), patience, |group| failure(group, 5_000_000));
        assert!(errors.iter().all(|error| error.contains(said)), "{errors:?}");
    }
}

#[test]
fn a_rank_that_leaves_is_named_and_the_group_stays_broken() {
    let errors = in_threads(3, |group| {
        if group.rank() == 2 {
            return Vec::new();
        }
        (0..2).map(|_| failure(group, 1_000)).collect()
    });
    assert!(errors[..2].iter().flatten().all(|error| error.contains("is lost")), "{errors:?}");
    assert!(errors[..2].iter().flatten().any(|error| error.contains("rank 2 is lost")), "{errors:?}");
}

#[test]
fn a_thrown_switch_ends_a_collective_that_waits() {
    let stop = Arc::new(StopSwitch::new().unwrap());
    let thrown = Arc::clone(&stop);
    let (group, _peer) = beside_a_peer(&stop, move |stream| {
        // rank 1 says nothing; once rank 0 has sent its part, the switch is thrown
        let mut header = [0; 32];
        stream.read_exact(&mut header).unwrap();
        thrown.stop("enough");
    });
    let error = failure(&group, 1_000);
    assert!(error.contains("enough"), "{error}");
    assert!(group.failure().is_some_and(|failure| failure.contains("enough")));
}

#[test]
fn ranks_of_another_group_are_not_let_in() {
    let listener = Listener::on("127.0.0.1").unwrap();
    let own = format!("127.0.0.1:{}", listener.port());
    let mut stranger = TcpStream::connect(&own).unwrap();
    stranger.write_all(&greeting(1, &[9; 32], 0)).unwrap();
    let stop = StopSwitch::new().unwrap();
    let place = CanonicalPlace {
        rank: 0,
        addresses: &[own, "127.0.0.1:1".to_owned()],
        listener: &listener,
        session: Digest::ZERO,
        patience: Patience { join: Duration::from_millis(400), ..PATIENCE },
        stop: &stop,
    };
    let error = ProcessGroup::canonical(&place).unwrap_err().to_string();
    assert!(error.contains("waiting for the other ranks"), "{error}");
    assert_eq!(stranger.read(&mut [0; 1]).unwrap(), 0, "the stranger was answered");
}

/// Connections between two ranks.
const LANES: u32 = 2;

fn greeting(rank: u32, session: &[u8; 32], lane: u32) -> Vec<u8> {
    let mut bytes = b"aixbmesh".to_vec();
    bytes.extend(1u32.to_le_bytes());
    bytes.extend(rank.to_le_bytes());
    bytes.extend(session);
    bytes.extend(lane.to_le_bytes());
    bytes.extend(LANES.to_le_bytes());
    bytes
}

fn header(magic: u32, kind: u32, operation: u64, offset: u64, index: u32, bytes: u32) -> Vec<u8> {
    let mut header = magic.to_le_bytes().to_vec();
    header.extend(kind.to_le_bytes());
    header.extend(operation.to_le_bytes());
    header.extend(offset.to_le_bytes());
    header.extend(index.to_le_bytes());
    header.extend(bytes.to_le_bytes());
    header
}

/// Rank 0 of a group of two, whose rank 1 is `peer` on the bare first connection.
fn beside_a_peer(
    stop: &StopSwitch,
    peer: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (ProcessGroup, std::thread::JoinHandle<Vec<TcpStream>>) {
    let listener = Listener::on("127.0.0.1").unwrap();
    let own = format!("127.0.0.1:{}", listener.port());
    let address = own.clone();
    let peer = std::thread::spawn(move || {
        let mut lanes: Vec<TcpStream> = (0..LANES)
            .map(|lane| {
                let mut stream = TcpStream::connect(&address).unwrap();
                stream.write_all(&greeting(1, &Digest::ZERO.0, lane)).unwrap();
                stream.read_exact(&mut [0; 56]).unwrap();
                stream
            })
            .collect();
        peer(&mut lanes[0]);
        lanes
    });
    let addresses = [own, "127.0.0.1:1".to_owned()];
    let group = connect(0, &addresses, &listener, PATIENCE, stop).unwrap();
    (group, peer)
}

#[test]
fn frames_that_do_not_fit_are_refused_before_anything_is_read_into_memory() {
    const MAGIC: u32 = 0x3158_4941;
    let hostile = [
        ("is no frame", header(0, 3, 0, 0, 0, 1_984)),
        ("is no frame", header(MAGIC, 3, 0, 0, 0, u32::MAX)),
        ("is no frame", header(MAGIC, 3, 0, 0, 0, 300_000)),
        ("does not belong here", header(MAGIC, 3, 0, 0, 0, 1_985)),
        ("does not belong here", header(MAGIC, 3, 0, 4, 0, 1_984)),
        ("does not belong here", header(MAGIC, 3, 0, u64::MAX, 0, 1_984)),
        ("does not belong here", header(MAGIC, 3, 0, 0, 1, 1_984)),
        ("does not belong here", header(MAGIC, 4, 0, 0, 0, 1_984)),
        ("does not belong here", header(MAGIC, 2, 0, 0, 0, 1_984)),
        ("does not belong here", header(MAGIC, 77, 0, 0, 0, 0)),
        ("far away", header(MAGIC, 3, u64::MAX, 0, 0, 1_984)),
    ];
    for (said, frame) in hostile {
        let stop = StopSwitch::new().unwrap();
        let sent = frame.clone();
        let (group, peer) = beside_a_peer(&stop, move |stream| stream.write_all(&sent).unwrap());
        // rank 0 owns the first 496 of 1,000 values, 1,984 bytes, and waits for a frame with them
        let error = failure(&group, 1_000);
        assert!(error.contains(said), "{frame:?}: {error}");
        drop(peer.join().unwrap());
    }
}

#[test]
fn a_port_scanner_does_not_disturb_a_group_that_is_joining() {
    let listener = Listener::on("127.0.0.1").unwrap();
    let address = format!("127.0.0.1:{}", listener.port());
    let mut scanner = TcpStream::connect(&address).unwrap();
    scanner.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nuser-agent: somebody who knocks at every door\r\n\r\n").unwrap();
    let sums = common::ranks::pair(listener, address, PATIENCE, |group| all_reduce(group, 100).unwrap());
    assert_eq!(sums[0], tree_sum(2, 100));
}

#[test]
fn a_rank_that_is_not_there_is_named() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let listener = Listener::on("127.0.0.1").unwrap();
    let stop = StopSwitch::new().unwrap();
    let addresses = [nobody.clone(), format!("127.0.0.1:{}", listener.port())];
    let error = connect(1, &addresses, &listener, PATIENCE, &stop).unwrap_err().to_string();
    assert!(error.contains(&nobody) && error.contains("refused"), "{error}");
}

use super::*;
use proptest::prelude::*;

fn discriminator(name: &str) -> [u8; 8] {
    let hash = solana_hash_of(&["event:", name]);
    hash.first_chunk().copied().unwrap()
}

fn solana_hash_of(parts: &[&str]) -> [u8; 32] {
    protocol::digest::content_address(parts.concat().as_bytes()).0
}

fn all() -> Vec<(Program, &'static str)> {
    let market = MarketEvent::NAMES.iter().map(|name| (Program::Market, *name));
    let rewards = RewardsEvent::NAMES.iter().map(|name| (Program::Rewards, *name));
    let grants = GrantsEvent::NAMES.iter().map(|name| (Program::Grants, *name));
    let oracles = OraclesEvent::NAMES.iter().map(|name| (Program::Oracles, *name));
    let rental = RentalEvent::NAMES.iter().map(|name| (Program::Rental, *name));
    let proofs = ProofsEvent::NAMES.iter().map(|name| (Program::Proofs, *name));
    market.chain(rewards).chain(grants).chain(oracles).chain(rental).chain(proofs).collect()
}

fn data(name: &str, fields: &[u8]) -> Vec<u8> {
    [TAG.as_slice(), &discriminator(name), fields].concat()
}

/// Bytes of an event's fields: all zero reads as every type that events use.
fn size(program: Program, name: &str) -> usize {
    (0..2_000).find(|len| Event::decode(program, &data(name, &vec![0; *len])).is_ok()).unwrap()
}

#[test]
fn the_tag_is_the_one_in_anchors_documents() {
    assert_eq!(TAG, [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d]);
}

#[test]
fn every_event_has_a_name_of_its_own_within_its_program() {
    for (program, name) in all() {
        let event = Event::decode(program, &data(name, &vec![0; size(program, name)])).unwrap();
        assert_eq!((event.program(), event.name()), (program, name));
    }
    assert_eq!(all().len(), 79);
}

#[test]
fn a_byte_too_many_or_too_few_is_refused() {
    for (program, name) in all() {
        let size = size(program, name);
        for len in [size - 1, size + 1] {
            let error = Event::decode(program, &data(name, &vec![0; len])).unwrap_err();
            assert!(matches!(error, EventError::Malformed { .. }), "{error}");
        }
    }
}

#[test]
fn an_event_of_one_program_is_unknown_to_the_other() {
    let error = Event::decode(Program::Market, &data("EpochClosed", &[0; 28])).unwrap_err();
    assert!(matches!(error, EventError::Unknown { program: Program::Market, .. }));
}

#[test]
fn a_reader_sees_amounts_as_strings_and_padding_is_gone() {
    let mut members = [Pubkey::default(); 16];
    members[..2].copy_from_slice(&[Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32])]);
    let event = market::events::OracleSetCreated {
        seq: u64::MAX,
        version: 3,
        threshold: 2,
        samples: 9,
        min_bond: 0,
        count: 2,
        members,
    };
    let json = Value::Object(Event::Market(MarketEvent::OracleSetCreated(event)).fields());
    assert_eq!(json["seq"], "18446744073709551615");
    assert_eq!(json["version"], 3);
    assert_eq!(json["members"].as_array().unwrap().len(), 2);
    assert_eq!(text(b"review\0\0"), "review");
    assert_eq!(text(&[0; 4]), "");
}

#[test]
fn only_the_programs_own_authority_makes_an_event() {
    let (ours, stranger) = (authority(Program::Market), authority(Program::Rewards));
    assert!(is_event(&ours, &[ours], &TAG));
    assert!(!is_event(&ours, &[stranger], &TAG));
    assert!(!is_event(&ours, &[ours, ours], &TAG));
    assert!(!is_event(&ours, &[], &TAG));
    assert!(!is_event(&ours, &[ours], &TAG[..7]));
}

proptest! {
    #[test]
    fn every_event_reads_back_to_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 2_000)) {
        for (program, name) in all() {
            let mut bytes = bytes[..size(program, name)].to_vec();
            // a random byte is rarely a bool: try the two that are
            let read = Event::decode(program, &data(name, &bytes)).or_else(|_| {
                bytes.iter_mut().for_each(|byte| *byte &= 1);
                Event::decode(program, &data(name, &bytes))
            }).unwrap();
            prop_assert_eq!(read.encode(), data(name, &bytes));
            prop_assert!(read.fields().contains_key("seq"));
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..1_200), which in 0usize..79) {
        let (program, name) = all()[which];
        let _ = Event::decode(program, &bytes);
        let _ = Event::decode(program, &data(name, &bytes));
        let _ = text(&bytes);
    }
}

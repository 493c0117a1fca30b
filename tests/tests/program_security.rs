//! Every program carries the text that says whom to tell about a fault (`programs/shared/security.rs`).
#![allow(clippy::unwrap_used)]

use chain::event::Program;

#[test]
fn every_program_says_whom_to_tell_about_a_fault() {
    for program in Program::ALL {
        let bytes = e2e_tests::program_bytes(program.name());
        let find = |what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
        let begin = find(b"=======BEGIN SECURITY.TXT V1=======\0").unwrap_or_else(|| panic!("{program} has no text"));
        let end = find(b"=======END SECURITY.TXT V1=======\0").unwrap();
        let text = std::str::from_utf8(&bytes[begin + 36..end]).unwrap();
        let fields: Vec<&str> = text.trim_end_matches('\0').split('\0').collect();
        for name in ["name", "project_url", "contacts", "policy"] {
            let place = fields.iter().step_by(2).position(|field| *field == name).unwrap();
            assert!(!fields[2 * place + 1].is_empty(), "{program}: {name}");
        }
    }
}

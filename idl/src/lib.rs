//! The programs' interfaces in Anchor's format (IDL): `idl/<program>.json`, for clients in any language.
//!
//! Anchor's macros print the parts of an IDL from hidden tests in the program's crate, where the feature `idl-build` is on.
//! The tests of this package contain the programs' sources, and so those hidden tests: [`check`] runs them in its own
//! executable and joins what they print, as `anchor idl build` does with a build of its own. What that leaves out or gets
//! wrong is completed in [`corrections`] and [`constants`].
// a tool of tests: what cannot go wrong in a sound checkout panics where it does
#![allow(clippy::unwrap_used)]

mod constants;
mod corrections;

use anchor_lang_idl_spec::{Idl, IdlEvent, IdlTypeDef};
use serde::Deserialize;
use std::{collections::BTreeMap, env, fs, path::PathBuf, process::Command};

/// Compares the committed IDL of `program` with its sources, or writes it where `UPDATE_IDL` is set. To be called by a test
/// whose executable contains the program's sources.
///
/// # Panics
/// When they differ, or the IDL is incomplete.
pub fn check(program: &str) {
    let mut idl = join(&printed());
    describe(&mut idl, program);
    idl.constants = constants::read(&source(program).join("src/state"));
    corrections::apply(&mut idl);
    sort(&mut idl);
    let text = serde_json::to_string_pretty(&idl).unwrap() + "\n";

    let path = root().join(format!("idl/{program}.json"));
    if env::var_os("UPDATE_IDL").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let place = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
    let line = place.unwrap_or(committed.lines().count().min(text.lines().count()));
    assert!(
        committed == text,
        "idl/{program}.json differs from programs/{program} at line {}: {:?} should be {:?}. Run: make idl",
        line + 1,
        committed.lines().nth(line),
        text.lines().nth(line)
    );
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn source(program: &str) -> PathBuf {
    root().join("programs").join(program)
}

/// What the hidden tests of this executable print.
fn printed() -> String {
    let tests = ["__anchor_private_print_idl", "--show-output", "--test-threads=1"];
    let output = Command::new(env::current_exe().unwrap()).args(tests).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

/// The parts between `--- IDL begin <kind> ---` and `--- IDL end <kind> ---`.
fn parts<'a>(text: &'a str, kind: &str) -> impl Iterator<Item = &'a str> {
    let (begin, end) = (format!("--- IDL begin {kind} ---\n"), format!("\n--- IDL end {kind} ---"));
    let parts: Vec<&str> = text.split(&begin).skip(1).map(|rest| rest.split(&end).next().unwrap()).collect();
    parts.into_iter()
}

fn join(text: &str) -> Idl {
    #[derive(Deserialize)]
    struct Event {
        event: IdlEvent,
        types: Vec<IdlTypeDef>,
    }
    let mut idl: Idl = serde_json::from_str(parts(text, "program").next().unwrap()).unwrap();
    parts(text, "address").next().unwrap().trim().clone_into(&mut idl.address);
    for part in parts(text, "event") {
        let Event { event, types } = serde_json::from_str(part).unwrap();
        idl.events.push(event);
        idl.types.extend(types);
    }
    for part in parts(text, "errors") {
        idl.errors.extend(serde_json::from_str::<Vec<_>>(part).unwrap());
    }
    let count = idl.types.len();
    let types: BTreeMap<String, IdlTypeDef> = idl.types.drain(..).map(|kind| (kind.name.clone(), kind)).collect();
    assert_eq!(types.len(), count, "two types of one name: rename one");
    idl.types = types.into_values().collect();
    idl
}

/// Name, description and documentation of the program itself: the macros took those of the test.
fn describe(idl: &mut Idl, program: &str) {
    let manifest = fs::read_to_string(source(program).join("Cargo.toml")).unwrap();
    let description = manifest.lines().find_map(|line| line.strip_prefix("description = \"")?.strip_suffix('"'));
    let code = fs::read_to_string(source(program).join("src/lib.rs")).unwrap();
    program.clone_into(&mut idl.metadata.name);
    env!("CARGO_PKG_VERSION").clone_into(&mut idl.metadata.version);
    idl.metadata.description = description.map(str::to_owned);
    idl.docs = code.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.trim().to_owned()).collect();
}

/// By name, as `anchor idl build` does.
fn sort(idl: &mut Idl) {
    idl.instructions.sort_by(|a, b| a.name.cmp(&b.name));
    idl.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    idl.events.sort_by(|a, b| a.name.cmp(&b.name));
    idl.constants.sort_by(|a, b| a.name.cmp(&b.name));
}

//! The constants of a program's state: the codes in its accounts, and its limits.
//!
//! Anchor lists constants that carry its attribute, by their bare names, of which two modules may have the same. These are
//! read from the source instead, with the module in the name (`ORDER_STATE_FUNDED`) and with their documentation.

use anchor_lang_idl_spec::{IdlConst, IdlType};
use std::{fs, path::Path};

/// All public constants in the files of `folder`.
pub(crate) fn read(folder: &Path) -> Vec<IdlConst> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let constants: Vec<_> = files.iter().flat_map(|file| of_source(&fs::read_to_string(file).unwrap())).collect();
    let same = constants.iter().find(|one| constants.iter().filter(|other| other.name == one.name).count() > 1);
    assert!(same.is_none(), "two constants of one name: {same:?}");
    constants
}

fn of_source(source: &str) -> Vec<IdlConst> {
    let (mut module, mut docs, mut found) = (String::new(), Vec::new(), Vec::new());
    for line in source.lines() {
        let code = line.trim();
        if let Some(text) = code.strip_prefix("///") {
            docs.push(text.trim().to_owned());
            continue;
        }
        if let Some(name) = code.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(" {")) {
            module = format!("{}_", name.to_uppercase());
        } else if line == "}" {
            module.clear();
        } else if let Some(constant) = code.strip_prefix("pub const ") {
            found.push(parse(constant, &module, docs.clone()));
        }
        docs.clear();
    }
    found
}

/// Reads `NAME: TYPE = VALUE;`.
fn parse(constant: &str, module: &str, docs: Vec<String>) -> IdlConst {
    let parts =
        constant.split_once(": ").and_then(|(name, rest)| Some((name, rest.strip_suffix(';')?.split_once(" = ")?)));
    let Some((name, (kind, value))) = parts else { panic!("not NAME: TYPE = VALUE;: {constant}") };
    let value = value.replace('_', "");
    assert!(value.parse::<u64>().is_ok(), "the value of {name} is not a plain number: teach {} to read it", file!());
    let ty = match kind {
        "u8" => IdlType::U8,
        "u16" => IdlType::U16,
        "u32" => IdlType::U32,
        // the format knows no usize
        "u64" | "usize" => IdlType::U64,
        _ => panic!("{name} is a {kind}: teach {} that type", file!()),
    };
    IdlConst { name: format!("{module}{name}"), docs, ty, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_carries_its_module_its_documentation_and_its_value() {
        let source = "/// Not this.\npub mod pause {\n    /// Orders.\n    pub const ORDERS: u8 = 2;\n}\n\n/// Most.\npub const MAX: usize = 1_000;\n";
        let found = of_source(source);
        let plain: Vec<_> =
            found.iter().map(|c| (c.name.as_str(), c.docs.join(" "), c.ty.clone(), c.value.as_str())).collect();
        assert_eq!(
            plain,
            [
                ("PAUSE_ORDERS", "Orders.".to_owned(), IdlType::U8, "2"),
                ("MAX", "Most.".to_owned(), IdlType::U64, "1000")
            ]
        );
    }
}

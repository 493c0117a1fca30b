//! The committed IDL of each program, as far as tests walk through it.
use crate::root;
use anchor_lang::Address;
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// A program as its IDL describes it.
#[derive(Clone, Debug)]
pub struct Idl {
    /// The name of its crate, its IDL's file and its bytecode's file.
    pub program: String,
    /// Its address.
    pub address: Address,
    /// What can be called.
    pub instructions: Vec<IdlInstruction>,
    /// The first 8 bytes of each account type.
    pub accounts: BTreeMap<String, [u8; 8]>,
    /// Fields of each structure, with the name of a type or its description.
    types: BTreeMap<String, Vec<Value>>,
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct IdlInstruction {
    /// In snake case.
    pub name: String,
    /// The first 8 bytes of its data.
    pub discriminator: [u8; 8],
    /// In the order in which they are passed.
    pub accounts: Vec<IdlAccount>,
}

/// An account of an instruction.
#[derive(Clone, Debug, Default)]
pub struct IdlAccount {
    /// In snake case.
    pub name: String,
    /// Must be writable.
    pub writable: bool,
    /// Must sign.
    pub signer: bool,
    /// May be left out, by the program's own address in its place.
    pub optional: bool,
    /// The only address that it can have.
    pub address: Option<Address>,
}

impl Idl {
    /// Every program that has an IDL, in alphabetical order.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut names: Vec<String> = fs::read_dir(root().join("idl"))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// The IDL of one program.
    #[must_use]
    pub fn read(program: &str) -> Self {
        let path = root().join("idl").join(program).with_extension("json");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}: write it with `make idl`", path.display()));
        let idl: Value = serde_json::from_str(&text).unwrap();
        let named = |entry: &Value| (name(entry), discriminator(entry));
        Self {
            program: program.into(),
            address: idl["address"].as_str().unwrap().parse().unwrap(),
            instructions: list(&idl["instructions"]).iter().map(IdlInstruction::of).collect(),
            accounts: list(&idl["accounts"]).iter().map(named).collect(),
            types: list(&idl["types"]).iter().map(|t| (name(t), list(&t["type"]["fields"]).to_vec())).collect(),
        }
    }

    /// The instruction that `data` calls.
    #[must_use]
    pub fn called(&self, data: &[u8]) -> Option<&IdlInstruction> {
        self.instructions.iter().find(|instruction| data.starts_with(&instruction.discriminator))
    }

    /// The instruction that the row `name` of a journey goes through: the longest name that the row's begins with.
    #[must_use]
    pub fn of_row(&self, name: &str) -> Option<&IdlInstruction> {
        let named = self.instructions.iter().filter(|instruction| name.starts_with(&instruction.name));
        named.max_by_key(|instruction| instruction.name.len())
    }

    /// Bytes of an account of type `kind`, discriminator included. Account types have no padding and a fixed size.
    #[must_use]
    pub fn account_bytes(&self, kind: &str) -> usize {
        8 + self.fields_bytes(kind)
    }

    fn fields_bytes(&self, kind: &str) -> usize {
        let fields = self.types.get(kind).unwrap_or_else(|| panic!("{}: no type {kind} in the IDL", self.program));
        fields.iter().map(|field| self.bytes(if field["type"].is_null() { field } else { &field["type"] })).sum()
    }

    fn bytes(&self, kind: &Value) -> usize {
        if let Some([item, count]) = kind["array"].as_array().map(Vec::as_slice) {
            return self.bytes(item) * usize::try_from(count.as_u64().unwrap()).unwrap();
        }
        if let Some(defined) = kind["defined"]["name"].as_str() {
            return self.fields_bytes(defined);
        }
        match kind.as_str() {
            Some("bool" | "u8" | "i8") => 1,
            Some("u16" | "i16") => 2,
            Some("u32" | "i32") => 4,
            Some("u64" | "i64") => 8,
            Some("u128" | "i128") => 16,
            Some("pubkey") => 32,
            _ => panic!("{}: {kind}: say in Idl::bytes (tests/src/idl.rs) how many bytes this type has", self.program),
        }
    }
}

impl IdlInstruction {
    fn of(entry: &Value) -> Self {
        let accounts = list(&entry["accounts"]).iter().map(IdlAccount::of).collect();
        Self { name: name(entry), discriminator: discriminator(entry), accounts }
    }
}

impl IdlAccount {
    fn of(entry: &Value) -> Self {
        assert!(entry["accounts"].is_null(), "{}: a group of accounts: let IdlAccount::of flatten it", name(entry));
        let flag = |flag: &str| entry[flag].as_bool().unwrap_or(false);
        Self {
            name: name(entry),
            writable: flag("writable"),
            signer: flag("signer"),
            optional: flag("optional"),
            address: entry["address"].as_str().map(|address| address.parse().unwrap()),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn name(entry: &Value) -> String {
    entry["name"].as_str().unwrap().into()
}

fn discriminator(entry: &Value) -> [u8; 8] {
    let bytes: Vec<u8> = serde_json::from_value(entry["discriminator"].clone()).unwrap();
    bytes.try_into().unwrap()
}

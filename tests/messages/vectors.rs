//! `testvectors/`: the vectors as they stand in the index, and the bytes of their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

/// Every vector by its id.
pub(crate) fn vectors() -> &'static BTreeMap<String, Value> {
    static VECTORS: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let index: Value = serde_json::from_slice(&read("index.json")).unwrap();
        let vectors = index["vectors"].as_array().unwrap().iter();
        vectors.map(|vector| (vector["id"].as_str().unwrap().to_owned(), vector.clone())).collect()
    })
}

/// A file of `testvectors/`.
pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testvectors").join(path)).unwrap()
}

/// The bytes of a source.
pub(crate) fn bytes(source: &Value) -> Vec<u8> {
    let (form, inner) = source.as_object().unwrap().iter().find(|(form, _)| *form != "times").unwrap();
    match form.as_str() {
        "file" => read(inner.as_str().unwrap()),
        "text" => inner.as_str().unwrap().as_bytes().to_vec(),
        "hex" => from_hex(inner.as_str().unwrap()),
        "parts" => inner.as_array().unwrap().iter().flat_map(bytes).collect(),
        "repeat" => bytes(inner).repeat(usize::try_from(source["times"].as_u64().unwrap()).unwrap()),
        other => panic!("there is no source {other}"),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// One entry of a tree file.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) path: Vec<u8>,
    pub(crate) content: Content,
}

#[derive(Clone)]
pub(crate) enum Content {
    File(Vec<u8>, bool),
    Link(Vec<u8>),
    Submodule,
    Directory,
}

/// The entries of a tree file.
pub(crate) fn entries(source: &Value) -> Vec<Entry> {
    let tree: Value = serde_json::from_slice(&bytes(source)).unwrap();
    let entry = |entry: &Value| Entry {
        path: match entry["path-hex"].as_str() {
            Some(hex) => from_hex(hex),
            None => entry["path"].as_str().unwrap().as_bytes().to_vec(),
        },
        content: if !entry["file"].is_null() {
            Content::File(bytes(&entry["file"]), entry["executable"] == true)
        } else if !entry["link"].is_null() {
            Content::Link(bytes(&entry["link"]))
        } else if entry["submodule"].is_null() {
            Content::Directory
        } else {
            Content::Submodule
        },
    };
    tree["entries"].as_array().unwrap().iter().map(entry).collect()
}

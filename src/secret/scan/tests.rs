use proptest::prelude::*;

use super::*;

/// The container of a plain test key: its secret half is zeros, and it is of no use.
fn container(kind: Kind, is_plain: bool) -> Vec<u8> {
    let mut bytes = kind.tag().to_vec();
    if kind == Kind::Signify {
        bytes.extend_from_slice(b"BK\0\0\0");
        bytes.push(if is_plain { 0 } else { 42 });
        bytes.resize(32, 0x55);
        bytes.extend_from_slice(b"key id 8");
        bytes.resize(SIGNIFY, 0x33);
    } else {
        bytes.extend_from_slice(if is_plain { b"\0\0" } else { b"Sc" });
        bytes.extend_from_slice(b"B2");
        bytes.resize(54, 0x55);
        bytes.extend_from_slice(b"key id 8");
        bytes.resize(CONTAINER, 0x33);
    }
    bytes
}

fn line(kind: Kind, is_plain: bool) -> String {
    text::to_base64(&container(kind, is_plain))
}

const KINDS: [Kind; 5] = [Kind::Minisign, Kind::Signify, Kind::Link, Kind::Reserve, Kind::Seed];

fn kinds(text: &[u8]) -> Vec<Kind> {
    find(text).iter().map(|found| found.kind).collect()
}

// The tests of this file hold SEC-10.
#[test]
fn each_kind_is_found_with_what_can_be_known_of_it() {
    let id = Some(KeyId::from_bytes(*b"key id 8"));
    for kind in KINDS {
        for is_plain in [true, false] {
            let file = format!("first\nuntrusted comment: x\n{}\n", line(kind, is_plain));
            let expected = Found {
                kind,
                offset: 27,
                line: 3,
                claimed_key_id: if is_plain || kind == Kind::Signify { id } else { None },
                is_plain,
                digest: Digest::of(&container(kind, is_plain)),
            };
            assert_eq!(find(file.as_bytes()), std::slice::from_ref(&expected));
            assert_eq!(digest_of(file.as_bytes()), Some(expected.digest));
        }
    }
}

#[test]
fn a_key_is_found_however_it_is_wrapped() {
    for kind in KINDS {
        for is_plain in [true, false] {
            let line = line(kind, is_plain);
            let whole = format!("untrusted comment: x\n{line}\n");
            let folded: Vec<_> = line.as_bytes().chunks(60).map(|part| str::from_utf8(part).unwrap()).collect();
            let wrapped = [
                line.clone(),
                format!("KEY='{line}' ./run\n"),
                format!("export KEY=\"{line}\""),
                format!("key: {line}\r\n"),
                format!("key: >\n  {}\n", folded.join("\n  ")),
                format!("\"{}\"", folded.join("\\\n")),
                format!("\"{}\"", folded.join("\" \\\r\n    \"")),
                format!("{{\"key\": \"{}\"}}", whole.replace('\n', "\\n")),
                folded.join("\\n"),
                line.trim_end_matches('=').to_owned(),
                format!("xxRWRxxRWRTY0I{line}yRWQ"),
                format!("data:\n  key: {}\n", text::to_base64(whole.as_bytes())),
                format!("data:\n  key: {}\n", text::to_base64(whole.as_bytes()).trim_end_matches('=')),
                format!("a: {}\nb: none", text::to_base64(whole.replace("untr", "Untr").as_bytes())),
            ];
            for text in wrapped {
                assert_eq!(kinds(text.as_bytes()), [kind], "{text}");
                for order in [u16::to_le_bytes, u16::to_be_bytes] {
                    let wide: Vec<u8> = text.encode_utf16().flat_map(order).collect();
                    if !text.starts_with("data:") && !text.starts_with("a: ") {
                        assert_eq!(kinds(&wide), [kind], "as UTF-16: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_same_container_has_the_same_digest_however_it_is_wrapped() {
    let line = line(Kind::Minisign, false);
    let folded = format!("{}\n{}", &line[..100], &line[100..]);
    assert_eq!(digest_of(line.as_bytes()), digest_of(folded.as_bytes()));
}

#[test]
fn all_keys_are_found_with_their_lines() {
    let mut text = String::new();
    for kind in KINDS {
        text += &["key: ", &line(kind, true), "\n\n"].concat();
    }
    for kind in KINDS {
        let file = format!("untrusted comment: x\n{}\n", line(kind, true));
        text += &["key: ", &text::to_base64(file.as_bytes()), "\n\n"].concat();
    }
    let found: Vec<_> = find(text.as_bytes()).iter().map(|found| (found.kind, found.line)).collect();
    let expected: Vec<_> = KINDS.iter().chain(&KINDS).copied().zip((1..).step_by(2)).collect();
    assert_eq!(found, expected);
}

#[test]
fn public_keys_signatures_and_fragments_are_not_secret_keys() {
    let line = line(Kind::Minisign, true);
    let harmless = [
        "untrusted comment: x\nRWS2xrW3zD5SmL2kW0bmxRby7L/6lBugrWs0/7qXajOabNW0Cwb++6tr\n".to_owned(),
        line[..200].to_owned(),
        format!("{}...", &line[..20]),
        line[8..].to_owned(),
        "The file begins with RWRTY0Iy or RWQAAEIy.".to_owned(),
        "RWRCSwAA".repeat(10),
        "dW50cnVz".repeat(10),
        format!("{}.{}", &line[..100], &line[100..]),
    ];
    for text in harmless {
        assert_eq!(find(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn large_input_is_searched_in_time_that_grows_with_it_alone() {
    // Every byte a hit, and every hit a window: the worst there is. A quadratic search would take hours.
    for worst in ["dW50cnVz", "RWRCSwAA.", "RWRTY0Iy!", "dW50cnVz\"", "R\0W\0R\0T\0Y\x000\0I\0y\0"] {
        let text = worst.repeat(8_000_000 / worst.len());
        let _ = find(text.as_bytes());
    }
    let zeros = vec![0; 20_000_000];
    assert_eq!(find(&zeros), []);
}

proptest! {
    #[test]
    fn searching_is_total(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = find(&bytes);
    }

    #[test]
    fn a_key_is_found_wherever_it_stands(
        before in prop::collection::vec(any::<u8>(), 0..300),
        after in prop::collection::vec(any::<u8>(), 0..300),
        kind in prop::sample::select(KINDS.to_vec()),
        is_plain: bool,
    ) {
        let text = [before.as_slice(), line(kind, is_plain).as_bytes(), &after].concat();
        let found = find(&text);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].kind, kind);
        prop_assert_eq!(found[0].offset, before.len());
    }
}

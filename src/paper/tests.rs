use super::*;
use crate::representation::words::WordsError;
use crate::rule::Rule;
use crate::secret::SecretKey;
use crate::secret::file::{Secret, plain_digest};
use crate::secret::scan;

fn day() -> Date {
    "2026-11-21".parse().unwrap()
}

/// Pages of test keys, with their secrets.
fn papers() -> [(Paper, Secret); 2] {
    let seed = Seed::from_bytes([7; 32]);
    let package = Package::generic("demo").unwrap();
    let of_seed = Paper::of_seed(&seed, &package, SignatoryId::of_genesis(b"genesis"), day());
    let reserve = Secret::Key(SecretKey::reserve_from_random(&[9; 48]));
    [(of_seed, Secret::Seed(seed)), (Paper::of_reserve(&reserve, day()).unwrap(), reserve)]
}

#[test]
fn a_page_has_all_words_with_their_numbers_in_their_order_in_both_formats() {
    for (paper, _) in papers() {
        let texts: Vec<String> = draw::Page::of(&paper)
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                draw::Shape::Text { text, .. } => Some(text.clone()),
                draw::Shape::Filled { .. } | draw::Shape::Framed { .. } => None,
            })
            .collect();
        let expected: Vec<String> = paper
            .words()
            .iter()
            .enumerate()
            .flat_map(|(at, word)| [format!("{:>2}", at + 1), (*word).to_owned()])
            .collect();
        assert!(texts.windows(expected.len()).any(|some| some == expected));
        let svg = paper.svg();
        for text in &texts {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(svg.contains(&format!(">{escaped}</text>")), "{text}");
        }
        #[cfg(feature = "io")]
        for text in &texts {
            let pdf = paper.pdf();
            // A writer of PDF may escape parentheses that are in pairs, and need not.
            let forms = [text.clone(), text.replace('(', "\\(").replace(')', "\\)")];
            let pdf = String::from_utf8_lossy(&pdf);
            assert!(forms.iter().any(|form| pdf.contains(&format!("({form}) Tj"))), "{text}");
        }
    }
}

fn what(shape: &draw::Shape) -> &str {
    match shape {
        draw::Shape::Text { text, .. } => text,
        draw::Shape::Filled { .. } | draw::Shape::Framed { .. } => "a line or a square",
    }
}

// KEEP-35, and half an inch for the printer.
#[test]
fn everything_on_a_page_is_within_what_a4_and_letter_both_show() {
    for (paper, _) in papers() {
        for shape in &draw::Page::of(&paper).shapes {
            let (x, y, width, height) = match shape {
                draw::Shape::Text { x, y, size, font, text } => {
                    // Courier exactly; of the others those are wide that stand in for Helvetica.
                    let advance = match font {
                        draw::Font::Fixed | draw::Font::FixedBold => 0.6,
                        draw::Font::Plain | draw::Font::Bold => 0.54,
                    };
                    (*x, y - size, advance * size * draw::count(text.len()), *size)
                }
                draw::Shape::Filled { x, y, width, height } | draw::Shape::Framed { x, y, width, height, .. } => {
                    (*x, *y, *width, *height)
                }
            };
            assert!(x >= 36.0 && x + width <= 595.0 - 36.0, "{x} + {width}: {}", what(shape));
            assert!(y >= 36.0 && y + height <= 792.0 - 36.0, "{y} + {height}: {}", what(shape));
        }
    }
}

// SEC-14, KEEP-11
#[test]
fn a_page_in_a_repository_is_found_and_so_are_its_words_and_the_text_of_its_qr_code() {
    for (paper, secret) in papers() {
        let words = paper.words().join(" ");
        let numbered: Vec<_> =
            paper.words().iter().enumerate().map(|(at, word)| format!("{}. {word}", at + 1)).collect();
        let numbered = numbered.join("\n");
        let code = plain_line(&secret);
        let files = [
            #[cfg(feature = "io")]
            paper.pdf().to_vec(),
            paper.svg().as_bytes().to_vec(),
            words.into(),
            numbered.into(),
            code.as_bytes().to_vec(),
        ];
        // Making the public half of a reserve key takes a while.
        let most = if paper.kind() == Kind::Seed { files.len() } else { 2 };
        for file in files.iter().take(most) {
            assert_eq!(scan::digest_of(file), Some(plain_digest(&secret)), "{}", String::from_utf8_lossy(file));
        }
    }
}

// KEEP-37
#[test]
fn words_are_read_with_or_without_numbers_and_in_any_order_with_them() {
    for (paper, secret) in papers() {
        let numbered: Vec<_> =
            paper.words().iter().enumerate().map(|(at, word)| format!("{}. {word}", at + 1)).collect();
        let columns: Vec<_> = (0..6).flat_map(|row| numbered.iter().skip(row).step_by(6)).cloned().collect();
        let code = plain_line(&secret);
        let forms = [
            paper.words().join(" "),
            paper.words().join("\n").to_uppercase(),
            numbered.join("\n"),
            columns.join("  "),
            code.to_string(),
            format!("QR-Code:{}\n", code.as_str()),
            format!("untrusted comment: x\n{}\n", code.as_str()),
            format!("{}\n{}", &code[..100], &code[100..]),
        ];
        // Making the public half of a reserve key takes a while.
        let forms = if paper.kind() == Kind::Seed { &forms[..] } else { &forms[3..5] };
        for form in forms {
            let found = read(form, paper.kind()).map(|secret| plain_digest(&secret));
            assert_eq!(found, Ok(plain_digest(&secret)), "{form}");
        }
    }
}

// KEEP-37
#[test]
fn what_is_wrong_with_words_is_said_with_its_number() {
    let [(paper, _), (_, reserve)] = papers();
    let kind = Kind::Seed;
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut words: Vec<_> = paper.words().iter().map(|word| (*word).to_owned()).collect();
        change(&mut words);
        words.join(" ")
    };
    let numbered: Vec<_> = paper.words().iter().enumerate().map(|(at, word)| format!("{} {word}", at + 1)).collect();
    let refused = |text: &str| read(text, kind).map(|_| ()).unwrap_err();

    let unknown = refused(&changed(&|words| words[6] = "winnner".to_owned()));
    assert!(
        matches!(&unknown, PaperError::Words(WordsError::Unknown { position: 7, nearest, .. }) if nearest[0] == "winner")
    );
    assert_eq!(unknown.rule().map(Rule::reason), Some("unknown-word"));
    assert_eq!(refused(&changed(&|words| words.swap(2, 3))), PaperError::Words(WordsError::Checksum));
    let missing = changed(&|words| drop(words.remove(4)));
    assert_eq!(refused(&missing), PaperError::Words(WordsError::Count { expected: 24, found: 23 }));
    assert_eq!(refused(" \n"), PaperError::Words(WordsError::Count { expected: 24, found: 0 }));
    let gap = [&numbered[..4], &numbered[5..]].concat().join("\n");
    assert_eq!(refused(&gap), PaperError::Missing { expected: 24, missing: 5 });
    assert_eq!(refused(&numbered[..23].join("\n")), PaperError::Missing { expected: 24, missing: 24 });
    let twice = numbered.join("\n").replace("5 ", "4 ");
    assert_eq!(refused(&twice), PaperError::Twice { number: 4 });
    let code = plain_line(&reserve);
    assert_eq!(refused(&code), PaperError::Kind { expected: Kind::Seed, found: Kind::Reserve });
    let words_of_reserve = words::encode(&reserve).unwrap().join(" ");
    assert_eq!(refused(&words_of_reserve), PaperError::Words(WordsError::Count { expected: 24, found: 36 }));
    let damaged = plain_line(&Secret::Seed(Seed::from_bytes([7; 32]))).replacen("Bw", "Bx", 1);
    assert_eq!(refused(&damaged).rule().map(Rule::reason), Some("secret-file-damaged"));
}

// KEEP-37
#[test]
fn a_wrong_word_is_mended_without_typing_the_others_again() {
    let [(paper, secret), _] = papers();
    let mut entry = Entry::new(Kind::Seed);
    for word in paper.words() {
        let typed: String = word.chars().take(4).collect();
        assert_eq!(entry.push(&format!(" {} ", typed.to_uppercase())), Ok(*word));
    }
    assert_eq!(entry.missing(), 0);
    assert!(entry.exchange(3, 4) && !entry.exchange(0, 4) && !entry.exchange(1, 25));
    assert_eq!(entry.secret().map(|_| ()), Err(PaperError::Words(WordsError::Checksum)));
    assert!(entry.exchange(4, 3));
    assert_eq!(entry.replace(24, "zoo"), Ok("zoo"));
    assert_eq!(entry.secret().map(|_| ()), Err(PaperError::Words(WordsError::Checksum)));
    assert!(
        matches!(entry.replace(24, "winnner"), Err(WordsError::Unknown { position: 24, nearest, .. }) if nearest[0] == "winner")
    );
    assert_eq!(entry.replace(24, paper.words()[23]), Ok(paper.words()[23]));
    assert_eq!(entry.secret().map(|secret| plain_digest(&secret)), Ok(plain_digest(&secret)));
    assert!(!format!("{entry:?}{paper:?}").contains(paper.words()[0]), "no word in what is printed for debugging");
}

proptest::proptest! {
    #[test]
    fn reading_is_total(text in "\\PC{0,200}", numbers in "([0-9]{1,3}[.)]? [a-z]{3,8} ){0,40}") {
        for kind in [Kind::Seed, Kind::Reserve, Kind::Link] {
            let _ = (read(&text, kind), read(&numbers, kind));
        }
    }
}

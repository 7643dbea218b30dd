//! Chapter 11: how an id is shown to people, and how what they bring is read.
//!
//! The words are written down here, as BIP 39 publishes them or as they were made once; the second implementation makes
//! the pictures, lines and words of ids again.

mod readings;

use sigpkg::digest::SignatoryId;
use sigpkg::rule::Rule;

use super::build::{Corpus, Kind, Source, Vector};

/// What BIP 39 publishes for 32 bytes of 7f.
const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner \
                     thank year wave sausage worth title";

const ID: &str = "sigpBsrSBo9t2pxyMVAOoCrNb3Y1TBBnsdAKRIo2A3UFrN4uFwfbMW-g";

/// The same by another genesis.
const OTHER: &str = "sigpIPyZHk9UCvH1xbKX7nTfTBb-8jtEtDcD8xvMcdnINXZ-c7ThmqNY";

pub(crate) fn add(corpus: &mut Corpus) {
    words(corpus);
    shown(corpus);
    pasted(corpus);
    look_alikes(corpus);
    readings::add(corpus);
}

fn words(corpus: &mut Corpus) {
    let bytes = "7f".repeat(32);
    let lines: String = WORDS.split(' ').enumerate().map(|(at, word)| format!("{:>2}. {word}\r\n", at + 1)).collect();
    let accepted: &[(&str, &str, &str, usize, &str)] = &[
        ("bip-39", "the words that BIP 39 publishes for 32 bytes", WORDS, 32, &bytes),
        ("numbered", "one word a line, each with its number", &lines, 32, &bytes),
        ("capitals", "capitals, and commas between the words", &WORDS.to_uppercase().replace(' ', ",  "), 32, &bytes),
        ("four-letters", "the first four letters of every word", &beginnings(WORDS), 32, &bytes),
        ("twelve", "16 bytes", &format!("{} abou", ["abandon"; 11].join(" ")), 16, &"00".repeat(16)),
        (
            "reserve",
            "48 bytes, the secret of a reserve key, have 36 words by the same formula",
            &format!("{} control", ["abandon"; 35].join(" ")),
            48,
            &"00".repeat(48),
        ),
    ];
    for (name, summary, words, length, value) in accepted {
        let vector = Vector::accepted(Kind::Words, &format!("words-{name}"), summary).value(*value);
        corpus.add(vector.input("words", Source::text(*words)).context(|context| context.length = Some(*length)));
    }
    let refused: &[(Rule, &str, &str, &str)] = &[
        (Rule::Cmp5, "misspelt", "a letter of a word is another one", &WORDS.replacen("winner", "wimmer", 1)),
        (Rule::Cmp5, "three-letters", "three letters are not enough", &WORDS.replacen("thank", "tha", 1)),
        (Rule::Cmp5, "beginning-of-none", "no word begins with these letters", &WORDS.replacen("winner", "winx", 1)),
        (Rule::Cmp5, "longer", "a word of the list with a letter behind it", &WORDS.replacen("legal", "legals", 1)),
        (Rule::Cmp5, "no-letters", "a sign where a word should be", &WORDS.replacen("winner", "-", 1)),
        (Rule::Cmp6, "one-missing", "the last word is missing", WORDS.trim_end_matches(" title")),
        (Rule::Cmp6, "one-too-many", "a word too many", &format!("{WORDS} title")),
        (Rule::Cmp6, "nothing", "no words at all", " \n"),
        (
            Rule::Cmp7,
            "another-word",
            "a word of the list in the place of another one",
            &WORDS.replacen("winner", "wine", 1),
        ),
        (
            Rule::Cmp7,
            "exchanged",
            "the first two words have changed places",
            &WORDS.replacen("legal winner", "winner legal", 1),
        ),
        (
            Rule::Cmp7,
            "last-word",
            "the last word, which ends with the checksum, is another one",
            &WORDS.replace("title", "zoo"),
        ),
    ];
    for (rule, name, summary, words) in refused {
        let vector = Vector::refused(Kind::Words, *rule, &format!("words-{name}"), summary);
        corpus.add(vector.input("words", Source::text(*words)).context(|context| context.length = Some(32)));
    }
}

/// At most four letters of each word.
fn beginnings(words: &str) -> String {
    words.split(' ').map(|word| &word[..word.len().min(4)]).collect::<Vec<_>>().join(" ")
}

fn shown(corpus: &mut Corpus) {
    for (name, id) in [("hyphen", ID), ("digits", OTHER)] {
        for (form, summary) in [
            ("groups", "lines of four groups, each with the number of its first group"),
            ("words", "the thirty words"),
            ("art", "the nine rows of the random art"),
            ("spoken", "what is read aloud, a line a group"),
        ] {
            let vector = Vector::accepted(Kind::ShownId, &format!("shown-{form}-{name}"), summary);
            let vector = vector.value(super::judge::shown_id(form, &id.parse::<SignatoryId>().unwrap()));
            corpus.add(vector.input("id", Source::text(id)).context(|context| context.form = Some(form)));
        }
    }
}

fn pasted(corpus: &mut Corpus) {
    let groups: Vec<_> = ID.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
    let lines: Vec<_> = groups.chunks(4).map(|line| line.join(" ")).collect();
    let words = super::judge::shown_id("words", &ID.parse().unwrap());
    let accepted: &[(&str, &str, &str)] = &[
        ("bare", "an id and nothing else", ID),
        ("groups", "groups on one line, in a sentence", &format!("The id of Example is {}.", groups.join(" "))),
        ("quoted-lines", "numbered lines of a quoted mail", &quoted(&lines)),
        (
            "broken-anywhere",
            "broken within a group, at the end of a line",
            &format!("{}\n\t{}\n", &ID[..30], &ID[30..]),
        ),
        ("markup", "in the marks of a page's source", &format!("**`{ID}`**, as ever")),
        ("dashes", "its hyphen has become a dash", &ID.replace('-', "\u{2013}")),
        (
            "invisible",
            "a soft hyphen and a zero-width space in it",
            &format!("{}\u{ad}{}\u{200b}{}", &ID[..9], &ID[9..40], &ID[40..]),
        ),
        ("twice", "the same id twice, in two forms", &format!("{ID}\n\n{}", groups.join("\u{a0}"))),
        ("words", "the words of an id", &words),
    ];
    for (name, summary, text) in accepted {
        let vector = Vector::accepted(Kind::PastedId, &format!("pasted-{name}"), summary);
        corpus.add(vector.input("text", Source::text(*text)).value(ID));
    }
    let slip = words.replacen(words.split(' ').next().unwrap(), "sigpkg-word", 1);
    let refused: &[(Rule, &str, &str, &str)] = &[
        (Rule::Cmp12, "empty", "nothing", ""),
        (
            Rule::Cmp12,
            "prose",
            "a sentence about sigpkg",
            "sigpkg signs every release with a key of its own, and carries the keys of the releases to come",
        ),
        (Rule::Cmp12, "short", "the last character is missing", &ID[..55]),
        (Rule::Cmp12, "long", "a character too many", &format!("{ID}A")),
        (Rule::Cmp12, "key", "a public key", "RWRsYFPXnwQZ1eKkSwJZ9p5gn15fIK0Av+2GMueYaI9KUK6e5lVEdGeP"),
        (Rule::Cmp12, "standard-base64", "`+` where an id has `-`", &ID.replace('-', "+")),
        (Rule::Cmp12, "broken-within-a-line", "a space within a group", &format!("{} {}", &ID[..30], &ID[30..])),
        (Rule::Cmp12, "few-words", "two words of the list", "legal winner"),
        (Rule::Cmp12, "word-like-an-id", "words, of which one begins like an id", &slip),
        (Rule::Cmp13, "two", "two ids", &format!("old: {OTHER}\nnew: {ID}\n")),
        (Rule::Cmp13, "two-forms", "two ids, one of them in groups", &format!("{} {OTHER}", groups.join(" "))),
        (Rule::Cmp5, "pasted-misspelt", "the words of an id, one misspelt", &misspelt(&words)),
        (Rule::Cmp6, "pasted-one-missing", "29 of the 30 words of an id", words.rsplit_once(' ').unwrap().0),
        (Rule::Cmp7, "pasted-exchanged", "the words of an id in the wrong order", &reversed(&words)),
    ];
    for (rule, name, summary, text) in refused {
        let name = if name.starts_with("pasted-") { (*name).to_owned() } else { format!("pasted-{name}") };
        corpus.add(Vector::refused(Kind::PastedId, *rule, &name, summary).input("text", Source::text(*text)));
    }
}

fn quoted(lines: &[String]) -> String {
    lines.iter().enumerate().map(|(at, line)| format!("> {:>2}: {line}\r\n", at * 4 + 1)).collect()
}

fn misspelt(words: &str) -> String {
    let (rest, last) = words.rsplit_once(' ').unwrap();
    format!("{rest} x{last}")
}

fn reversed(words: &str) -> String {
    words.split(' ').rev().collect::<Vec<_>>().join(" ")
}

fn look_alikes(corpus: &mut Corpus) {
    let keeping = |is_kept: &dyn Fn(usize) -> bool| -> String {
        let other = |own: char| if own == 'h' { 'T' } else { 'h' };
        ID.chars().enumerate().map(|(at, own)| if at < 4 || is_kept(at) { own } else { other(own) }).collect()
    };
    let vectors: &[(&str, &str, String, bool)] = &[
        ("chance", "two ids made by chance", OTHER.to_owned(), false),
        ("itself", "an id is not a look-alike of itself", ID.to_owned(), false),
        (
            "six-at-the-ends",
            "three characters at the beginning and three at the end",
            keeping(&|at| !(7..53).contains(&at)),
            true,
        ),
        ("five-at-the-ends", "two and three", keeping(&|at| !(6..53).contains(&at)), false),
        ("zero-for-o", "an o has become a zero", ID.replacen('o', "0", 1), true),
        (
            "seventeen-places",
            "every second character of the middle",
            keeping(&|at| at >= 6 && at % 2 == 0 && at < 40),
            true,
        ),
        ("sixteen-places", "one fewer", keeping(&|at| at >= 6 && at % 2 == 0 && at < 38), false),
        ("shifted", "all is one place further on", format!("sigph{}", &ID[4..55]), true),
    ];
    for (name, summary, other, are_alike) in vectors {
        let vector = Vector::accepted(Kind::LookAlike, &format!("look-alike-{name}"), summary);
        let vector = vector.input("id", Source::text(ID)).input("other", Source::text(other.as_str()));
        corpus.add(vector.value(if *are_alike { "alike" } else { "different" }));
    }
}

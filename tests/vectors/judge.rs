//! The library's answers to the vectors.

use sigpkg::chain::Chain;
use sigpkg::digest::{Digest, SignatoryId};
use sigpkg::key::{LinkKey, PublicKey, ReserveKey};
use sigpkg::listing::{Expected, Links, Listing};
use sigpkg::package::{EcosystemName, Package, Uuid, Version};
use sigpkg::representation::alike::resemblance;
use sigpkg::representation::art::Art;
use sigpkg::representation::spoken::script;
use sigpkg::representation::{lines, pasted, words};
use sigpkg::rule::Rule;
use sigpkg::secret::file::{Secret, SecretFile};
use sigpkg::signature::minisign::SignatureFile;
use sigpkg::signature::release::{ReleaseSignature, trusted_comment};
use sigpkg::signature::{block, verify};
use sigpkg::statement::Statement;
use sigpkg::text;
use sigpkg::time::{Date, Timestamp};
use sigpkg::trust::Pins;

use super::build::{BeliefFields, Corpus, Expect, Head, Kind, Vector, Verdict, step};
use super::{corpus, dependencies, targets};

/// What was computed where nothing is wrong.
#[derive(Default)]
struct Good {
    value: Option<String>,
    head: Option<Head>,
    belief: Option<BeliefFields>,
}

/// The rule that is broken; `None` where a text has not its form, which breaks none.
type Answer = Result<Good, Option<Rule>>;

#[test]
fn the_library_answers_every_vector() {
    let corpus = corpus();
    let wrong: Vec<_> = corpus.vectors.iter().filter_map(|vector| difference(corpus, vector)).collect();
    assert!(wrong.is_empty(), "{} of {} vectors fail:\n{}", wrong.len(), corpus.vectors.len(), wrong.join("\n"));
}

/// How the answer differs from the expectation.
fn difference(corpus: &Corpus, vector: &Vector) -> Option<String> {
    if matches!(vector.kind, Kind::ReleaseTree | Kind::Archive | Kind::ChainFile) {
        let found = targets::judge(corpus, vector);
        return (found != vector.expect).then(|| shown(vector, &found));
    }
    if vector.kind == Kind::Dependency {
        let found = dependencies::judge(corpus, vector);
        return (found != vector.expect).then(|| shown(vector, &found));
    }
    let found = match judge(corpus, vector) {
        Ok(good) => Expect {
            verdict: Verdict::Accepted,
            rule: None,
            reason: None,
            reached: "expectation",
            value: good.value,
            head: vector.expect.head.as_ref().and(good.head),
            belief: vector.expect.belief.as_ref().and(good.belief),
            ..vector.expect.clone()
        },
        Err(rule) => Expect {
            verdict: Verdict::Refused,
            rule: rule.map(|rule| rule.id().to_owned()),
            reason: rule.map(|rule| rule.reason().to_owned()),
            reached: rule.map_or("form", step),
            value: None,
            head: None,
            belief: None,
            ..vector.expect.clone()
        },
    };
    (found != vector.expect).then(|| shown(vector, &found))
}

fn shown(vector: &Vector, found: &Expect) -> String {
    let json = |expect| serde_json::to_string(expect).unwrap();
    format!("{}\n    expected {}\n    found    {}", vector.id, json(&vector.expect), json(found))
}

fn judge(corpus: &Corpus, vector: &Vector) -> Answer {
    let input = |name: &str| vector.input.get(name).map(|source| corpus.bytes(source));
    let bytes = |name: &str| input(name).unwrap_or_else(|| panic!("{} has no input {name}", vector.id));
    let text = |name: &str| String::from_utf8(bytes(name)).unwrap();
    match vector.kind {
        Kind::Text => text_form(vector.context.form.unwrap(), &text("text")),
        Kind::Id => id(&text("id"), input("genesis")),
        Kind::PublicKey => {
            let key = LinkKey::from_text(&text("key")).map_err(|error| error.rule())?;
            value(text::to_hex(key.as_bytes()))
        }
        Kind::PublicKeyFile => {
            let key = PublicKey::from_file_text(&text("key")).map_err(|error| error.rule())?;
            value(text::to_hex(key.as_bytes()))
        }
        Kind::ReserveKey => {
            let key = ReserveKey::from_text(&text("key")).map_err(|error| error.rule())?;
            value(text::to_hex(key.as_bytes()))
        }
        Kind::Block => signature_block(&text("block"), input("key"), input("message")),
        Kind::Pins => {
            let pins = Pins::parse(&bytes("pins")).map_err(|error| error.rule())?;
            value(Digest::of(pins.to_text().as_bytes()).to_string())
        }
        Kind::Statement => {
            let bytes = bytes("statement");
            Statement::parse(&bytes).map_err(|error| error.rule())?;
            value(Digest::of(&bytes).to_string())
        }
        Kind::Chain => chain(vector, &bytes("chain")),
        Kind::SecretKeyFile => secret_key_file(&text("secret"), vector.context.passphrase),
        Kind::SignatureFile => {
            signature_file(vector.context.usage == Some("sig"), &text("signature"), &text("key"), &bytes("message"))
        }
        Kind::Listing => {
            let listing = Listing::parse(&bytes("files")).map_err(|error| error.rule())?;
            value(listing.digest().to_string())
        }
        Kind::Links => {
            let links = Links::parse(&bytes("links")).map_err(|error| error.rule())?;
            value(links.digest().to_string())
        }
        Kind::Tree => {
            let found = targets::read_tree(corpus, &vector.input["tree"]).map_err(|error| error.rule())?;
            if let Some(files) = input("files") {
                let expected = Expected::parse(&files, input("links").as_deref()).unwrap();
                assert_eq!(found.compare(&expected).into_result(), Ok(Vec::new()), "{}", vector.id);
            }
            value(found.tree().listing().digest().to_string())
        }
        Kind::Words => {
            let bytes = words::decode(&text("words"), vector.context.length.unwrap()).map_err(|error| error.rule())?;
            value(text::to_hex(&bytes))
        }
        Kind::ShownId => value(shown_id(vector.context.form.unwrap(), &text("id").parse().unwrap())),
        Kind::PastedId => {
            let id = pasted::find(&text("text")).map_err(|error| error.rule())?;
            value(id.to_string())
        }
        Kind::LookAlike => {
            let [id, other] = ["id", "other"].map(|name| text(name).parse().unwrap());
            let word = if resemblance(&id, &other).is_some() { "alike" } else { "different" };
            value(word.to_owned())
        }
        Kind::ReleaseTree | Kind::Archive | Kind::ChainFile | Kind::Dependency => {
            panic!("no judge for {:?}", vector.kind)
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is the good end of every judge")]
fn value(value: String) -> Answer {
    Ok(Good { value: Some(value), ..Good::default() })
}

/// An id in one of the forms of chapter 11.
pub(crate) fn shown_id(form: &str, id: &SignatoryId) -> String {
    let written = id.to_string();
    match form {
        "groups" => lines(&written).iter().map(|(at, line)| format!("{at} {line}")).collect::<Vec<_>>().join("\n"),
        "words" => words::of_id(id).join(" "),
        "art" => Art::of(&written).rows().collect::<Vec<_>>().join("\n"),
        "spoken" => script(&written).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        _ => panic!("an id has no form {form}"),
    }
}

fn text_form(form: &str, written: &str) -> Answer {
    let uuid: Uuid = super::raw::UUID.parse().unwrap();
    let fits = match form {
        "base64" => text::from_base64(written).is_some(),
        "base64url" => text::from_base64url(written).is_some(),
        "plain" => written.chars().all(text::is_plain),
        "digest" => written.parse::<Digest>().is_ok(),
        "instant" => written.parse::<Timestamp>().is_ok(),
        "day" => written.parse::<Date>().is_ok(),
        "julia-name" => Package::julia(written, uuid).is_ok(),
        "generic-name" => Package::generic(written).is_ok(),
        "uuid" => written.parse::<Uuid>().is_ok(),
        "julia-version" => Version::new(EcosystemName::Julia, written).is_ok(),
        "generic-version" => Version::new(EcosystemName::Generic, written).is_ok(),
        other => panic!("no judge for the form {other}"),
    };
    if fits { Ok(Good::default()) } else { Err(None) }
}

fn id(written: &str, genesis: Option<Vec<u8>>) -> Answer {
    let id = written.parse::<SignatoryId>().map_err(|error| error.rule())?;
    if let Some(genesis) = genesis {
        assert_eq!(SignatoryId::of_genesis(&genesis), id);
    }
    value(id.to_string())
}

fn signature_block(written: &str, key: Option<Vec<u8>>, message: Option<Vec<u8>>) -> Answer {
    let signature = block::parse(written).map_err(|error| error.rule())?;
    if let Some((key, message)) = key.zip(message) {
        let key = String::from_utf8(key).unwrap();
        let verified = match ReserveKey::from_text(&key) {
            Ok(key) => verify::reserve(&key, &message, &signature),
            Err(_) => verify::link(&LinkKey::from_text(&key).unwrap(), &message, &signature),
        };
        verified.map_err(|error| error.rule())?;
    }
    Ok(Good::default())
}

fn secret_key_file(file: &str, passphrase: Option<&str>) -> Answer {
    let opened = SecretFile::parse(file).and_then(|file| file.open(passphrase.map(str::as_bytes)));
    match opened.map_err(|error| error.rule())? {
        Secret::Key(key) => match key.public_key() {
            Ok(public) => value(public.to_string()),
            Err(_) => value(key.reserve_key().unwrap().to_string()),
        },
        Secret::Seed(_) => panic!("no vector holds a seed"),
    }
}

fn signature_file(is_stock: bool, file: &str, key: &str, message: &[u8]) -> Answer {
    if is_stock {
        let key = PublicKey::from_text(key).unwrap();
        let file = SignatureFile::parse(file).map_err(|error| error.rule())?;
        file.verify(&key, message).map_err(|error| error.rule())?;
    } else {
        let key = LinkKey::from_text(key).unwrap();
        let statement = Statement::parse(message).unwrap();
        let signatory = statement.lineage.unwrap().signatory.to_string();
        let trusted = trusted_comment(&signatory, u64::from(statement.seq.get()));
        let file = ReleaseSignature::parse(file, &trusted).map_err(|error| error.rule())?;
        file.verify(&key, message).map_err(|error| error.rule())?;
    }
    Ok(Good::default())
}

fn chain(vector: &Vector, file: &[u8]) -> Answer {
    let id = match &vector.context.id {
        Some(id) => id.parse().unwrap(),
        None => Chain::claimed_id(file).map_err(|error| error.rule())?,
    };
    let (head, belief) = targets::believed(file, id, &vector.context)?;
    Ok(Good { value: None, head: Some(head), belief: Some(belief) })
}

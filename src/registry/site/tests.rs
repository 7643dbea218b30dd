use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::*;
use crate::testing::{Fixture, Record};

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";

/// What a browser would run if it were markup.
const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;</blockquote></main>";

/// Chains in memory, in some order.
struct InMemory(Vec<Chain>);

#[derive(Default)]
struct Kept(Mutex<BTreeMap<String, Vec<u8>>>);

impl Source for InMemory {
    fn each(&self, only: Option<&BTreeSet<Package>>, take: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String> {
        let is_wanted = |chain: &&Chain| only.is_none_or(|only| only.contains(chain.package()));
        self.0.iter().filter(is_wanted).for_each(|chain| take(chain, chain.len() != 1));
        Ok(())
    }
}

impl Pages for Kept {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        lock(&self.0).insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }
}

fn site(chains: &[Chain]) -> BTreeMap<String, String> {
    let pages = Kept::default();
    let settings = Settings { title: "Directory <of> tests", narrator: None };
    let made = make(&InMemory(chains.to_vec()), &pages, &settings).unwrap();
    assert_eq!(made.signatories, chains.len());
    let pages = pages.0.into_inner().unwrap();
    pages.into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

fn page(chain: &Chain, all: &[Chain]) -> String {
    site(all).remove(&page_path(chain.id())).unwrap()
}

fn chain(seed: u64, name: &str, versions: &[&str]) -> Chain {
    let mut fixture = Fixture::of(seed, Package::generic(name).unwrap()).fast();
    let records = fixture.line(versions);
    fixture.admit(&records).unwrap()
}

fn julia(seed: u64, name: &str) -> Chain {
    let mut fixture = Fixture::of(seed, Package::julia(name, UUID.parse().unwrap()).unwrap()).fast();
    let records = fixture.line(&["1.0.0"]);
    fixture.admit(&records).unwrap()
}

/// A chain in which all that a signatory may write freely is hostile.
fn hostile() -> Chain {
    use crate::testing::yank_mut;
    let mut fixture = Fixture::of(3, Package::generic("hostile").unwrap()).fast();
    let mut records: Vec<Record> = fixture.line(&["1.0.0"]);
    let yank = fixture.yank_as(&records[1], &[2], crate::statement::Severity::Warn, |statement| {
        let yank = yank_mut(statement);
        yank.reason = MARKUP.to_owned();
        yank.advisory = Some("javascript:alert(1)".to_owned());
    });
    records.push(yank);
    fixture.admit(&records).unwrap()
}

fn is_page(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "html")
}

/// Elements, in the order of a page: each start tag with its attributes, each end tag, without what is between them.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

#[test]
fn a_page_has_the_id_whole_in_groups_and_in_words_and_says_what_it_is_for() {
    // REG-26
    let example = julia(1, "Example");
    let page = page(&example, std::slice::from_ref(&example));
    let id = example.id().to_string();
    assert!(page.contains(&format!("<code id=\"whole\" lang=\"zxx\" translate=\"no\">{id}</code>")), "{page}");
    let text = without_tags(&page);
    for (number, line) in crate::representation::lines(&id) {
        assert!(page.contains(&format!("<li value=\"{number}\">")), "{number}");
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    for word in crate::representation::words::of_id(&example.id()) {
        assert!(page.contains(&format!("<li>{word}</li>")), "{word}");
    }
    assert!(text.contains("If you have the id from this page alone, you have compared nothing"));
    assert!(text.contains("who controls the registry controls this page"));
    let about = site(std::slice::from_ref(&example)).remove("about.html").unwrap();
    assert!(about.contains("It is not independent of the registry."));
}

fn without_tags(page: &str) -> String {
    page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

#[test]
fn a_page_has_the_history_with_states_yanks_and_the_keys_in_force() {
    // REG-27
    let mut fixture = Fixture::of(1, Package::generic("example").unwrap()).fast().with_reserve(2, 3);
    let mut records = fixture.line(&["1.0.0", "1.1.0"]);
    fixture.date = "2027-06-01T00:00:00Z".parse().unwrap();
    records.push(fixture.yank_as(&records[2], &[3], crate::statement::Severity::Refuse, |statement| {
        let yank = crate::testing::yank_mut(statement);
        yank.reason = "it deletes files".to_owned();
        yank.advisory = Some("GHSA-1".to_owned());
        yank.replacement = crate::statement::Seq::new(2);
    }));
    records.push(fixture.reserve_record(&records[3], crate::statement::Cause::Handover));
    let (one, other) = (fixture.release(&records[4], "1.2.0"), fixture.release(&records[4], "1.2.1"));
    records.extend([one, other]);
    let chain = fixture.admit(&records).unwrap();
    let text = without_tags(&page(&chain, std::slice::from_ref(&chain)));
    for expected in [
        "7 statements, newest first. Dates are claims",
        "Release 1.1.0 2026-01-01 yanked: do not use (refuse) by statement 4",
        "do not use (refuse) 1.1.0 (statement 3)",
        "it deletes files",
        "Advisory: GHSA-1",
        "Use instead: 1.0.0 (statement 2)",
        "515 days after the statement before it, by these dates",
        "Hand-over: somebody else signs from here on",
        "contested",
        "This chain is contested.",
        "Reserve: 2 of 3 keys must sign",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
    let head = view(&chain).head();
    let ahead = head.statement().look_ahead();
    assert_eq!(head.seq().get(), 5, "the fork's parent");
    for key in [ahead.next.to_string(), ahead.after_next.to_string()] {
        assert!(text.contains(&key));
    }
    assert!(head.reserve().keys.iter().all(|key| text.contains(&key.to_string())));
}

#[test]
fn others_of_the_same_name_are_shown_side_by_side_with_a_warning_on_every_page() {
    // REG-28
    let (one, other, third) = (julia(1, "Example"), chain(2, "eXample", &["2.0.0"]), chain(3, "other", &[]));
    let pages = site(&[one.clone(), other.clone(), third.clone()]);
    for (own, neighbour) in [(&one, &other), (&other, &one)] {
        let page = &pages[&page_path(own.id())];
        let warning = page.find("Others sign a package of this name.").unwrap();
        let id = page.find("id=\"whole\"").unwrap();
        assert!(warning < id, "the warning comes before the id");
        assert!(page.contains(&format!("href=\"{}.html\"", neighbour.id())));
        let (id, neighbour) = (own.id().to_string(), neighbour.id().to_string());
        let differing = crate::text::groups(&id).zip(crate::text::groups(&neighbour)).filter(|(a, b)| a != b).count();
        assert_eq!(page.matches("<span class=\"sign\">≠</span>").count(), differing);
    }
    assert!(!pages[&page_path(third.id())].contains("Others sign"));
}

#[test]
fn look_alikes_are_pointed_out_before_the_id() {
    // REG-28
    let (one, other) = (julia(1, "Example"), chain(2, "else", &["2.0.0"]));
    let neighbours = Neighbours { alike: vec![Entry::of(&view(&other))], ..Neighbours::default() };
    let pages = Kept::default();
    signatory::write(&one, true, &neighbours, &Settings { title: "T", narrator: None }, &pages).unwrap();
    let page = String::from_utf8(pages.0.into_inner().unwrap().remove(&page_path(one.id())).unwrap()).unwrap();
    let warning = page.find("An id in this directory looks like this one.").unwrap();
    assert!(warning < page.find("id=\"whole\"").unwrap());
    assert!(page.contains("Ids that look like this one"));
}

#[test]
fn what_a_signatory_writes_is_text_and_nothing_else() {
    // REG-29
    let hostile = hostile();
    let pages = site(std::slice::from_ref(&hostile));
    let page = &pages[&page_path(hostile.id())];
    let escaped = MARKUP.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert!(page.contains(&escaped), "{page}");
    assert!(page.contains("<bdi dir=\"auto\">javascript:alert(1)</bdi>"));
    let quiet = chain(3, "hostile", &["1.0.0"]);
    let elements = |page: &str| {
        tags(page).iter().map(|tag| tag.split(' ').next().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>()
    };
    let usual = elements(&site(std::slice::from_ref(&quiet))[&page_path(quiet.id())]);
    let more: Vec<_> = elements(page).difference(&usual).cloned().collect();
    assert_eq!(more, ["/bdi", "/blockquote", "bdi", "blockquote"]);
    assert!(pages["index.html"].contains("Directory &lt;of&gt; tests"));
    assert!(!pages["index.html"].contains("<of>"));
}

#[test]
fn text_that_runs_from_right_to_left_stays_in_its_place() {
    // REG-29
    let mut fixture = Fixture::of(3, Package::generic("hebrew").unwrap()).fast();
    let mut records = fixture.line(&["1.0.0"]);
    records.push(fixture.yank_as(&records[1], &[2], crate::statement::Severity::Note, |statement| {
        crate::testing::yank_mut(statement).reason = "החתימה נכונה".to_owned();
    }));
    let chain = fixture.admit(&records).unwrap();
    assert!(
        page(&chain, std::slice::from_ref(&chain))
            .contains("<blockquote><p dir=\"auto\">החתימה נכונה</p></blockquote>")
    );
}

#[test]
fn no_page_may_load_or_run_anything_from_elsewhere() {
    // REG-29
    let all = [julia(1, "Example"), hostile(), chain(4, "a.b", &["1.0.0"])];
    for (path, page) in site(&all).iter().filter(|(path, _)| is_page(path)) {
        let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", frame::POLICY);
        assert!(page.contains(&policy), "{path}");
        assert!(page.contains("<meta name=\"referrer\" content=\"no-referrer\">"), "{path}");
        assert!(page.find("Content-Security-Policy") < page.find("<link"), "{path}: the policy comes first");
        for tag in tags(page) {
            assert!(!tag.contains(" style=") && !tag.contains(" on"), "{path}: {tag}");
            for address in attributes(tag, &["href", "src", "action", "srcset", "xlink:href"]) {
                assert!(!address.contains(':') && !address.starts_with('/'), "{path}: {address} is not relative");
            }
            if tag == "script" || tag.starts_with("script ") {
                assert!(tag.contains("src=\"") && tag.ends_with("assets/site.js\" defer"), "{path}: {tag}");
            }
        }
        assert!(!page.contains("<style"), "{path}");
    }
    for (asset, text) in [("site.css", frame::STYLE), ("site.js", frame::SCRIPT)] {
        assert!(!text.contains("//") || asset == "site.js", "{asset}");
        for word in [
            "http:",
            "https:",
            "@import",
            "url(",
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
        ] {
            assert!(!text.contains(word), "{asset} has {word}");
        }
    }
}

fn attributes<'a>(tag: &'a str, names: &[&str]) -> Vec<&'a str> {
    let value = |name: &&str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    names.iter().filter_map(value).collect()
}

#[test]
fn every_link_leads_to_a_page_of_the_site() {
    let names: Vec<String> = (0..230).map(|at| format!("a{at}")).collect();
    let mut all: Vec<Chain> = names.iter().enumerate().map(|(at, name)| chain(100 + at as u64, name, &[])).collect();
    all.push(julia(1, "Example"));
    let versions: Vec<String> = (0..250).map(|minor| format!("1.{minor}.0")).collect();
    all.push(chain(2, "long", &versions.iter().map(String::as_str).collect::<Vec<_>>()));
    let pages = site(&all);
    let mut links = 0;
    for (path, page) in pages.iter().filter(|(path, _)| is_page(path)) {
        let ids: BTreeSet<_> = tags(page).into_iter().flat_map(|tag| attributes(tag, &["id"])).collect();
        for link in tags(page).into_iter().flat_map(|tag| attributes(tag, &["href", "src"])) {
            let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let target = match file.strip_prefix("../") {
                _ if file.is_empty() => path.clone(),
                Some(above) => above.to_owned(),
                None => path.rsplit_once('/').map_or_else(|| file.to_owned(), |(folder, _)| format!("{folder}/{file}")),
            };
            assert!(pages.contains_key(&target), "{path} leads to {target}");
            if let Some(anchor) = anchor.filter(|_| file.is_empty()) {
                assert!(ids.contains(anchor), "{path} leads to #{anchor}");
            }
            links += 1;
        }
    }
    assert!(links > 1000);
    assert!(pages.contains_key("browse/a-2.html") && !pages.contains_key("browse/a-3.html"));
    assert_eq!(pages.keys().filter(|path| path.ends_with(".3.html")).count(), 1, "251 statements are three parts");
}

#[test]
fn no_file_has_a_name_from_a_package() {
    // REG-29
    let all =
        [julia(1, "Example"), chain(2, "con", &[]), chain(3, "a..b", &[]), chain(4, "9+9", &[]), chain(5, "NUL", &[])];
    for path in site(&all).keys() {
        let name = path.rsplit('/').next().unwrap_or_default();
        assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)), "{path}");
        assert!(!path.contains("..") && !path.starts_with('/'), "{path}");
        assert!(
            !["con", "nul", "aux", "prn"]
                .iter()
                .any(|device| name.to_ascii_lowercase().starts_with(&format!("{device}."))),
            "{path}"
        );
    }
}

#[test]
fn the_search_finds_every_package_by_each_of_its_words() {
    let names = ["DataFrames", "DataFramesMeta", "Example", "con", "x9"];
    let all: Vec<Chain> = names.iter().enumerate().map(|(at, name)| chain(at as u64, name, &[])).collect();
    let pages = site(&all);
    let beginnings: Vec<String> = serde_json::from_str(&pages["find/index.json"]).unwrap();
    let find = |query: &str| -> BTreeSet<String> {
        let files = beginnings.iter().filter(|it| query.starts_with(it.as_str()) || it.starts_with(query));
        let entries = files.flat_map(|beginning| {
            serde_json::from_str::<Vec<[String; 4]>>(&pages[&format!("find/n-{beginning}.json")]).unwrap()
        });
        entries.map(|[name, ..]| name).filter(|name| name.to_ascii_lowercase().contains(query)).collect()
    };
    assert_eq!(find("dataframes"), BTreeSet::from(["DataFrames".to_owned(), "DataFramesMeta".to_owned()]));
    assert_eq!(find("fram").len(), 2);
    assert_eq!(find("meta").len(), 1);
    assert_eq!(find("con").len(), 1);
    assert_eq!(find("zz").len(), 0);
}

#[test]
fn the_index_of_many_names_is_in_files_that_a_phone_can_load() {
    let entry = |at: usize| Entry {
        id: SignatoryId::of_genesis(&at.to_le_bytes()),
        // All end in one word.
        package: Package::generic(&format!("Julia{}Package{at}_jll", ["Data", "Graph", "Plot"][at % 3])).unwrap(),
        newest: None,
    };
    let entries: Vec<_> = (0..3000).map(entry).collect();
    let pages = Kept::default();
    search::write(&entries, &pages).unwrap();
    let pages = pages.0.into_inner().unwrap();
    let most = pages.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    assert!(most.1.len() < 20 << 10, "{} has {} bytes", most.0, most.1.len());
    assert!(pages["find/index.json"].len() < 10 << 10);
    assert!(pages.contains_key("find/n-jll.json") && pages.contains_key("find/n-jll.2.json"));
}

#[test]
fn the_same_chains_give_the_same_bytes_in_whatever_order_they_come() {
    // REG-32
    let mut all = vec![julia(1, "Example"), chain(2, "example", &["1.0.0", "1.1.0"]), hostile(), chain(4, "x", &[])];
    let pages = site(&all);
    all.reverse();
    assert_eq!(site(&all), pages);
}

#[test]
fn what_cannot_be_written_or_read_fails_with_its_reason() {
    struct Full;
    impl Pages for Full {
        fn put(&self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
            Err("no space left".to_owned())
        }
    }
    struct Unreadable;
    impl Source for Unreadable {
        fn each(&self, _: Option<&BTreeSet<Package>>, _: &(dyn Fn(&Chain, bool) + Sync)) -> Result<(), String> {
            Err("no such registry".to_owned())
        }
    }
    let settings = Settings { title: "T", narrator: None };
    let one = chain(1, "x", &[]);
    let expected = SiteError::Page { path: page_path(one.id()), problem: "no space left".to_owned() };
    assert_eq!(make(&InMemory(vec![one]), &Full, &settings), Err(expected));
    assert_eq!(make(&Unreadable, &Full, &settings), Err(SiteError::Source("no such registry".to_owned())));
}

#[test]
fn a_page_says_when_not_everything_could_be_read() {
    // The source of these tests says so of a chain of one statement. REG-32
    let (partial, whole) = (chain(1, "partial", &[]), chain(2, "whole", &["1.0.0"]));
    let pages = site(&[partial.clone(), whole.clone()]);
    assert!(pages[&page_path(partial.id())].contains("There may be more than this."));
    assert!(!pages[&page_path(whole.id())].contains("There may be more than this."));
}

#[test]
fn every_text_stands_out_from_every_ground_light_and_dark() {
    // WCAG 2.2, 1.4.3: 4.5 for text; 1.4.11: 3 for the borders of fields.
    let colours = |block: &str| -> BTreeMap<String, f64> {
        let declared = block.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        declared.map(|(name, hex)| (name.to_owned(), luminance(hex.trim_end_matches(';')))).collect()
    };
    let (light, rest) = frame::STYLE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let (dark, _) = rest.split_once("\n\n").unwrap();
    let (light, dark) = (colours(light), colours(dark));
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
    for (scheme, colours) in [("light", light), ("dark", dark)] {
        let of = |beginning: &'static str| colours.iter().filter(move |(name, _)| name.starts_with(beginning));
        assert!(of("ink").count() >= 4 && of("ground").count() >= 3);
        for (ground, below) in of("ground") {
            for (ink, above) in of("ink") {
                let contrast = contrast(*above, *below);
                assert!(contrast >= 4.5, "{scheme}: {ink} on {ground} has {contrast:.2}");
            }
            let contrast = contrast(colours["line-strong"], *below);
            assert!(contrast >= 3.0, "{scheme}: line-strong on {ground} has {contrast:.2}");
        }
    }
    // No colour is used that is not measured here.
    let uses = frame::STYLE.lines().filter(|line| !line.trim().starts_with("--"));
    let foreign: Vec<_> = uses.filter(|line| line.contains('#') && !line.trim_end().ends_with('{')).collect();
    assert_eq!(foreign, Vec::<&str>::new());
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

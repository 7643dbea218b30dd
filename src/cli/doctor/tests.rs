use clap::Parser as _;

use crate::cli::Arguments;

/// Every `sigpkg …` between backquotes in these files, with something in the place of what is filled in.
fn commands() -> Vec<String> {
    let sources = [
        include_str!("../doctor.rs"),
        include_str!("signing.rs"),
        include_str!("trust.rs"),
        include_str!("../status.rs"),
        include_str!("../status/here.rs"),
    ];
    let mut commands = Vec::new();
    for source in sources {
        // What is a comment is for readers of the code.
        let strings: String =
            source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for quoted in strings.split('`').skip(1).step_by(2).filter(|quoted| quoted.starts_with("sigpkg ")) {
            let mut filled = String::new();
            let mut rest = quoted;
            while let Some((before, after)) = rest.split_once('{') {
                filled += before;
                filled += "x";
                rest = after.split_once('}').map_or("", |(_, rest)| rest);
            }
            commands.push((filled + rest).replace("URL", "https://example.org/x.git"));
        }
    }
    commands
}

#[test]
fn every_command_that_is_named_is_one_that_there_is() {
    let commands = commands();
    assert!(commands.len() > 25, "{commands:?}");
    for command in commands {
        let parsed = Arguments::try_parse_from(command.split_whitespace());
        assert!(parsed.is_ok(), "{command}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
    }
}

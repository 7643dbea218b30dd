//! `sigpkg completions`: the script that a shell reads to complete the words of a command line. It asks [`super::complete`].

use std::io::{self, Write};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::{Value, json};

use super::output::Answer;

/// Print the completions for a shell
#[derive(Args)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

pub(crate) fn completions(arguments: &Completions) -> Box<dyn Answer> {
    Box::new(Script(script(arguments.shell)))
}

fn script(shell: Shell) -> String {
    match shell {
        Shell::Bash => include_str!("completions/sigpkg.bash").to_owned(),
        Shell::Zsh => include_str!("completions/sigpkg.zsh").to_owned(),
        Shell::Fish => include_str!("completions/sigpkg.fish").to_owned(),
        Shell::PowerShell => include_str!("completions/sigpkg.ps1").to_owned(),
        // Commands and options alone: nobody here knows how Elvish would ask.
        other @ (Shell::Elvish | _) => {
            let mut script = Vec::new();
            clap_complete::generate(other, &mut super::Arguments::command(), "sigpkg", &mut script);
            String::from_utf8_lossy(&script).into_owned()
        }
    }
}

struct Script(String);

impl Answer for Script {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn json(&self) -> Vec<Value> {
        vec![json!({ "schema": "sigpkg.completions/1", "script": self.0 })]
    }

    fn is_verbatim(&self) -> bool {
        true
    }
}

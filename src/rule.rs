//! Every rule of the specification whose breach is a refusal, or leaves a human to choose: its id and its stable reason word.
//!
//! An error variant names its rule with a method `rule`; messages, JSON and vectors take the words from here. A test
//! holds this table against `spec/`.

use std::fmt;

macro_rules! rules {
    ($($(#[$chapter:meta])* $name:ident = $id:literal $reason:literal;)*) => {
        /// A rule of the specification whose breach is a refusal, or leaves a human to choose.
        ///
        /// ```
        /// use sigpkg::rule::Rule;
        ///
        /// // For a script: all rules whose breach it may treat alike.
        /// let bad_paths = Rule::ALL.iter().filter(|rule| rule.reason() == "bad-path");
        /// assert_eq!(bad_paths.map(|rule| rule.id()).collect::<Vec<_>>()[..2], ["TREE-2", "TREE-3"]);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(
                #[doc = concat!("`", $id, "`, reason `", $reason, "`")]
                $name,
            )*
        }

        impl Rule {
            /// Every rule, in the order of the specification.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The id of the rule, such as `CHN-3`.
            ///
            /// ```
            /// use sigpkg::rule::Rule;
            ///
            /// assert_eq!(Rule::Chn6.id(), "CHN-6");
            /// assert_eq!(Rule::Chn6.to_string(), "CHN-6");
            /// ```
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// The stable reason word, such as `missing-statement`.
            ///
            /// ```
            /// use sigpkg::rule::Rule;
            ///
            /// assert_eq!(Rule::Chn6.reason(), "missing-statement");
            /// ```
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason),* }
            }
        }
    };
}

// Names are the ids without the hyphen. Keep the chapters apart: each block is one chapter of spec/.
rules! {
    // spec/2-keys-and-signatures.md
    Key4 = "KEY-4" "key-length";
    Key5 = "KEY-5" "key-encoding";
    Key6 = "KEY-6" "key-tag";
    Key7 = "KEY-7" "key-id";
    Key8 = "KEY-8" "key-not-canonical";
    Key9 = "KEY-9" "key-not-a-point";
    Key10 = "KEY-10" "key-small-order";
    Key11 = "KEY-11" "key-file";
    Sig5 = "SIG-5" "signature-form";
    Sig6 = "SIG-6" "signature-algorithm";
    Sig7 = "SIG-7" "signature-key-id";
    Sig8 = "SIG-8" "signature-invalid";
    Sig10 = "SIG-10" "signature-file-form";
    Sig11 = "SIG-11" "signature-file-control";
    Sig12 = "SIG-12" "signature-file-tag";
    Sig13 = "SIG-13" "trusted-comment-invalid";
    Sig15 = "SIG-15" "release-signature-form";
    Sec6 = "SEC-6" "secret-file-cost";
    Sec7 = "SEC-7" "secret-file-damaged";
    Sec11 = "SEC-11" "secret-file-form";
    Sec12 = "SEC-12" "secret-file-tag";
    Sec13 = "SEC-13" "passphrase";

    // spec/3-statements.md
    Stm1 = "STM-1" "too-large";
    Stm2 = "STM-2" "not-text";
    Stm3 = "STM-3" "unknown-format";
    Stm4 = "STM-4" "not-canonical";
    Stm5 = "STM-5" "unknown-kind";
    Stm6 = "STM-6" "unknown-field";
    Stm7 = "STM-7" "missing-field";
    Stm8 = "STM-8" "bad-value";
    Stm9 = "STM-9" "bad-package";
    Stm10 = "STM-10" "bad-package";
    Stm11 = "STM-11" "bad-package";
    Stm12 = "STM-12" "bad-version";
    Stm13 = "STM-13" "bad-sequence";
    Stm14 = "STM-14" "algorithm-not-allowed";
    Stm15 = "STM-15" "key-reused";
    Stm16 = "STM-16" "bad-reserve";
    Stm17 = "STM-17" "bad-reference";
    Stm18 = "STM-18" "bad-reference";
    Stm19 = "STM-19" "bad-reference";
    Stm21 = "STM-21" "bad-id";

    // spec/4-chains-and-belief.md
    Chn1 = "CHN-1" "too-large";
    Chn2 = "CHN-2" "malformed-chain";
    Chn3 = "CHN-3" "duplicate-record";
    Chn4 = "CHN-4" "not-a-genesis";
    Chn5 = "CHN-5" "wrong-signatory";
    Chn6 = "CHN-6" "missing-statement";
    Chn7 = "CHN-7" "out-of-sequence";
    Chn8 = "CHN-8" "package-changed";
    Chn9 = "CHN-9" "look-ahead-broken";
    Chn10 = "CHN-10" "key-reused";
    Chn12 = "CHN-12" "version-repeated";
    Chn14 = "CHN-14" "bad-withdrawal";
    Chn15 = "CHN-15" "wrong-signature-count";
    Chn18 = "CHN-18" "wrong-signature-count";
    Chn19 = "CHN-19" "wrong-signer";
    Chn20 = "CHN-20" "algorithm-not-allowed";
    Chn21 = "CHN-21" "bad-reference";

    // spec/5-trees.md
    Tree2 = "TREE-2" "bad-path";
    Tree3 = "TREE-3" "bad-path";
    Tree4 = "TREE-4" "bad-path";
    Tree5 = "TREE-5" "bad-path";
    Tree6 = "TREE-6" "bad-path";
    Tree7 = "TREE-7" "bad-path";
    Tree9 = "TREE-9" "name-collision";
    Tree10 = "TREE-10" "bad-entry";
    Tree12 = "TREE-12" "malformed-listing";
    Tree13 = "TREE-13" "malformed-listing";
    Tree14 = "TREE-14" "bad-link";
    Tree16 = "TREE-16" "too-large";
    Tree24 = "TREE-24" "malformed-archive";
    Tree25 = "TREE-25" "malformed-archive";
    Tree26 = "TREE-26" "too-large";

    // spec/6-folder.md
    Dir2 = "DIR-2" "bad-folder";
    Dir3 = "DIR-3" "bad-folder";
    Dir4 = "DIR-4" "bad-folder";
    Dir5 = "DIR-5" "bad-folder";
    Dir6 = "DIR-6" "too-large";
    Dir7 = "DIR-7" "malformed-listing";

    // spec/7-verdicts.md
    Ver1 = "VER-1" "not-trusted";
    Ver2 = "VER-2" "signature-missing";
    Ver3 = "VER-3" "unsigned";
    Ver4 = "VER-4" "no-release";
    Ver5 = "VER-5" "not-in-chain";
    Ver6 = "VER-6" "second-opinion";
    Ver7 = "VER-7" "void";
    Ver8 = "VER-8" "contested";
    Ver9 = "VER-9" "other-signatory";
    Ver10 = "VER-10" "not-confirmed";
    Ver11 = "VER-11" "withdrawn";
    Ver12 = "VER-12" "listing-mismatch";
    Ver13 = "VER-13" "tree-mismatch";
    Ver14 = "VER-14" "manifest-mismatch";
    Ver15 = "VER-15" "not-expected";
    Ver16 = "VER-16" "downgrade";
    Ver17 = "VER-17" "line-ends";
    Ver18 = "VER-18" "stale";
    Ver19 = "VER-19" "size-mismatch";
    Ver27 = "VER-27" "waiting";
    Ver28 = "VER-28" "not-followed";
    Ver29 = "VER-29" "distrusted";
    Ver36 = "VER-36" "yanked";
    Ver61 = "VER-61" "other-upstream";

    // spec/9-registries.md
    Reg2 = "REG-2" "malformed-registry";
    Reg4 = "REG-4" "malformed-policy";
    Reg5 = "REG-5" "tree-replaced";
    Reg6 = "REG-6" "version-removed";
    Reg7 = "REG-7" "package-renamed";
    Reg8 = "REG-8" "policy-changed";
    Reg14 = "REG-14" "not-continued";

    // spec/10-projects.md
    Prj6 = "PRJ-6" "tree-hash-mismatch";
    Prj11 = "PRJ-11" "pinned";
    Prj12 = "PRJ-12" "pinned-signatory";
    Prj13 = "PRJ-13" "pin-not-reached";
    Prj14 = "PRJ-14" "not-verified";
    Prj16 = "PRJ-16" "malformed-pins";

    // spec/11-comparing.md
    Cmp5 = "CMP-5" "unknown-word";
    Cmp6 = "CMP-6" "word-count";
    Cmp7 = "CMP-7" "word-checksum";
    Cmp12 = "CMP-12" "no-id";
    Cmp13 = "CMP-13" "several-ids";
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id())
    }
}

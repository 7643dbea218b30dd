//! Every rule of the specification whose breach is a refusal: its id and its stable reason word.
//!
//! An error variant names its rule with a method `rule`; messages, JSON and vectors take the words from here. A test
//! holds this table against `spec/`.

use std::fmt;

macro_rules! rules {
    ($($(#[$chapter:meta])* $name:ident = $id:literal $reason:literal;)*) => {
        /// A rule of the specification whose breach is a refusal.
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
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// The stable reason word, such as `missing-statement`.
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
    Key5 = "KEY-5" "key-base64";
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
    Sig16 = "SIG-16" "second-opinion";

    // spec/3-statements.md

    // spec/4-chains-and-belief.md

    // spec/5-trees.md

    // spec/6-folder.md

    // spec/7-verdicts.md
    Ver1 = "VER-1" "not-trusted";
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id())
    }
}

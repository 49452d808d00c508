//! Which reader a format has, and what surrounds every reading: size limits,
//! template markup, the byte order mark.

use super::limits::{MAX_BYTES, MAX_HCL, large};
use super::parsed::{Fault, Parsed, Tier};
use super::{dotenv, hcl, ini, json, properties, template, toml, xml, yaml};

/// A format that is read into a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// YAML 1.2, one or several documents.
    Yaml,
    /// JSON, also with comments, trailing commas or one value per line.
    Json,
    /// TOML.
    Toml,
    /// HCL 2 as Terraform, Vault, Nomad, Consul and Packer write it.
    Hcl,
    /// `KEY=value` lines.
    Dotenv,
    /// Sections of `key = value`.
    Ini,
    /// Java properties.
    Properties,
    /// XML.
    Xml,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Yaml,
        Self::Json,
        Self::Toml,
        Self::Hcl,
        Self::Dotenv,
        Self::Ini,
        Self::Properties,
        Self::Xml,
    ];

    /// The name used in rules and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Hcl => "hcl",
            Self::Dotenv => "dotenv",
            Self::Ini => "ini",
            Self::Properties => "properties",
            Self::Xml => "xml",
        }
    }

    /// Whether the strict parser may well accept template markup and read nonsense
    /// from it (`name: {{ x }}` is a YAML mapping whose key is a mapping).
    const fn misreads_markup(self) -> bool {
        !matches!(self, Self::Json | Self::Toml | Self::Hcl | Self::Xml)
    }
}

/// Reads `text`. Never fails: a text without a tree gives [`Tier::Lexical`].
///
/// Offsets refer to `text` itself, whatever was blanked on the way.
pub fn parse(format: Format, text: &str) -> Parsed {
    if text.len() > MAX_BYTES {
        return Parsed::lexical(large(0, "it is longer than 2 MiB"));
    }
    if format == Format::Hcl && text.len() > MAX_HCL {
        return Parsed::lexical(large(0, "it is longer than 512 KiB"));
    }
    let markup = template::find(format, text);
    if markup.is_empty() {
        return read(format, text);
    }
    if !format.misreads_markup() {
        let mut parsed = read(format, text);
        if parsed.tier == Tier::Strict {
            template::tag(&markup, &mut parsed.documents);
            return parsed;
        }
    }
    let blanked = template::blank(format, text, &markup);
    let mut parsed = read(format, &blanked.text);
    blanked.restore(text, &mut parsed.documents);
    if parsed.tier == Tier::Strict {
        parsed.tier = Tier::Recovered;
    }
    parsed
}

fn read(format: Format, text: &str) -> Parsed {
    const MARK: char = '\u{feff}';
    let reader: fn(&str) -> Result<Parsed, Fault> = match format {
        // The YAML parser knows the mark; spaces in its place would indent.
        Format::Yaml => return yaml::read(text).unwrap_or_else(Parsed::lexical),
        Format::Json => json::read,
        Format::Toml => toml::read,
        Format::Hcl => hcl::read,
        Format::Dotenv => dotenv::read,
        Format::Ini => ini::read,
        Format::Properties => properties::read,
        Format::Xml => xml::read,
    };
    match text.strip_prefix(MARK) {
        None => reader(text),
        Some(rest) => reader(&format!("   {rest}")),
    }
    .unwrap_or_else(Parsed::lexical)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::limits::{MAX_DEPTH, MAX_NODES, Size, measure};
    use super::super::node::{Node, Span};
    use super::*;

    fn sound(text: &str, parsed: &Parsed) {
        let inside = |span: Span| {
            assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
        };
        let mut nodes = 0;
        for document in &parsed.documents {
            document.walk(&mut |member, node| {
                inside(node.span);
                member.inspect(|m| inside(m.key_span));
            });
            let Size {
                nodes: count,
                depth,
                ..
            } = measure(document);
            nodes += count;
            assert!(depth <= MAX_DEPTH);
        }
        assert!(nodes <= MAX_NODES);
        parsed.comments.iter().for_each(|c| inside(*c));
        for fault in &parsed.faults {
            assert!(fault.offset <= text.len());
        }
    }

    fn check_all(text: &str) {
        for format in Format::ALL {
            sound(text, &parse(format, text));
        }
    }

    /// Pieces of syntax, so that random text gets past the first byte of a parser.
    fn fragments() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "b: ",
            "- ",
            "\n",
            "\r\n",
            "  ",
            "\t",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "'",
            "`",
            "= ",
            "=",
            ":",
            ",",
            "#",
            "//",
            "/*",
            "*/",
            "<",
            ">",
            "</",
            "/>",
            "<a",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&",
            "&amp;",
            "&x ",
            "*x",
            "<<: ",
            "<<EOT\n",
            "<<-E\n",
            "E\n",
            "EOT\n",
            "${",
            "%{",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "<%",
            "%>",
            "<< parameters.x >>",
            "---\n",
            "...\n",
            "|\n",
            ">-\n",
            "!Ref ",
            "!!int ",
            "\\",
            "\\u",
            "1",
            "-2.5",
            "0x",
            "true",
            "null",
            "é",
            "😀",
            "\u{feff}",
            "\u{a608}_",
            "jsonencode(",
            "\"\"\"",
            "'''",
            "[[",
            "]]",
            "export ",
            ";",
            "!",
            "?",
            "@",
            "\0",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_syntax_gives_a_sound_tree(text in fragments()) {
            check_all(&text);
        }

        #[test]
        fn any_text_gives_a_sound_tree(text in "\\PC{0,60}") {
            check_all(&text);
        }

        #[test]
        fn blanking_keeps_length_and_lines(text in fragments()) {
            for format in Format::ALL {
                let blanked = template::blank(format, &text, &template::find(format, &text)).text;
                let breaks = |s: &str| -> Vec<usize> {
                    s.match_indices(['\n', '\r']).map(|(at, _)| at).collect()
                };
                prop_assert_eq!(blanked.len(), text.len());
                prop_assert_eq!(breaks(&blanked), breaks(&text));
            }
        }
    }

    #[test]
    fn deep_nesting_overflows_no_stack() {
        const N: usize = 100_000;
        let nested = |open: &str, close: &str| open.repeat(N) + "1" + &close.repeat(N);
        let hcl = [
            format!("a = {}", nested("[", "]")),
            format!("a = {}", nested("{b = ", "}")),
            format!("a = {}", nested("(", ")")),
            format!("a = {}", nested("f(", ")")),
            format!("a = {}1", "!".repeat(N)),
            format!("a = {}1", "-".repeat(N)),
            format!("a = {}1", "b ? c : ".repeat(N)),
            format!("a = b{}", ".c".repeat(N)),
            format!("a = b{}", " + c".repeat(N)),
            format!("a = {}", nested("\"${", "}\"")),
            format!("a {}{{}}", "b ".repeat(N)),
            nested("a {\n", "}\n"),
        ];
        let toml = [
            format!("a = {}", nested("[", "]")),
            format!("a = {}", nested("{b = ", "}")),
            format!("a{} = 1", ".a".repeat(N)),
            format!("[a{}]", ".a".repeat(N)),
        ];
        let json = [nested("[", "]"), nested("{\"a\":", "}"), "[".repeat(N)];
        let yaml = [
            nested("[", "]"),
            nested("{", "}"),
            nested("- ", ""),
            nested("? ", ""),
            (0..1500).fold(String::new(), |s, n| s + &" ".repeat(n) + "a:\n"),
        ];
        let xml = [
            nested("<a>", "</a>"),
            "<a>".repeat(N),
            "<a></a><a>".repeat(100),
        ];
        for (format, texts) in [
            (Format::Hcl, &hcl[..]),
            (Format::Toml, &toml),
            (Format::Json, &json),
            (Format::Yaml, &yaml),
            (Format::Xml, &xml),
        ] {
            for text in texts {
                sound(text, &parse(format, text));
            }
        }
    }

    /// The parser limits arrays and inline tables, and the parts of a dotted key,
    /// but not both together.
    #[test]
    fn dotted_keys_in_inline_tables_overflow_no_stack() {
        let open = format!("{{a{} = ", ".a".repeat(78));
        let text = format!("a = {}1{}", open.repeat(79), "}".repeat(79));
        let parsed = parse(Format::Toml, &text);
        assert_eq!(parsed.faults[0].what, "values are nested too deep");
    }

    #[test]
    fn trees_deeper_than_the_limit_are_refused() {
        let text = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert_eq!(parse(Format::Json, &text).tier, Tier::Strict);
        let text = format!("[{text}]");
        assert_eq!(parse(Format::Json, &text).tier, Tier::Lexical);
    }

    #[test]
    fn large_files_stay_lexical() {
        let long = "a".repeat(MAX_BYTES + 1);
        let many = format!("[{}1]", "1,".repeat(MAX_NODES));
        for text in [&long, &many] {
            assert_eq!(parse(Format::Json, text).tier, Tier::Lexical);
        }
        let block = "a \"b\" {\n  c = 1\n}\n";
        let fits = block.repeat(MAX_HCL / block.len());
        assert_eq!(parse(Format::Hcl, &fits).tier, Tier::Strict);
        let long = parse(Format::Hcl, &format!("{fits}{block}"));
        assert_eq!(long.tier, Tier::Lexical);
        assert!(long.faults.iter().all(|fault| fault.large));
    }

    #[test]
    fn faults_quote_nothing() {
        const SECRET: &str = "hunter2horse";
        let broken = [
            "a: *S\n",
            "a: [S\n",
            "a: !S!x y\n",
            "S: S: S\n",
            "%S\n---\na",
            "{\"S\": S}",
            "\"S",
            "[S",
            "S = S\n",
            "S = 1\nS = 2\n",
            "[S]\n[S]\n",
            "a = 1\na.S = 2\n",
            "a = 2022-13-S\n",
            "S \"S\" {",
            "<S>",
            "<S></T>",
            "</S>",
            "<S a=S",
            "&S;",
            "<!S",
            "S",
            "[S",
            "=S",
            "'S",
        ];
        for text in broken {
            let text = text.replace('S', SECRET);
            for format in Format::ALL {
                for fault in parse(format, &text).faults {
                    assert!(!fault.what.contains("hunter"), "{} {text}", fault.what);
                    assert!(!fault.what.is_empty() && !fault.what.contains('\n'));
                }
            }
        }
    }

    #[test]
    fn names_differ() {
        let names: std::collections::BTreeSet<_> = Format::ALL.map(Format::name).into();
        assert_eq!(names.len(), Format::ALL.len());
        assert_eq!(Node::default().span, Span::default());
    }
}

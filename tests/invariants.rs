//! Rules about the code itself, checked by reading it. What the code does is tested
//! elsewhere; these keep its shape.

use std::fs;
use std::path::Path;

use crate::common::files;

/// The source files below `src/`, by path, without their tests and what only tests use.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files(&root)
        .into_iter()
        .filter(|path| {
            let name = path.file_stem().unwrap().to_string_lossy();
            !name.ends_with("tests") && name != "fixture"
        })
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap()
                .to_owned();
            (name, code)
        })
        .collect()
}

fn within(name: &str, module: &str) -> bool {
    name == format!("{module}.rs") || name.starts_with(&format!("{module}/"))
}

#[test]
fn detect_document_and_register_do_no_io() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
    ];
    let texts = regex::Regex::new(r#"//.*|b?"([^"\\]|\\.)*""#).unwrap();
    for (name, code) in sources() {
        if ["detect", "document", "register", "finding", "rule", "kind"]
            .iter()
            .any(|m| within(&name, m))
        {
            // A detector may look for such a name in the code that it reads.
            let code = texts.replace_all(&code, "\"\"");
            for text in forbidden {
                assert!(!code.contains(text), "{name} uses {text}");
            }
        }
    }
}

#[test]
fn detection_returns_no_errors() {
    // Whole signatures: one may be written on several lines.
    let function = regex::Regex::new(r"\bpub(?:\(crate\))? (?:const )?fn (\w+)([^{;]*)").unwrap();
    let result = regex::Regex::new(r"->\s*(?:[\w:]*::)?Result\b").unwrap();
    for (name, code) in sources() {
        if !(within(&name, "detect") || within(&name, "document")) || name == "detect.rs" {
            continue;
        }
        for found in function.captures_iter(&code) {
            assert!(!result.is_match(&found[2]), "{name}: {}", &found[1]);
        }
    }
}

#[test]
fn imports_point_one_way() {
    let comments = regex::Regex::new("//.*").unwrap();
    let forbidden: &[(&str, &[&str])] = &[
        (
            "rule",
            &[
                "detect", "document", "register", "report", "scan", "source", "finding",
            ],
        ),
        (
            "finding",
            &["detect", "register", "report", "scan", "source"],
        ),
        (
            "document",
            &[
                "detect", "register", "report", "scan", "source", "finding", "rule",
            ],
        ),
        ("detect", &["register", "report", "scan", "source"]),
        ("register", &["detect", "report", "scan", "source"]),
        ("report", &["detect", "scan", "source"]),
        (
            "source",
            &["detect", "document", "register", "report", "scan"],
        ),
    ];
    for (name, code) in sources() {
        for (module, others) in forbidden {
            for other in others.iter().filter(|_| within(&name, module)) {
                // In a `use`, in a list of one, or written out where it stands.
                let path = regex::Regex::new(&format!(
                    r"\bcrate::{other}\b|\buse crate::\{{[^}}]*\b{other}\b"
                ))
                .unwrap();
                assert!(
                    !path.is_match(&comments.replace_all(&code, "")),
                    "{name} uses {other}"
                );
            }
        }
    }
}

#[test]
fn what_holds_secrets_cannot_be_printed() {
    // A node's manual `Debug` shows its kind and place and nothing of its content.
    let holders: &[(&str, &[&str])] = &[
        ("document/node.rs", &["Node", "Value", "Member"]),
        ("document.rs", &["Document", "Tree"]),
        ("detect.rs", &["Cx"]),
        ("detect/encoded.rs", &["Encoded"]),
        ("detect/encoded/layer.rs", &["Layer"]),
        ("detect/redact.rs", &["Mask", "Pieces"]),
        ("detect/redact/doubt.rs", &["Line"]),
        ("detect/tokens/code.rs", &["Code"]),
        ("detect/shell/mapped.rs", &["Mapped"]),
        ("detect/shell.rs", &["Word", "Assignment", "Command"]),
        ("detect/settings.rs", &["Setting"]),
        ("detect/code/private_key.rs", &["Block"]),
        ("register/text.rs", &["Source", "Text"]),
        ("source.rs", &["Source", "Buffer", "Content"]),
    ];
    let sources = sources();
    let declared = |name: &str| {
        regex::Regex::new(&format!(
            r"(?m)((?:^#\[[^\n]*\]\n|^///[^\n]*\n)*)^(?:pub(?:\([^)]*\))? )?(?:struct|enum) {name}\b"
        ))
        .unwrap()
    };
    let printing = regex::Regex::new(r"\b(?:Debug|Display|Serialize)\b").unwrap();
    for (file, names) in holders {
        let (_, code) = sources.iter().find(|(name, _)| name == file).unwrap();
        for holder in *names {
            let found = declared(holder).captures(code);
            let found = found.unwrap_or_else(|| panic!("{file} declares no {holder}"));
            let derived = printing.is_match(&found[1]);
            assert!(!derived, "{holder} in {file} can be printed");
            let manual = regex::Regex::new(&format!(
                r"impl\b[^{{;]*\b(?:Debug|Display|Serialize) for (?:\w+::)*{holder}\b"
            ))
            .unwrap();
            let by_hand = sources
                .iter()
                .any(|(name, code)| name == file && manual.is_match(code));
            assert_eq!(
                by_hand,
                *holder == "Node",
                "{holder} in {file} is printed by hand"
            );
        }
    }
}

#[test]
fn files_stay_readable() {
    for (name, code) in sources() {
        let lines = code.lines().count();
        assert!(lines <= 520, "{name} has {lines} lines; split it");
        assert!(
            code.starts_with("//!"),
            "{name} does not say what it is for"
        );
    }
}

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
    for (name, code) in sources() {
        if !(within(&name, "detect") || within(&name, "document")) || name == "detect.rs" {
            continue;
        }
        for line in code.lines().filter(|l| {
            l.trim_start().starts_with("pub fn") || l.trim_start().starts_with("pub(crate) fn")
        }) {
            assert!(!line.contains("-> Result"), "{name}: {line}");
        }
    }
}

#[test]
fn imports_point_one_way() {
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
                let used = code.contains(&format!("use crate::{other}::"))
                    || code.contains(&format!("use crate::{other};"))
                    || code.contains(&format!("use crate::{other}::{{"));
                assert!(!used, "{name} imports {other}");
            }
        }
    }
}

#[test]
fn what_holds_secrets_cannot_be_printed() {
    let node =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/document/node.rs"))
            .unwrap();
    for holder in ["pub struct Node", "pub enum Value", "pub struct Member"] {
        let before = node.split(holder).next().unwrap();
        let derive = before.rsplit("#[derive(").next().unwrap();
        for name in ["Debug", "Display", "Serialize"] {
            assert!(!derive.contains(name), "{holder} derives {name}");
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

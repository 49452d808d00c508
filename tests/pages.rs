//! One test a rule page; the build script writes their names.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use byway::detect::Engine;
use byway::{check, rule};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(rule::builtin().to_vec()).unwrap());

fn check_page(id: &str) {
    let shown = format!("rules/{id}.md");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&shown);
    let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let page = rule::page::read(&shown, &text).unwrap();
    let errors = check::page(&page, &shown, &ENGINE);
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "\n{}\n", shown.join("\n"));
}

include!(concat!(env!("OUT_DIR"), "/page_tests.rs"));

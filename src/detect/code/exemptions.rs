//! Files in which other scanners are told what to pass over. All of a file's entries
//! are one finding: they have one owner, who is asked for a reason and an end.
//!
//! Facts: the scanners' own documentation, named on the rule's page.

use regex::Regex;

use crate::detect::{Cx, Hit};
use crate::document::{Member, Node, Span};
use crate::finding::{Confidence, Severity};

/// What a file says that is more than it should.
struct Exempt {
    span: Span,
    tool: &'static str,
    /// Which part of the tool's work is left out; empty for a list of findings.
    part: String,
    what: String,
    severity: Severity,
    sure: Confidence,
}

/// Finds what is passed over for good, or as a whole.
pub(super) fn files(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let path = cx.document.path();
    let name = path.rsplit('/').next().unwrap_or(path);
    let found: Vec<_> = match name {
        ".trivyignore" => lines("trivy", cx, |line| line.contains("exp:"))
            .into_iter()
            .collect(),
        ".semgrepignore" => semgrep(cx),
        ".gitleaksignore" => lines("gitleaks", cx, |_| false).into_iter().collect(),
        "sonar-project.properties" | ".sonarcloud.properties" => sonar(cx),
        _ => {
            let roots = cx.document.tree().root.items().iter();
            roots.flat_map(|root| tree(path, name, root)).collect()
        }
    };
    found
        .into_iter()
        .map(|exempt| {
            let tool = exempt.tool;
            let subject = match exempt.part.as_str() {
                "" => tool.to_owned(),
                part => format!("{tool}: {part}"),
            };
            let mut hit = Hit::new(exempt.span)
                .about(subject)
                .grave(exempt.severity)
                .sure(exempt.sure)
                .saying(format!("{tool} {}.", exempt.what));
            hit.anchor = Some(format!("exemptions:{name}"));
            hit
        })
        .collect()
}

fn tree(path: &str, name: &str, root: &Node) -> Vec<Exempt> {
    match name {
        ".trivyignore.yaml" => trivy(root).into_iter().collect(),
        ".snyk" => snyk(root).into_iter().collect(),
        ".gitleaks.toml" | "gitleaks.toml" | ".betterleaks.toml" => gitleaks(root),
        ".checkov.yaml" | ".checkov.yml" => {
            let soft = root.get("soft-fail").filter(|n| n.truth() == Some(true));
            let soft = soft.map(|node| {
                whole(
                    "checkov",
                    "soft-fail",
                    node.span,
                    "never fails: soft-fail is set",
                )
            });
            let skip = listed("checkov", root.member("skip-check"), "checks");
            soft.into_iter().chain(skip).collect()
        }
        "zizmor.yml" | "zizmor.yaml" | ".zizmor.yml" => zizmor(root),
        ".poutine.yml" | ".poutine.yaml" => poutine(root),
        _ if name.starts_with("kics") => [
            "exclude-queries",
            "exclude-categories",
            "exclude-severities",
        ]
        .iter()
        .find_map(|key| listed("kics", root.member(key), "queries"))
        .into_iter()
        .collect(),
        _ if path.contains(".tfsec/") => listed("tfsec", root.member("exclude"), "checks")
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// One entry a line, with a comment behind or before it. What has an end is left out.
fn lines(tool: &'static str, cx: &Cx<'_, '_>, ends: fn(&str) -> bool) -> Option<Exempt> {
    let bytes = cx.document.bytes();
    let mut first = None;
    let mut count = 0_usize;
    let mut at = 0;
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += raw.len();
        let text = std::str::from_utf8(raw).unwrap_or_default().trim();
        if text.is_empty() || text.starts_with('#') || ends(text) {
            continue;
        }
        count += 1;
        first.get_or_insert(Span::new(start, start + raw.trim_ascii_end().len()));
    }
    Some(without_end(tool, first?, count, "findings"))
}

fn without_end(tool: &'static str, span: Span, count: usize, of: &str) -> Exempt {
    let (s, verb) = if count == 1 {
        (of.trim_end_matches('s'), "has")
    } else {
        (of, "have")
    };
    Exempt {
        span,
        tool,
        part: String::new(),
        what: format!("passes over {count} {s}, which {verb} no end"),
        severity: Severity::Low,
        sure: Confidence::Medium,
    }
}

/// A whole part of the scanner's work that is left out.
fn whole(tool: &'static str, part: &str, span: Span, what: impl Into<String>) -> Exempt {
    Exempt {
        span,
        tool,
        part: part.to_owned(),
        what: what.into(),
        severity: Severity::Medium,
        sure: Confidence::High,
    }
}

/// A list of checks that are left out everywhere.
fn listed(tool: &'static str, member: Option<&Member>, of: &str) -> Option<Exempt> {
    let member = member?;
    let count = match member.value.text() {
        Some(text) => text.split(',').filter(|id| !id.trim().is_empty()).count(),
        None => member.value.items().len(),
    };
    (count > 0).then(|| {
        let what = format!("leaves out {count} of its {of} everywhere");
        let mut exempt = whole(tool, &member.key, member.key_span, what);
        exempt.sure = Confidence::Medium;
        exempt.severity = Severity::Low;
        exempt
    })
}

/// `.trivyignore.yaml`: lists of entries with `id`, `expired_at` and `statement`.
fn trivy(root: &Node) -> Option<Exempt> {
    const LISTS: &[&str] = &[
        "vulnerabilities",
        "misconfigurations",
        "secrets",
        "licenses",
    ];
    let lists = LISTS.iter().filter_map(|key| root.get(key));
    let entries = lists.flat_map(Node::items);
    let open: Vec<_> = entries.filter(|e| e.get("expired_at").is_none()).collect();
    let first = open.first()?;
    Some(without_end("trivy", first.span, open.len(), "findings"))
}

/// `.snyk`: paths below each id, each with `reason` and `expires`.
fn snyk(root: &Node) -> Option<Exempt> {
    let mut first = None;
    let mut count = 0;
    for member in root.get("ignore").map_or(&[][..], Node::members) {
        let paths = member.value.one_or_many().iter().flat_map(Node::members);
        let mut paths = paths.map(|path| &path.value);
        if paths.any(|path| path.get("expires").is_none()) {
            count += 1;
            first.get_or_insert(member.key_span);
        }
    }
    Some(without_end("snyk", first?, count, "findings"))
}

/// Paths of production that no allowlist should hold.
const PROBES: &[&str] = &[
    "src/main.py",
    "src/config/production.rb",
    "config/production.env",
    "app/settings.py",
    "deploy/values.yaml",
    ".github/workflows/release.yml",
];

/// `.gitleaks.toml`: allowlists whose paths hold everything, or a folder of sources.
fn gitleaks(root: &Node) -> Vec<Exempt> {
    let own = ["allowlist", "allowlists"]
        .iter()
        .filter_map(|key| root.get(key));
    let mut found = Vec::new();
    for list in own.flat_map(Node::one_or_many) {
        // With a second condition the path alone allows nothing.
        let both = list.get("condition").and_then(Node::text);
        if both.is_some_and(|text| text.eq_ignore_ascii_case("and")) {
            continue;
        }
        for path in texts(list, "paths") {
            let text = path.text().unwrap_or_default();
            if let Some(probe) = holds(text) {
                let what = format!(
                    "passes over whole parts of the repository: '{probe}' would be among them"
                );
                found.push(whole("gitleaks", text, path.span, what));
            }
        }
        for regex in texts(list, "regexes") {
            let text = regex.text().unwrap_or_default();
            if is_anything(text) {
                let what = "allows any secret whatever it is";
                found.push(whole("gitleaks", text, regex.span, what));
            }
        }
    }
    found
}

/// The first items of a list: each is a regex to compile.
fn texts<'n>(list: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    const MOST: usize = 200;
    list.get(key)
        .map_or(&[][..], Node::one_or_many)
        .iter()
        .take(MOST)
}

fn compile(text: &str) -> Option<Regex> {
    const LIMIT: usize = 1 << 18;
    regex::RegexBuilder::new(text)
        .size_limit(LIMIT)
        .build()
        .ok()
}

fn holds(regex: &str) -> Option<&'static str> {
    let compiled = compile(regex.trim())?;
    PROBES
        .iter()
        .copied()
        .find(|probe| compiled.is_match(probe))
}

fn is_anything(regex: &str) -> bool {
    compile(regex.trim()).is_some_and(|regex| regex.is_match("zQ7") && regex.is_match("8-x"))
}

/// `zizmor.yml`: a rule that is switched off. One that passes over a file isn't.
fn zizmor(root: &Node) -> Vec<Exempt> {
    let rules = root.get("rules").map_or(&[][..], Node::members).iter();
    let off = |rule: &Member| {
        let disable = rule
            .value
            .get("disable")
            .filter(|n| n.truth() == Some(true))?;
        let what = format!("doesn't look for '{}' at all", rule.key);
        Some(whole("zizmor", &rule.key, disable.span, what))
    };
    rules.filter_map(off).collect()
}

/// `.poutine.yml`: what is skipped and not tied to a path or a job.
fn poutine(root: &Node) -> Vec<Exempt> {
    let skips = root.get("skip").map_or(&[][..], Node::items).iter();
    let wide = |skip: &Node| {
        let tied = ["path", "job", "purl", "osv_id"]
            .iter()
            .any(|key| skip.get(key).is_some());
        let rule = skip.get("rule").or_else(|| skip.get("level"))?;
        let names: Vec<_> = rule.one_or_many().iter().filter_map(Node::text).collect();
        let names = names.join(", ");
        let what = format!("doesn't report '{names}' at all");
        (!tied).then(|| whole("poutine", &names, rule.span, what))
    };
    skips.filter_map(wide).collect()
}

/// Lines of `.semgrepignore` after which nothing, or no source, is left.
fn semgrep(cx: &Cx<'_, '_>) -> Vec<Exempt> {
    const WHOLE: &[&str] = &[
        "*", "**", ".", "src", "app", "lib", "src/**", "src/*", ".github",
    ];
    let bytes = cx.document.bytes();
    let mut found = Vec::new();
    let mut at = 0;
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += raw.len();
        let line = std::str::from_utf8(raw).unwrap_or_default().trim();
        let folder = line.trim_start_matches('/').trim_end_matches('/');
        if line == "/" || WHOLE.contains(&folder) {
            let span = Span::new(start, start + raw.trim_ascii_end().len());
            let what = format!("looks at nothing below '{line}'");
            found.push(whole("semgrep", line, span, what));
        }
    }
    found
}

/// Sonar's exclusions, where they leave nothing or are about security.
fn sonar(cx: &Cx<'_, '_>) -> Vec<Exempt> {
    let mut found = Vec::new();
    for root in cx.document.tree().root.items() {
        root.walk(&mut |member, node| {
            let Some(text) = node.text() else {
                return;
            };
            let key = member.map_or("", |member| member.key.as_str());
            let leaves =
                key.ends_with("exclusions") && !key.contains("coverage") && !key.contains("cpd");
            let all = |glob: &str| matches!(glob.trim(), "**" | "**/*" | "*" | "**/*.*");
            if leaves && text.split(',').any(all) {
                found.push(whole(
                    "sonar",
                    key,
                    node.span,
                    "looks at no file: all are excluded",
                ));
            }
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_sources_are_told_from_those_of_data() {
        for all in [".*", "", "^src/", r".*\.py$", r"\.github"] {
            assert!(holds(all).is_some(), "{all}");
        }
        for some in [
            r"(^|/)tests?/",
            r"\.lock$",
            r"^docs/",
            r"fixtures",
            "(unclosed",
        ] {
            assert!(holds(some).is_none(), "{some}");
        }
        assert!(is_anything(".*") && !is_anything("EXAMPLE"));
    }

    #[test]
    fn only_so_many_regexes_are_compiled() {
        let paths = vec![Node::from("^src/"); 1000];
        let list = Node::new(
            Span::default(),
            crate::document::Value::Object(vec![Member {
                key: "paths".to_owned(),
                key_span: Span::default(),
                value: Node::from(paths),
            }]),
        );
        assert_eq!(texts(&list, "paths").count(), 200);
    }
}

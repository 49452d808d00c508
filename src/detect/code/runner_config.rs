//! The configuration of Gitea's and Forgejo's runner.
//!
//! Facts: <https://gitea.com/gitea/act_runner/src/branch/main/internal/pkg/config/config.example.yaml>,
//! <https://forgejo.org/docs/latest/admin/actions/>.

use crate::detect::{Cx, Hit};
use crate::document::{Node, Span};
use crate::finding::Severity;

/// Finds jobs that reach the host.
pub(super) fn reaches(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        let (Some(runner), Some(container)) = (root.get("runner"), root.get("container")) else {
            continue;
        };
        let own = [
            "valid_volumes",
            "docker_host",
            "force_pull",
            "workdir_parent",
        ];
        if !own.iter().any(|key| container.get(key).is_some()) {
            continue;
        }
        for label in runner.get("labels").map_or(&[][..], Node::items) {
            let Some((name, _)) = label.text().and_then(|text| text.split_once(":host")) else {
                continue;
            };
            let what = format!(
                "Jobs with the label '{name}' run on the host itself, beside the runner's own token"
            );
            hits.push(hit(
                label.span,
                &format!("label {name}"),
                Severity::High,
                &what,
            ));
        }
        if let Some(on) = container
            .get("privileged")
            .filter(|n| n.truth() == Some(true))
        {
            let what = "The containers of every job run privileged, as root of the host";
            hits.push(hit(on.span, "privileged", Severity::High, what));
        }
        for volume in container.get("valid_volumes").map_or(&[][..], Node::items) {
            let text = volume.text().unwrap_or_default();
            if matches!(text, "**" | "/" | "/**" | "*") || text.ends_with("docker.sock") {
                let what = format!("Every job may mount '{text}' of the host");
                hits.push(hit(
                    volume.span,
                    &format!("volume {text}"),
                    Severity::High,
                    &what,
                ));
            }
        }
    }
    hits
}

fn hit(span: Span, subject: &str, severity: Severity, what: &str) -> Hit {
    Hit::new(span)
        .about(subject)
        .grave(severity)
        .saying(format!("{what}."))
}

//! Credentials that a pipeline has written out.

use std::collections::HashSet;

use super::{At, Keys, who};
use crate::detect::hit::Spot;
use crate::detect::pipeline::{Image, Job, Setting, Text};
use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::strength::{Strength, of_password};
use crate::detect::{Cx, Hit, slots};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds the passwords of registries, and what variables and inputs are given that their
/// names promise to be a credential.
pub(in crate::detect::code) fn credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    let bytes = cx.document.bytes();
    let served = services(keys.pipeline.jobs.iter());
    let mut seen = HashSet::new();
    let mut hits = Vec::new();
    for job in &keys.pipeline.jobs {
        let at = At {
            job: Some(job),
            step: None,
        };
        for image in &job.images {
            if let Some(password) = &image.password
                && is_written_out(&password.text)
                && slots::is_login(&password.text, "")
                && let Some(mut hit) = found(bytes, password, &mut seen)
            {
                let subject = registry_of(image);
                hit.message = Some(format!(
                    "{} has the password of '{subject}' written out.",
                    who(keys.pipeline, at)
                ));
                hit.anchor = Some(keys.pipeline.anchor(at.job, None));
                cx.keep(hit.about(subject).grave(Severity::Critical), &mut hits);
            }
        }
    }
    let pipeline = keys.pipeline;
    let mut judge = |at: At<'_>, setting: &Setting| {
        let Some(confidence) = weigh(setting, at.job, &served) else {
            return;
        };
        if let Some(mut hit) = found(bytes, &setting.value, &mut seen) {
            hit.message = Some(format!(
                "{} has the credential '{}' written out.",
                who(pipeline, at),
                setting.name
            ));
            hit.anchor = Some(pipeline.anchor(at.job, at.step));
            cx.keep(hit.about(setting.name.clone()).sure(confidence), &mut hits);
        }
    };
    keys.environments(|_, at, env| {
        for setting in env {
            judge(at, setting);
        }
    });
    keys.steps(|_, at, _, step| {
        for setting in &step.with {
            judge(at, setting);
        }
    });
    hits
}

/// The registry that an image is of, or the image itself.
fn registry_of(image: &Image) -> String {
    let name = image.name.text.trim();
    let host = name.split('/').next().unwrap_or(name);
    if host.contains(['.', ':']) && name.contains('/') {
        format!("registry:{host}")
    } else {
        "registry:docker.io".to_owned()
    }
}

/// Whether a text is what it says, and stands for nothing else.
fn is_written_out(text: &str) -> bool {
    !text.contains(['$', '<', '\n']) && !text.contains("{{") && !text.contains("secret:")
}

/// The values that services beside the jobs are started with: they live as long as the
/// job.
fn services<'p>(jobs: impl Iterator<Item = &'p Job>) -> HashSet<&'p str> {
    jobs.flat_map(|job| &job.images)
        .filter(|image| image.service)
        .flat_map(|image| &image.env)
        .map(|setting| setting.value.text.as_str())
        .collect()
}

/// How sure it is that a setting is a credential that opens something that lasts.
fn weigh(setting: &Setting, job: Option<&Job>, served: &HashSet<&str>) -> Option<Confidence> {
    let text = setting.value.text.as_str();
    let noun = credential(&setting.name)?;
    if !is_written_out(text)
        || !slots::is_set(noun, text, "")
        || text.starts_with('/')
        || text.contains("://")
        || text.ends_with("-secret")
        || served.contains(text)
    {
        return None;
    }
    let beside = job.is_some_and(|job| job.images.iter().any(|image| image.service));
    Some(match noun {
        Noun::Password if beside || is_of_a_test(&setting.name) => Confidence::Low,
        Noun::Password if is_of_a_service(&setting.name) && !is_put_together(text) => {
            Confidence::Low
        }
        Noun::Password => match of_password(text) {
            Some(Strength::Strong | Strength::Fair) => Confidence::Medium,
            // Words, but put together as a policy for passwords asks.
            Some(Strength::Weak) if is_put_together(text) => Confidence::Medium,
            _ => Confidence::Low,
        },
        _ if beside => Confidence::Medium,
        _ => Confidence::High,
    })
}

/// Whether a variable is one that the images of databases read: mostly it starts one for
/// a test.
fn is_of_a_service(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    [
        "POSTGRES", "PG", "MYSQL", "MARIADB", "MONGO", "REDIS", "RABBITMQ", "MINIO", "ELASTIC",
        "ORACLE", "DB_", "DATABASE",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

/// Whether a variable starts a database that takes only passwords which look well chosen,
/// or says that it is for a test.
fn is_of_a_test(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    ["MSSQL", "SA_", "SQL"]
        .iter()
        .any(|start| name.starts_with(start))
        || name.contains("TEST")
}

/// Whether a text has letters of both cases, digits and a sign.
fn is_put_together(text: &str) -> bool {
    let any = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    text.len() >= 12
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_digit)
        && any(u8::is_ascii_punctuation)
}

/// A hit on a literal, once for each place that one is written in. What another file has
/// written is found there.
fn found(bytes: &[u8], text: &Text, seen: &mut HashSet<(usize, usize)>) -> Option<Hit> {
    let written = match &text.defined {
        None => text.span,
        Some(Spot::Here(span)) => *span,
        Some(Spot::There(_)) => return None,
    };
    let secret = bare(bytes, written);
    if secret.is_empty() || !seen.insert((secret.start, secret.end)) {
        return None;
    }
    Some(Hit::secret(secret))
}

/// A span without the quotes around it.
fn bare(bytes: &[u8], span: Span) -> Span {
    match span.of(bytes) {
        [b'"' | b'\'', .., b'"' | b'\''] => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}

//! Images and services of a job of GitLab's.
//!
//! Facts: GitLab Docs, "Services" and "Use Docker to build Docker images": with an empty
//! `DOCKER_TLS_CERTDIR` the daemon beside the job takes orders from whoever reaches it.

use super::super::cursor::Cursor;
use super::super::{Image, Setting, Text, find};
use super::config::Body;

/// Where the daemon keeps the keys of its TLS.
pub(super) const TLS: &str = "DOCKER_TLS_CERTDIR";

/// The images of a job, which sees the variables in `env` and then those in `global`.
pub(super) fn images(body: &Body<'_, '_>, env: &[Setting], global: &[Setting]) -> Vec<Image> {
    let seen = |name: &str| find(env, name).or_else(|| find(global, name));
    let image = body.get("image").and_then(|image| image.top());
    let mut own = image.map(|value| Image {
        name: name(value).unwrap_or_default(),
        ..Image::default()
    });
    let host = seen("DOCKER_HOST").map(|host| &host.value);
    if let Some(host) = host.filter(|host| host.text.contains("docker.sock")) {
        // What holds the socket is pointed at in the job, wherever the variable is set.
        let own = own.get_or_insert_with(|| Image {
            name: Text {
                text: "default".to_owned(),
                span: body.at,
                defined: None,
            },
            ..Image::default()
        });
        let place = find(env, "DOCKER_HOST").map(|host| host.value.span);
        own.powers.push(Text {
            text: host.text.clone(),
            span: place.unwrap_or(body.at),
            defined: host.defined.clone(),
        });
    }
    let mut out: Vec<Image> = own.into_iter().collect();
    let services = body.items("services");
    out.extend(services.iter().map(|value| service(*value, &seen)));
    out
}

fn name(value: Cursor<'_>) -> Option<Text> {
    value.text().or_else(|| value.get("name")?.text())
}

fn service<'s>(value: Cursor<'_>, seen: &dyn Fn(&str) -> Option<&'s Setting>) -> Image {
    let name = name(value).unwrap_or_default();
    let env = value.get("variables").map_or(Vec::new(), |v| v.settings());
    let is = |key: &str, test: &dyn Fn(&str) -> bool| {
        let set = find(&env, key).or_else(|| seen(key));
        set.is_some_and(|set| test(&set.value.text))
    };
    let command = value.get("command").map_or(Vec::new(), |c| c.texts());
    let open = is(TLS, &str::is_empty)
        || is("DOCKER_HOST", &|host| host.contains(":2375"))
        || command.iter().any(|word| word.text == "--tls=false");
    let mut powers = Vec::new();
    if open && name.text.contains("dind") {
        powers.push(Text {
            text: "a Docker daemon without TLS".to_owned(),
            ..name.clone()
        });
    }
    Image {
        name,
        service: true,
        powers,
        password: None,
        env,
    }
}

//! Containers of a pipeline that reach the machine they run on.

use std::collections::BTreeSet;

use crate::detect::pipeline::{self, Job, Pipeline, Route, Step, System, Text};
use crate::detect::shell::{Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds containers that a job or step is run in, and those that its commands start:
/// one hit for each job, container and power.
pub(in crate::detect::code) fn containers(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    // A definition that many jobs share is told once.
    let mut seen: BTreeSet<(usize, usize, String)> = BTreeSet::new();
    for job in &pipeline.jobs {
        let own = job.images.iter().map(|image| (image, None));
        let steps = job.steps.iter();
        let theirs = steps.flat_map(|step| step.images.iter().map(move |i| (i, Some(step))));
        for (image, step) in own.chain(theirs) {
            for power in &image.powers {
                for subject in subjects(&power.text) {
                    if seen.insert((power.span.start, job.at.start, subject.clone())) {
                        hits.push(
                            hit(pipeline, job, step, power.span, (&image.name.text, subject))
                                .beside_definition(power),
                        );
                    }
                }
            }
        }
        for step in &job.steps {
            for (command, span) in step.commands() {
                if let Some((image, options)) = started(command) {
                    let at = powerful(command).map_or(span, |word| step.script.place(word));
                    for subject in subjects(&options) {
                        hits.push(hit(pipeline, job, Some(step), at, (&image, subject)));
                    }
                }
            }
        }
    }
    hits
}

pub(super) trait Beside {
    fn beside_definition(self, text: &Text) -> Self;
}

impl Beside for Hit {
    /// Names the place where a value is written that is used elsewhere.
    fn beside_definition(self, text: &Text) -> Self {
        match &text.defined {
            Some(spot) => self.beside(spot.clone(), "written here"),
            None => self,
        }
    }
}

fn hit(
    pipeline: &Pipeline,
    job: &Job,
    step: Option<&Step>,
    span: Span,
    (image, subject): (&str, String),
) -> Hit {
    let stays = stays(pipeline, job);
    let machine = if stays {
        "a machine that outlives the job"
    } else {
        "the machine that runs the job"
    };
    let image = bare(image);
    let container = if image.is_empty() {
        "a container".to_owned()
    } else {
        format!("the container '{image}'")
    };
    let route = Route::to(pipeline, job).by(span, "the container reaches the machine");
    let hit = Hit::new(span)
        .anchored(pipeline.anchor(Some(job), step))
        .along(route.stations())
        .saying(match agent_option(&subject) {
            Some("mount-buildkite-agent") => format!(
                "With '{subject}' {container} holds the agent's token, and may act for the agent."
            ),
            Some(_) => format!(
                "With '{subject}' {container} sees every variable of the agent's job, secrets among them."
            ),
            None => format!("With '{subject}' {container} may do everything on {machine}."),
        })
        .about(&subject);
    if agent_option(&subject).is_some() {
        hit.grave(Severity::Medium).sure(Confidence::Medium)
    } else if stays {
        hit
    } else {
        hit.grave(Severity::Medium)
    }
}

/// An image without its tag or digest.
fn bare(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// Whether the machine is there for the next job: one of the project's own, a node of a
/// cluster. The platforms' own machines are thrown away.
fn stays(pipeline: &Pipeline, job: &Job) -> bool {
    let asks = |test: &dyn Fn(&str) -> bool| job.runner.iter().any(|label| test(&label.text));
    match pipeline.system {
        system if system.runs_on_own_machines() => true,
        System::Gitea | System::Tekton | System::Argo => true,
        System::Github => asks(&|label| label == "self-hosted"),
        System::Azure => asks(&|label| label.starts_with("pool:")),
        System::Bitbucket => asks(&|label| label == "self.hosted"),
        // A class of the project's own has the project's name before it.
        System::Circle => asks(&|label| label.contains('/') && !label.contains(':')),
        // GitLab's own machines are asked for by these labels, or by none.
        System::Gitlab => {
            asks(&|label| !label.starts_with("saas-") && !label.starts_with("gitlab-org"))
        }
        _ => false,
    }
}

/// The powers in a container's options or in what a reader says of them, each in one form
/// however the system writes it: `privileged`, `volume /var/run/docker.sock`,
/// `cap-add SYS_ADMIN`.
fn subjects(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let lower = text.to_ascii_lowercase();
    let mut add = |subject: String| {
        if !out.contains(&subject) {
            out.push(subject);
        }
    };
    if lower.contains("dind") || lower.contains("docker daemon") {
        add("docker:dind".to_owned());
    }
    if lower.starts_with("privileged") {
        add("privileged".to_owned());
    }
    if let Some(option) = agent_option(&lower) {
        add(option.to_owned());
    }
    let mut words = text
        .split(|c: char| c.is_whitespace() || c == '=')
        .peekable();
    while let Some(word) = words.next() {
        let next = words.peek().copied().unwrap_or_default();
        match word.trim_end_matches(':') {
            "--privileged" if next != "false" => add("privileged".to_owned()),
            "--cap-add" | "capability" | "cap-add" | "add-caps" if is_capability(next) => {
                add(format!("cap-add {}", next.trim_start_matches("CAP_")));
            }
            "--pid" | "--ipc" | "--userns" | "--uts" | "pid" | "ipc" | "userns"
                if next == "host" =>
            {
                add(format!("{} host", word.trim_matches(['-', ':'])));
            }
            "hostPID" => add("pid host".to_owned()),
            "hostIPC" => add("ipc host".to_owned()),
            "--security-opt" | "security-opts" if text.contains("unconfined") => {
                add("security-opt unconfined".to_owned());
            }
            "--device" if next.starts_with("/dev/mem") || next.starts_with("/dev/sd") => {
                add(format!("device {next}"));
            }
            _ => {
                if let Some(folder) = folder(word) {
                    add(format!("volume {folder}"));
                }
            }
        }
    }
    if out.is_empty() {
        out.push(text.trim().to_owned());
    }
    out
}

/// What gives a container something of the agent that started it: Buildkite's plugin
/// mounts the agent with its token, or hands on every variable of the job.
fn agent_option(text: &str) -> Option<&'static str> {
    ["mount-buildkite-agent", "propagate-environment"]
        .into_iter()
        .find(|option| text.starts_with(option))
}

fn is_capability(name: &str) -> bool {
    matches!(
        name.trim_start_matches("CAP_"),
        "ALL" | "SYS_ADMIN" | "SYS_PTRACE" | "SYS_MODULE"
    )
}

/// The folder or socket of the host in a word of a volume: `/var/run/docker.sock:/s`,
/// `type=bind,source=/etc,target=/e`, `unix:///var/run/docker.sock`.
fn folder(word: &str) -> Option<&str> {
    let word = word.trim_matches(['"', '\'']);
    let word = word.split(',').next().unwrap_or(word);
    let word = word.strip_prefix("unix://").unwrap_or(word);
    let host = word.split(':').next().unwrap_or(word);
    let known = host.contains(".sock")
        || host == "/"
        || [
            "/etc",
            "/root",
            "/var/run",
            "/var/lib/docker",
            "/proc",
            "/sys",
        ]
        .contains(&host);
    known.then_some(host)
}

/// The image that a command starts with rights over the host, and the options that give
/// them. Emulators are registered that way on every build machine.
fn started(command: &Command) -> Option<(String, String)> {
    if !matches!(command.name(), "docker" | "podman" | "nerdctl") {
        return None;
    }
    let verb = |text: &str| matches!(text, "run" | "create");
    let run = command.args().iter().position(|w| verb(w.text()))?;
    let words: Vec<&str> = command
        .args()
        .iter()
        .skip(run + 1)
        .map(Word::text)
        .collect();
    let image = pipeline::image_of(&words)?;
    // What stands after the image is for the program in it.
    let end = words.iter().position(|word| *word == image)?;
    let options = words.get(..end).unwrap_or_default().join(" ");
    if !pipeline::is_powerful(&options) {
        return None;
    }
    let emulator = ["binfmt", "qemu-user-static"]
        .iter()
        .any(|name| image.contains(name));
    (!emulator).then(|| (image.to_owned(), options))
}

/// The first option of a command that gives rights over the host.
fn powerful(command: &Command) -> Option<Span> {
    let args = command.args();
    let next = args.iter().skip(1).map(Word::text).chain([""]);
    let mut words = args.iter().zip(next);
    let (word, _) = words.find(|(word, next)| {
        let text = word.text();
        text.starts_with('-') && pipeline::is_powerful(&format!("{text} {next}"))
    })?;
    Some(word.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_have_one_form_in_every_system() {
        for (text, expected) in [
            ("--privileged", "privileged"),
            ("privileged: true", "privileged"),
            (
                "--rm --cap-add=SYS_ADMIN --pid host",
                "cap-add SYS_ADMIN, pid host",
            ),
            ("capability CAP_SYS_ADMIN", "cap-add SYS_ADMIN"),
            (
                "-v /var/run/docker.sock:/var/run/docker.sock",
                "volume /var/run/docker.sock",
            ),
            (
                "hostPath: /var/run/docker.sock",
                "volume /var/run/docker.sock",
            ),
            ("unix:///var/run/docker.sock", "volume /var/run/docker.sock"),
            ("--mount type=bind,source=/etc,target=/e", "volume /etc"),
            ("/:/host", "volume /"),
            ("a Docker daemon without TLS", "docker:dind"),
            ("hostPID: true", "pid host"),
        ] {
            assert_eq!(subjects(text).join(", "), expected, "{text}");
        }
    }
}

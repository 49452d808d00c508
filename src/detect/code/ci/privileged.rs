//! Containers of a pipeline that reach the machine they run on.

use crate::detect::pipeline::{self, Job, Pipeline, Route, Step, Text};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::Severity;

/// Finds containers that a job or step is run in, and those that its commands start.
pub(in crate::detect::code) fn containers(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for job in &pipeline.jobs {
        let own = job.images.iter().map(|image| (image, None));
        let steps = job.steps.iter();
        let theirs = steps.flat_map(|step| step.images.iter().map(move |i| (i, Some(step))));
        for (image, step) in own.chain(theirs) {
            for power in &image.powers {
                hits.push(
                    hit(pipeline, job, step, power.span, &image.name.text).beside_definition(power),
                );
            }
        }
        for step in &job.steps {
            for (command, span) in step.commands() {
                if let Some(image) = started(command) {
                    hits.push(hit(pipeline, job, Some(step), span, &image));
                }
            }
        }
    }
    hits
}

trait Beside {
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

fn hit(pipeline: &Pipeline, job: &Job, step: Option<&Step>, span: Span, image: &str) -> Hit {
    let subject = format!("container:{}", bare(image));
    let lasting = pipeline.system.runs_on_own_machines()
        || job.runner.iter().any(|label| is_own_machine(&label.text));
    let machine = if lasting {
        "a machine that outlives the job"
    } else {
        "the machine that runs the job"
    };
    let route = Route::to(pipeline, job).by(span, "the container reaches the machine");
    let hit = Hit::new(span)
        .anchored(pipeline.anchor(Some(job), step))
        .along(route.stations())
        .saying(format!("'{subject}' may do everything on {machine}."))
        .about(subject);
    if lasting {
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

/// Whether a label asks for a machine of the project's own: it is there for the next job.
fn is_own_machine(label: &str) -> bool {
    label == "self-hosted" || label.starts_with("pool:")
}

/// The image that a command starts with rights over the host. Emulators are registered
/// that way on every build machine.
fn started(command: &Command) -> Option<String> {
    if !matches!(command.name(), "docker" | "podman" | "nerdctl") {
        return None;
    }
    let run = command.args().iter().position(|w| w.text() == "run")?;
    let words: Vec<&str> = command
        .args()
        .iter()
        .skip(run + 1)
        .map(|w| w.text())
        .collect();
    if !pipeline::is_powerful(&words.join(" ")) {
        return None;
    }
    let image = pipeline::image_of(&words)?;
    let emulator = ["binfmt", "qemu-user-static"]
        .iter()
        .any(|name| image.contains(name));
    (!emulator).then(|| image.to_owned())
}

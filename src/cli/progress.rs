//! A progress line for long scans on a terminal, and stopping on Ctrl-C.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use byway::scan::Progress;

/// How the shell reports a process that an interrupt ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// Sets `progress.stop` on Ctrl-C. Should the scan not notice soon (it may be inside one
/// large file), the process ends anyway; nothing has been written by then, since reports
/// are written when the scan is over, and files appear whole or not at all.
#[expect(clippy::exit, reason = "the main thread may be inside one large file")]
pub(crate) fn stop_on_interrupt(progress: &Arc<Progress>) -> Result<()> {
    let progress = Arc::clone(progress);
    ctrlc::set_handler(move || {
        progress.stop.store(true, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(60));
        std::process::exit(i32::from(INTERRUPTED));
    })
    .context("Ctrl-C can't be caught")
}

/// Runs `work`, showing how many files it has read once it takes longer than a moment.
pub(crate) fn shown<T>(progress: &Progress, quiet: bool, work: impl FnOnce() -> T) -> T {
    if quiet || !io::stderr().is_terminal() {
        return work();
    }
    let (done, waiting) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || show(progress, &waiting));
        let result = work();
        drop(done);
        result
    })
}

fn show(progress: &Progress, waiting: &mpsc::Receiver<()>) {
    const MOMENT: Duration = Duration::from_millis(500);
    const TICK: Duration = Duration::from_millis(100);
    if waiting.recv_timeout(MOMENT) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} scanning: {pos} files, {elapsed}") {
        bar.set_style(style);
    }
    loop {
        bar.set_position(progress.files.load(Ordering::Relaxed));
        bar.tick();
        if waiting.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}

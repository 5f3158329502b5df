//! The one signal that says: finish what you have begun, and begin nothing new.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled by SIGTERM or Ctrl-C; a second signal ends the process at once.
///
/// # Errors
/// Where the process can't listen for signals.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let mut signals = Signals::listen()?;
    let token = shutdown.clone();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping: what runs is finished, a second signal ends at once");
        token.cancel();
        signals.next().await;
        std::process::exit(130);
    });
    Ok(shutdown)
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

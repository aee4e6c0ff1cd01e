//! Runs a child process to its end: its output goes to a sink as it comes, and
//! a time limit or a request to stop reaches its whole process group.

use std::time::Duration;

use futures_util::future::{Either, select};

use crate::host::{Child, ChildEvent, Command, ExitStatus, Host, Signal, StartError, Task};

/// How long a child that was asked to stop is given before it is asked more
/// firmly, and before it is given up. Together they leave time for the job's
/// own last words within the seven seconds that a cancelled job has: the runner
/// sends SIGTERM after 7.5 seconds and kills after 10.
const PATIENCE: [(Signal, Duration); 2] =
    [(Signal::Terminate, Duration::from_millis(2500)), (Signal::Kill, Duration::from_millis(1500))];
/// After SIGKILL only a process stuck in the kernel still holds the pipe.
const LAST_PATIENCE: Duration = Duration::from_millis(1000);

/// How a child came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Exited(ExitStatus),
    /// We stopped it, since it took too long.
    TimedOut,
    /// We stopped it, since we were asked to stop.
    Cancelled(Signal),
}

/// Starts the command and waits for its end.
pub async fn run(
    host: &dyn Host,
    command: &Command,
    timeout: Option<Duration>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<Ended, StartError> {
    let child = host.start(command).await?;
    Ok(follow(host, child, timeout, sink).await)
}

/// Waits for the end of a command that runs already.
pub async fn follow(
    host: &dyn Host,
    mut child: Box<dyn Child>,
    timeout: Option<Duration>,
    sink: &mut dyn FnMut(&[u8]),
) -> Ended {
    let limit: Task<()> = match timeout {
        Some(timeout) => host.sleep(timeout),
        None => Box::pin(std::future::pending()),
    };
    let mut stop = Box::pin(first(host.cancelled(), limit));
    let why = loop {
        match first(child.next(), &mut stop).await {
            Either::Left(ChildEvent::Output(bytes)) => sink(&bytes),
            Either::Left(ChildEvent::Exited(status)) => return Ended::Exited(status),
            Either::Right(why) => break why,
        }
    };
    let (signal, ended) = match why {
        Either::Left(signal) => (signal, Ended::Cancelled(signal)),
        Either::Right(()) => (Signal::Interrupt, Ended::TimedOut),
    };
    let stopping: Task<()> = Box::pin(stop_child(host, child.as_mut(), signal, sink));
    stopping.await;
    ended
}

/// What is ready first; the other is given up.
async fn first<A, B>(one: impl Future<Output = A> + Unpin, other: impl Future<Output = B> + Unpin) -> Either<A, B> {
    match select(one, other).await {
        Either::Left((value, _)) => Either::Left(value),
        Either::Right((value, _)) => Either::Right(value),
    }
}

/// Asks ever more firmly, and goes on reading: what a child says of its own
/// end is worth having.
async fn stop_child(host: &dyn Host, child: &mut dyn Child, first: Signal, sink: &mut dyn FnMut(&[u8])) {
    let mut signal = first;
    for (next, patience) in PATIENCE {
        child.signal(signal);
        if drain(host, child, patience, sink).await {
            // What is left of the group, if the leader alone has ended.
            child.signal(Signal::Kill);
            return;
        }
        signal = next;
    }
    child.signal(signal);
    drain(host, child, LAST_PATIENCE, sink).await;
}

/// Reads until the child has ended (true) or the time is over.
async fn drain(host: &dyn Host, child: &mut dyn Child, time: Duration, sink: &mut dyn FnMut(&[u8])) -> bool {
    let mut over = host.sleep(time);
    loop {
        match first(child.next(), &mut over).await {
            Either::Left(ChildEvent::Output(bytes)) => sink(&bytes),
            Either::Left(ChildEvent::Exited(_)) => return true,
            Either::Right(()) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::{Fake, block_on};

    fn check(fake: &Fake, timeout: Option<Duration>) -> (Result<Ended, StartError>, String) {
        let command = Command {
            program: "tool".to_owned(),
            arguments: vec!["--all".to_owned()],
            directory: ".".to_owned(),
            environment: Default::default(),
        };
        let mut output = Vec::new();
        let ended = block_on(run(fake, &command, timeout, &mut |bytes| output.extend_from_slice(bytes)));
        (ended, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_child_that_ends_by_itself_is_read_to_the_end() {
        let fake = Fake::new().child("tool --all", "said", 3);
        assert_eq!(check(&fake, None), (Ok(Ended::Exited(ExitStatus::Code(3))), "said".to_owned()));
    }

    #[test]
    fn a_child_that_takes_too_long_is_asked_thrice() {
        let fake = Fake::new().hanging_child("tool --all");
        assert_eq!(check(&fake, Some(Duration::from_secs(60))).0, Ok(Ended::TimedOut));
        assert_eq!(fake.signals(), [Signal::Interrupt, Signal::Terminate, Signal::Kill]);
    }

    #[test]
    fn being_cancelled_is_passed_on_and_takes_less_than_seven_seconds() {
        let fake = Fake::new().cancelled_by(Signal::Terminate).hanging_child("tool --all");
        let before = fake.now();
        assert_eq!(check(&fake, None).0, Ok(Ended::Cancelled(Signal::Terminate)));
        assert!((fake.now() - before).num_milliseconds() < 6000);
        assert_eq!(fake.signals(), [Signal::Terminate, Signal::Terminate, Signal::Kill]);
    }

    #[test]
    fn a_program_that_is_not_there_is_said() {
        let fake = Fake::new().no_child("tool --all", StartError::NoProgram);
        assert_eq!(check(&fake, None).0, Err(StartError::NoProgram));
    }
}

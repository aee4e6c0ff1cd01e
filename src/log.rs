//! The runner's log: everything that is printed goes through here, masked,
//! escaped and within the runner's quotas, and what a job's record keeps of it.

use std::cell::RefCell;

use crate::echo::Echo;
use crate::host::Host;
use crate::masks::Masks;
use crate::model::event::{self, DeploymentEvent};
use crate::model::tail::Tail;
use crate::reporters::annotations::{self, Annotation, Level, Writer};
use crate::reporters::matchers;

/// The log of one step.
pub struct Log<'h> {
    host: &'h dyn Host,
    state: RefCell<State>,
}

struct State {
    masks: Masks,
    writer: Writer,
    tail: Tail,
}

impl<'h> Log<'h> {
    /// Nothing printed, nothing masked yet.
    pub fn new(host: &'h dyn Host) -> Self {
        Log { host, state: RefCell::new(State { masks: Masks::new(), writer: Writer::new(), tail: Tail::new() }) }
    }

    /// Lends the masks, for text that is built elsewhere.
    pub fn with_masks<T>(&self, build: impl FnOnce(&Masks) -> T) -> T {
        build(&self.state.borrow().masks)
    }

    /// Has a secret, and what is derived from it, replaced from now on, by the
    /// runner and by us.
    pub fn mask(&self, secret: &str) {
        let told = self.state.borrow_mut().masks.add(secret);
        for value in told {
            self.host.print(&annotations::add_mask(&value));
        }
    }

    /// The text with every secret replaced.
    pub fn masked(&self, text: &str) -> String {
        self.state.borrow().masks.mask_text(text)
    }

    /// Prints a line of our own; nothing in it takes effect.
    pub fn line(&self, text: &str) {
        let state = &mut *self.state.borrow_mut();
        let masked = state.masks.mask_text(text);
        state.tail.push(masked.as_bytes());
        state.tail.push(b"\n");
        self.host.print(&annotations::plain(&masked));
    }

    /// Takes away the problem matchers that other actions left behind, before a
    /// child's output comes.
    pub fn remove_matchers(&self) {
        self.host.print(&matchers::remove());
    }

    /// Starts a group of lines that the reader can fold.
    pub fn group(&self, title: &str) {
        self.host.print(&annotations::group(title, &self.state.borrow().masks));
    }

    /// Ends the group.
    pub fn end_group(&self) {
        self.host.print(&annotations::end_group());
    }

    /// Annotates an event.
    pub fn event(&self, event: &DeploymentEvent) {
        use crate::model::Choice;
        let state = &mut *self.state.borrow_mut();
        let level = match event.level() {
            event::Level::Error => Level::Error,
            event::Level::Warning => Level::Warning,
            event::Level::Notice => Level::Notice,
        };
        let printed = state.writer.event(level, event.event_type.word(), &event.message, &state.masks);
        self.host.print(&printed);
    }

    /// Annotates findings, the most important first, as far as there is room.
    /// To be called once. Gives which of them were annotated.
    pub fn findings(&self, ranked: &[Annotation]) -> Vec<bool> {
        let state = &mut *self.state.borrow_mut();
        let chosen = state.writer.choose(ranked);
        self.host.print(&state.writer.findings(ranked, &state.masks));
        chosen
    }

    /// Prints a child's output from now on; nothing in it takes effect, but its
    /// own masks are honoured.
    pub fn echo(&self) -> Echoing<'_, 'h> {
        let (echo, start) = Echo::start(self.host.random());
        self.host.print(&start);
        Echoing { log: self, echo }
    }

    /// The newest output, masked, as a job's record keeps it.
    pub fn tail(&self) -> String {
        self.state.borrow().tail.text()
    }
}

/// A child's output on its way into the log.
pub struct Echoing<'l, 'h> {
    log: &'l Log<'h>,
    echo: Echo,
}

impl Echoing<'_, '_> {
    /// The next piece, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        let state = &mut *self.log.state.borrow_mut();
        let echoed = self.echo.push(bytes, &mut state.masks, &mut || self.log.host.random());
        self.log.host.print(&echoed.print);
        state.tail.push(&echoed.log);
    }

    /// No more comes: has the runner obey commands again.
    pub fn finish(self) {
        let state = &mut *self.log.state.borrow_mut();
        let echoed = self.echo.finish(&mut state.masks, &mut || self.log.host.random());
        self.log.host.print(&echoed.print);
        state.tail.push(&echoed.log);
    }
}

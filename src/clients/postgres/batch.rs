//! What is sent to a server in one go, and how its answers belong to it.
//!
//! A query is one message and always answered by a ReadyForQuery of its own.
//! Prepared steps are answered one by one, and after one that fails the server
//! passes over everything, queries too, up to the next [`Batch::sync`]
//! (PostgreSQL manual, "Extended Query"): a step guards all that stands behind it.

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use super::message::{Message, ServerError, Status};

/// How many rows of one request are kept.
const MOST_ROWS: usize = 200_000;

/// Requests in the order in which they are sent.
#[derive(Default)]
pub struct Batch {
    bytes: BytesMut,
    requests: Vec<Request>,
    unsendable: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    Query,
    Step,
    Sync,
}

/// What came of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How many statements were completed.
    pub completed: usize,
    /// The tag of the last of them, as `INSERT 0 1`.
    pub tag: String,
    /// Whether one of them ended or began a transaction.
    pub moved_transaction: bool,
    /// The rows, in text, of requests that want them.
    pub rows: Vec<Vec<Option<String>>>,
    /// Why it was not completed.
    pub error: Option<ServerError>,
    /// Whether the server passed over it, since a step in front of it failed.
    pub skipped: bool,
    /// Whether a transaction was open when it was done; None for a step.
    pub status: Option<Status>,
}

impl Batch {
    /// Nothing to send.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Statements, as they are: positions of errors count in exactly this text.
    pub fn query(mut self, text: &str) -> Batch {
        let written = frontend::query(text, &mut self.bytes);
        self.keep(Request::Query, written)
    }

    /// One statement with its parameters, in text; None for NULL.
    pub fn step(mut self, statement: &str, parameters: &[Option<&str>]) -> Batch {
        let bytes = &mut self.bytes;
        let serialize = |parameter: &Option<&str>, bytes: &mut BytesMut| match parameter {
            Some(text) => {
                bytes.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        };
        let written = frontend::parse("", statement, [], bytes)
            .and_then(|()| {
                frontend::bind("", "", [], parameters, serialize, [], bytes).map_err(|error| match error {
                    frontend::BindError::Conversion(error) => std::io::Error::other(error),
                    frontend::BindError::Serialization(error) => error,
                })
            })
            .and_then(|()| frontend::execute("", 0, bytes));
        self.keep(Request::Step, written)
    }

    /// The end of a row of steps: after it the server goes on in any case.
    pub fn sync(mut self) -> Batch {
        frontend::sync(&mut self.bytes);
        self.keep(Request::Sync, Ok(()))
    }

    /// Has the server send what it has to say of the steps so far: it would keep
    /// it until the next query is done, or the next [`Batch::sync`].
    pub fn flush(mut self) -> Batch {
        frontend::flush(&mut self.bytes);
        self
    }

    fn keep(mut self, request: Request, written: std::io::Result<()>) -> Batch {
        if let Err(error) = written {
            self.unsendable.get_or_insert(error.to_string());
        }
        self.requests.push(request);
        self
    }

    /// The bytes; or why they cannot be sent (a text with a zero byte).
    pub fn bytes(&self) -> Result<&[u8], &str> {
        match &self.unsendable {
            Some(reason) => Err(reason),
            None => Ok(&self.bytes),
        }
    }

    /// The answers, to be filled.
    pub fn answers(&self) -> Answers {
        let answers = vec![Answer::default(); self.requests.len()];
        Answers { requests: self.requests.clone(), answers, at: 0 }
    }
}

/// The answers to a batch, as they come.
pub struct Answers {
    requests: Vec<Request>,
    answers: Vec<Answer>,
    at: usize,
}

impl Answers {
    /// Takes the next message. An error says that it does not belong here.
    pub fn take(&mut self, message: Message) -> Result<(), &'static str> {
        let Some(request) = self.requests.get(self.at).copied() else { return Err("an answer that nobody asked for") };
        let answer = &mut self.answers[self.at];
        match message {
            Message::Complete(tag) => {
                answer.completed += 1;
                answer.moved_transaction |=
                    matches!(tag.as_str(), "COMMIT" | "BEGIN" | "START TRANSACTION" | "PREPARE TRANSACTION");
                answer.tag = tag;
                self.at += usize::from(request == Request::Step);
            }
            Message::Empty => {
                answer.completed += 1;
                self.at += usize::from(request == Request::Step);
            }
            Message::Row(row) => {
                if answer.rows.len() >= MOST_ROWS {
                    return Err("more rows than can be kept");
                }
                answer.rows.push(row);
            }
            Message::Error(error) => {
                answer.error = Some(*error);
                if request == Request::Step {
                    self.at += 1;
                    while self.requests.get(self.at).is_some_and(|request| *request != Request::Sync) {
                        self.answers[self.at].skipped = true;
                        self.at += 1;
                    }
                }
            }
            Message::Ready(_) if request == Request::Step => return Err("an end in the middle of a step"),
            Message::Ready(status) => {
                answer.status = Some(status);
                self.at += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// What is answered so far.
    pub fn so_far(&self) -> &[Answer] {
        &self.answers[..self.at]
    }

    /// Whether everything is answered.
    pub fn are_complete(&self) -> bool {
        self.at == self.requests.len()
    }

    /// The answers, one for each request; what was not answered is as empty as it began.
    pub fn finish(self) -> Vec<Answer> {
        self.answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str) -> Message {
        Message::Error(Box::new(ServerError { code: code.to_owned(), ..ServerError::default() }))
    }

    fn done(tag: &str) -> Message {
        Message::Complete(tag.to_owned())
    }

    fn check(batch: &Batch, messages: Vec<Message>) -> Vec<Answer> {
        let mut answers = batch.answers();
        for message in messages {
            assert!(!answers.are_complete());
            answers.take(message).unwrap();
        }
        assert!(answers.are_complete());
        answers.finish()
    }

    #[test]
    fn a_step_that_fails_guards_what_stands_behind_it() {
        let batch = Batch::new().step("insert", &[Some("1"), None]).step("commit", &[]).query("begin").sync();
        let found = check(&batch, vec![Message::Other, error("23505"), Message::Ready(Status::Failed)]);
        assert_eq!(found[0].error.as_ref().unwrap().code, "23505");
        assert!(found[1].skipped && found[2].skipped && !found[3].skipped);
        assert_eq!(found[3].status, Some(Status::Failed));
    }

    #[test]
    fn statements_of_a_query_are_counted() {
        let batch = Batch::new().query("a; b; c").query("d");
        let messages = vec![
            done("CREATE TABLE"),
            Message::Row(vec![None]),
            done("SELECT 1"),
            error("22012"),
            Message::Ready(Status::Failed),
            done("COMMIT"),
            Message::Ready(Status::Idle),
        ];
        let found = check(&batch, messages);
        assert_eq!((found[0].completed, found[0].tag.as_str(), found[0].rows.len()), (2, "SELECT 1", 1));
        assert!(!found[0].moved_transaction && found[1].moved_transaction);
        assert_eq!(found[1].status, Some(Status::Idle));
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        assert!(Batch::new().query("select 1").bytes().is_ok());
        assert!(Batch::new().query("select '\0'").bytes().is_err());
        let mut answers = Batch::new().sync().answers();
        answers.take(Message::Ready(Status::Idle)).unwrap();
        assert!(answers.take(Message::Empty).is_err());
    }
}

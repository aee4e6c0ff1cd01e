//! Joins the stages; decides nothing.

use crate::host::Host;
use crate::problem::Exit;

/// Runs the action, its post stage or a command of the command line.
pub async fn main(host: &dyn Host) -> Exit {
    host.print(b"waybill\n");
    Exit::Success
}

/// What is printed for a defect: one annotation, which asks for a report.
pub fn defect(message: &str) -> Vec<u8> {
    let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    format!("::error title=WB9000::{message}\n").into_bytes()
}

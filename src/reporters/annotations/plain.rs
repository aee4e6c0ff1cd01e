//! Text that must not be taken for a command.

/// The text as lines that the runner takes for text, whatever it holds: a blank
/// is put between the first two colons of a line that begins with them, and
/// into every `##[`. Ends with a line end.
///
/// The runner looks for both with its culture's rules, which skip characters
/// that do not show, and ends a line at CR too. So what stands between is
/// skipped here as well.
pub fn plain(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 8);
    // How much of `::` at the start of the line, and of `##[`, was seen.
    let (mut colons, mut hashes) = (Some(0), 0);
    for c in text.chars() {
        match c {
            '\n' | '\r' => (colons, hashes) = (Some(0), 0),
            ':' => {
                if colons == Some(1) {
                    out.push(' ');
                    colons = None;
                }
                colons = colons.map(|seen| seen + 1);
                hashes = 0;
            }
            '#' => (colons, hashes) = (None, hashes + 1),
            '[' => {
                if hashes >= 2 {
                    out.push(' ');
                }
                (colons, hashes) = (None, 0);
            }
            c if c.is_ascii_graphic() => (colons, hashes) = (None, 0),
            // A blank between would show the runner that it is no command, but
            // a character that does not show would not: nothing is lost by a
            // blank too many.
            _ => {}
        }
        out.push(c);
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.into_bytes()
}

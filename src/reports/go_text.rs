//! What `go vet` and `go build` print, and linters of Go that print the like.

use super::clue::Columns;
use super::lines::{Found, Out, Tool, colon, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path.go:line:column: text` below `# package`, <https://pkg.go.dev/cmd/vet>; also `go vet -json`,
/// which is JSON between such lines.
pub static FORMAT: Format = Format {
    name: "go",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 22),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "go", source: "go", tool: || Box::new(Go::default()) };

#[derive(Default)]
struct Go {
    /// Of `go vet -json`: the analyzer, and the place of the message on the next line.
    analyzer: String,
    place: String,
}

impl Tool for Go {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if line.starts_with("# ") {
            out.close();
            return true;
        }
        if self.json(line.trim(), out) {
            return true;
        }
        if let Some(text) = line.strip_prefix('\t') {
            // What it has and wants, where else it is declared.
            out.more(text);
            return true;
        }
        let line = line.strip_prefix("vet: ").unwrap_or(line);
        let place =
            colon(line).filter(|place| [".go", "go.mod", "go.work"].iter().any(|name| place.path.ends_with(name)));
        let Some((place, text)) = place.and_then(|place| Some((place, place.message()?))) else {
            out.close();
            return false;
        };
        if text.is_empty() || text == "too many errors" || place.path.contains(' ') {
            return false;
        }
        let spot = place.spot(Columns::Bytes);
        out.found(Found { level: Level::Error, message: text.to_owned(), spot, ..Found::default() });
        true
    }
}

impl Go {
    /// `"printf": [`, `"posn": "path:6:2",`, `"message": "text"`, each on a line of its own.
    fn json(&mut self, line: &str, out: &mut Out) -> bool {
        if line.chars().all(|c| "{}[],".contains(c)) {
            return true;
        }
        let Some((key, value)) = line.strip_prefix('"').and_then(|line| line.split_once("\": ")) else { return false };
        let text = serde_json::from_str::<String>(value.trim_end_matches(','));
        match (key, text) {
            ("posn", Ok(place)) => self.place = place,
            ("message", Ok(message)) => {
                let Some(place) = colon(&self.place) else { return false };
                let (rule, spot) = (Some(self.analyzer.clone()), place.spot(Columns::Bytes));
                out.found(Found { level: Level::Error, rule, message, spot, ..Found::default() });
            }
            ("end", Ok(_)) => {}
            (analyzer, Err(_)) if value == "[" => analyzer.clone_into(&mut self.analyzer),
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn packages_and_their_messages() {
        let text = "# example.com/gosvc/broken
vet: broken/broken.go:6:9: cannot use \"x\" as int value
# example.com/gosvc/calc
calc/vet.go:6:2: fmt.Printf format %d has arg of wrong type
./a.go:5: f redeclared in this block
\t./b.go:3:6: other declaration of f
a.go:9:2: too many errors
exit status 1
";
        let found = [
            "error broken/broken.go:6:9 -: cannot use \"x\" as int value",
            "error calc/vet.go:6:2 -: fmt.Printf format %d has arg of wrong type",
            "error ./a.go:5 -: f redeclared in this block\n./b.go:3:6: other declaration of f",
        ];
        check("go", text, &found);
        let json = "# example.com/a
{
\t\"example.com/a\": {
\t\t\"printf\": [
\t\t\t{
\t\t\t\t\"posn\": \"/w/a/vet.go:6:2\",
\t\t\t\t\"message\": \"format %d has \\\"str\\\"\"
\t\t\t}
\t\t]
\t}
}
";
        check("go", json, &["error /w/a/vet.go:6:2 printf: format %d has \"str\""]);
        check_unknown("panic: x\ngoroutine 1 [running]:\n\t/w/a.go:12 +0x1d\n    a_test.go:5: wrong\n");
    }
}

//! What a report says about the place of a failure, before anybody has looked
//! at the checkout. Readers collect clues; `locate` decides.

/// Everything in a report that may tell where a case failed or a finding lies.
/// The message and the details of the case are looked through as well; they
/// need not be repeated in [`Clue::text`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clue {
    /// Places that the report names outright, best first.
    pub spots: Vec<Spot>,
    /// More text in which stack frames may be found: a test's own output. It is looked through
    /// only when the message and the details name no place in the repository.
    pub text: String,
    /// The class, module, package or suite of the case, as the report has it, nearest first:
    /// `com.acme.CalcTest`, `tests.test_calc.TestAdd`, `example.com/svc/calc`, `src/calc.test.js`.
    pub classes: Vec<String>,
    /// What the numbers in the frames of the texts count, for columns.
    pub columns: Columns,
}

/// A place that a report names outright.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spot {
    /// The path or URI as the report has it.
    pub path: String,
    /// A folder or URI that the path is relative to, where the report names one:
    /// SARIF's base, MSBuild's project.
    pub base: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The last line, from 1.
    pub end_line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The column after the last one.
    pub end_column: Option<u32>,
    /// What the columns count.
    pub columns: Columns,
    /// What lies there.
    pub trust: Trust,
}

/// What lies at a [`Spot`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The very thing: a failed assertion, a finding. Beats every frame in the texts.
    #[default]
    Exact,
    /// The definition of the test: taken when no frame lies in the repository.
    /// It also names the test's own file, so that a frame there is known for what it is.
    Definition,
    /// Only the file can be relied on.
    File,
}

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// UTF-16 units: JavaScript, C#, Java, SARIF unless it says otherwise.
    Utf16,
    /// Unicode code points: Python, rustc, most others.
    #[default]
    Points,
    /// UTF-8 bytes: Go, GCC, shellcheck.
    Bytes,
}

impl Spot {
    /// A place of the given trust; a line below 1 counts as none.
    pub fn new(path: impl Into<String>, line: Option<u32>, trust: Trust) -> Self {
        Spot { path: path.into(), line: line.filter(|line| *line > 0), trust, ..Spot::default() }
    }
}

impl Clue {
    /// A clue that is one exact place.
    pub fn at(spot: Spot) -> Self {
        Clue { spots: vec![spot], ..Clue::default() }
    }
}

// What GitHub's runner makes of a step: its commands and its files, read by a
// second implementation, so that what the action writes is judged by rules that
// the action did not write. The rules are those of the runner's own source
// (ActionCommand, ActionCommandManager, IssueCommandExtension, FileCommandManager).

const COMMANDS = new Set([
  ...['error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'add-mask', 'stop-commands', 'echo'],
  ...['add-matcher', 'remove-matcher', 'save-state', 'set-output', 'set-env', 'add-path'],
]);
const LEVELS = ['error', 'warning', 'notice'];

/** How many annotations of a level the runner keeps of one step. */
export const QUOTA = 10;
/** How many characters of an annotation's message it keeps. */
export const MESSAGE_LIMIT = 4096;
/** How large a step's summary may be, in bytes. */
export const SUMMARY_LIMIT = 1024 * 1024;

/** The lines of a stream, as the runner's reader splits it: at LF, at CR LF and at a lone CR too. */
export function linesOf(bytes) {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const decode = (text, escapes) => escapes.reduce((sum, [from, to]) => sum.replaceAll(from, to), text);
const DATA = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const PROPERTY = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
];
const OLD = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
];

function readProperties(text, separator, escapes) {
  const properties = {};
  for (const pair of text.trim().split(separator)) {
    const equals = pair.indexOf('=');
    if (equals < 0 || equals === pair.length - 1) continue;
    properties[pair.slice(0, equals).toLowerCase()] = decode(pair.slice(equals + 1), escapes);
  }
  return properties;
}

function build(head, data, separator, escapes, dataEscapes, known) {
  const space = head.indexOf(' ');
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (!known.has(name)) return undefined;
  const properties = space < 0 ? {} : readProperties(head.slice(space + 1), separator, escapes);
  return { name, properties, data: decode(data, dataEscapes) };
}

/** The command that a line is, in the present form at its start or the old one anywhere; else undefined. */
export function readCommand(line, known = COMMANDS) {
  const text = line.trimStart();
  if (text.startsWith('::')) {
    const end = text.indexOf('::', 2);
    const command = end < 0 ? undefined : build(text.slice(2, end), text.slice(end + 2), ',', PROPERTY, DATA, known);
    if (command) return command;
  }
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  return end < 0 ? undefined : build(line.slice(start + 3, end), line.slice(end + 1), ';', OLD, OLD, known);
}

/** The annotation that the runner keeps of a command: what does not fit together is dropped in silence. */
export function annotationOf({ name, properties, data }) {
  const number = (key) => (/^\d+$/.test(properties[key] ?? '') ? Number(properties[key]) : undefined);
  let [line, endLine, column, endColumn] = ['line', 'endline', 'col', 'endcolumn'].map(number);
  line ??= endLine;
  endLine ??= line;
  column ??= endColumn;
  endColumn ??= column;
  if (line === undefined || endLine < line) [line, endLine, column, endColumn] = [];
  if (line !== endLine || endColumn < column) [column, endColumn] = [];
  const { file, title } = properties;
  const place = { file, line, endLine, column, endColumn, title };
  const known = Object.entries(place).filter(([, value]) => value !== undefined);
  return { level: name, ...Object.fromEntries(known), message: data.slice(0, MESSAGE_LIMIT) };
}

/**
 * Everything that a step printed: `log`, the entries that a person sees (text
 * or a command), `annotations` that are kept and `dropped` that are not,
 * `masks`, `commands`, and the `faults` that make the runner fail the step.
 */
export function readPrinted(bytes) {
  const seen = { log: [], annotations: [], dropped: [], masks: [], commands: [], faults: [] };
  const known = new Set(COMMANDS);
  let token;
  for (const line of linesOf(bytes)) {
    const command = readCommand(line, known);
    if (!command || (token !== undefined && command.name !== token)) {
      seen.log.push({ text: line });
    } else if (token !== undefined) {
      known.delete(token);
      token = undefined;
    } else {
      seen.commands.push(command);
      obey(command, seen);
      if (command.name === 'stop-commands') {
        token = command.data.toLowerCase();
        known.add(token);
      }
    }
  }
  if (token !== undefined) seen.faults.push('commands were stopped and never resumed');
  return seen;
}

function obey(command, seen) {
  const { name, data } = command;
  if (LEVELS.includes(name)) {
    if (data.trim() === '') return;
    const annotation = annotationOf(command);
    const kept = seen.annotations.filter((each) => each.level === name).length < QUOTA;
    (kept ? seen.annotations : seen.dropped).push(annotation);
    seen.log.push({ level: name, text: data, annotation });
  } else if (name === 'add-mask') {
    if (data.trim() === '') seen.faults.push('an empty mask');
    seen.masks.push(
      data,
      ...data
        .split(/\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line && line !== data),
    );
  } else if (name === 'stop-commands') {
    if (data === '' || COMMANDS.has(data.toLowerCase())) seen.faults.push(`${data} cannot stop commands`);
  } else if (name === 'set-env' || name === 'add-path') {
    seen.faults.push(`${name} is disabled`);
  } else if (['group', 'endgroup', 'debug'].includes(name)) {
    seen.log.push({ level: name, text: data });
  }
}

/** The entries of GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV. Throws where the runner fails the step. */
export function readEntries(text) {
  const entries = [];
  let at = 0;
  const next = () => {
    if (at >= text.length) return undefined;
    const end = text.indexOf('\n', at);
    const line = end < 0 ? { text: text.slice(at), ended: false } : { text: text.slice(at, end), ended: true };
    at = end < 0 ? text.length : end + 1;
    return line;
  };
  for (let line = next(); line; line = next()) {
    if (line.text === '') continue;
    const equals = line.text.indexOf('=');
    const heredoc = line.text.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`a line without a name: ${line.text}`);
      entries.push([line.text.slice(0, equals), line.text.slice(equals + 1)]);
    } else if (heredoc > 0 && heredoc + 2 < line.text.length) {
      const delimiter = line.text.slice(heredoc + 2);
      const from = at;
      let to = at;
      for (let value = next(); value?.text !== delimiter; value = next()) {
        if (!value?.ended) throw new Error(`no line ${delimiter} ends the value of ${line.text}`);
        to = at - 1;
      }
      entries.push([line.text.slice(0, heredoc), text.slice(from, to)]);
    } else {
      throw new Error(`neither name=value nor name<<delimiter: ${line.text}`);
    }
  }
  return entries;
}

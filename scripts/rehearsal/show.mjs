// A step as a person would see it: the log with its commands rendered, lists,
// and the summary's Markdown as text.

import { stripVTControlCharacters } from 'node:util';

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const faint = paint(2);
const LEVELS = {
  error: ['Error', paint(31)],
  warning: ['Warning', paint(33)],
  notice: ['Notice', paint(36)],
};

/** `file:line:column`, as far as it is known. */
export const placeOf = ({ file, line, column }) => [file, line, column].filter(Boolean).join(':');

/** What a terminal shows of it: without the colours and movements that it came with, unless it is a terminal. */
const shown = (text) => (colours ? text : stripVTControlCharacters(text));

/** An annotation in one line or more. */
export function annotationLine(annotation) {
  const [word, colour] = LEVELS[annotation.level];
  const place = placeOf(annotation);
  const title = annotation.title ? faint(` [${annotation.title}]`) : '';
  // A problem of the configuration says itself where it is.
  const where = place && !annotation.message.startsWith(place) ? `${bold(place)} ` : '';
  return `${colour(`${word}:`)} ${where}${annotation.message}${title}`;
}

/** The entries of a log as a runner shows them: commands are rendered, what debugging is for is not shown. */
export function logLines(entries) {
  const lines = [];
  let indent = '';
  for (const { level, text, annotation } of entries) {
    if (level === 'group') {
      lines.push(bold(`> ${text}`));
      indent = '  ';
    } else if (level === 'endgroup') {
      indent = '';
    } else if (annotation) {
      lines.push(
        ...annotationLine(annotation)
          .split('\n')
          .map((line) => indent + line),
      );
    } else if (level !== 'debug') {
      lines.push(indent + shown(text));
    }
  }
  return lines;
}

/** A table of texts, aligned; numbers to the right where `align` says so. */
export function tableLines(rows, align = []) {
  const width = (at) => Math.max(...rows.map((row) => [...row[at]].length));
  const cell = (text, at) => {
    const blanks = ' '.repeat(width(at) - [...text].length);
    return align[at] === 'right' ? blanks + text : text + blanks;
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

function decode(text) {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function inline(tokens = []) {
  return tokens
    .map((token) => {
      if (token.type === 'html') return '';
      if (token.type === 'br') return '\n';
      if (token.type === 'image') return token.text;
      return token.tokens ? inline(token.tokens) : decode(token.text ?? '');
    })
    .join('');
}

function block(token) {
  switch (token.type) {
    case 'heading':
      return [bold(inline(token.tokens)), ''];
    case 'paragraph':
      return [...inline(token.tokens).split('\n'), ''];
    case 'text':
      return [token.tokens ? inline(token.tokens) : decode(token.text)];
    case 'code':
      return [...token.text.split('\n').map((line) => `    ${line}`), ''];
    case 'blockquote':
      return [...blocks(token.tokens).map((line) => `| ${line}`), ''];
    case 'list':
      return [
        ...token.items.flatMap((item) => blocks(item.tokens).map((line, at) => (at ? `  ${line}` : `- ${line}`))),
        '',
      ];
    case 'table': {
      const rows = [token.header, ...token.rows].map((row) => row.map((cell) => inline(cell.tokens)));
      return [...tableLines(rows, token.align), ''];
    }
    case 'html':
      return decode(token.text.replace(/<!--[\s\S]*?-->|<[^>]*>/g, ''))
        .split('\n')
        .filter((line) => line.trim());
    default:
      return [];
  }
}

const blocks = (tokens) => tokens.flatMap(block);

/** Markdown as text; `marked` is the parser, without which it is shown as it is. */
export function markdownLines(markdown, marked) {
  if (!marked) return markdown.split('\n');
  const lines = blocks(marked.lexer(markdown));
  return lines.filter((line, at) => line !== '' || lines[at - 1] !== '');
}

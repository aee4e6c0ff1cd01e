// Report files and judgements that the tests share.

import assert from 'node:assert/strict';
import { marked } from 'marked';

/** A SARIF log of one tool with these results: `{level, rule, message, file, line, column?}`. */
export function sarif(...results) {
  const result = ({ level, rule, message, file, line, column }) => ({
    ruleId: rule,
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file },
          region: { startLine: line, ...(column ? { startColumn: column } : {}) },
        },
      },
    ],
  });
  const driver = { name: 'a linter', rules: [] };
  const log = { version: '2.1.0', runs: [{ tool: { driver }, results: results.map(result) }] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const escaped = (text) => String(text).replace(/[&<>"\n\r]/g, (character) => `&#${character.codePointAt(0)};`);

/** A JUnit report of one suite with these cases: `{name, seconds?, failure?, details?, skipped?, file?, line?}`. */
export function junit(...cases) {
  const one = ({ name, seconds = 0.01, failure, details = '', skipped, file, line }) => {
    const place = [file && ` file="${escaped(file)}"`, line && ` line="${line}"`].filter(Boolean).join('');
    const head = `    <testcase classname="shop" name="${escaped(name)}" time="${seconds}"${place}`;
    if (failure) {
      return `${head}>\n      <failure message="${escaped(failure)}">${escaped(details)}</failure>\n    </testcase>`;
    }
    return skipped ? `${head}><skipped/></testcase>` : `${head}/>`;
  };
  const failures = cases.filter((each) => each.failure).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="shop" tests="${cases.length}" failures="${failures}">`,
    ...cases.map(one),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** Source files whose lines the reports point at. */
export const SOURCES = {
  'src/cart.js': Array.from({ length: 30 }, (_, line) => `// line ${line + 1}\n`).join(''),
  'test/cart.test.js': Array.from({ length: 30 }, (_, line) => `// line ${line + 1}\n`).join(''),
};

/**
 * A program that stands for a linter or a test runner: it prints lines, copies
 * a prepared report, and ends with a status. `node tool.mjs <status> <report> <lines...>`.
 */
export const TOOL = `import { copyFileSync, mkdirSync } from 'node:fs';
const [status, report, ...lines] = process.argv.slice(2);
for (const line of lines) console.log(line);
if (report !== '-') {
  mkdirSync('reports', { recursive: true });
  copyFileSync(report, \`reports/\${report}\`);
}
process.exitCode = Number(status);
`;

/** Rendered as GitHub would, the Markdown runs nothing, loads nothing, mentions nobody and hides nothing. */
export function assertHarmless(markdown) {
  const html = marked.parse(markdown);
  // What is in code is text to GitHub.
  const prose = html.replace(/<(pre|code)\b[\s\S]*?<\/\1>/g, '');
  assert.doesNotMatch(html, /<(script|img|iframe|style)\b/i);
  assert.doesNotMatch(prose, /@octocat/);
  assert.equal(html.split('<details').length, html.split('</details>').length, html);
}

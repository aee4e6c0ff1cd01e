// Reports as real tools write them, of any size, the same every time.

const AREAS = ['orders', 'billing', 'catalogue', 'search', 'shipping'];
const CASES = 200;

/**
 * A JUnit file of so many cases, about 270 bytes each: of fifty cases one fails
 * with a trace, one is skipped, and two have output of their own.
 */
export function junit(cases) {
  const parts = [`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="all" tests="${cases}">\n`];
  for (let suite = 0; suite * CASES < cases; suite += 1) {
    const area = AREAS[suite % AREAS.length];
    const file = `packages/${area}/test/service_${suite}.test.js`;
    const tests = Math.min(CASES, cases - suite * CASES);
    const counts = `tests="${tests}" failures="${Math.ceil((tests - 7) / 50)}" errors="0" skipped="${Math.ceil((tests - 9) / 50)}"`;
    parts.push(`  <testsuite name="${area} service ${suite}" ${counts} time="2.5" file="${file}">\n`);
    for (let at = 0; at < tests; at += 1) parts.push(junitCase(area, suite, file, at));
    parts.push('  </testsuite>\n');
  }
  parts.push('</testsuites>\n');
  return parts.join('');
}

function junitCase(area, suite, file, at) {
  const name = `accepts request ${at} with a voucher and ${at % 7} items, then answers in time`;
  const place = `file="${file}" line="${at * 12 + 3}"`;
  const open = `    <testcase classname="${area}.service.Service${suite}Test" name="${name}" ${place} time="${((at % 90) / 1000).toFixed(3)}"`;
  if (at % 50 === 7) {
    const trace = [
      `AssertionError: expected ${at} to equal ${at + 1}`,
      `    at Context.&lt;anonymous&gt; (${file}:${at * 12 + 5}:14)`,
      '    at process.processImmediate (node:internal/timers:491:21)',
      '    at runTest (node_modules/runner/lib/run.js:71:9)',
    ];
    const failure = `<failure message="expected ${at} to equal ${at + 1}" type="AssertionError">${trace.join('\n')}</failure>`;
    return `${open}>\n      ${failure}\n    </testcase>\n`;
  }
  if (at % 50 === 9) return `${open}>\n      <skipped message="not on this platform"/>\n    </testcase>\n`;
  if (at % 25 === 3) {
    const output = '2026-01-02 03:04:05 INFO request served in 12 ms\n'.repeat(25);
    return `${open}>\n      <system-out>${output}</system-out>\n    </testcase>\n`;
  }
  return `${open}/>\n`;
}

/** A SARIF file of so many results, indented as most writers do, with its rules. */
export function sarif(results) {
  const rules = Array.from({ length: 60 }, (_, at) => ({
    id: `rule-${at}`,
    shortDescription: { text: `Rule ${at}` },
    help: { text: 'Do it otherwise. '.repeat(40) },
    defaultConfiguration: { level: ['error', 'warning', 'note'][at % 3] },
  }));
  const result = (at) => ({
    ruleId: `rule-${at % 60}`,
    ruleIndex: at % 60,
    message: { text: `The value ${at} is never read; remove it, or use it.` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `packages/${AREAS[at % 5]}/src/module_${at % 500}.js`, uriBaseId: '%SRCROOT%' },
          region: { startLine: (at % 900) + 1, startColumn: 5, endLine: (at % 900) + 1, endColumn: 17 },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${at.toString(16).padStart(16, '0')}:1` },
  });
  const run = { tool: { driver: { name: 'linter', rules } }, results: Array.from({ length: results }, (_, at) => result(at)) };
  return JSON.stringify({ version: '2.1.0', runs: [run] }, null, 2);
}

/** ESLint's JSON of so many megabytes: as ESLint does, it carries the source of each file with findings. */
export function eslint(megabytes) {
  const source = 'const value = compute(input, options); // of no use to anybody\n'.repeat(300);
  const message = (at) => ({
    ruleId: 'no-unused-vars',
    severity: (at % 2) + 1,
    message: `'value${at}' is assigned a value but never used.`,
    line: at + 1,
    column: 7,
    nodeType: 'Identifier',
    messageId: 'unusedVar',
    endLine: at + 1,
    endColumn: 12,
  });
  const files = [];
  for (let size = 0; size < megabytes * 1e6; ) {
    const messages = Array.from({ length: 20 }, (_, at) => message(at));
    const file = JSON.stringify({
      filePath: `/home/runner/work/widgets/widgets/packages/${AREAS[files.length % 5]}/src/module_${files.length}.js`,
      messages,
      suppressedMessages: [],
      errorCount: 10,
      fatalErrorCount: 0,
      warningCount: 10,
      fixableErrorCount: 0,
      fixableWarningCount: 0,
      source,
      usedDeprecatedRules: [],
    });
    size += file.length + 1;
    files.push(file);
  }
  return `[${files.join(',')}]\n`;
}

/**
 * Bugs that somebody might plant, one each: exactly this text, which occurs once, becomes that text.
 * Each is found by the simulation, or by the one test that is named; what finds none is a hole in
 * the tests, and what does not apply any more is out of date.
 */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A test file; without one the simulation has to find it. */
  readonly test?: string;
}

const incident = (name: string) => `src/incident/${name}.ts`;

export const MUTANTS: readonly Mutant[] = [
  {
    bug: 'a message is marked as sent before it is sent',
    file: 'src/outbox/attempt.ts',
    from: '  return ask(id, parts, (line) => send(message, options, line));\n}',
    to: "  return { outcome: 'accepted', reference: null };\n}",
  },
  {
    bug: 'a page leaves before it is stored',
    file: 'src/pipeline.ts',
    from: '    const recorded = hasRows(change)',
    to: '    parts.courier.take(change.notifications);\n    const recorded = hasRows(change)',
  },
  {
    bug: 'receipts are not stored',
    file: 'src/pipeline.ts',
    from: '    change.notifications,\n    change.silences,',
    to: '    change.silences,',
  },
  {
    bug: 'nothing makes up for what a broken disk has missed',
    file: 'src/pipeline.ts',
    from: '    const outcome = await store.snapshot(board);\n    catchingUp = undefined;',
    to: "    const outcome = 'stored';\n    catchingUp = undefined;",
  },
  {
    bug: 'a hung disk holds pages for ever',
    file: 'src/pipeline.ts',
    from: 'const COMMIT_PATIENCE_MS = 250;',
    to: 'const COMMIT_PATIENCE_MS = 1e9;',
    test: 'test/pipeline.test.ts',
  },
  {
    bug: 'an acknowledgement is forgotten at a restart',
    file: incident('return'),
    from: "const isAckOver = incident.state === 'acknowledged' && isPast(draft, ackExpiresAt);",
    to: "const isAckOver = incident.state === 'acknowledged';",
  },
  {
    bug: 'what was due when the daemon died counts as not sent',
    file: incident('return'),
    from: '  doubtWhatMayHaveLeft(draft, savedAt);\n',
    to: '',
  },
  {
    bug: 'deadlines do not move with a clock that was set back',
    file: incident('return'),
    from: 'if (savedAt > draft.now) stepped',
    to: 'if (savedAt > Infinity) stepped',
    test: 'test/incident/delivery.test.ts',
  },
  {
    bug: 'looks count for nothing after a clock was set back',
    file: incident('apply'),
    from: 'const isMissing = unseenMs < 0 || unseenMs >',
    to: 'const isMissing = unseenMs >',
    test: 'test/incident/board.test.ts',
  },
  {
    bug: 'pages that wait are sent after an acknowledgement',
    file: incident('acknowledgement'),
    from: "  withholdPages(draft, id, 'acknowledged');\n",
    to: '',
  },
  {
    bug: 'paging goes on after an acknowledgement',
    file: incident('acknowledgement'),
    from: '    stepDueAt: null,\n',
    to: '',
  },
  {
    bug: 'an acknowledgement expires at once',
    file: incident('decide'),
    from: "if (incident.state === 'acknowledged' && isDue(ackExpiresAt)) {",
    to: "if (incident.state === 'acknowledged') {",
  },
  {
    bug: 'nobody hears that it is over',
    file: incident('recovery'),
    from: "  tell(draft, id, 'resolved', 'resolved', whoWasPaged(draft, id), remark);\n",
    to: '',
  },
  {
    bug: 'it is over as soon as one of many has recovered',
    file: incident('recovery'),
    from: '  if (down === 0) endOrHold(draft, incident);',
    to: '  if (down >= 0) endOrHold(draft, incident);',
  },
  {
    bug: 'a second spell uses the keys of the first: its pages are not made',
    file: incident('escalation'),
    from: 'spell: incident.spell + 1, round: 0',
    to: 'spell: incident.spell, round: 0',
    test: 'test/incident/lifecycle.test.ts',
  },
  {
    bug: 'that it is over is told after it has begun again',
    file: incident('escalation'),
    from: '  withholdOldNews(draft, id);\n',
    to: '',
  },
  {
    bug: 'a refusal is taken for an acceptance',
    file: incident('delivery'),
    from: "no: { state: 'failed', dueAt: null },",
    to: "no: { state: 'accepted', dueAt: null },",
    test: 'test/incident/delivery.test.ts',
  },
  {
    bug: 'a refused page is not sent by another way',
    file: incident('delivery'),
    from: 'isTroubled(receipt))) failOver(draft, after);',
    to: 'isTroubled(receipt))) return;',
    test: 'test/incident/delivery.test.ts',
  },
  {
    bug: 'what is unclear is not tried again',
    file: incident('delivery'),
    from: '        dueAt: isEnough ? null : retryAt,',
    to: '        dueAt: null,',
  },
  {
    bug: 'messages overtake each other',
    file: 'src/outbox/courier.ts',
    from: '!== item || isHeldUp(item)) return;',
    to: '!== item) return;',
  },
  {
    bug: 'a message that may have been taken is not looked for first',
    file: 'src/outbox/attempt.ts',
    from: '  if (doubtful && find) {',
    to: '  if (!doubtful && find) {',
    test: 'test/outbox/courier.test.ts',
  },
  {
    bug: 'one failure is enough',
    file: 'src/judge/count.ts',
    from: 'failures(window) >= rule.fail)',
    to: 'failures(window) >= 1)',
  },
  {
    bug: 'what we cannot see is down',
    file: 'src/judge/witness.ts',
    from: '  return concerned > 0;',
    to: '  return concerned > 9;',
  },
  {
    bug: 'a probe that never ends is waited for',
    file: 'src/sight.ts',
    from: '        reject(new ProbeHung());\n',
    to: '',
  },
  {
    bug: 'a check is looked at once, and never again',
    file: 'src/schedule/scheduler.ts',
    from: '    heap.place(entry, nextDue(check, on, now));\n    entry.confirming = false;',
    to: '    heap.remove(entry);\n    entry.confirming = false;',
  },
  {
    bug: 'words are heard, and their cursor is not kept',
    file: incident('decide'),
    from: '      draft.putCursor({ channel: input.channel, value: input.cursor });\n',
    to: '',
  },
  {
    bug: 'the wall clock instead of the monotonic one',
    file: 'src/system/clock.ts',
    from: 'Math.floor(origin + monotonic());',
    to: 'Math.floor(wall());',
    test: 'test/system/clock.test.ts',
  },
  {
    bug: 'a transaction is dropped, and said to be stored',
    file: 'src/store/journal.ts',
    from: '        tables.write(change);\n',
    to: '        if (change.seq % 2 === 0) tables.write(change);\n',
    test: 'test/store/contract.test.ts',
  },
  {
    bug: 'Changes of a group are written one by one, and kept by halves',
    file: 'src/store/journal.ts',
    from: '      tables.begin();\n',
    to: '',
    test: 'test/store/journal.test.ts',
  },
  {
    bug: 'a daemon that was fenced goes on writing',
    file: 'src/store/journal.ts',
    from: "        if (change.epoch < epoch) return 'fenced';\n",
    to: '',
    test: 'test/store/contract.test.ts',
  },
  {
    bug: 'a snapshot of which a part is missing counts as whole',
    file: 'src/store/journal.ts',
    from: "    if (parts.length !== partsSent) return 'failed';\n",
    to: '',
    test: 'test/store/journal.test.ts',
  },
  {
    bug: 'what waits in one bundle is lost when that goes into another',
    file: incident('bundle'),
    from: 'one.about.length === 0 ? [...draft.notificationsIn(one.key)] : []',
    to: '[]',
    test: 'test/incident/bundles.test.ts',
  },
  {
    bug: 'a bundle leaves though all that it says has ended',
    file: incident('pacing'),
    from: '  holdUntrue(draft);\n',
    to: '',
    test: 'test/incident/bundles.test.ts',
  },
  {
    bug: 'whoever may have read a page before a crash is not told how it ended meanwhile',
    file: incident('return'),
    from: '    tellEnds(draft, notification);\n',
    to: '',
    test: 'test/incident/bundles.test.ts',
  },
  {
    bug: 'a drill never ends',
    file: incident('decide'),
    from: '  for (const id of drills) takeDrillDue(draft, id);\n',
    to: '',
  },
];

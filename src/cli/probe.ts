/** `tocsin probe CHECK`: one look, now, from here; each expectation with what was seen. */
import { nearest } from '../config/suggest.ts';
import type { Verdict } from '../judge/verdict.ts';
import { lookOnce } from './_look.ts';
import { readConfig } from './_settings.ts';
import { show, table, type AddCommand, type CommonOptions } from './terminal.ts';

export const addProbe: AddCommand = (program, terminal, end) => {
  program
    .command('probe')
    .argument('<check>', "a check's id")
    .description('look once: exit 0 if it is up, 1 if not')
    .option('--json', 'as JSON')
    .action(async (id: string, options: CommonOptions) => {
      const config = await readConfig(options.config, terminal);
      if (config === null) {
        end(2);
        return;
      }
      const check = config.checks.get(id);
      if (!check) {
        const like = nearest(id, [...config.checks.keys()]);
        terminal.err(`no check "${id}"${like === null ? '' : `: did you mean "${like}"?`}`);
        end(2);
        return;
      }
      if (check.heartbeat) {
        terminal.err(`${id} is a heartbeat: its job reports, there is nothing to look at`);
        end(2);
        return;
      }
      const verdict = await lookOnce(check, config);
      show(verdict, options, terminal, () => lines(verdict));
      end(verdict.status === 'down' || verdict.status === 'unknown' ? 1 : 0);
    });
};

function lines({ status, findings, tookMs }: Verdict): readonly string[] {
  const rows = findings.map(({ met, level, expectation, expected, seen, reason, isJudged }) => {
    const judged = met ? 'ok' : level === 'warn' ? 'WARN' : 'FAIL';
    const mark = isJudged === false ? '--' : judged;
    return [mark, expectation, expected, seen, met ? '' : reason];
  });
  const columns = ['', 'expectation', 'expected', 'seen', 'reason'];
  return [`${status}  in ${String(Math.round(tookMs))} ms`, ...table(columns, rows)];
}

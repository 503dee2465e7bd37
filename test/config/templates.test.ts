/** `templates:` names a folder: what is in it is used, and what is wrong with it is told in its place. */
import { describe, expect, it } from 'vitest';
import { resolve } from 'node:path';
import { parseKept } from '../../src/config/disk.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { registries } from '../../src/loading/registries.ts';
import { DEFAULTS, SHIPPED } from '../message/templates.ts';
import { ENV, loadFiles, valid } from './fixture.ts';

const CHECKS = 'version: 1\ntemplates: ./words\nchecks: { shop: { http: https://example.com/ } }\n';
const SMS = SHIPPED.sms.replace('Reply {{code}} = ack', 'Answer {{code}}');

async function problemsWith(files: Readonly<Record<string, string>>): Promise<string[]> {
  const loaded = await loadFiles({ 'checks.yml': CHECKS, ...files });
  if ('config' in loaded) return [];
  return loaded.problems.map((problem) =>
    formatProblem(problem).replace(/^\S*?tocsin-config-\w+\//, ''),
  );
}

describe('the folder of templates', () => {
  it('has any of them; the others are those that ship', async () => {
    const { templates } = valid(
      await loadFiles({ 'checks.yml': CHECKS, 'words/sms.mustache': SMS, 'words/README.md': 'x' }),
    );
    expect(templates.sms.text).toBe(SMS);
    expect(templates.chat).toEqual(DEFAULTS.chat);
  });

  it('is named by an included file, relative to that', async () => {
    const { templates } = valid(
      await loadFiles({
        'checks.yml': 'version: 1\ninclude: [conf.d/*.yml]\n',
        'conf.d/words.yml': 'templates: ../words\n',
        'words/sms.mustache': SMS,
      }),
    );
    expect(templates.sms.text).toBe(SMS);
  });

  it('is told what is wrong, with its line and what was meant', async () => {
    const sms = SMS.replace('{{headline}}', '{{hedline}}').replace('{{#words}}', '{{#word}}');
    expect(
      await problemsWith({ 'words/sms.mustache': sms, 'words/voice.mustache': 'x {{' }),
    ).toEqual([
      'words/sms.mustache:6:1 unknown variable "word": did you mean "words"?',
      'words/sms.mustache:8:1 {{/words}} closes nothing: write {{/word}} before it',
      'words/voice.mustache:1:3 this {{ is never closed',
    ]);
  });

  it('that is not there, or has nothing, is a mistake at the line that names it', async () => {
    const text =
      '2:12 templates: there is no folder with any of headline.mustache, details.mustache, story.mustache, ' +
      'sms.mustache, chat.mustache, mail-subject.mustache, mail-text.mustache, ' +
      'mail-html.mustache, voice.mustache';
    expect(await problemsWith({})).toEqual([`checks.yml:${text}`]);
    expect(await problemsWith({ 'words/sms.txt': SMS })).toEqual([`checks.yml:${text}`]);
  });

  it('has no template of another name', async () => {
    expect(await problemsWith({ 'words/smss.mustache': SMS })).toEqual([
      'words/smss.mustache: no message has a template "smss": did you mean "sms"?',
    ]);
  });

  it('has texts', async () => {
    const loaded = await loadFiles({
      'checks.yml': CHECKS,
      'words/sms.mustache': Buffer.from([0x41, 0xff]),
    });
    expect('problems' in loaded && loaded.problems[0]?.text).toMatch(/UTF-8/);
  });
});

describe('what was kept of a good configuration', () => {
  const loadKept = (original: string) => {
    const kept = parseKept(original) ?? undefined;
    return loadConfig({ file: kept?.file ?? '', env: ENV, kept, ...registries });
  };

  it('has its templates, whatever became of the folder', async () => {
    const loaded = await loadFiles({ 'checks.yml': CHECKS, 'words/sms.mustache': SMS });
    const { original } = loaded as { original: string };
    expect(valid(await loadKept(original)).templates.sms.text).toBe(SMS);
  });

  it('pages in the words that ship where its own do not fit this Tocsin', async () => {
    const loaded = await loadFiles({ 'checks.yml': CHECKS, 'words/sms.mustache': SMS });
    const { original } = loaded as { original: string };
    const older = original.replaceAll('{{headline}}', '{{a_word_of_yore}}');
    expect(older).not.toBe(original);
    expect(valid(await loadKept(older)).templates.sms.text).toBe(SHIPPED.sms);
  });

  it('has the templates that shipped with it, should those of today be broken', async () => {
    const loaded = await loadFiles({ 'checks.yml': 'version: 1\n' });
    const { original } = loaded as { original: string };
    const kept = parseKept(original) ?? undefined;
    const folder = resolve('test/fixtures/templates/');
    const moved = JSON.parse(
      JSON.stringify(kept).replaceAll(registries.templates.folder, `${folder}/`),
    ) as typeof kept;
    const templates = { ...registries.templates, folder: `${folder}/` };
    const request = { file: kept?.file ?? '', env: ENV, ...registries, templates };
    expect(await loadConfig(request)).toHaveProperty('problems');
    expect(valid(await loadConfig({ ...request, kept: moved })).templates).toEqual(DEFAULTS);
  });
});

/** Channels that are made to wake somebody: pages by them, all else another way. */
import { describe, expect, test } from 'vitest';
import type { ChannelConfig } from '../../src/config/config.ts';
import { configOf, escalationCalled, MINUTE, Story } from './story.ts';

const VOICE: ChannelConfig = {
  id: 'voice',
  type: 'twilio-voice',
  address: 'sms',
  answerable: false,
  pagesOnly: true,
  proof: 'receipt',
  options: {},
};

/** Ana and Ben are rung up, Ana gets an SMS as well if `by` says so. */
function rungUp(without: readonly string[] = [], by = ['voice']): Story {
  const steps = [{ afterMs: 0, page: ['ana', 'ben'], by }];
  const config = configOf({ escalations: [escalationCalled('on-call', { steps })] });
  const channels = [...config.channels].filter(([id]) => !without.includes(id));
  const story = new Story({ ...config, channels: new Map([...channels, ['voice', VOICE]]) });
  story.down('shop');
  story.deliver();
  return story;
}

test('nobody is rung up to hear that another has it', () => {
  const story = rungUp();
  story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
  expect(story.outgoing()).toEqual(['post all by lifeline: acknowledged']);
});

test('whoever was rung up is told of the end by SMS', () => {
  const story = rungUp();
  story.up('shop');
  expect(story.outgoing()).toEqual([
    'resolved ana by sms: resolved',
    'resolved ben by sms: resolved',
    'post all by lifeline: resolved',
  ]);
});

test('and by mail where there is no SMS', () => {
  const story = rungUp(['sms']);
  story.up('shop');
  expect(story.outgoing()).toEqual([
    'resolved ana by email: resolved',
    'post all by lifeline: resolved',
  ]);
});

test('and once by whoever got an SMS as well', () => {
  const story = rungUp([], ['voice', 'sms']);
  story.up('shop');
  expect(story.outgoing().filter((line) => line.includes('ana'))).toEqual([
    'resolved ana by sms: resolved',
  ]);
});

test('a call that was answered is no proof: another way is taken after `failover`', () => {
  const story = rungUp();
  story.after(MINUTE);
  expect(story.due()).toContain('failed over');
  expect(story.outgoing()).toContain('page ana by sms: opened');
});

describe('a key that was pressed', () => {
  const press = (story: Story, verb: 'ACK' | 'ESC', reference: string) =>
    story.take({
      ...{ type: 'heard', channel: 'voice', responder: 'ana', sentAt: story.now, reference },
      text: `${verb} ${story.incident().code}`,
    });

  test('is answered in writing, not by another call, and once however often it comes', () => {
    const story = rungUp();
    press(story, 'ACK', 'CA1.4');
    expect(story.incident().acknowledgedBy).toBe('ana');
    expect(story.outgoing()).toContain('update ana by sms: answer');
    expect(story.outgoing().filter((line) => line.includes('by voice'))).toEqual([]);
    expect(press(story, 'ACK', 'CA1.4')).toEqual(['heard already']);
  });

  test('to escalate does so once, also when it comes again', () => {
    const story = rungUp();
    expect(press(story, 'ESC', 'CA1.6')).toContain('answered');
    const pages = () => story.outgoing().filter((line) => line.startsWith('page '));
    const before = pages();
    expect(press(story, 'ESC', 'CA1.6')).toEqual(['heard already']);
    expect(pages()).toEqual(before);
  });

  test('is answered by mail where there is no SMS, and by nothing where there is neither', () => {
    const mailed = rungUp(['sms']);
    press(mailed, 'ACK', 'CA1.4');
    expect(mailed.outgoing()).toContain('update ana by email: answer');
    const rung = rungUp(['sms', 'email']);
    press(rung, 'ACK', 'CA1.4');
    expect(rung.incident().acknowledgedBy).toBe('ana');
    expect(rung.outgoing().filter((line) => line.startsWith('update'))).toEqual([]);
  });

  test('is the proof: no other way is taken', () => {
    const story = rungUp();
    for (const { channel, key } of [...story.board.notifications.values()]) {
      if (channel !== 'voice') continue;
      const proof = { outcome: 'delivered', reference: 'CA1' } as const;
      story.take({ type: 'receipt', key, retryAt: null, ...proof, isLate: true });
    }
    story.after(MINUTE);
    expect(story.due()).not.toContain('failed over');
  });
});

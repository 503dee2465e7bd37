/** Channels that are made to wake somebody: pages by them, all else another way. */
import { expect, test } from 'vitest';
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

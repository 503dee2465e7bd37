/**
 * Who a check of type http says it is: a user and a password, or a token. They go into one header,
 * and what the target sends back of them is blotted out wherever it would be shown.
 */
import { z } from 'zod';
import { secretText } from '../system/values.ts';

/** RFC 7617: the colon ends the user, and control characters are in neither. */
const NO_USER = /[:\p{Cc}]/u;
const NO_PASSWORD = /\p{Cc}/u;
/** RFC 6750 allows less, and some issue more. */
const TOKEN = /^[\x21-\x7e]+$/;
/** Shorter ones are words, and blotting them out would hide nothing. */
const MIN_SECRET_LENGTH = 4;

export const authKeys = {
  basic: z
    .strictObject({
      user: z
        .string({ error: () => 'expected text: put it in quotes' })
        .refine((user) => !NO_USER.test(user), 'a user has no colon and no control characters'),
      password: secretText().refine(
        (password) => !NO_PASSWORD.test(password),
        'a password has no control characters',
      ),
    })
    .optional()
    .describe('Sent as authorization: Basic …, to the origin of the URL only'),
  bearer: secretText()
    .superRefine((token, { issues }) => {
      if (TOKEN.test(token)) return;
      const message = /^bearer\s/i.test(token)
        ? 'expected the token alone, without "Bearer"'
        : 'a token has no blanks, line breaks or letters beyond ASCII';
      issues.push({ code: 'custom', input: undefined, message });
    })
    .optional()
    .describe('Sent as authorization: Bearer …, to the origin of the URL only'),
};

interface Auth {
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly bearer?: string | undefined;
}

/** null: nothing was said. */
export function authorizationOf({ basic, bearer }: Auth): string | null {
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (basic === undefined) return null;
  return `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`;
}

/** What no part of an answer may be shown with. */
export function secretsIn({ basic }: Auth, headers: Readonly<Record<string, string>>): string[] {
  const { authorization = '', cookie = '' } = headers;
  const secrets = [basic?.password ?? '', authorization.replace(/^\S+\s+/, '')];
  for (const pair of cookie.split(';')) secrets.push(pair.slice(pair.indexOf('=') + 1).trim());
  return secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
}

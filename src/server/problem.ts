/**
 * Every error of the HTTP listeners, as RFC 9457 has it. `title` says what is wrong in words that a
 * command line can print; `detail` says what to do about it. Neither repeats a credential.
 */

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** One a line, where several things are wrong at once. */
  readonly problems?: readonly string[];
}

export function problem(wrong: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const type = `urn:tocsin:problem:${wrong.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return new Response(`${JSON.stringify({ type, ...wrong })}\n`, {
    status: wrong.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

export function invalid(problems: readonly string[]): Response {
  return problem({
    status: 400,
    title: 'invalid request',
    detail: problems.join('; '),
    problems,
  });
}

export const MAX_BODY_BYTES = 64 * 1024;

/** What is left of the body is not waited for: the connection ends with this answer. */
export function tooLarge(maxBytes = MAX_BODY_BYTES): Response {
  return problem(
    { status: 413, title: 'too large', detail: `A body has at most ${maxBytes} bytes.` },
    { connection: 'close' },
  );
}

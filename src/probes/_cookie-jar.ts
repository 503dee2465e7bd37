/**
 * Cookies for as long as one look: what an origin sets goes back to that origin, and to nobody else.
 * Stricter than a browser, on purpose: Domain and Path are not heeded, so that nothing that a target
 * says can send what it was given anywhere but home; a session over several hosts is not carried.
 */
const MAX_COOKIES = 50;
const MAX_CHARS = 8 * 1024;

/** RFC 6265 4.1.1, and the spaces, quotes, commas and backslashes that servers put there all the same. */
const PAIR = /^\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*([^;\p{Cc}\u{80}-\u{10FFFF}]*?)\s*(?:;|$)/u;
const GONE = /;\s*max-age\s*=\s*(?:-\d+|0+)\s*(?:;|$)/i;
const EXPIRES = /;\s*expires\s*=\s*([^;]{1,40})/i;

export class CookieJar {
  readonly #now: number;
  readonly #origins = new Map<string, Map<string, string>>();

  /** `now`, epoch ms: what has expired by then is deleted, as servers ask for it. */
  constructor(now: number) {
    this.#now = now;
  }

  /** Takes what an answer sets: the values of its `set-cookie` headers, a line each. */
  keep(lines: string | undefined, { origin }: URL): void {
    if (lines === undefined) return;
    const cookies = this.#origins.get(origin) ?? new Map<string, string>();
    this.#origins.set(origin, cookies);
    for (const line of lines.split('\n')) {
      const [, name, value = ''] = PAIR.exec(line) ?? [];
      if (name === undefined) continue;
      cookies.delete(name);
      const chars = [...cookies].reduce((sum, pair) => sum + pair.join('=; ').length, 0);
      const isMuch = cookies.size >= MAX_COOKIES || chars + line.length > MAX_CHARS;
      if (!isMuch && !this.#isGone(line)) cookies.set(name, value);
    }
  }

  get(name: string, { origin }: URL): string | null {
    return this.#origins.get(origin)?.get(name) ?? null;
  }

  /** The headers of a request with its cookies, after those that the check itself sends. */
  added(headers: Readonly<Record<string, string>>, { origin }: URL) {
    const own = headers['cookie'];
    const pairs = [...(this.#origins.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`);
    const cookie = [...(own === undefined ? [] : [own]), ...pairs].join('; ');
    return cookie === '' ? headers : { ...headers, cookie };
  }

  /** All that is kept: secrets. */
  values(): string[] {
    return [...this.#origins.values()].flatMap((cookies) => [...cookies.values()]);
  }

  #isGone(line: string): boolean {
    if (GONE.test(line)) return true;
    if (/;\s*max-age\s*=/i.test(line)) return false;
    const expires = EXPIRES.exec(line)?.[1];
    return expires !== undefined && Date.parse(expires) <= this.#now;
  }
}

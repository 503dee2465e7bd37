/** All hostile targets, in the order in which they are looked at. */
import { banners } from './banners.ts';
import { framing } from './framing.ts';
import { http2 } from './http2.ts';
import { interim } from './interim.ts';
import { redirects } from './redirects.ts';
import { silence } from './silence.ts';
import { sizes } from './sizes.ts';
import { logins } from './steps.ts';
import type { Case } from './target.ts';
import { tls } from './tls.ts';

export const http: readonly Case[] = [...silence, ...framing, ...interim, ...sizes, ...redirects];
export { tls } from './tls.ts';
export const corpus: readonly Case[] = [...http, ...http2, ...tls, ...banners, ...logins];

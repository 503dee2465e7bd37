/** One bad file a rule, and everything that it must be told. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { probes } from '../../src/probes/index.ts';
import { FIXTURES, loadFixture } from './fixture.ts';

/** `invalid-NAME.yml` → its problems; the place is in that file unless another is named. */
const PROBLEMS: Readonly<Record<string, readonly string[]>> = {
  'alias-bomb': ['3:35 the alias *a0 expands to too much, or to itself'],
  'alias-itself': ['3:9 the alias *all expands to too much, or to itself'],
  'alias-unknown': ['3:9 there is no anchor &nobody before this alias'],
  'boolean-word': [
    '5:23 follow_redirects of check "shop": expected true or false: in YAML 1.2, yes is text',
  ],
  'channel-key-missing': [
    '6:3 missing key "url" in channel "hook"',
    '6:3 missing key "secret" in channel "hook"',
    '7:3 missing key "topic" in channel "lifeline"',
  ],
  'channel-keys-together': [
    '5:3 missing key "account_sid" in channel "sms"',
    '5:8 channel "sms": needs either "from" or "messaging_service_sid"',
    '5:8 channel "sms": needs either "auth_token", or "api_key_sid" and "api_key_secret"',
    '6:63 unknown key "form" in channel "other": did you mean "from"?',
  ],
  'channel-type-missing': [
    '6:3 channel "sms" needs a type: one of console, twilio-sms, twilio-voice, sendgrid, smtp, ntfy, pushover, telegram, slack, discord, teams, mattermost, pagerduty, alertmanager, webhook, exec',
  ],
  'channel-type-unknown': [
    '6:16 unknown type "twilio-sm" of channel "sms": did you mean "twilio-sms"?',
    '7:17 unknown type "matrix" of channel "chat", expected one of console, twilio-sms, twilio-voice, sendgrid, smtp, ntfy, pushover, telegram, slack, discord, teams, mattermost, pagerduty, alertmanager, webhook, exec',
  ],
  fate: [
    '2:7 fate: expected a list such as [aws-eu-west-1]',
    '3:20 fate[0] of defaults: a fate has 1 to 64 letters, digits, "_", "." and "-"',
    '5:43 fate[0] of check "shop": a fate has 1 to 64 letters, digits, "_", "." and "-"',
    '6:37 unknown key "fates" in check "other": did you mean "fate"?',
    '8:32 fate[0] of channel "out": expected a name such as aws-eu-west-1',
    '9:26 unknown key "fat" in channel "more": did you mean "fate"?',
  ],
  'http-auth': [
    '6:13 bearer of check "both": give either basic or bearer',
    '10:13 bearer of check "header": there is a header "authorization" as well: it can have one of them',
    '14:12 basic of check "header-too": there is a header "authorization" as well: it can have one of them',
    '17:20 basic.user of check "colon": a user has no colon and no control characters',
    '17:49 basic.password of check "colon": a password has no control characters',
    '20:12 missing key "user" in basic of check "names"',
    '20:14 unknown key "username" in basic of check "names"',
    '20:39 basic.password of check "names": expected text: put it in quotes',
    '23:13 bearer of check "token": expected the token alone, without "Bearer"',
    '26:13 bearer of check "blank": a token has no blanks, line breaks or letters beyond ASCII',
    '28:11 http of check "url": a URL must not hold a user or password: give them as basic: { user: …, password: … }',
  ],
  'http-proxy': [
    '3:48 proxy of check "a": expected a proxy such as http://proxy.internal:3128',
    '4:48 proxy of check "b": expected a proxy such as http://proxy.internal:3128: SOCKS is not spoken',
    '5:48 proxy of check "c": expected a proxy such as http://proxy.internal:3128: it has no path',
    '6:48 proxy of check "d": a % in the user or the password must be written as %25',
    '7:48 proxy of check "e": expected a proxy such as http://proxy.internal:3128',
    '8:35 unknown key "proxy" in check "f": it belongs to checks of type http',
  ],
  http2: [
    '3:47 http2 of check "a": needs https://: HTTP/2 is agreed upon in the TLS handshake',
    '4:48 http2 of check "b": expected true or false',
  ],
  'body-limit': [
    '3:53 body_limit of check "a": 2MiB is too large: at most 1 MiB',
    '4:53 body_limit of check "b": 65536 has no unit: did you mean 64 KiB?',
    '5:53 body_limit of check "c": expected a size such as 1 MiB',
    '6:53 body_limit of check "d": 0B is too small: at least 1 B',
  ],
  ip: [
    '3:45 ip of check "a": expected 4, 6 or any, without quotes',
    '4:39 ip of check "b": expected 4, 6 or any, without quotes',
    '5:27 unknown key "ip" in check "c": it belongs to checks of type dns, http, tcp, tls, icmp, grpc, websocket, ssh',
  ],
  'client-certificate': [
    '5:47 tls.key of check "other-key": is not the key of the certificate',
    '8:25 tls.certificate of check "no-key": needs "key" beside it',
    '11:10 key of check "no-certificate": needs "certificate" beside it',
    '14:25 tls.certificate of check "mixed-up": holds no PEM certificate',
    '14:47 tls.key of check "mixed-up": holds no PEM private key',
    '17:47 ../tls/nothing.key cannot be read: no such file',
    '21:10 key of check "other-key-too": is not the key of the certificate',
  ],
  'certificate-file': ['5:16 tls.ca of check "shop": holds no PEM certificate'],
  'check-empty': [
    '3:3 check "shop": expected keys and values such as { http: https://example.com/ }',
  ],
  'check-id': ['3:3 check "my shop": an id has 1 to 64 letters, digits, "_", "." and "-"'],
  'check-text': [
    '3:9 check "shop": expected keys and values such as { http: https://example.com/ }',
  ],
  'checks-list': ['3:3 checks: expected ids and what they stand for'],
  'constructor-key': ['5:5 unknown key "constructor" in check "shop"'],
  'cron-and-timezone': [
    '5:11 cron of check "shop": "0 0 31 2 *" never fires: there is no such date',
    '6:12 check "shop" has "every" and "cron": it can have one of them',
    '7:15 timezone of check "shop": unknown time zone "Europe/Lisbonn": did you mean "Europe/Lisbon"?',
  ],
  'cron-never': ['5:11 cron of check "shop": "0 0 31 2 *" never fires: there is no such date'],
  'cron-nonsense': [
    '5:11 cron of check "shop": "every five minutes or so" is not a crontab line: configuration entry 1 (every) contains illegal characters',
  ],
  'cron-six-fields': [
    '5:11 cron of check "shop": expected five fields as in crontab, minute hour day month weekday (there is none for seconds), got 6',
  ],
  'custom-tag': ['5:12 is not valid YAML: Unresolved tag: !seconds'],
  'deep-nesting': ['2:72 is nested more than 64 levels deep'],
  'depends-circle': [
    '3:44 depends_on of check "a" goes in a circle: a → b → c → a',
    '5:44 depends_on of check "c" goes in a circle: c → c',
  ],
  'depends-unknown': [
    '5:18 unknown check "shpo" in depends_on of check "shop": did you mean "shop"?',
  ],
  'domain-needs-name': [
    '3:55 warn.domain of check "shop": needs a name that somebody has registered, such as shop.example.com: this is an address',
    '4:47 warn.domain of check "edge": needs a name that somebody has registered, such as shop.example.com: this name has no domain',
    '5:56 warn.domain of check "mail": 30 has no unit: did you mean 30s?',
  ],
  'duplicate-id': ['5:3 the key "shop" is already at invalid-duplicate-id.yml:3:3'],
  'duplicate-key': ['6:5 the key "every" is already at invalid-duplicate-key.yml:5:5'],
  'duration-bare-ms': ['5:14 timeout of check "shop": 5000 has no unit: did you mean 5000ms?'],
  'duration-bare-quoted': ['5:12 every of check "shop": 60 has no unit: did you mean 60s?'],
  'duration-bare': ['5:14 timeout of check "shop": 5 has no unit: did you mean 5s?'],
  'duration-blank': [
    '5:12 every of check "shop": expected a duration such as 30s, 5m or 1h30m, got "5 min": did you mean 5m?',
  ],
  'duration-empty': ['5:11 every of check "shop": expected a duration such as 30s, 5m or 1h30m'],
  'duration-huge': ['5:12 every of check "shop": "999999999999999d" is longer than ten years'],
  'duration-list': ['5:12 every of check "shop": expected a duration such as 30s, 5m or 1h30m'],
  'duration-negative': ['5:12 every of check "shop": a duration cannot be negative'],
  'duration-order': [
    '5:12 every of check "shop": expected a duration such as 30s, 5m or 1h30m, got "30s1h"',
  ],
  'duration-zero': [
    '5:12 every of check "shop": 0s is too short: at least 100ms',
    '6:14 timeout of check "shop": 0s is too short: at least 1ms',
  ],
  empty: ['1:1 is empty: it needs at least version: 1'],
  'escalation-no-steps': [
    '13:3 missing key "steps" in escalation "on-call"',
    '14:19 steps of escalation "other": must not be empty',
  ],
  'escalation-none': ['13:3 escalation "none": `page: none` already means that nobody is paged'],
  'escalation-step-keys': [
    '15:9 missing key "by" in steps[0] of escalation "on-call"',
    '16:17 steps[1].page of escalation "on-call": must not be empty',
    '16:25 steps[1].by of escalation "on-call": expected a list such as [a, b]',
  ],
  'escalation-unknown-names': [
    '14:12 unknown channel "hok" in post of escalation "on-call": did you mean "hook"?',
    '16:18 unknown responder "anna" in steps[0].page of escalation "on-call": did you mean "ana"?',
    '16:30 unknown channel "smss" in steps[0].by of escalation "on-call": did you mean "sms"?',
  ],
  'escalation-unreachable': [
    '14:12 post of escalation "on-call": channel "sms" needs a phone number (sms) of a responder: name it in a step\'s "by"',
    '16:34 steps[0].by of escalation "on-call": channel "sms" needs a phone number (sms), and responder "ben" has none',
    '16:39 steps[0].by of escalation "on-call": channel "email" needs a mail address (email), and responder "ana" has none',
    '17:30 steps[1].by of escalation "on-call": channel "sms" needs a phone number (sms), and responder "ben" of rotation "both" has none',
  ],
  'escalation-values': [
    '15:18 ack_expires of escalation "on-call": expected a duration such as 2h, or never',
    '16:15 failover of escalation "on-call": 60 has no unit: did you mean 60s?',
    '17:34 repeat.times of escalation "on-call": must be at least 0',
  ],
  'every-and-cron': ['5:12 check "shop" has "every" and "cron": it can have one of them'],
  'fail-never': [
    '5:22 confirm.fail of check "shop": 5 of 3 can never happen: did you mean 3 of 5?',
  ],
  'fail-nonsense': [
    '5:22 confirm.fail of check "shop": expected a number of looks such as 3, or 3 of 5',
    '5:37 confirm.recover of check "shop": must be at least 1',
  ],
  heartbeat: [
    '4:19 heartbeat of check "a": needs "every" or "cron"',
    '4:21 unknown key "evry" in heartbeat of check "a": did you mean "every"?',
    '5:19 heartbeat of check "b": can have "every" or "cron", not both',
    '6:27 heartbeat.cron of check "c": "0 0 31 2 *" never fires: there is no such date',
    '6:61 token of check "c": must not be empty',
    '7:3 missing key "token" in check "d"',
    '7:42 heartbeat.timezone of check "d": only a "cron" has a time zone',
    '8:19 heartbeat of check "e": expected keys and values',
    '9:39 heartbeat.grace of check "f": 0s is too short: at least 1s',
    '9:72 unknown key "hearbeat" in check "f": did you mean "heartbeat"?',
  ],
  'heartbeat-keys': [
    '6:5 unknown key "every" in check "backup": did you mean "every" in "heartbeat"?',
    '7:5 unknown key "timezone" in check "backup": did you mean "timezone" in "heartbeat"?',
    '8:5 unknown key "timeout" in check "backup"',
    '9:5 unknown key "confirm" in check "backup"',
    `10:5 unknown key "expect" in check "backup": it belongs to checks of type ${[...probes.keys()].join(', ')}`,
  ],
  'hook-keys': [
    '12:23 type of hook "prometheus": expected one of alertmanager, alert; did you mean "alertmanager"?',
    '12:76 unknown escalation "dai" in escalation of hook "prometheus": did you mean "day"?',
    '13:3 missing key "escalation" in hook "grafana": there are the escalations day, night and none is called on-call',
    '14:3 missing key "token" in hook "ours"',
    '14:24 unknown key "tokn" in hook "ours": did you mean "token"?',
    '14:79 severity of hook "ours": expected one of critical, major, minor',
    '15:3 hook "empty": expected keys and values such as { type: alertmanager, token: "${env:TOKEN}" }',
  ],
  'hook-token': ['6:41 token of hook "grafana": hook "prometheus" has the same'],
  'heartbeat-token': ['4:54 token of check "report": check "backup" has the same'],
  'heartbeat-witness': ['2:23 unknown key "heartbeat" in witnesses[0] of self'],
  'header-twice': [
    '5:43 headers.accept of check "shop": is the same header as "Accept"',
    '6:40 expect.header.etag of check "shop": is the same header as "ETag"',
  ],
  'host-port': [
    '3:13 tcp of check "a": expected host:port: "gw.example.com" has no port',
    '4:13 tcp of check "b": the port must be from 1 to 65535, not 70000',
    '5:13 tcp of check "c": expected host:port without a scheme, such as db.internal:5432',
    '6:13 tcp of check "d": expected a port: write [::1]:443',
    '7:13 tcp of check "e": expected host:port, such as db.internal:5432',
    '8:13 tcp of check "f": "300.1.1.1" is not an address',
  ],
  'include-duplicate-id': [
    'parts/same-id.yml:2:3 check "shop" is already at invalid-include-duplicate-id.yml:3:3',
    'parts/same-id.yml:4:1 "data" is already at invalid-include-duplicate-id.yml:6:1',
  ],
  'include-missing': ['5:11 include: nowhere.yml: no such file'],
  'include-nested': ['parts/nested.yml:1:1 an included file cannot include others'],
  'include-text': ['5:10 include: expected a list such as [a, b]'],
  'listen-exposed': ['5:21 listen.operator: is not on loopback: that needs api: { tokens: [...] }'],
  'listen-port': ['5:21 listen.operator: expected host:port, such as db.internal:5432'],
  'listen-same': ['5:47 listen.public: is the same address as listen.operator'],
  'merge-key': ['6:5 unknown key "<<" in check "cart" (YAML 1.2 has no merge keys)'],
  method: [
    '3:52 method of check "shop": expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE; did you mean "GET"?',
    '4:53 method of check "lower": expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE; did you mean "GET"?',
    '5:54 method of check "tunnel": expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE',
  ],
  'no-probe-unknown-keys': [
    `3:3 check "shop" does not say what to look at: it needs one of ${[...probes.keys(), 'heartbeat'].join(', ')}`,
    '3:11 unknown key "evry" in check "shop": did you mean "every"?',
    '3:22 unknown key "exepct" in check "shop": did you mean "expect"?',
    '5:11 unknown key "<<" in check "edge" (YAML 1.2 has no merge keys)',
  ],
  'responder-user': [
    '8:20 pushover of responder "ana": expected the user key that Pushover shows: 30 letters and digits',
    '9:20 telegram of responder "ben": expected a user id of Telegram in quotes, such as "123456789"',
    '10:20 telegram of responder "cat": expected a user id of Telegram: digits, not the @name',
    `13:27 post of escalation "on-call": channel "tg" needs a user id (telegram) of a responder: name it in a step's "by"`,
    '13:60 steps[0].by of escalation "on-call": channel "push" needs a user key (pushover), and responder "dan" has none',
    '13:66 steps[0].by of escalation "on-call": channel "tg" needs a user id (telegram), and responder "dan" has none',
  ],
  voice: [
    '5:3 missing key "account_sid" in channel "voice"',
    '5:3 missing key "auth_token" in channel "voice"',
    '7:16 unknown check "nothing" in checks of maintenance[0]',
    '7:32 cron of maintenance[0]: "0 0 31 2 *" never fires: there is no such date',
    '7:51 for of maintenance[0]: 1 has no unit: did you mean 1s?',
    '8:15 unknown escalation "nobody" in page of self, expected on-call',
  ],
  maintenance: [
    '5:16 unknown check "shpo" in checks of maintenance[0]: did you mean "shop"?',
    '5:38 cron of maintenance[0]: "0 0 31 2 *" never fires: there is no such date',
    '6:5 maintenance[1]: needs "cron" and "for", or "at" and "for", or "from" and "to"',
    '7:16 checks of maintenance[2]: no check has the tag "team=shoe"',
    '7:32 at of maintenance[2]: expected a time such as 2026-10-25T01:30, or with an offset, +01:00 or Z',
    '8:52 to of maintenance[3]: is 1h before "from"',
    '9:5 maintenance[4]: needs "cron" and "for", or "at" and "for", or "from" and "to"',
    '9:47 timezone of maintenance[4]: unknown time zone "Europe/Lisbonn": did you mean "Europe/Lisbon"?',
    '10:5 missing key "checks" in maintenance[5]',
    '10:7 unknown key "chekcs" in maintenance[5]: did you mean "checks"?',
  ],
  'maintenance-map': ['4:3 maintenance: expected a list of windows'],
  drills: [
    '11:19 unknown escalation "on-cal" in escalation of drills[0]: did you mean "on-call"?',
    '11:33 cron of drills[0]: "0 0 31 2 *" never fires: there is no such date',
    '12:5 missing key "cron" in drills[1]',
    '13:58 timezone of drills[2]: unknown time zone "Lisbon": did you mean "Europe/Lisbon"?',
    '13:74 within of drills[2]: 10s is too short: at least 1m',
    '14:48 unknown key "every" in drills[3]',
    '16:5 drills[5]: is the same as drills[4]',
    '17:5 drills[6]: expected keys and values',
  ],
  'drills-map': ['4:9 drills: expected a list of drills'],
  'option-file': ['5:16 ./nowhere.pem cannot be read: no such file'],
  self: [
    '3:22 tcp of witnesses[0] of self: expected host:port: "1.1.1.1" has no port',
    '3:35 unknown key "tpc" in witnesses[1] of self: did you mean "tcp"?',
    '3:57 witnesses[2] of self: expected one way to look, such as tcp: 1.1.1.1:443',
    '4:13 severity of self: expected one of critical, major, minor',
    '5:9 unknown escalation "nobody" in page of self, expected on-call',
  ],
  'other-words': [
    '4:5 unknown key "url" in check "shop": did you mean "http"?',
    '5:5 unknown key "interval" in check "shop": did you mean "every"?',
    '6:36 unknown key "follow_redirects" in check "edge": it belongs to checks of type http',
    '6:70 timeout of check "edge": expected a duration such as 30s, 5m or 1h30m, got "1w": did you mean 7d?',
    '6:84 severity of check "edge": expected one of critical, major, minor; did you mean "critical"?',
    '7:42 unknown key "banner" in check "api"',
    '7:71 unknown key "contians" in expect.body of check "api": did you mean "contains"?',
    '9:10 unknown key "phone" in responder "ana": did you mean "sms"?',
  ],
  'page-missing': [
    '3:3 missing key "page" in check "shop": there are the escalations day, night and none is called on-call',
  ],
  'page-unknown': [
    '5:11 unknown escalation "on-cal" in page of check "shop": did you mean "on-call"?',
  ],
  'probe-missing': [
    `3:3 check "shop" does not say what to look at: it needs one of ${[...probes.keys(), 'heartbeat'].join(', ')}`,
  ],
  'probe-misspelt': ['4:5 unknown key "htpp" in check "shop": did you mean "http"?'],
  'probe-two': ['5:5 check "shop" has "http" and "tcp": a check looks in one way'],
  'proto-key': ['5:3 the key "__proto__" is not allowed'],
  'heartbeat-to': ['5:53 unknown key "evry" in heartbeat_to: did you mean "every"?'],
  'heartbeat-to-often': ['5:60 heartbeat_to.every: 1s is too short: at least 15s'],
  'heartbeat-to-text': [
    '5:15 heartbeat_to: expected a URL such as https://example.com/: it must start with http:// or https://',
  ],
  'heartbeat-to-unit': ['5:60 heartbeat_to.every: 60 has no unit: did you mean 60s?'],
  'public-url': [
    '5:13 public_url: expected a URL such as https://example.com/: it must start with http:// or https://',
  ],
  'reference-missing': [
    '4:11 ${env:SHOP_URL} is not set: the environment has no SHOP_URL',
    '5:12 ${env:SHOP_EVERY} is not set: the environment has no SHOP_EVERY',
    '6:11 ${env:SHOP_PAGE} is not set: the environment has no SHOP_PAGE',
    '7:18 ${env:A} is not set: the environment has no A',
    '7:18 ${env:B} is not set: the environment has no B',
    '8:16 ${env:CA} is not set: the environment has no CA',
    '10:17 ${env:TYPE} is not set: the environment has no TYPE',
  ],
  quotes: [
    '1:10 version: expected 1: write it without quotes',
    '5:25 confirm.recover of check "shop": expected a number: write it without quotes',
    '6:31 headers.authorization of check "shop": has no value',
    '7:23 expect.status of check "shop": write a list: [200, 204]',
  ],
  regex: [
    '5:32 expect.body.matches of check "shop": is not an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  ],
  'responder-email': [
    '6:17 email of responder "ana": expected a mail address such as ana@example.com',
  ],
  'responder-phone': [
    '6:15 sms of responder "ana": expected a phone number such as "+351912345678", without spaces or dashes',
    '7:15 sms of responder "ben": expected a phone number such as "+351912345678": did you forget the + and country code?',
    '8:15 sms of responder "cat": a phone number must be in quotes, such as "+351912345678"',
    '9:15 sms of responder "dan": expected a phone number such as "+351912345678": + and 7 to 15 digits',
  ],
  'responder-reply-word': [
    '6:3 responder "Stop": this word has a meaning in replies: choose another id',
  ],
  'responder-timezone': [
    '6:44 timezone of responder "ana": unknown time zone "Lisbon": did you mean "Europe/Lisbon"?',
  ],
  rotation: [
    '7:20 unknown responder "anna" in members of rotation "one": did you mean "ana"?',
    '7:34 start of rotation "one": expected a date such as 2026-01-05',
    '7:49 handoff of rotation "one": "0 9 * * 8" is not a crontab line: Invalid value for dayOfWeek: 8',
    '8:3 missing key "handoff" in rotation "two"',
    '8:19 members of rotation "two": must not be empty',
    '8:30 start of rotation "two": expected a date such as 2026-01-05',
    '8:42 unknown key "handof" in rotation "two": did you mean "handoff"?',
    '10:5 handoff of rotation "three" belongs into each of its layers',
    '12:78 timezone of layers[0] of rotation "three": unknown time zone "Lisbon": did you mean "Europe/Lisbon"?',
    '13:98 hours.from of rotation "four": expected a time such as "09:00"',
    '13:110 hours.to of rotation "four": expected a time such as "09:00"',
  ],
  'rotation-gap': [
    '7:3 rotation "office" has a gap: nobody is on duty from Sun 08:00 to Sun 18:00 (Europe/Lisbon)',
  ],
  'secret-file-missing': ['5:31 ${file:./nowhere.txt} cannot be read: no such file'],
  'secret-missing': ['5:31 ${env:NO_SUCH_TOKEN} is not set: the environment has no NO_SUCH_TOKEN'],
  'secret-name': [
    '5:31 ${env:MY-TOKEN} is not a reference: expected ${env:NAME} or ${env:NAME:-default}',
  ],
  several: [
    '2:20 every of defaults: 30 has no unit: did you mean 30s?',
    '2:30 unknown escalation "nobody" in page of defaults, expected on-call',
    '6:5 unknown key "exepct" in check "shop": did you mean "expect"?',
    '7:14 timeout of check "shop": 5 has no unit: did you mean 5s?',
    '8:15 severity of check "shop": expected one of critical, major, minor; did you mean "major"?',
    '9:18 unknown check "edg" in depends_on of check "shop": did you mean "edge"?',
    '11:10 tcp of check "edge": expected host:port: "gw.example.com" has no port',
    '12:11 name of check "edge": expected text: put 404 in quotes',
    '14:14 timeout of check "edge": 10s is longer than every (5s)',
  ],
  severity: [
    '5:15 severity of check "shop": expected one of critical, major, minor; did you mean "major"?',
  ],
  'short-forms': [
    '3:9 check "shop": expected keys and values such as { http: https://example.com/ }',
    '4:51 confirm of check "api": expected keys and values such as { fail: 3 }',
    '4:62 expect of check "api": expected keys and values such as { status: 200 }',
    '4:73 warn of check "api": expected keys and values such as { time: 800ms }',
    '4:82 tls of check "api": expected keys and values such as { verify: false }',
    '6:12 channel "console": expected keys and values such as { type: console }',
    '10:63 repeat of escalation "on-call": expected keys and values such as { every: 30m }',
  ],
  status: [
    '5:23 expect.status of check "shop": expected a status such as 200, 2xx or 200-299, or a list of them',
  ],
  syntax: [
    '4:1 is not valid YAML: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  'steps-take': [
    '7:17 steps[0].take.none of check "login": expected one of json, header, cookie, matches',
    '8:16 steps[0].take.two of check "login": expected one of json, header, cookie, matches',
    '9:25 steps[0].take.path.json of check "login": is not a JSONPath (RFC 9535) such as $.status',
    '10:31 steps[0].take.pattern.matches of check "login": is not an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    '11:11 steps[0].take.my name of check "login": a name has letters, digits, "_" and "-"',
    '12:23 unknown key "jsn" in steps[0].take.misspelt of check "login": did you mean "json"?',
    '13:64 steps[1].take of check "login": the answer to HEAD has no body: use GET',
  ],
  'steps-taken': [
    '5:15 steps[0].http of check "login": no step before this one takes "token"',
    '8:35 steps[1].headers.authorization of check "login": no step before this one takes "tokn": did you mean "token"?',
    '9:30 steps[1].json.user[0].id of check "login": no step before this one takes "user"',
    '10:16 steps[1].proxy of check "login": nothing taken can stand here: only in what is sent',
    '11:37 steps[1].expect.body.contains of check "login": nothing taken can stand here: only in what is sent',
  ],
  steps: [
    '3:18 steps of check "none": must not be empty',
    '4:19 steps[0] of check "text": expected keys and values',
    '7:9 missing key "http" in steps[0] of check "bare"',
    '8:44 unknown key "warn" in steps[1] of check "bare"',
    '9:44 unknown key "exepct" in steps[2] of check "bare": did you mean "expect"?',
    '13:17 steps[1].http of check "host": is not a valid URL',
    '14:57 check "both" has "steps" and "http": a check looks in one way',
  ],
  'tab-indentation': ['3:1 is not valid YAML: Tabs are not allowed as indentation'],
  'tag-name': ['5:13 tags.the team of check "shop": a tag may have letters, digits, "_" and "-"'],
  'tag-twice': [
    '5:29 tags of check "shop": "cost-centre" and "cost_centre" are the same metric label',
  ],
  'text-number': ['5:11 name of check "shop": expected text: put 404 in quotes'],
  'timeout-longer-built-in': ['4:3 timeout of check "shop": 45s is longer than every (30s)'],
  'timeout-longer-defaults': ['2:34 timeout of defaults: 15s is longer than every (10s)'],
  'timeout-longer-inherited': ['6:12 timeout of check "shop": 15s is longer than every (10s)'],
  'timeout-longer': ['6:14 timeout of check "shop": 10s is longer than every (5s)'],
  'timezone-unknown': [
    '6:15 timezone of check "shop": unknown time zone "Europe/Lisbonn": did you mean "Europe/Lisbon"?',
  ],
  'top-level-list': ['1:1 expected keys such as version: and checks: at the top level'],
  'top-level-text': ['1:1 expected keys such as version: and checks: at the top level'],
  'two-documents': ['5:1 a second document starts here ("---"): one file is one document'],
  'unknown-key-misplaced': [
    '5:5 unknown key "status" in check "shop": did you mean "status" in "expect"?',
  ],
  'unknown-key-nested': [
    '5:15 unknown key "statsu" in expect of check "shop": did you mean "status"?',
  ],
  'unknown-key-top': ['5:1 unknown key "chekcs": did you mean "checks"?'],
  'unknown-key': ['5:5 unknown key "exepct" in check "shop": did you mean "expect"?'],
  'url-bare': [
    '4:11 http of check "shop": expected a URL such as https://example.com/: it must start with http:// or https://',
  ],
  'url-credentials': [
    '4:11 http of check "shop": a URL must not hold a user or password: give them as basic: { user: …, password: … }',
  ],
  'url-scheme': ['4:11 http of check "shop": expected a URL that starts with http:// or https://'],
  'version-missing': ['1:1 missing key "version": write version: 1'],
  'version-other': ['1:10 version: expected 1, the only version there is'],
  'wait-without-hours': ['11:5 wait of escalation "on-call" needs hours: to wait for'],
  'yaml-1-1': ['1:1 is read as YAML 1.2: remove the %YAML directive'],
  'other-monitor': ['2:1 unknown key "endpoints": did you mean "checks"?'],
  'unquoted-colon': [
    `4:11 a text with ": " in it needs quotes: put all that follows the key in '…'`,
  ],
  'unquoted-cron': ['5:11 a text cannot begin with * without quotes: write "*/5 * * * *"'],
  'unquoted-address': ['4:10 a text cannot begin with [ without quotes: write "[::1]:443"'],
  'unquoted-reference': [
    '3:17 a text that holds ${env:SHOP_URL} needs quotes inside of { } and [ ]: "${env:SHOP_URL}"',
  ],
  'quote-open': ['4:11 this " is never closed'],
  'quote-inside': [
    '4:16 the \' before this ends the text: inside of \'…\' write it twice, inside of "…" as \\"',
  ],
};

it.each(Object.entries(PROBLEMS))('invalid-%s.yml', async (name, problems) => {
  const file = `invalid-${name}.yml`;
  const loaded = await loadFixture(file, {});
  const told = 'problems' in loaded ? loaded.problems.map(formatProblem) : ['nothing'];
  // Only the place of a problem is cut: a second place in its text stays.
  const short = told.map((line) => line.replaceAll(`${FIXTURES}/`, ''));
  expect(short.map((line) => line.replace(new RegExp(`^${file}:`), ''))).toEqual(problems);
});

it('every bad file is in the table', () => {
  const files = readdirSync(FIXTURES).filter((name) => name.startsWith('invalid-'));
  expect(files.toSorted()).toEqual(
    Object.keys(PROBLEMS)
      .map((name) => `invalid-${name}.yml`)
      .toSorted(),
  );
});

/** The names of time zones, as the IANA database has them and Intl knows them. */

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function timezones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone');
}

/** `09:00` in the zone, or `Mon 09:00`. */
export function clockTime(instant: number, timezone: string, isWithDay: boolean): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    ...(isWithDay ? { weekday: 'short' } : {}),
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  return format.format(instant).replace(',', '');
}

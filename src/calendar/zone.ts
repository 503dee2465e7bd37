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

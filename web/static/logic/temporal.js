// Dates, times, date-times and durations as texts (ISO 8601) and as numbers of milliseconds.
// The twin of form_engine/logic/temporal.py, which says what each means.

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/;
const DURATION = /^(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;
export const DAY = 86400000;
const UNITS = [12 * 30.4375 * DAY, 30.4375 * DAY, 7 * DAY, DAY, DAY / 24, DAY / 1440, 1000];
const FIRST_DAY = -719162;
const LAST_DAY = 2932896;

/** Days since 1970-01-01 of year, month (1–12) and day; months and days may run over. */
export function daysOf(year, month, day) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / DAY);
}

/** Year, month and day of a number of days since 1970-01-01. */
export function partsOf(days) {
  const date = new Date(days * DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function daysInMonth(year, month) {
  return partsOf(daysOf(year, month + 1, 0)).day;
}

/** Days since 1970-01-01 of an ISO date; null for anything else. */
export function dayNumber(text) {
  const found = typeof text === "string" ? DATE.exec(text) : null;
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysOf(year, month, day);
}

/** The ISO date that many days after 1970-01-01; null outside the years 1 to 9999. */
export function dayText(number) {
  const days = Math.trunc(number);
  if (!(days >= FIRST_DAY && days <= LAST_DAY)) return null;
  const { year, month, day } = partsOf(days);
  return isoDate(year, month, day);
}

export function isoDate(year, month, day) {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function offsetOf(text) {
  if (!text || text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return minutes * 60000 * (text[0] === "-" ? -1 : 1);
}

function offsetInRange(text) {
  return !text || text === "Z" || (Number(text.slice(1, 3)) < 24 && Number(text.slice(4, 6)) < 60);
}

function clock(text) {
  const found = TIME.exec(text);
  if (!found) return null;
  const [, hour, minute, second, fraction, offset] = found;
  if (hour > 23 || minute > 59 || (second ?? 0) > 59 || !offsetInRange(offset)) return null;
  const thousandths = Number(`${fraction ?? ""}000`.slice(0, 3));
  return { at: ((Number(hour) * 60 + Number(minute)) * 60 + Number(second ?? 0)) * 1000 + thousandths, offset };
}

/** Milliseconds since midnight of an ISO time, in UTC where it has an offset. */
export function timeNumber(text) {
  const found = typeof text === "string" ? clock(text) : null;
  if (!found) return null;
  const moment = found.at - offsetOf(found.offset);
  return found.offset ? ((moment % DAY) + DAY) % DAY : moment;
}

/** Milliseconds since 1970-01-01T00:00Z of an ISO date-time. */
export function momentNumber(text) {
  if (typeof text !== "string" || text.length < 16 || !"Tt ".includes(text[10])) return null;
  const days = dayNumber(text.slice(0, 10));
  const found = clock(text.slice(11).toUpperCase());
  return days === null || !found ? null : days * DAY + found.at - offsetOf(found.offset);
}

/** `number` rounded, halves up. */
export function whole(number) {
  return Math.floor(number + 0.5);
}

/** The ISO date-time in UTC, with milliseconds only where there are some; null outside the years 1 to 9999. */
export function momentText(number) {
  const at = whole(number);
  if (!(at >= FIRST_DAY * DAY && at < (LAST_DAY + 1) * DAY)) return null;
  const days = Math.floor(at / DAY);
  const text = new Date(at - days * DAY).toISOString().slice(10);
  return dayText(days) + (text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text);
}

/** Milliseconds of an ISO duration; null where nothing stands behind `P` or `T`. */
export function durationNumber(text) {
  const found = typeof text === "string" ? DURATION.exec(text) : null;
  if (!found || text.endsWith("P") || text.endsWith("T")) return null;
  const [, sign, ...parts] = found;
  const fraction = parts.pop();
  let total = parts.reduce((sum, part, i) => sum + Number(part ?? 0) * UNITS[i], 0);
  total += Number(`${fraction ?? ""}000`.slice(0, 3));
  return sign ? -total : total;
}

export const NUMBERS = { date: dayNumber, time: timeNumber, datetime: momentNumber, duration: durationNumber };

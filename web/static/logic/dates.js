// Real operators on dates, times, date-times and durations. The twin of form_engine/logic/real_dates.py.

import { plain } from "./rounding.js";
import {
  DAY, daysInMonth, daysOf, dayNumber, dayText, durationNumber, isoDate, momentNumber, momentText, partsOf, timeNumber, whole,
} from "./temporal.js";

const MONTHS = { months: 1, quarters: 3, years: 12 };
const DAYS = { days: 1, weeks: 7 };
const SPANS = { weeks: 7 * DAY, days: DAY, hours: DAY / 24, minutes: DAY / 1440, seconds: 1000 };
const DESIGNATORS = { years: "P#Y", months: "P#M", weeks: "P#W", days: "P#D", hours: "PT#H", minutes: "PT#M" };

/** `operator` of a number of days; blank for a blank. */
const ofDay = (operator) => (first, ...rest) => {
  const days = dayNumber(first);
  return days === null ? null : operator(days, ...rest);
};

const clocks = new Map();

function clockOf(zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", era: "short", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    }));
  }
  return clocks.get(zone);
}

/** What the clocks of `zone` show at a moment, as milliseconds of a wall clock. */
function wall(at, zone) {
  const parts = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) parts[type] = value;
  const year = parts.era.startsWith("B") ? 1 - Number(parts.year) : Number(parts.year);
  const days = daysOf(year, Number(parts.month), Number(parts.day));
  return days * DAY + ((Number(parts.hour) * 60 + Number(parts.minute)) * 60 + Number(parts.second)) * 1000;
}

const localDate = (text, zone) => {
  const at = momentNumber(text);
  return at === null ? null : dayText(Math.floor(wall(at, zone) / DAY));
};

const localTime = (text, zone) => {
  const at = momentNumber(text);
  return at === null ? null : new Date(((wall(at, zone) % DAY) + DAY) % DAY).toISOString().slice(11, 19);
};

/** The moment at which the clocks of `zone` show a wall time: the first of two, and in a gap what they would have shown. */
function moment(day, clock, zone) {
  const days = dayNumber(day);
  const time = timeNumber(clock);
  if (days === null || time === null) return null;
  const shown = days * DAY + time;
  const seconds = Math.floor(shown / 1000) * 1000;
  const offsets = [seconds - DAY, seconds + DAY].map((near) => wall(near, zone) - near);
  const fits = offsets.filter((offset) => wall(seconds - offset, zone) === seconds);
  return momentText(shown - (fits[0] ?? offsets[0]));
}

function makeDate(year, month, day) {
  const months = Math.trunc(year) * 12 + Math.trunc(month) - 1;
  if (!(months >= 12 && months < 120000) || Math.abs(day) > 4000000) return null;
  return dayText(daysOf(Math.floor(months / 12), (months % 12) + 1, 1) + Math.trunc(day) - 1);
}

const weekdayOf = (days) => ((((days + 3) % 7) + 7) % 7) + 1;

function weekOf(days) {
  const thursday = days - weekdayOf(days) + 4;
  return Math.floor((thursday - daysOf(partsOf(thursday).year, 1, 1)) / 7) + 1;
}

function datePart(days, part) {
  const { year, month, day } = partsOf(days);
  switch (part) {
    case "year": return year;
    case "quarter": return Math.floor((month + 2) / 3);
    case "month": return month;
    case "week": return weekOf(days);
    case "weekday": return weekdayOf(days);
    case "day": return day;
    default: return days - daysOf(year, 1, 1) + 1;
  }
}

function timePart(clock, part) {
  const time = timeNumber(clock);
  if (time === null) return null;
  const seconds = Math.floor(time / 1000);
  if (part === "hour") return Math.floor(seconds / 3600);
  return part === "minute" ? Math.floor(seconds / 60) % 60 : seconds % 60;
}

function dateAdd(days, count, unit) {
  if (Math.abs(count) > 4000000) return null;
  if (unit in DAYS) return dayText(days + Math.trunc(count) * DAYS[unit]);
  const { year, month, day } = partsOf(days);
  const months = year * 12 + month - 1 + Math.trunc(count) * MONTHS[unit];
  if (!(months >= 12 && months < 120000)) return null;
  const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
  return isoDate(y, m, Math.min(day, daysInMonth(y, m)));
}

function dateDiff(start, end, unit) {
  const first = dayNumber(start);
  const last = dayNumber(end);
  if (first === null || last === null) return null;
  if (first > last) return plain(-dateDiff(end, start, unit));
  if (unit in DAYS) return Math.floor((last - first) / DAYS[unit]);
  const [a, b] = [partsOf(first), partsOf(last)];
  const months = (b.year - a.year) * 12 + b.month - a.month;
  const short = b.day < a.day && b.day < daysInMonth(b.year, b.month) ? 1 : 0;
  return Math.floor((months - short) / MONTHS[unit]);
}

function monthEdge(days, months, edge) {
  const { year, month } = partsOf(days);
  const moved = dateAdd(daysOf(year, month, 1), months, "months");
  if (moved === null || edge === "start") return moved;
  return moved.slice(0, 8) + daysInMonth(Number(moved.slice(0, 4)), Number(moved.slice(5, 7)));
}

function workdays(start, end) {
  const first = dayNumber(start);
  const last = dayNumber(end);
  if (first === null || last === null) return null;
  if (first > last) return plain(-workdays(end, start));
  const rest = (last - first + 1) % 7;
  let count = Math.floor((last - first + 1) / 7) * 5;
  for (let i = 0; i < rest; i += 1) count += weekdayOf(first + i) < 6;
  return count;
}

function workdayAdd(days, count) {
  let left = Math.abs(Math.trunc(count));
  if (left > 1000000 || !left) return left ? null : dayText(days);
  const forward = count > 0;
  let number = days;
  while (weekdayOf(number) > 5) number += forward ? -1 : 1;
  number += Math.floor(left / 5) * (forward ? 7 : -7);
  left %= 5;
  while (left) {
    number += forward ? 1 : -1;
    left -= weekdayOf(number) < 6;
  }
  return dayText(number);
}

const edge = (last) => (values) => {
  const dates = values.filter((value) => dayNumber(value) !== null).sort();
  return dates.length ? dates.at(last ? -1 : 0) : null;
};

function timeAdd(text, count, unit) {
  const at = momentNumber(text);
  return at === null || Math.abs(count) > 1e11 ? null : momentText(at + whole(count * SPANS[unit]));
}

function timeDiff(start, end, unit) {
  const first = momentNumber(start);
  const last = momentNumber(end);
  return first === null || last === null ? null : plain((last - first) / SPANS[unit]);
}

function dateText(days, pattern) {
  const { year, month, day } = partsOf(days);
  const pad = (number, length) => String(number).padStart(length, "0");
  const parts = { YYYY: pad(year, 4), YY: pad(year % 100, 2), MM: pad(month, 2), DD: pad(day, 2), M: `${month}`, D: `${day}` };
  return (pattern || "YYYY-MM-DD").replace(/YYYY|YY|MM|DD|M|D/g, (token) => parts[token]);
}

function dateValue(text) {
  let cleaned = text.trim().replace(/日+$/, "").replace(/[年月/.]/g, "-");
  if (/^\d{8}$/.test(cleaned)) cleaned = `${cleaned.slice(0, 4)}-${cleaned.slice(4, 6)}-${cleaned.slice(6)}`;
  const parts = cleaned.split("-");
  if (parts.length !== 3 || !parts.every((part) => /^\d{1,4}$/.test(part))) return null;
  const iso = isoDate(...parts.map(Number));
  return dayNumber(iso) === null ? null : iso;
}

function duration(count, unit) {
  const sign = count < 0 ? "-" : "";
  const size = Math.abs(count);
  if (Number.isInteger(count) && size < 1000000) return sign + DESIGNATORS[unit].replace("#", size);
  const seconds = whole((size * durationNumber(DESIGNATORS[unit].replace("#", 1))) / 1000);
  return seconds < 1e9 ? `${sign}PT${seconds}S` : null;
}

function durationIn(text, unit) {
  const number = durationNumber(text);
  return number === null ? null : plain(number / SPANS[unit]);
}

export const DATE_OPERATORS = {
  localDate,
  localTime,
  moment,
  makeDate,
  datePart: ofDay(datePart),
  timePart,
  dateAdd: ofDay(dateAdd),
  dateDiff,
  monthEdge: ofDay(monthEdge),
  workdays,
  workdayAdd: ofDay(workdayAdd),
  timeAdd,
  timeDiff,
  earliest: edge(false),
  latest: edge(true),
  dateText: ofDay(dateText),
  dateValue,
  duration,
  durationIn,
};

/** MS-DOS date and time (APPNOTE 4.4.6): steps of 2 s, in the zone of whoever made the archive, 1980 to 2107. */
export interface DosTime {
  readonly date: number;
  readonly time: number;
}

/** Local time, as all archivers write it; what lies outside the range becomes its nearest end. */
export function toDosTime(ms: number): DosTime {
  const at = new Date(ms);
  const year = at.getFullYear();
  if (!(year >= 1980)) return { date: 0x21, time: 0 };
  if (year > 2107) return { date: 0xff9f, time: 0xbf7d };
  return {
    date: ((year - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
    time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1),
  };
}

/** undefined: no such day or hour. */
export function fromDosTime({ date, time }: DosTime): number | undefined {
  const [month, day, hours, minutes, seconds] = [(date >> 5) & 15, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2];
  if (month < 1 || month > 12 || day < 1 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return new Date((date >> 9) + 1980, month - 1, day, hours, minutes, seconds).getTime();
}

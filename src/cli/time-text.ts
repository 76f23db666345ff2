/** Times and durations for people. Pure. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `12 s`, `3 min`, `5 h`, `2 d`. */
export function durationText(durationMs: number): string {
  if (durationMs < minuteMs) return `${Math.max(0, Math.round(durationMs / 1_000))} s`;
  if (durationMs < hourMs) return `${Math.round(durationMs / minuteMs)} min`;
  if (durationMs < dayMs) return `${Math.round(durationMs / hourMs)} h`;
  return `${Math.round(durationMs / dayMs)} d`;
}

/** `3 min ago`, `in 12 s`, `now`, `never`. */
export function whenText(atMs: number | null, nowMs: number): string {
  if (atMs === null) return 'never';
  const awayMs = atMs - nowMs;
  if (Math.abs(awayMs) < 1_000) return 'now';
  return awayMs < 0 ? `${durationText(-awayMs)} ago` : `in ${durationText(awayMs)}`;
}

/** `0:07`, `12:05`, `1:02:03`: the time left on a progress bar. */
export function clockText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Logs: pino, always to stderr, because stdout is for data. Pretty on a terminal, JSON lines elsewhere. */
import { pino } from 'pino'

/** What the other parts need of a logger. */
export interface Log {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** `auto`: pretty when the sink is a terminal. */
  readonly format: 'auto' | 'pretty' | 'json'
}

/** Where lines go: stderr, or a collector of a test. */
export interface LogSink {
  readonly isTTY?: boolean
  /** Takes whole lines with their end. */
  write(line: string): unknown
}

/** @param base fields that stand on every line */
export function createLog(
  options: LogOptions,
  sink: LogSink = process.stderr,
  base: Readonly<Record<string, string>> | null = null,
): Log {
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && sink.isTTY === true)
  const logger = pino(
    { level: options.level, base, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => void sink.write(redact(isPretty ? prettyLine(line) : line)) },
  )
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  }
}

/** A private key is 32 bytes of hexadecimal. Hashes of that length are cut as well: no log line needs a whole one. */
const KEY_LIKE = /\b(?:0x)?[0-9a-fA-F]{64}\b/g

function redact(line: string): string {
  return line.replace(KEY_LIKE, (text) => `${text.slice(0, 6)}…`)
}

/** `12:00:01.250 WARN  the message  key=value …` */
function prettyLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const clock = new Date(Number(time)).toISOString().slice(11, 23)
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`)
  return `${[clock, String(level).toUpperCase().padEnd(5), String(msg ?? ''), ...shown].join(' ')}\n`
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)
}

/** What `hypermake doctor` may find, and how it is said. */
import { tableText } from './text-table.ts'

/** `skipped`: could not be looked at; the fix says what would make it possible. */
export type DoctorSeverity = 'ok' | 'skipped' | 'warning' | 'error'

export interface DoctorFinding {
  /** The part that was looked at: `key`, `clock`, `limits`, … */
  readonly check: string
  readonly severity: DoctorSeverity
  /** With the numbers in it. */
  readonly what: string
  /** What to do about it; null when there is nothing to do. */
  readonly fix: string | null
}

export function ok(check: string, what: string): DoctorFinding {
  return { check, severity: 'ok', what, fix: null }
}

export function finding(
  severity: Exclude<DoctorSeverity, 'ok'>,
  check: string,
  what: string,
  fix: string,
): DoctorFinding {
  return { check, severity, what, fix }
}

const SEVERITIES: readonly DoctorSeverity[] = ['error', 'warning', 'skipped', 'ok']

/** One finding a line, its fix on the line below it, a count at the end. */
export function doctorText(findings: readonly DoctorFinding[]): string {
  const rows = tableText(
    ['check', 'severity', 'finding'],
    findings.map(({ check, severity, what }) => [check, severity, what]),
    [],
  )
  const [head = '', ...lines] = rows
  const indent = ' '.repeat(head.indexOf('finding'))
  const body = lines.flatMap((line, index) => {
    const fix = findings[index]?.fix ?? null
    return fix === null ? [line] : [line, `${indent}fix: ${fix}`]
  })
  return [head, ...body, '', countsText(findings)].join('\n')
}

function countsText(findings: readonly DoctorFinding[]): string {
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: findings.filter((each) => each.severity === severity).length,
  }))
  const words = counts.filter(({ count }) => count > 0).map(({ severity, count }) => `${count} ${severity}`)
  const isRefused = findings.some(({ severity }) => severity === 'error')
  return `${words.join(', ')}: ${isRefused ? 'not ready to trade' : 'nothing stands against trading'}`
}

import { describe, expect, test } from 'vitest'
import { createLog, type LogOptions } from '../../src/ops/log.ts'

function linesOf(
  options: LogOptions,
  isTTY: boolean,
  body: (log: ReturnType<typeof createLog>) => void,
): string[] {
  const lines: string[] = []
  body(createLog(options, { isTTY, write: (line) => lines.push(line) }))
  return lines
}

describe('the log', () => {
  test('writes JSON lines where nobody reads, with level, time and fields', () => {
    const [line = ''] = linesOf({ level: 'info', format: 'auto' }, false, (log) =>
      log.warn('late', { ageMs: 7_300 }),
    )
    expect(line.endsWith('\n')).toBe(true)
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      msg: 'late',
      ageMs: 7_300,
      time: expect.any(Number) as number,
    })
  })

  test('writes for people on a terminal', () => {
    const [line] = linesOf({ level: 'info', format: 'auto' }, true, (log) =>
      log.error('lost', { url: 'http://x', why: 'no answer' }),
    )
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ERROR lost url=http:\/\/x why="no answer"\n$/)
  })

  test('the format that was asked for wins over the terminal', () => {
    expect(linesOf({ level: 'info', format: 'json' }, true, (log) => log.info('a'))[0]).toMatch(/^\{/)
    expect(linesOf({ level: 'info', format: 'pretty' }, false, (log) => log.info('a'))[0]).toMatch(
      /INFO {2}a\n$/,
    )
  })

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s, %i of four lines are written', (level, count) => {
    const lines = linesOf({ level, format: 'json' }, false, (log) => {
      log.debug('d')
      log.info('i')
      log.warn('w')
      log.error('e')
    })
    expect(lines).toHaveLength(count)
  })

  test('never writes what looks like a private key, whichever way it got in', () => {
    const key = `0x${'9f'.repeat(32)}`
    for (const format of ['json', 'pretty'] as const) {
      const lines = linesOf({ level: 'info', format }, false, (log) => {
        log.info(`key ${key}`)
        log.info('in a field', { deep: { key } })
        log.info('without 0x', { key: key.slice(2) })
      })
      expect(lines).toHaveLength(3)
      expect(lines.join()).not.toContain('9f9f9f9f')
    }
  })
})

/** The bench harness measures what it says: percentiles, allocation, and a bench that runs to its end. */
import { expect, test } from 'vitest'
import { allocationOf, medianLatency, medianOf, quantile, stopwatch } from './harness.ts'

test('quantiles are values of the sample', () => {
  const sorted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  expect([quantile(sorted, 0), quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1)]).toEqual([
    1, 6, 10, 10,
  ])
  expect(medianOf([9, 1, 5])).toBe(5)
})

test('medians over passes are taken percentile by percentile', () => {
  const pass = (p50Ns: number, p99Ns: number): { p50Ns: number; p99Ns: number; p999Ns: number } => ({
    p50Ns,
    p99Ns,
    p999Ns: p99Ns,
  })
  expect(medianLatency([pass(1, 90), pass(5, 10), pass(3, 50)])).toEqual(pass(3, 50))
})

test('a stopwatch keeps what it was given and no more than it has room for', () => {
  const watch = stopwatch(2)
  for (const ms of [4, 2, 9_000]) watch.note(ms)
  const { p50Ns, p999Ns } = watch.netLatency()
  // The empty timer takes off well under a tenth of a millisecond.
  expect(p50Ns).toBeGreaterThan(3.9e6)
  expect(p50Ns).toBeLessThanOrEqual(4e6)
  expect(p999Ns).toBeLessThanOrEqual(4e6)
})

test('allocation is seen, also when it was collected meanwhile', () => {
  const none = allocationOf(() => 1)
  const much = allocationOf(() => {
    let sum = 0
    for (let index = 0; index < 400; index += 1) sum += new Array<number>(20_000).fill(index).length
    return sum
  })
  // 400 arrays of 160 kB are 64 MB: more than a young generation holds.
  expect(much.bytes).toBeGreaterThan(50e6)
  expect(much.bytes).toBeLessThan(200e6)
  expect(none.bytes).toBeLessThan(1e6)
})

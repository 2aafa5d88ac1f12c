/**
 * Plays stories that live in real time side by side, as many as the machine bears. A story that failed while its process was
 * starved of the processor proves nothing: its timeouts were not those of the venue. It is played again, with fewer beside it.
 *
 * state  one queue and one limit: halved when a story was starved, one more after each that was not
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { pause } from '../../src/venues/hyperliquid/pause.ts'

/** Stories mostly wait; so many at once keep one core busy and no more. */
const PARALLEL_MAX = 22
const PARALLEL_START = 8
/** A starved story that failed is played again at most so often; then its failure stands. */
const REPLAYS_MAX = 8
/** The loop is looked at this often before another story starts, ms. */
const LOOK_MS = 100
const RESOLUTION_MS = 10
/** No story starts while the loop is later than this on average, ms. */
const LATE_MS_MAX = 40
/** A story was starved when the loop was ever later than the first, or on average than the second, ms. */
const STARVED_MS = 400
const STARVED_MEAN_MS = 60
const NANOS_PER_MS = 1e6

interface Deferred<Outcome> {
  readonly name: string
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
  replays: number
}

/** @returns the outcome of each story, by name; all are under way */
export function playAll<Outcome>(
  names: readonly string[],
  play: (name: string) => Promise<Outcome>,
): ReadonlyMap<string, Promise<Outcome>> {
  const queue: Deferred<Outcome>[] = []
  const outcomes = new Map<string, Promise<Outcome>>()
  for (const name of names) {
    const outcome = new Promise<Outcome>((resolve, reject) => {
      queue.push({ name, resolve, reject, replays: 0 })
    })
    // A story that fails fails its own test, which may not have begun to wait for it.
    outcome.catch(() => undefined)
    outcomes.set(name, outcome)
  }
  void playQueue(queue, play)
  return outcomes
}

async function playQueue<Outcome>(
  queue: Deferred<Outcome>[],
  play: (name: string) => Promise<Outcome>,
): Promise<void> {
  let limit = PARALLEL_START
  let running = 0
  const recent = watchLoop()
  const run = async (story: Deferred<Outcome>): Promise<void> => {
    running += 1
    const loop = watchLoop()
    const [hasFailed, settle] = await play(story.name).then(
      (outcome) => [false, () => story.resolve(outcome)] as const,
      (error: unknown) => [true, () => story.reject(error)] as const,
    )
    loop.disable()
    running -= 1
    const isStarved = wasStarved(loop)
    limit = isStarved ? Math.max(1, Math.min(limit, running) >> 1) : Math.min(PARALLEL_MAX, limit + 1)
    if (!hasFailed || !isStarved || story.replays === REPLAYS_MAX) return settle()
    story.replays += 1
    queue.push(story)
  }
  while (queue.length > 0 || running > 0) {
    const isLate = meanLateMs(recent) > LATE_MS_MAX
    recent.reset()
    const story = running < limit && (!isLate || running === 0) ? queue.shift() : undefined
    if (story !== undefined) void run(story)
    await pause(LOOK_MS)
  }
  recent.disable()
}

function watchLoop(): IntervalHistogram {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  loop.enable()
  return loop
}

function wasStarved(loop: IntervalHistogram): boolean {
  return loop.max / NANOS_PER_MS - RESOLUTION_MS > STARVED_MS || meanLateMs(loop) > STARVED_MEAN_MS
}

function meanLateMs(loop: IntervalHistogram): number {
  // Without a sample the loop did not turn at all, or was not yet looked at.
  return loop.count === 0 ? 0 : loop.mean / NANOS_PER_MS - RESOLUTION_MS
}

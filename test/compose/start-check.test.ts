/** The start of a run on an account with a past: what explains its position, what is refused, and what --adopt leaves in the journal. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runMaker } from '../../src/compose/run-maker.ts'
import { lockPath } from '../../src/compose/makers.ts'
import { tellPosition } from '../../src/compose/start-position.ts'
import { gridOf } from '../../src/core/units.ts'
import { acquireLock, releaseLock } from '../../src/journal/lock.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { BOT, openStage, STRANGER, type Stage } from '../support/venue-stage.ts'

const market = { coin: 'hyna:ETH', grid: gridOf(4) }
const note = { epoch: 7, seq: 9, positionLots: 500, szDecimals: 4, venueTsMs: 1 }

test.each([
  ['nothing known and flat', 0, null, null, 0],
  ['nothing known and long', 300, null, null, 300],
  ['what was known', 500, note, 0, 0],
  ['what was known and what we traded since', 200, note, -300, 0],
  ['somebody else bought', 900, note, 0, 400],
  ['somebody else sold through zero', -100, note, 0, -600],
  ['fills of ours that do not lead there', 500, note, 250, -250],
  ['flat is no danger, whatever was known', 0, note, 0, 0],
])('a position after %s', (_, positionLots, known, tradedLots, unexplainedLots) => {
  expect(tellPosition({ market, positionLots, note: known, tradedLots }).unexplainedLots).toBe(
    unexplainedLots,
  )
})

describe('hypermake run on an account that holds a position', () => {
  const KEY_VARIABLE = 'HYPERMAKE_PRIVATE_KEY_FILE'
  let stage: Stage
  let root = ''

  beforeEach(async () => {
    stage = await openStage()
    root = mkdtempSync(join(tmpdir(), 'start-'))
    writeFileSync(join(root, 'key'), `0x${'a1'.repeat(32)}\n`, { mode: 0o600 })
    process.env[KEY_VARIABLE] = join(root, 'key')
  })
  afterEach(async () => {
    delete process.env[KEY_VARIABLE]
    await stage.close()
    rmSync(root, { recursive: true, force: true })
  })

  function run(
    name: string,
    of: { readonly adopt?: boolean; readonly set?: string[] } = {},
  ): ReturnType<typeof captured> {
    const config = load({
      assignments: [
        'market.dex=hyna',
        'market.asset=ETH',
        'risk.max_position=8',
        `venue.api_url=${stage.proxy.apiUrl}`,
        'venue.dead_man_sec=0',
        `journal.dir=${root}`,
        'metrics.port=0',
        'log.level=silent',
        ...(of.set ?? []),
      ],
    })
    const rest = {
      seed: 1,
      tape: null,
      speed: 1,
      scenario: null,
      isLive: false,
      acceptRealMoney: null,
      resetKill: null,
      json: true,
    }
    return captured(() =>
      runMaker({
        ...rest,
        config,
        durationMs: 300,
        journalDir: join(root, name),
        adopt: of.adopt ?? false,
        version: 'test',
      }),
    )
  }

  /** Bought past every run, as a person would by hand. */
  async function buyByHand(): Promise<void> {
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 300_000, sizeLots: 1_500 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 300_000, sizeLots: 1_500 })
  }

  test('without sizes takes them from its equity and the price, for the header of the journal', async () => {
    const set = ['risk.max_position=0', 'quoting.target_liquidity=0']
    await expect(run('no-price', { set })).rejects.toMatchObject({
      code: 'REFUSED',
      message: /the book of hyna:ETH has not both sides: give --max-position/,
    })
    await stage.order(STRANGER.address, { side: 'buy', priceTicks: 299_000, sizeLots: 1_000 })
    await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 1_000 })
    const { code, err } = await run('sized', { set })
    expect(code, err).toBe(0)
    // 40 % of 100,000 USD at 3,000 USD, and half of it.
    expect(readJournal(join(root, 'sized')).header.config).toMatchObject({
      risk: { maxPosition: 13.3333 },
      quoting: { targetLiquidity: 6.6666 },
    })
  })

  test('is refused with coin, size and remedy; --adopt takes it in with a cause, and the next run knows it', async () => {
    await buyByHand()
    await expect(run('refused')).rejects.toMatchObject({
      code: 'REFUSED',
      message: /unexplained position of 0.15\d* hyna:ETH: .*--adopt/,
    })
    expect(existsSync(join(root, 'refused'))).toBe(false)

    const adopted = await run('adopted', { adopt: true })
    expect(adopted.code, adopted.err).toBe(0)
    const inputs = [...readJournal(join(root, 'adopted')).records].flatMap((record) =>
      record.kind === 'input' ? [record.input] : [],
    )
    const causes = inputs.filter((input) => input.kind === 'operator' && input.action === 'adopt')
    expect(causes).toMatchObject([{ reason: /^--adopt: unexplained 0.15\d* hyna:ETH: .*no earlier run/ }])

    const next = await run('next')
    expect(next.code, next.err).toBe(0)
    await buyByHand()
    await expect(run('again')).rejects.toMatchObject({ message: /knew 0.15\d* hyna:ETH/ })
  })

  test('a second maker of this account and market is refused while the first one lives', async () => {
    const { values } = load({ assignments: [`venue.api_url=${stage.proxy.apiUrl}`, `journal.dir=${root}`] })
    const lock = acquireLock(lockPath(values, { account: BOT.address, coin: 'hyna:ETH' }, 5), 5)
    await expect(run('second')).rejects.toMatchObject({ code: 'LOCKED', message: /epoch 5/ })
    expect(existsSync(join(root, 'second'))).toBe(false)
    releaseLock(lock)
  })

  test('a loss limit above a fifth of the equity is refused before anything is sent', async () => {
    await expect(run('absurd', { set: ['risk.max_daily_loss_usd=20001'] })).rejects.toMatchObject({
      code: 'REFUSED',
      message: /a daily loss of 20001.00 USD .* risk.max_daily_loss_usd to 20000.00 or less/,
    })
    expect(existsSync(join(root, 'absurd'))).toBe(false)
  })
})

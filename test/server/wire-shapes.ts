/**
 * The shape of every answer of the venue, written from the public API's reference and not from the code: info requests, order
 * statuses and frames. One long table, because that is what the reference is.
 */
import {
  address,
  bool,
  cloid,
  closed,
  decimal,
  either,
  exactly,
  hash,
  list,
  ms,
  none,
  oneOf,
  orNull,
  record,
  type Shape,
  side,
  text,
  tuple,
  unsigned,
  whole,
} from './shape.ts'

const tiers = list(closed({ lowerBound: unsigned, maxLeverage: whole }))
const marginTable = closed({ description: text, marginTiers: tiers })
const meta = closed({
  universe: list(
    closed(
      { name: text, szDecimals: whole, maxLeverage: whole, marginTableId: whole },
      {
        onlyIsolated: exactly(true),
        isDelisted: exactly(true),
        marginMode: oneOf('strictIsolated', 'noCross'),
        growthMode: exactly('enabled'),
        lastGrowthModeChangeTime: text,
      },
    ),
  ),
  marginTables: list(tuple(whole, marginTable)),
  collateralToken: whole,
})
const ctx = closed({
  prevDayPx: unsigned,
  dayNtlVlm: unsigned,
  dayBaseVlm: unsigned,
  markPx: unsigned,
  midPx: orNull(unsigned),
  oraclePx: unsigned,
  funding: decimal,
  openInterest: unsigned,
  premium: orNull(decimal),
  impactPxs: orNull(tuple(unsigned, unsigned)),
})
const pairs = list(tuple(text, decimal))
const perpDex = closed({
  name: text,
  fullName: text,
  deployer: address,
  oracleUpdater: orNull(address),
  feeRecipient: orNull(address),
  assetToStreamingOiCap: pairs,
  subDeployers: list(tuple(text, list(address))),
  deployerFeeScale: unsigned,
  lastDeployerFeeScaleChangeTime: text,
  assetToFundingMultiplier: pairs,
  assetToFundingInterestRate: pairs,
})
const hints = { displayName: text, keywords: list(text) }
const spotMeta = closed({
  universe: list(closed({ tokens: tuple(whole, whole), name: text, index: whole, isCanonical: bool })),
  tokens: list(
    closed({
      name: text,
      szDecimals: whole,
      weiDecimals: whole,
      index: whole,
      tokenId: cloid,
      isCanonical: bool,
      evmContract: orNull(closed({ address: text, evm_extra_wei_decimals: whole })),
      fullName: orNull(text),
      deployerTradingFeeShare: unsigned,
    }),
  ),
})
const level = closed({ px: unsigned, sz: unsigned, n: whole })
const book = closed({ coin: text, time: ms, levels: tuple(list(level), list(level)) }, { spread: unsigned })
const trade = closed({
  coin: text,
  side,
  px: unsigned,
  sz: unsigned,
  time: ms,
  hash,
  tid: whole,
  users: tuple(address, address),
})
const candle = closed({
  t: ms,
  T: ms,
  s: text,
  i: text,
  o: unsigned,
  c: unsigned,
  h: unsigned,
  l: unsigned,
  v: unsigned,
  n: whole,
})
const summary = closed({
  accountValue: unsigned,
  totalNtlPos: unsigned,
  totalRawUsd: decimal,
  totalMarginUsed: unsigned,
})
const leverage = either(
  closed({ type: exactly('cross'), value: whole }),
  closed({ type: exactly('isolated'), value: whole, rawUsd: decimal }),
)
const position = closed({
  coin: text,
  szi: decimal,
  entryPx: unsigned,
  positionValue: unsigned,
  unrealizedPnl: decimal,
  returnOnEquity: decimal,
  marginUsed: unsigned,
  liquidationPx: orNull(unsigned),
  maxLeverage: whole,
  leverage,
  cumFunding: closed({ allTime: decimal, sinceOpen: decimal, sinceChange: decimal }),
})
const state = closed({
  marginSummary: summary,
  crossMarginSummary: summary,
  crossMaintenanceMarginUsed: unsigned,
  withdrawable: unsigned,
  time: ms,
  assetPositions: list(closed({ type: exactly('oneWay'), position })),
})
const spotState = closed({
  balances: list(closed({ coin: text, token: whole, total: unsigned, hold: unsigned, entryNtl: unsigned })),
})
const openOrder = closed(
  {
    coin: text,
    side,
    limitPx: unsigned,
    sz: unsigned,
    oid: whole,
    timestamp: ms,
    origSz: unsigned,
  },
  { cloid, reduceOnly: exactly(true) },
)
const frontendOrder: Shape = (value, at) =>
  closed({
    coin: text,
    side,
    limitPx: unsigned,
    sz: unsigned,
    oid: whole,
    timestamp: ms,
    origSz: unsigned,
    triggerCondition: text,
    isTrigger: bool,
    triggerPx: unsigned,
    children: list(frontendOrder),
    isPositionTpsl: bool,
    reduceOnly: bool,
    orderType: oneOf(
      'Market',
      'Limit',
      'Stop Market',
      'Stop Limit',
      'Take Profit Market',
      'Take Profit Limit',
      'Twap Slice',
    ),
    tif: orNull(oneOf('Gtc', 'Ioc', 'Alo', 'FrontendMarket', 'LiquidationMarket')),
    cloid: orNull(cloid),
  })(value, at)
const orderWithStatus = closed({ order: frontendOrder, status: text, statusTimestamp: ms })
const fill = closed(
  {
    coin: text,
    px: unsigned,
    sz: unsigned,
    side,
    time: ms,
    startPosition: decimal,
    dir: text,
    closedPnl: decimal,
    hash,
    oid: whole,
    crossed: bool,
    fee: decimal,
    feeToken: text,
    tid: whole,
    twapId: orNull(whole),
  },
  {
    cloid,
    builderFee: unsigned,
    liquidation: closed(
      { markPx: unsigned, method: oneOf('market', 'backstop') },
      { liquidatedUser: address },
    ),
  },
)
const fundingDelta = {
  coin: text,
  usdc: decimal,
  szi: decimal,
  fundingRate: decimal,
  nSamples: orNull(whole),
}
const funding = closed({ time: ms, hash, delta: closed({ type: exactly('funding'), ...fundingDelta }) })
const ledgerUpdate = closed({
  time: ms,
  hash,
  delta: either(
    closed({ type: exactly('deposit'), usdc: unsigned }),
    closed({ type: exactly('withdraw'), usdc: unsigned, nonce: whole, fee: unsigned }),
    closed({ type: exactly('accountClassTransfer'), usdc: unsigned, toPerp: bool }),
  ),
})
const worth = closed({
  accountValueHistory: list(tuple(ms, decimal)),
  pnlHistory: list(tuple(ms, decimal)),
  vlm: unsigned,
})
const activeAssetData = closed({
  user: address,
  coin: text,
  leverage,
  maxTradeSzs: tuple(unsigned, unsigned),
  availableToTrade: tuple(unsigned, unsigned),
  markPx: unsigned,
})
const twapState = closed({
  coin: text,
  user: address,
  side,
  sz: unsigned,
  executedSz: unsigned,
  executedNtl: unsigned,
  minutes: whole,
  reduceOnly: bool,
  randomize: bool,
  timestamp: ms,
})
const twapStates = list(tuple(whole, twapState))
const twapHistory = list(
  closed(
    {
      time: whole,
      state: twapState,
      status: closed(
        { status: oneOf('activated', 'finished', 'terminated', 'error') },
        { description: text },
      ),
    },
    { twapId: whole },
  ),
)
const twapFills = list(closed({ fill, twapId: whole }))
const webData2 = closed(
  {
    clearinghouseState: state,
    leadingVaults: list(text),
    totalVaultEquity: unsigned,
    openOrders: list(frontendOrder),
    agentAddress: orNull(address),
    agentValidUntil: orNull(ms),
    cumLedger: decimal,
    meta,
    assetCtxs: list(ctx),
    serverTime: ms,
    isVault: bool,
    user: address,
    twapStates,
  },
  { spotState, spotAssetCtxs: list(text), perpsAtOpenInterestCap: list(text) },
)
const volumes = closed({ date: text, userCross: unsigned, userAdd: unsigned, exchange: unsigned })
const userFees = closed({
  dailyUserVlm: list(volumes),
  feeSchedule: closed({
    cross: unsigned,
    add: unsigned,
    spotCross: unsigned,
    spotAdd: unsigned,
    referralDiscount: unsigned,
    tiers: closed({
      vip: list(
        closed({ ntlCutoff: unsigned, cross: unsigned, add: decimal, spotCross: unsigned, spotAdd: decimal }),
      ),
      mm: list(closed({ makerFractionCutoff: unsigned, add: decimal })),
    }),
    stakingDiscountTiers: list(closed({ bpsOfMaxSupply: unsigned, discount: unsigned })),
  }),
  userCrossRate: unsigned,
  userAddRate: decimal,
  userSpotCrossRate: unsigned,
  userSpotAddRate: decimal,
  activeReferralDiscount: unsigned,
  trial: none,
  feeTrialEscrow: unsigned,
  nextTrialAvailableTimestamp: none,
  stakingLink: none,
  activeStakingDiscount: closed({ bpsOfMaxSupply: unsigned, discount: unsigned }),
})

export const INFO_SHAPES: Readonly<Record<string, Shape>> = {
  meta,
  metaAndAssetCtxs: tuple(meta, list(ctx)),
  allPerpMetas: list(meta),
  perpDexs: list(orNull(perpDex)),
  perpDexLimits: orNull(
    closed({
      totalOiCap: unsigned,
      oiSzCapPerPerp: unsigned,
      maxTransferNtl: unsigned,
      coinToOiCap: pairs,
    }),
  ),
  perpDexStatus: closed({ totalNetDeposit: decimal }),
  perpsAtOpenInterestCap: list(text),
  perpAnnotation: orNull(closed({ category: text, description: text }, hints)),
  perpConciseAnnotations: list(tuple(text, closed({ category: text }, hints))),
  perpCategories: list(tuple(text, text)),
  perpDeployAuctionStatus: closed({
    startTimeSeconds: whole,
    durationSeconds: whole,
    startGas: unsigned,
    currentGas: orNull(unsigned),
    endGas: orNull(unsigned),
  }),
  marginTable,
  maxMarketOrderNtls: list(tuple(whole, unsigned)),
  spotMeta,
  spotMetaAndAssetCtxs: tuple(spotMeta, list(text)),
  outcomeMeta: closed({ outcomes: list(text), questions: list(text) }),
  exchangeStatus: closed({ time: ms, specialStatuses: none }),
  allMids: record(unsigned),
  l2Book: orNull(book),
  recentTrades: list(trade),
  candleSnapshot: list(candle),
  fundingHistory: list(closed({ coin: text, fundingRate: decimal, premium: decimal, time: ms })),
  predictedFundings: list(
    tuple(
      text,
      list(
        tuple(
          text,
          orNull(closed({ fundingRate: decimal, nextFundingTime: ms }, { fundingIntervalHours: whole })),
        ),
      ),
    ),
  ),
  clearinghouseState: state,
  spotClearinghouseState: spotState,
  openOrders: list(openOrder),
  frontendOpenOrders: list(frontendOrder),
  orderStatus: either(
    closed({ status: exactly('order'), order: orderWithStatus }),
    closed({ status: exactly('unknownOid') }),
  ),
  historicalOrders: list(orderWithStatus),
  userFills: list(fill),
  userFillsByTime: list(fill),
  userFees,
  userRateLimit: closed({
    cumVlm: unsigned,
    nRequestsUsed: whole,
    nRequestsCap: whole,
    nRequestsSurplus: whole,
  }),
  userFunding: list(funding),
  userNonFundingLedgerUpdates: list(ledgerUpdate),
  activeAssetData,
  maxBuilderFee: whole,
  approvedBuilders: list(address),
  extraAgents: list(closed({ address, name: text, validUntil: orNull(ms) })),
  userRole: either(
    closed({ role: oneOf('missing', 'user', 'vault') }),
    closed({ role: exactly('agent'), data: closed({ user: address }) }),
    closed({ role: exactly('subAccount'), data: closed({ master: address }) }),
  ),
  userAbstraction: oneOf('default', 'disabled', 'unifiedAccount', 'portfolioMargin'),
  userDexAbstraction: orNull(bool),
  userToMultiSigSigners: none,
  isVip: orNull(bool),
  subAccounts: orNull(
    list(
      closed({ name: text, subAccountUser: address, master: address, clearinghouseState: state, spotState }),
    ),
  ),
  portfolio: tuple(
    ...['day', 'week', 'month', 'allTime', 'perpDay', 'perpWeek', 'perpMonth', 'perpAllTime'].map((name) =>
      tuple(exactly(name), worth),
    ),
  ),
  webData2,
  twapHistory,
  userTwapSliceFills: twapFills,
  userTwapSliceFillsByTime: twapFills,
  referral: closed({
    referredBy: orNull(closed({ referrer: address, code: text })),
    cumVlm: unsigned,
    unclaimedRewards: unsigned,
    claimedRewards: unsigned,
    builderRewards: unsigned,
    referrerState: closed({ stage: text }),
    rewardHistory: list(text),
    tokenToState: list(text),
  }),
  preTransferCheck: closed({ fee: unsigned, isSanctioned: bool, userExists: bool, userHasSentTx: bool }),
  userVaultEquities: list(text),
  vaultSummaries: list(text),
  leadingVaults: list(text),
  vaultDetails: none,
  delegations: list(text),
  delegatorHistory: list(text),
  delegatorRewards: list(text),
  delegatorSummary: closed({
    delegated: unsigned,
    undelegated: unsigned,
    totalPendingWithdrawal: unsigned,
    nPendingWithdrawals: whole,
  }),
  legalCheck: closed({ ipAllowed: bool, acceptedTerms: bool, userAllowed: bool }),
}

const orderUpdate = closed({ order: openOrder, status: text, statusTimestamp: ms })
const snapshot = { isSnapshot: exactly(true) }

/** By channel of the frame; `user` is that of `userEvents`. */
export const FRAME_SHAPES: Readonly<Record<string, Shape>> = {
  allMids: closed({ mids: record(unsigned) }, { dex: text }),
  l2Book: closed(
    { coin: text, time: ms, levels: tuple(list(level), list(level)) },
    { spread: unsigned, fast: exactly(true) },
  ),
  bbo: closed({ coin: text, time: ms, bbo: tuple(orNull(level), orNull(level)) }),
  trades: list(trade),
  candle,
  activeAssetCtx: closed({ coin: text, ctx }),
  assetCtxs: closed({ dex: text, ctxs: list(ctx) }),
  allDexsAssetCtxs: closed({ ctxs: list(tuple(text, list(ctx))) }),
  fastAssetCtxs: text,
  spotAssetCtxs: list(text),
  orderUpdates: list(orderUpdate),
  user: either(
    closed({ fills: list(fill) }),
    closed({ funding: closed(fundingDelta) }),
    closed({
      liquidation: closed({
        lid: whole,
        liquidator: address,
        liquidated_user: address,
        liquidated_ntl_pos: unsigned,
        liquidated_account_value: decimal,
      }),
    }),
    closed({ nonUserCancel: list(closed({ coin: text, oid: whole })) }),
    closed({ twapHistory }),
    closed({ twapSliceFills: twapFills }),
  ),
  userFills: closed({ user: address, fills: list(fill) }, snapshot),
  userFundings: closed({ user: address, fundings: list(closed({ time: ms, ...fundingDelta })) }, snapshot),
  userNonFundingLedgerUpdates: closed(
    { user: address, nonFundingLedgerUpdates: list(ledgerUpdate) },
    snapshot,
  ),
  userHistoricalOrders: closed({ user: address, orderHistory: list(orderWithStatus) }, snapshot),
  clearinghouseState: closed({ dex: text, user: address, clearinghouseState: state }),
  allDexsClearinghouseState: closed({ user: address, clearinghouseStates: list(tuple(text, state)) }),
  openOrders: closed({ dex: text, user: address, orders: list(frontendOrder) }),
  activeAssetData,
  spotState: closed({ user: address, spotState }),
  webData2,
  webData3: closed({
    userState: closed(
      {
        agentAddress: orNull(address),
        agentValidUntil: orNull(ms),
        cumLedger: decimal,
        serverTime: ms,
        isVault: bool,
        user: address,
      },
      { optOutOfSpotDusting: bool, dexAbstractionEnabled: bool, abstraction: text },
    ),
    perpDexStates: list(
      closed(
        { totalVaultEquity: unsigned },
        { perpsAtOpenInterestCap: list(text), leadingVaults: list(text) },
      ),
    ),
  }),
  twapStates: closed({ dex: text, user: address, states: twapStates }),
  userTwapHistory: closed({ user: address, history: twapHistory }, snapshot),
  userTwapSliceFills: closed({ user: address, twapSliceFills: twapFills }, snapshot),
  notification: closed({ notification: text }),
}

const withCloid = { cloid }
const statuses = (...shapes: readonly Shape[]): Shape => list(either(...shapes))
const orderStatus: Shape = either(
  closed({ resting: closed({ oid: whole }, withCloid) }),
  closed({ filled: closed({ totalSz: unsigned, avgPx: unsigned, oid: whole }, withCloid) }),
  closed({ error: text }),
  oneOf('waitingForFill', 'waitingForTrigger'),
)
const answer = (type: string, data: Shape): Shape =>
  closed({ status: exactly('ok'), response: closed({ type: exactly(type), data }) })
const orders = answer('order', closed({ statuses: statuses(orderStatus) }))
const cancels = answer('cancel', closed({ statuses: statuses(exactly('success'), closed({ error: text })) }))

/** Answers of actions that do more than `default`. */
export const ACTION_SHAPES: Readonly<Record<string, Shape>> = {
  order: orders,
  batchModify: orders,
  cancel: cancels,
  cancelByCloid: cancels,
  createSubAccount: answer('createSubAccount', address),
  twapOrder: answer(
    'twapOrder',
    closed({
      status: either(closed({ running: closed({ twapId: whole }) }), closed({ error: text })),
    }),
  ),
  twapCancel: answer('twapCancel', closed({ status: either(exactly('success'), closed({ error: text })) })),
}
export const DEFAULT_ANSWER: Shape = closed({
  status: exactly('ok'),
  response: closed({ type: exactly('default') }),
})
export const REFUSED: Shape = closed({ status: exactly('err'), response: text })

/** Every action this venue takes, by its `type`. */
import type { ActionHandler } from './action.ts'
import * as approvals from './approvals.ts'
import { cancel, cancelByCloid } from './cancels.ts'
import { noop, scheduleCancel, updateIsolatedMargin, updateLeverage } from './margin.ts'
import { batchModify, modify } from './modifies.ts'
import { order } from './orders.ts'
import {
  createSubAccount,
  subAccountModify,
  subAccountSpotTransfer,
  subAccountTransfer,
} from './sub-accounts.ts'
import { perpDeploy } from './perp-deploy.ts'
import { claimRewards, reserveRequestWeight } from './rewards.ts'
import { agentSendAsset, sendAsset } from './send-asset.ts'
import { topUpIsolatedOnlyMargin } from './top-up.ts'
import { spotSend, usdClassTransfer, usdSend, withdraw3 } from './transfers.ts'
import { twapCancel, twapOrder } from './twap.ts'

export const ACTIONS: ReadonlyMap<string, ActionHandler> = new Map(
  Object.entries({
    order,
    cancel,
    cancelByCloid,
    modify,
    batchModify,
    updateLeverage,
    updateIsolatedMargin,
    topUpIsolatedOnlyMargin,
    scheduleCancel,
    noop,
    ...approvals,
    twapOrder,
    twapCancel,
    reserveRequestWeight,
    claimRewards,
    perpDeploy,
    usdSend,
    spotSend,
    usdClassTransfer,
    sendAsset,
    agentSendAsset,
    withdraw3,
    createSubAccount,
    subAccountModify,
    subAccountTransfer,
    subAccountSpotTransfer,
  }),
)

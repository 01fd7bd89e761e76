"use server";

import { action } from "#app/action.ts";
import { acknowledgeIncident, snoozeIncident } from "#lib/alerts/incidents";
import { createAlertRule, removeAlertRule, updateAlertRule } from "#lib/alerts/rules";
import { getDelivery, redeliverAlert } from "#lib/delivery/deliveries";
import {
  createAlertTarget,
  removeAlertTarget,
  rotateSigningSecret,
  testAlertTarget,
  updateAlertTarget,
} from "#lib/delivery/targets";

export const acknowledge = action(acknowledgeIncident);
export const snooze = action(snoozeIncident);
export const createTarget = action(createAlertTarget);
export const updateTarget = action(updateAlertTarget);
export const removeTarget = action(removeAlertTarget);
export const rotateSecret = action(rotateSigningSecret);
export const testTarget = action(testAlertTarget);
export const createRule = action(createAlertRule);
export const updateRule = action(updateAlertRule);
export const removeRule = action(removeAlertRule);
export const redeliver = action(redeliverAlert);
export const showDelivery = action(getDelivery);

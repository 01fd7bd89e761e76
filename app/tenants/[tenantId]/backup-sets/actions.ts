"use server";

import { action } from "#app/action.ts";
import { setsToVerify, verifySet, verifySets } from "#lib/integrity/verify";
import { removeSet, restoreSet } from "#lib/sets/bin";
import { pinSet, unpinSet } from "#lib/sets/pin";

export const verify = action(verifySet);
export const findToVerify = action(setsToVerify);
export const verifyMany = action(verifySets);
export const pin = action(pinSet);
export const unpin = action(unpinSet);
export const remove = action(removeSet);
export const restore = action(restoreSet);

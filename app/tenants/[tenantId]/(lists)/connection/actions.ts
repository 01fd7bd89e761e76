"use server";

import { action } from "#app/action.ts";
import { saveConnection, testConnection } from "#lib/connection/connection";
import { saveRestoreSettings } from "#lib/restore/settings";
import {
  forgetWriteConnection,
  saveWriteConnection,
  testWriteConnection,
} from "#lib/restore/write-connection";

export const save = action(saveConnection);
export const test = action(testConnection);
export const saveWriting = action(saveWriteConnection);
export const testWriting = action(testWriteConnection);
export const forgetWriting = action(forgetWriteConnection);
export const saveRules = action(saveRestoreSettings);

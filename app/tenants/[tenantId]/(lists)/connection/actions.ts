"use server";

import { action } from "#app/action.ts";
import { saveConnection, testConnection } from "#lib/connection/connection";

export const save = action(saveConnection);
export const test = action(testConnection);

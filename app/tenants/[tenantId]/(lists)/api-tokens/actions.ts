"use server";

import { action } from "#app/action.ts";
import { createToken, revokeToken, rotateToken } from "#lib/tokens/tokens";

export const create = action(createToken);
export const rotate = action(rotateToken);
export const revoke = action(revokeToken);

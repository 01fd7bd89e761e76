// Loaded before the program (`node --import`) in every child of the launcher: no child outlives it.
import { endMyself, onLauncherLost } from "./lifeline.ts";

onLauncherLost(endMyself);

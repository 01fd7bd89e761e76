import { expect, test } from "vitest";
import { readTime } from "./read-time.ts";

test.each([
  ["02:30", "02:30"],
  ["2:30", "02:30"],
  [" 2.30 ", "02:30"],
  ["0230", "02:30"],
  ["14h30", "14:30"],
  ["14h", "14:00"],
  ["2 pm", "14:00"],
  ["2:30 p.m.", "14:30"],
  ["12 am", "00:00"],
  ["12:05 PM", "12:05"],
  ["23:59", "23:59"],
  ["02:30:00", "02:30"],
  ["", null],
  ["2", null],
  ["24:00", null],
  ["2:60", null],
  ["13 pm", null],
  ["0 am", null],
  ["half past two", null],
  ["02:30:15", null],
])("%j is %j", (text, time) => {
  expect(readTime(text)).toBe(time);
});
